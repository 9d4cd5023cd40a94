"""In what a table, a row or a column says that its figures stand: how many of which currency, or rates."""

import re
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from apps.documents.tables.numbers import FigureKind
from apps.documents.tables.scales import CURRENCIES, CURRENCY, SCALES, any_of
from apps.documents.tables.units import unit_in

ONE = Decimal(1)


@dataclass(frozen=True, slots=True)
class Unit:
    """What is known of the unit of some figures: `scale` is None where nothing is said of it."""

    scale: Decimal | None = None
    currency: str = ""
    kind: FigureKind = FigureKind.AMOUNT

    def within(self, outer: "Unit") -> "Unit":
        """Return this unit, completed by that of what it stands in."""
        if self.kind is not FigureKind.AMOUNT:
            return self
        return Unit(outer.scale if self.scale is None else self.scale, self.currency or outer.currency, outer.kind)


_MORE_SCALES = {
    "miles": 3, "mil": 3, "migliaia": 3, "milhares": 3, "duizenden": 3, "miglioni": 6, "bilhões": 9, "000": 3, "000s": 3,
}  # fmt: skip
_ALL = {word.casefold(): value for word, value in SCALES.items() if len(word) > 1 or not word.isascii()}
_ALL |= {word: Decimal(10) ** power for word, power in _MORE_SCALES.items()}
_SCALE = re.compile(
    rf"(?<![^\W\d_])(?:{any_of(word for word in _ALL if word.isascii())})(?![^\W\d_])|{any_of(w for w in _ALL if not w.isascii())}",
    re.IGNORECASE,
)
_SHORT = re.compile(
    r"(?:[$€£¥₹]|(?<![^\W\d_])(?:EUR|USD|GBP|CHF))\s?(?P<letter>[kKmMbB]|bn|mn)(?![^\W\d_])|(?P<thousand>(?<![^\W\d_])[Tk](?:EUR|€|CHF|USD))"
    r"|(?P<noughts>[’']000s?|€000s?|£000s?|\$000s?)"
)
_LETTERS = {"k": 3, "m": 6, "b": 9, "bn": 9, "mn": 6}
_CURRENCY = re.compile(rf"(?<![^\W\d_])(?:{CURRENCY})(?![^\W\d_])|[$€£¥₹₩円元원]")
_PERCENT = re.compile(
    r"(?<!\d)(?<!\d )%|(?<![^\W\d_])(?:percent(?:age)?s?(?! points)|per cent|in %|prozent\w*|pourcentage|porcentaje|percentuale)(?![^\W\d_])|比率|割合|率",
    re.IGNORECASE,
)
_SINGLE = re.compile(
    r"(?<![^\W\d_])(?:per\s+(?:\w+\s+){0,3}(?:shares?|units?|ounce|barrel|boe)|(?:share|unit) price|(?:eps|dps)|je aktie|par action|por acción)(?![^\W\d_])"
    r"|1株当たり|一株当たり|每股|주당",
    re.IGNORECASE,
)
_COUNTED = re.compile(
    r"(?<![^\W\d_])(?:numerator|denominator|used (?:in|to)|weighted[- ]average (?:number|shares|common|ordinary))",
    re.IGNORECASE,
)
_MEASURED = re.compile(
    r"(?<![^\W\d_])(?:in|number of|per|tonnes of|tons of)\s+(?:years?|days|months|hours|weeks|employees|customers|stores|people|tco2e?|co2e?|[kmg]wh|hectares|barrels)(?![^\W\d_])"
    r"|\((?:years?|days|months|hours|%|[kmgt]?wh|tco2e?|tonnes)\)|(?<![^\W\d_])(?:headcount|exchange rate|useful li[fv]es?)(?![^\W\d_])|(?:人数|従業員数|年数)",
    re.IGNORECASE,
)
_NOUGHTS = re.compile(
    r"(?:(?P<money>[A-Z]{1,3}\$|[$€£¥₹]|(?<![^\W\d_])[A-Z]{3})\s?)?[’‘'`´]\s?(?:(?P<noughts>000,?000|000)s?|(?P<word>millions?|thousands?|mn?|k|bn))(?![^\W\d_])|\((?P<number>1,?000(?:,?000)?)s?\)",
    re.IGNORECASE,
)
_EXCEPT = re.compile(r",?\s*(?:except|unless|other than|außer|sauf|excepto|salvo|eccetto)\b.*", re.IGNORECASE)


@lru_cache(maxsize=4096)
def unit_of(text: str) -> Unit:
    """Return what a unit, a caption, a heading or a label says of the figures under it or beside it."""
    said = unit_in(text)
    if said and (_PERCENT.fullmatch(said) or said == "%"):
        return Unit(ONE, "", FigureKind.PERCENT)
    if said == "‰":
        return Unit(ONE, "", FigureKind.PERMILLE)
    if _SINGLE.search(_EXCEPT.sub("", text)) and not _COUNTED.search(text):
        return Unit(ONE, _currency_in(said))
    if noughts := _NOUGHTS.search(text):
        return Unit(_scale_of_noughts(noughts), _currency_in(noughts["money"] or ""))
    if not said or _scale_in(_EXCEPT.sub("", said)) is None:
        return Unit(ONE if _MEASURED.search(text) else None, _currency_in(said))
    said = _EXCEPT.sub("", said)
    return Unit(_scale_in(said), _currency_in(said))


def is_of_rates(text: str) -> bool:
    """Return whether a heading or label says that its figures are percentages: Gross margin (%), Percent change."""
    return _PERCENT.search(text) is not None


def _scale_in(said: str) -> Decimal | None:
    if short := _SHORT.search(said):
        return Decimal(10) ** (_LETTERS[short["letter"].casefold()] if short["letter"] else 3)
    if word := _SCALE.search(said):
        return _ALL[word[0].casefold()]
    return None


def _scale_of_noughts(match: re.Match[str]) -> Decimal:
    """Return the scale of marks such as £’000, RMB’million and (1,000)."""
    if word := match["word"]:
        return _ALL.get(word.casefold()) or Decimal(10) ** _LETTERS[word.casefold()]
    return Decimal(10) ** (match["noughts"] or match["number"]).count("0")


def _currency_in(said: str) -> str:
    found = _CURRENCY.search(said)
    if found:
        return CURRENCIES.get(found[0]) or ("USD" if found[0] == "dollars" else found[0])
    return next((code for sign, code in _NAMED.items() if sign in said.casefold()), "")


_NAMED = {
    "teur": "EUR",
    "tchf": "CHF",
    "tusd": "USD",
    "t€": "EUR",
    "dollar": "$",
    "pound": "GBP",
    "yen": "JPY",
    "euro": "EUR",
}
