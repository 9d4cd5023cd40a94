"""What must be the same in a claim and in the passages that it cites: figures, dates, names, identifiers, and the sense of what is said.

Each mismatch says what stands in the passage instead, if the place there is plainly the same; else only that the passages do not hold it.
A figure that was computed is in no passage: the number ledger accounts for it, and the caller names its range.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache

from apps.verification import names
from apps.verification.dates import Date, dates_in, stands_among, years_named
from apps.verification.figures.mentions import Mention, mentions_in
from apps.verification.matching import terms_of
from apps.verification.polarity import flips
from apps.verification.reading import Place, Sources
from apps.verification.sentences import Range
from apps.verification.tokens import Token, tokens_of, without_marks

_YEAR = re.compile(r"(?<![\d.,$€£¥])(?:1[5-9]|20)\d\d(?!\d|[.,]\d|\s?%)")
_IDENTIFIER = re.compile(r"(?<![\w])(?=[\w./-]*\d)(?=[\w./-]*[^\W\d_])[^\W_]+(?:[-./][^\W_]+)*(?!\w)")
_WORD = re.compile(r"\w+")
_DIGITS = re.compile(r"\d+(?:[.,]\d+)*")  # those that are part of no date, figure or code
_NUMBERED = re.compile(
    r"(?<![^\W\d_])(?P<thing>sections?|articles?|clauses?|paragraphs?|items?|notes?|pages?|tables?|exhibits?|appendix|annex|schedules?|chapters?|parts?|steps?"
    r"|rules?|regulations?|levels?|tiers?|phases?|stages?|class|series|grades?|types?|positions?|volumes?|versions?|rounds?|seasons?|episodes?|rank(?:ed)?"
    r"|no\.|number|ziffer|absatz|kapitel|seite|tabelle|anhang|artikel|chapitre|annexe|sección|artículo|página|capítulo|§+|(?-i:[A-Z]{2,6}))[\s-]?"
    r"(?P<number>\d+(?:\.\d+)*(?:\([a-z\d]{1,3}\))*)(?![\d%]|[.,]\d)",
    re.IGNORECASE,
)
_AROUND = 4  # words on either side by which two places are compared
_SAME_PLACE = 0.5  # share of a claim's words, by weight, from which on a place says the same of something else
_SAME_WORDS = 0.5  # share of the words around
_FARTHER = 0.4  # a figure that stands elsewhere too is another here, where no more than this share of it is said there
_MOST_COUNTED = 12


class Kind(StrEnum):
    NUMBER = "number"
    DATE = "date"
    NAME = "name"
    IDENTIFIER = "identifier"
    SENSE = "sense"


@dataclass(frozen=True, slots=True)
class Mismatch:
    """Something of a claim that its passages do not say: its half-open range in the claim, and what stands there `instead`, "" if that
    is not known. `place` is where."""

    kind: Kind
    start: int
    end: int
    text: str
    instead: str = ""
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class _Item:
    """Something of a text that is compared as a whole; equal keys say the same."""

    start: int
    end: int
    text: str
    key: object


@dataclass(frozen=True, slots=True)
class _Named:
    """A name by its last word. `opens`: it is the first word of its sentence and may be any word."""

    folded: str
    opens: bool


def mismatches_of(
    claim: str, sources: Sources, markers: Sequence[int], places: Sequence[Place], *, accounted: Iterable[Range] = ()
) -> list[Mismatch]:
    """Return what a claim says differently from the passages of its markers, in order.

    `places` are those where most of the claim stands, the best first; `accounted` are ranges of the claim that were traced otherwise.
    """
    text = without_marks(claim)
    compared = _Compared(text, sources, markers, places)
    settled = list(accounted)
    found: list[Mismatch] = []
    for kind in (Kind.DATE, Kind.NUMBER, Kind.IDENTIFIER, Kind.NAME):
        for item in _ITEMS[kind](text):
            if any(start < item.end and item.start < end for start, end in settled):
                continue
            if kind in (Kind.DATE, Kind.NUMBER):
                settled.append((item.start, item.end))
            if mismatch := compared.mismatch(kind, item):
                found.append(mismatch)
    for flip in flips(text, sources, places):
        found.append(Mismatch(Kind.SENSE, flip.start, flip.end, flip.text, flip.instead, flip.place))
    return sorted(found, key=lambda mismatch: mismatch.start)


def met_exactly(claim: str, sources: Sources, markers: Sequence[int]) -> list[Range]:
    """Return the ranges of a claim's dates and figures that stand in the passages of its markers, in whatever notation."""
    text = without_marks(claim)
    said = _said(sources, markers)
    return [
        (item.start, item.end)
        for kind in (Kind.DATE, Kind.NUMBER)
        for item in _ITEMS[kind](text)
        if _stands(kind, item, said)
    ]


