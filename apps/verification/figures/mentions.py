"""The figures of a running text: each with its place, its value, how precisely it is printed, and what is said of it near.

`documents.tables.numbers` reads the digits; here they are found between words. A mention is what states a quantity: digits of dates,
sections, markers and codes are passed over.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache

from apps.documents.tables.numbers import KINDS, FigureKind, Notation, notation_of, parse_figure
from apps.documents.tables.scales import CURRENCY, LARGE, SCALE, SCALES
from apps.verification.figures.numbering import passed_over
from apps.verification.figures.words import APPROXIMATE, NUMBERS

ONE = Decimal(1)


@dataclass(frozen=True, slots=True)
class Mention:
    """A figure of a text and its half-open range.

    `value` is in full, with its scale: 1,200,000,000 for 1.2 bn; a rate is as printed, 10.76 for 10.76 %. `step` is the worth of one in
    the last printed digit. `scale` is what was said with the figure, 1 if nothing. `signed` says that a minus or plus is printed,
    `bracketed` that the figure stands in brackets, which may make it negative. `digits` is the range of its digits alone.
    """

    start: int
    end: int
    text: str
    value: Decimal
    step: Decimal
    kind: FigureKind = FigureKind.AMOUNT
    currency: str = ""
    scale: Decimal = ONE
    measure: str = ""
    signed: bool = False
    bracketed: bool = False
    approximate: bool = False
    spelled: bool = False
    bare: bool = False
    digits: tuple[int, int] = (0, 0)

    @property
    def is_rate(self) -> bool:
        return self.kind is not FigureKind.AMOUNT

    @property
    def printed(self) -> Decimal:
        """The value as its digits read, without the scale."""
        return self.value / self.scale


_LETTER = "A-Za-z\u00c0-\u04ff"
_BLANK = " \u00a0\u2007\u2008\u2009\u202f"
_MEASURES = (
    r"days?|weeks?|months?|years?|hours?|minutes?|shares?|employees|people|customers|stores|units|k?Wh|[MGT]Wh|[kMG]W|tonnes?|tons?|kg|km|m²|m2|sq\.? ft|ha"
    r"|barrels|litres|liters|tCO2e?|Aktien|Tagen?|Wochen|Monaten?|Jahren?|Stunden|Mitarbeiter\w*|actions|jours|mois|ans|años|meses|días|株|人|名|社|件|年間|日間|か月|ヶ月|カ月"
)
_WORDS_OF_KINDS = {
    FigureKind.POINTS: r"percentage[- ]points?|Prozentpunkten?|points? de pourcentage|puntos porcentuales|punti percentuali|パーセントポイント|ポイント|百分点|%p|%ポイント",
    FigureKind.PERCENT: "percent|per[ -]cent|pour[ -]cent|por[ -]ciento|per[ -]cento|procent|パーセント|％",
    FigureKind.MULTIPLE: "times|fold|-fold|倍|mal|fois|veces|volte",
}
_ORDER = (
    FigureKind.POINTS,
    FigureKind.BASIS_POINTS,
    FigureKind.PERMILLE,
    FigureKind.PERCENT,
    FigureKind.MULTIPLE,
)


def _kind_pattern() -> str:
    parts = []
    for kind in _ORDER:
        known = "|".join(filter(None, (_WORDS_OF_KINDS.get(kind, ""), KINDS[kind])))
        end = rf"(?![{_LETTER}\d])" + (r"(?!\s?\d)" if kind is FigureKind.MULTIPLE else "")
        parts.append(rf"(?P<{kind.name}>(?i:{known}){end})")
    return "|".join(parts)


_FRACTION = "½¼¾⅓⅔⅛⅜⅝⅞"
_NUMERAL = (
    rf"(?:\d{{1,3}}(?:[{_BLANK}'’]\d{{3}})+(?![{_BLANK}]?\d)(?:[.,]\d+)?|\d+(?:[.,٫٬]\d+)*|[.](?=\d)\d+)(?:[eE][+-]?\d{{1,2}}(?!\w))?"
    rf"(?:\s?[{_FRACTION}])?|[{_FRACTION}]"
)
_LARGE_NUMERAL = rf"(?:\d[\d,]*(?:\.\d+)?\s?[{LARGE}]\s?)+\d[\d,]*(?:\.\d+)?(?:\s?[{LARGE}])?(?!\s?[{LARGE}千百])"
_SIGN = r"[△▲▵]\s?|(?<![\w.,%)\]])[-−–‐‑﹣+](?=[\d$€£¥.(])"
_MENTION = re.compile(
    rf"(?<![{_LETTER}\d_])(?<![\d{_LETTER}][.,])"
    rf"(?P<open>\()?(?P<sign>{_SIGN})?(?:(?P<currency>{CURRENCY})\s?(?P<inner>\(|[-−–△▲])?)?"
    rf"(?P<numeral>(?>{_LARGE_NUMERAL}|{_NUMERAL}))(?![.,]\d)"
    rf"(?P<close>\))?(?:[{_BLANK}-]?(?P<scale>(?>{SCALE})))?(?P<late>\))?(?:\s?(?P<unit>{CURRENCY})(?![{_LETTER}]))?"
    rf"(?:\s?(?:{_kind_pattern()}|[-{_BLANK}]?(?P<measure>{_MEASURES})(?![{_LETTER}])))?(?P<last>\))?(?![{_LETTER}\d])",
)
_ABBREVIATED = re.compile(r"(?<![^\W\d_])(?:mio|mrd|tsd|mln|mld|milj|pct|kr|fr|rs|руб|тыс)\.$", re.IGNORECASE)
_DIVIDED = re.compile(r"\d+(?:[.,]\d+)+")
_CODE = re.compile(r"-(?:[A-Z]\w?(?!\w)|\d)")
_SPELLED = re.compile(
    rf"(?<![^\W\d_])(?P<word>{'|'.join(NUMBERS)})(?=(?:\s+(?P<scale>thousand|million|billion|Millionen|Milliarden))?\s+[^\W\d_])",
    re.IGNORECASE,
)


@lru_cache(maxsize=512)
def mentions_in(text: str, notation: Notation | None = None) -> tuple[Mention, ...]:
    """Return the figures of a text in order; without a notation that in which most of the text is printed."""
    shown = _plain(text)
    used = notation or notations_of(shown)[0]
    over = list(passed_over(shown))
    found = []
    for match in _MENTION.finditer(shown):
        begin, stop = match.span("numeral")
        inside = any(start < stop and begin < end for start, end in over)
        if inside or _CODE.match(shown, match.end()):
            continue
        if mention := _mention(text, shown, match, used):
            found.append(mention)
    found += _spelled(text, over, found)
    return tuple(_shared(text, sorted(found, key=lambda mention: mention.start)))


def notations_of(text: str) -> tuple[Notation, ...]:
    """Return the notation in which the figures of a text are printed; both, the likelier first, where `1.234` may be either."""
    # A whole number beside it says much of `1.234` in a column, but nothing in a sentence.
    divided = _DIVIDED.findall(_plain(text))
    first = notation_of(divided, Notation.POINT)
    return (first,) if first is notation_of(divided, Notation.COMMA) else (first, first.other)


def mention_of(text: str, notation: Notation) -> Mention | None:
    """Return the figure that a text is as a whole, be it one that reads like a year; None if it is none."""
    shown = _plain(text)
    match = _MENTION.fullmatch(shown)
    return _mention(text, shown, match, notation) if match else None


def _plain(text: str) -> str:
    """Return the text with full-width signs and digits of all scripts in their plain form, character for character."""
    if text.isascii():
        return text
    shown = (chr(ord(c) - 0xFEE0) if "！" <= c <= "～" else c for c in text)
    return "".join(str(int(c)) if c.isdecimal() else c for c in shown)


def _mention(text: str, shown: str, match: re.Match[str], notation: Notation) -> Mention | None:
    closes = next((name for name in ("close", "late", "last") if match[name]), "")
    opened = match["open"] or match["inner"] == "("
    bracketed = bool(opened and closes)
    # A bracket that is only half here belongs to the sentence.
    start = match.end("open") if match["open"] and not (bracketed and _is_whole(match)) else match.start()
    end = match.start(closes) if closes and not (bracketed and _is_whole(match)) else match.end()
    bracketed = bracketed and _is_whole(match)
    if shown[end - 1] == "." and not _ABBREVIATED.search(shown, start, end):
        end -= 1
    scale, body = _scaled(match, shown)
    read = parse_figure(f"{match['numeral'].strip()}{body}", notation)
    if read is None or read.kind is not FigureKind.AMOUNT:
        return None
    kind = next((kind for kind in _ORDER if match[kind.name]), FigureKind.AMOUNT)
    minus = bool((match["sign"] or "").strip().strip("+")) or (match["inner"] or "(") != "("
    digits = match.start("numeral"), match.start("numeral") + len(match["numeral"].rstrip())
    currency = _currency(match["currency"] or match["unit"] or "")
    bare = match["numeral"].isdigit() and kind is FigureKind.AMOUNT and not (currency or body or match["measure"])
    return Mention(
        start,
        end,
        text[start:end],
        -read.value if minus or bracketed else read.value,
        read.step,
        kind,
        currency,
        scale,
        match["measure"] or "",
        signed=minus or match["sign"] == "+",
        bracketed=bracketed,
        approximate=APPROXIMATE.search(shown, max(0, start - 30), start) is not None,
        bare=bare,
        digits=digits,
    )


def _is_whole(match: re.Match[str]) -> bool:
    """Whether brackets hold the digits with their currency and nothing else, as a negative figure does."""
    return bool((match["open"] or match["inner"] == "(") and match["close"])


def _scaled(match: re.Match[str], shown: str) -> tuple[Decimal, str]:
    """Return the scale said after the digits, and its text for the reader of figures."""
    said = (match["scale"] or "").strip()
    if not said:
        last = match["numeral"].strip()[-1]
        return SCALES.get(last, ONE), ""
    return SCALES[said.rstrip(".")], f" {said}" if len(said) > 1 or said in LARGE else said


def _currency(said: str) -> str:
    read = parse_figure(f"{said}1") if said else None
    return read.currency if read else said


def _spelled(text: str, over: Sequence[tuple[int, int]], found: Sequence[Mention]) -> list[Mention]:
    taken = [*over, *((mention.start, mention.end) for mention in found)]
    spelled = []
    for match in _SPELLED.finditer(text):
        if any(start < match.end() and match.start() < end for start, end in taken):
            continue
        scale = SCALES.get(match["scale"], ONE)
        end = match.end("scale") if match["scale"] else match.end()
        value = NUMBERS[match["word"].casefold()] * scale
        spelled.append(
            Mention(match.start(), end, text[match.start() : end], value, scale, scale=scale, spelled=True, bare=True)
        )
    return spelled


_RANGE = re.compile(r"\s?(?:[-–—~〜]|to|bis|à|a|から)\s?", re.IGNORECASE)
_LIST = re.compile(r"\s?(?:,|,? ?(?:and|or|und|oder|et|ou|y|o|e)|、|と|及び)\s?", re.IGNORECASE)


def _shared(text: str, mentions: list[Mention]) -> list[Mention]:
    """Let figures of a range or a list share what is said once: 5–7 %, $3 and $4 million."""
    for index in range(len(mentions) - 2, -1, -1):
        first, second = mentions[index], mentions[index + 1]
        between = text[first.end : second.start]
        is_range = _RANGE.fullmatch(between) is not None
        if not is_range and not _LIST.fullmatch(between):
            continue
        if first.spelled or second.spelled:
            continue
        if first.kind is FigureKind.AMOUNT and second.is_rate and not first.currency and first.scale == 1:
            first = replace(first, kind=second.kind, bare=False)
        like = first.currency == second.currency or not (first.currency and second.currency)
        if second.scale != 1 and first.scale == 1 and not first.is_rate and like:
            times = second.scale
            first = replace(first, value=first.value * times, step=first.step * times, scale=times, bare=False)
        if not second.currency and first.currency and not second.is_rate and is_range:
            second = replace(second, currency=first.currency, bare=False)
        mentions[index : index + 2] = [first, second]
    return mentions