class _Compared:
    """A claim beside the passages that it cites."""

    def __init__(self, text: str, sources: Sources, markers: Sequence[int], places: Sequence[Place]) -> None:
        self._text = text
        self._sources = sources
        self._markers = [marker for marker in markers if marker in sources.by_marker]
        self._places = places
        self._said = _said(sources, markers)
        self._tokens = tokens_of(text)

    def mismatch(self, kind: Kind, item: _Item) -> Mismatch | None:
        """Return how an item of the claim departs from the passages; None if it does not, or if that cannot be told."""
        stands = _stands(kind, item, self._said)
        if stands and kind not in (Kind.DATE, Kind.NUMBER):
            return None
        rest = self._sources.weigh(token for token in self._tokens if not item.start <= token.start < item.end)
        total = sum(rest.values())
        if not total:
            return None if stands else Mismatch(kind, item.start, item.end, item.text)
        near, other, place = self._nearest(kind, item, rest, same=False)
        if stands:
            own, _, _ = self._nearest(kind, item, rest, same=True)
            is_elsewhere = not _is_count(item) and near >= _SAME_PLACE * total and own <= _FARTHER * near
            return Mismatch(kind, item.start, item.end, item.text, other, place) if is_elsewhere else None
        if near >= _SAME_PLACE * total:
            return Mismatch(kind, item.start, item.end, item.text, other, place)
        return Mismatch(kind, item.start, item.end, item.text) if _is_telling(item) else None

    def _nearest(
        self, kind: Kind, item: _Item, rest: Mapping[str, float], *, same: bool
    ) -> tuple[float, str, Place | None]:
        """Return the weight of the claim's other words in the sentence that holds the item, or else something of its kind in its
        place, with what stands there and where."""
        around = _around(self._tokens, item)
        mine = {each.key for each in _ITEMS[kind](self._text)}
        best: tuple[float, str, Place | None] = (0.0, "", None)
        for marker in self._markers:
            source = self._sources.by_marker[marker]
            for unit in source.units:
                weight = sum(rest[term] for term in (unit.terms | source.over) & rest.keys())
                if weight <= best[0]:
                    continue
                words = source.text[unit.start : unit.end]
                for other in _ITEMS[kind](words):
                    if same != _is_same(kind, item, other) or (not same and other.key in mine):
                        continue
                    if same or _is_in_its_place(self._text, item, other, around, words):
                        place = Place(marker, unit.start, unit.end, unit.terms, 0.0)
                        best = (weight, " ".join(other.text.split()), place)
                        break
        return best


def _is_telling(item: _Item) -> bool:
    """Return whether it is worth saying that an item is nowhere, though nothing is known to stand in its place."""
    if isinstance(item.key, Mention):
        return not (item.key.spelled or (item.key.bare and abs(item.key.value) <= 1))
    return not (isinstance(item.key, _Named) and item.key.opens)


def _is_count(item: _Item) -> bool:
    """Return whether a figure is a small whole number, of which many stand everywhere."""
    return isinstance(item.key, Mention) and item.key.bare and abs(item.key.value) <= _MOST_COUNTED


def _is_in_its_place(claim: str, item: _Item, other: _Item, around: "_Around", words: str) -> bool:
    """Return whether the two have their neighbours in common; of a word that opens a sentence, the very next one too."""
    if not _of_one_kind(item.key, other.key):
        return False
    if isinstance(item.key, _Named) and item.key.opens and _next(claim, item) != _next(words, other):
        return False
    return _share(around, _around(tokens_of(words), other)) >= _SAME_WORDS


def _next(text: str, item: _Item) -> str:
    match = _WORD.search(text, item.end)
    return match[0].casefold() if match else ""


def _said(sources: Sources, markers: Sequence[int]) -> str:
    cited = [sources.by_marker[marker] for marker in markers if marker in sources.by_marker]
    return "\n".join(part for source in cited for part in (source.context, source.text))


def _stands(kind: Kind, item: _Item, said: str) -> bool:
    """Return whether an item of a claim stands in what the passages say."""
    if isinstance(item.key, Date):
        return stands_among(item.key, dates_in(said), years_named(said))
    if isinstance(item.key, Mention):
        return _stands_among(item.key, mentions_in(said), _digits(said))
    if kind is Kind.DATE:
        return item.key in years_named(said) or item.text in _digits(said)
    if isinstance(item.key, tuple):
        things = _things(said)
        return item.key in things or (
            item.key[0] not in {thing for thing, _ in things} and item.key[1] in _digits(said)
        )
    if kind is Kind.IDENTIFIER:
        known_words = _folded_words(said)
        return item.key in known_words or all(_plain(part) in known_words for part in re.split(r"[-./]", item.text))
    known = names.known_in(said)
    words = [word for word in item.text.split() if any(map(str.isalnum, word))]
    return all(names.knows(known, word) for word in words) or names.known_as_acronym(known, words)


def _is_same(kind: Kind, item: _Item, other: _Item) -> bool:
    """Return whether two items of one kind say the same."""
    if isinstance(item.key, Date) and isinstance(other.key, Date):
        return item.key.agrees(other.key)
    if isinstance(item.key, Mention) and isinstance(other.key, Mention):
        return same_figure(item.key, other.key)
    if kind is Kind.DATE:
        year = item.key.year if isinstance(item.key, Date) else item.key
        return year == (other.key.year if isinstance(other.key, Date) else other.key)
    return item.key == other.key


@lru_cache(maxsize=4096)
def _dates(text: str) -> tuple[_Item, ...]:
    dates = dates_in(text)
    found = [_Item(date.start, date.end, text[date.start : date.end], date) for date in dates]
    for match in _YEAR.finditer(text):
        if not any(date.start <= match.start() < date.end for date in dates):
            found.append(_Item(match.start(), match.end(), match[0], int(match[0])))
    return tuple(found)


@lru_cache(maxsize=4096)
def _figures(text: str) -> tuple[_Item, ...]:
    return tuple(_Item(mention.start, mention.end, mention.text, mention) for mention in mentions_in(text))


@lru_cache(maxsize=4096)
def _identifiers(text: str) -> tuple[_Item, ...]:
    numbered = list(_NUMBERED.finditer(text))
    found = [_Item(*match.span(), match[0], _thing(match)) for match in numbered]
    over = [match.span() for match in numbered] + [(item.start, item.end) for item in (*_dates(text), *_figures(text))]
    for match in (*_IDENTIFIER.finditer(text), *_DIGITS.finditer(text)):
        if not any(start < match.end() and match.start() < end for start, end in over):
            found.append(_Item(*match.span(), match[0], _plain(match[0])))
            over.append(match.span())
    return tuple(found)


@lru_cache(maxsize=4096)
def _names(text: str) -> tuple[_Item, ...]:
    return tuple(
        _Item(name.start, name.end, text[name.start : name.end], _Named(names.fold(name.words[-1]), name.opens))
        for name in names.names_in(text)
    )


_ITEMS: Mapping[Kind, Callable[[str], tuple[_Item, ...]]] = {
    Kind.DATE: _dates,
    Kind.NUMBER: _figures,
    Kind.IDENTIFIER: _identifiers,
    Kind.NAME: _names,
}
_Around = tuple[list[frozenset[str]], list[frozenset[str]]]


def _around(tokens: Sequence[Token], item: _Item) -> _Around:
    """Return the words that carry meaning before and after an item, the nearest first."""
    before = [token.terms for token in tokens if token.end <= item.start and token.terms]
    after = [token.terms for token in tokens if token.start >= item.end and token.terms]
    return before[: -_AROUND - 1 : -1], after[:_AROUND]


def _share(mine: _Around, theirs: _Around) -> float:
    """Return the larger of the shares of words that the two have in common near, before or after; nearer ones count more."""
    best = 0.0
    for own, other in zip(mine, theirs, strict=True):
        there = frozenset().union(*other)
        weights = [1 / (place + 1) for place in range(len(own))]
        held = sum(weight for weight, terms in zip(weights, own, strict=True) if terms & there)
        best = max(best, held / sum(weights) if weights else 0.0)
    return best


def _of_one_kind(mine: object, theirs: object) -> bool:
    if isinstance(mine, Mention) and isinstance(theirs, Mention):
        same_unit = not (mine.currency and theirs.currency) or mine.currency == theirs.currency
        return mine.is_rate == theirs.is_rate and same_unit and (mine.measure == theirs.measure or not mine.measure)
    return type(mine) is type(theirs)


def _stands_among(mention: Mention, theirs: Sequence[Mention], digits: frozenset[str]) -> bool:
    """Return whether a figure is one of the passages', as printed or rounded as it is."""
    same = [other for other in theirs if same_figure(mention, other)]
    if same:
        return True
    if mention.spelled or (mention.bare and mention.value <= _MOST_COUNTED):
        value = str(mention.value)
        return value in digits or any(other.value == mention.value for other in theirs)
    has_other_scale = any(abs(other.printed) == abs(mention.printed) for other in theirs)
    return not has_other_scale and bool(digits & {terms_of(mention.text)[0]} if terms_of(mention.text) else False)


def same_figure(mention: Mention, other: Mention) -> bool:
    """Return whether a figure is another one, as printed or rounded as it is."""
    mine, their = abs(mention.value), abs(other.value)
    if mention.scale != 1 and other.scale == 1:
        readings = [their, *(their * Decimal(10) ** power for power in (3, 6, 9))]
    elif mention.scale == 1 and other.scale != 1:
        readings = [their, abs(other.printed)]
    else:
        readings = [their]
    if mention.is_rate != other.is_rate:
        readings += [their * 100, their / 100] if mention.is_rate or other.is_rate else []
    step = mention.step
    if mention.approximate:
        step = max(step, _round_step(mention))
    return any(mine == value or (abs(mine - value) * 2 <= step and other.step <= mention.step) for value in readings)


def _thing(match: re.Match[str]) -> tuple[str, str]:
    """Return what is numbered, in the singular, and its number."""
    return match["thing"].casefold().rstrip(".§").removesuffix("s"), match["number"].casefold()


@lru_cache(maxsize=256)
def _things(text: str) -> frozenset[tuple[str, str]]:
    return frozenset(_thing(match) for match in _NUMBERED.finditer(text))


def _round_step(mention: Mention) -> Decimal:
    """Return the worth of one in the last digit that is not a nought: about 1,200 is meant to the hundred."""
    return Decimal(1).scaleb(int(str(mention.value.normalize().as_tuple().exponent)))


@lru_cache(maxsize=256)
def _digits(text: str) -> frozenset[str]:
    return frozenset(term for term in terms_of(text) if term[0].isdigit())


@lru_cache(maxsize=256)
def _folded_words(text: str) -> frozenset[str]:
    words = re.findall(r"[^\W_]+(?:[-./,][^\W_]+)*", text)
    return frozenset(part for word in words for part in (_plain(word), *map(_plain, re.split(r"[-./,]", word))))


def _plain(word: str) -> str:
    return "".join(char for char in word.casefold() if char.isalnum())
