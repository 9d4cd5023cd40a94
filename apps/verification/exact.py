"""What must be the same in a claim and in the passages that it cites: figures, dates, names, identifiers, and the sense of what is said.

Each mismatch says what stands in the passage instead, if the place there is plainly the same; else only that the passages do not hold it.
A figure that was computed is in no passage: the number ledger accounts for it, and the caller names its range.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache

from apps.verification import names
from apps.verification.dates import dates_in, stands_among, years_named
from apps.verification.figures.mentions import Mention, mentions_in
from apps.verification.matching import terms_of
from apps.verification.polarity import flips
from apps.verification.reading import Place, Sources
from apps.verification.sentences import Range
from apps.verification.tokens import Token, tokens_of, without_marks

_YEAR = re.compile(r"(?<![\d.,$€£¥])(?:1[5-9]|20)\d\d(?!\d|[.,]\d|\s?%)")
_IDENTIFIER = re.compile(r"(?<![\w])(?=[\w./-]*\d)(?=[\w./-]*[^\W\d_])[^\W_]+(?:[-./][^\W_]+)*(?!\w)")
_AROUND = 4  # words on either side by which two places are compared
_SAME_PLACE = 0.5  # share of a claim's words, by weight, from which on a place says the same of something else
_SAME_WORDS = 0.5  # share of the words around
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
    """Something of a text that is compared as a whole."""

    start: int
    end: int
    text: str
    key: object


def mismatches_of(
    claim: str, sources: Sources, markers: Sequence[int], places: Sequence[Place], *, accounted: Iterable[Range] = ()
) -> list[Mismatch]:
    """Return what a claim says differently from the passages of its markers, in order.

    `places` are those where most of the claim stands, the best first; `accounted` are ranges of the claim that were traced otherwise.
    """
    text = without_marks(claim)
    said = _said(sources, markers)
    settled = [*accounted, *met_exactly(claim, sources, markers)]
    found: list[Mismatch] = []
    for kind, items, theirs in (
        (Kind.DATE, _missing_dates(text, said), _dates),
        (Kind.NUMBER, _missing_figures(text, said), _figures),
        (Kind.IDENTIFIER, _missing_identifiers(text, said), _identifiers),
        (Kind.NAME, _missing_names(text, said), _names),
    ):
        for item, is_sure in items:
            if any(start < item.end and item.start < end for start, end in settled):
                continue
            instead, place = _instead(text, item, theirs, sources, places)
            if instead or is_sure:
                found.append(Mismatch(kind, item.start, item.end, item.text, instead, place))
                settled.append((item.start, item.end))
    for flip in flips(text, sources, places):
        found.append(Mismatch(Kind.SENSE, flip.start, flip.end, flip.text, flip.instead, flip.place))
    return sorted(found, key=lambda mismatch: mismatch.start)


def met_exactly(claim: str, sources: Sources, markers: Sequence[int]) -> list[Range]:
    """Return the ranges of a claim's dates and figures that stand in the passages of its markers, in whatever notation."""
    text = without_marks(claim)
    said = _said(sources, markers)
    missing = {item.start for item, _ in (*_missing_dates(text, said), *_missing_figures(text, said))}
    found = [(date.start, date.end) for date in dates_in(text)]
    found += [(mention.start, mention.end) for mention in mentions_in(text)]
    return [(start, end) for start, end in found if start not in missing]


def _said(sources: Sources, markers: Sequence[int]) -> str:
    cited = [sources.by_marker[marker] for marker in markers if marker in sources.by_marker]
    return "\n".join(part for source in cited for part in (source.context, source.text))


def _missing_dates(claim: str, said: str) -> Iterator[tuple[_Item, bool]]:
    theirs, years = dates_in(said), years_named(said)
    digits = _digits(said)
    for date in dates_in(claim):
        if not stands_among(date, theirs, years):
            yield _Item(date.start, date.end, claim[date.start : date.end], (date.year, date.month, date.day)), True
    inside = [(date.start, date.end) for date in dates_in(claim)]
    for match in _YEAR.finditer(claim):
        if any(start <= match.start() < end for start, end in inside):
            continue
        if int(match[0]) not in years and match[0] not in digits:
            yield _Item(match.start(), match.end(), match[0], int(match[0])), True


def _missing_figures(claim: str, said: str) -> Iterator[tuple[_Item, bool]]:
    theirs, digits = figures_of(said), _digits(said)
    for mention in mentions_in(claim):
        if not _stands_among(mention, theirs, digits):
            is_count = mention.spelled or (mention.bare and abs(mention.value) <= 1)
            yield _Item(mention.start, mention.end, mention.text, mention), not is_count


def _missing_identifiers(claim: str, said: str) -> Iterator[tuple[_Item, bool]]:
    known = _folded_words(said)
    over = [(mention.start, mention.end) for mention in mentions_in(claim)]
    over += [(date.start, date.end) for date in dates_in(claim)]
    for match in _IDENTIFIER.finditer(claim):
        if any(start < match.end() and match.start() < end for start, end in over):
            continue
        if _plain(match[0]) not in known:
            yield _Item(match.start(), match.end(), match[0], _plain(match[0])), True


def _missing_names(claim: str, said: str) -> Iterator[tuple[_Item, bool]]:
    known = names.known_in(said)
    for name in names.names_in(claim):
        missing = [word for word in name.words if not names.knows(known, word)]
        if missing and not names.known_as_acronym(known, name.words):
            start = claim.index(missing[0], name.start)
            end = claim.index(missing[-1], start) + len(missing[-1])
            yield _Item(start, end, claim[start:end], names.fold(missing[0])), not name.opens


def _dates(text: str) -> Iterator[_Item]:
    inside = []
    for date in dates_in(text):
        inside.append((date.start, date.end))
        yield _Item(date.start, date.end, text[date.start : date.end], (date.year, date.month, date.day))
    for match in _YEAR.finditer(text):
        if not any(start <= match.start() < end for start, end in inside):
            yield _Item(match.start(), match.end(), match[0], int(match[0]))


def _figures(text: str) -> Iterator[_Item]:
    for mention in mentions_in(text):
        yield _Item(mention.start, mention.end, mention.text, mention)


def _identifiers(text: str) -> Iterator[_Item]:
    for match in _IDENTIFIER.finditer(text):
        yield _Item(match.start(), match.end(), match[0], _plain(match[0]))


def _names(text: str) -> Iterator[_Item]:
    for name in names.names_in(text):
        yield _Item(name.start, name.end, text[name.start : name.end], names.fold(name.words[0]))


def _instead(
    claim: str,
    item: _Item,
    items_of: Callable[[str], Iterator[_Item]],
    sources: Sources,
    places: Sequence[Place],
) -> tuple[str, Place | None]:
    """Return what stands where the claim has the item, and the place; nothing where no place says the same but for it."""
    mine = tokens_of(claim)
    rest = sources.weigh(token for token in mine if not item.start <= token.start < item.end)
    total = sum(rest.values()) or 1.0
    around = _around(mine, item)
    own = {each.key for each in items_of(claim)}
    for place in places:
        known = place.terms | sources.by_marker[place.marker].over
        if sum(weight for term, weight in rest.items() if term in known) < _SAME_PLACE * total:
            continue
        words = sources.words_at(place)
        theirs = tokens_of(words)
        likely = [
            (_share(around, _around(theirs, other)), other)
            for other in items_of(words)
            if other.key not in own and _of_one_kind(item.key, other.key)
        ]
        share, other = max(likely, key=lambda each: each[0], default=(0.0, item))
        if share >= _SAME_WORDS:
            return " ".join(other.text.split()), place
    return "", None


def _around(tokens: Sequence[Token], item: _Item) -> tuple[list[frozenset[str]], list[frozenset[str]]]:
    """Return the words that carry meaning before and after an item, the nearest first."""
    before = [token.terms for token in tokens if token.end <= item.start and token.terms]
    after = [token.terms for token in tokens if token.start >= item.end and token.terms]
    return before[: -_AROUND - 1 : -1], after[:_AROUND]


def _share(
    mine: tuple[list[frozenset[str]], list[frozenset[str]]], theirs: tuple[list[frozenset[str]], list[frozenset[str]]]
) -> float:
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


@lru_cache(maxsize=256)
def figures_of(text: str) -> tuple[Mention, ...]:
    """Return the figures of a text, of its lines each in its own notation where the whole is long."""
    return mentions_in(text)


def _stands_among(mention: Mention, theirs: Sequence[Mention], digits: frozenset[str]) -> bool:
    """Return whether a figure is one of the passages', as printed or rounded as it is."""
    same = [other for other in theirs if _is_same(mention, other)]
    if same:
        return True
    if mention.spelled or (mention.bare and mention.value <= _MOST_COUNTED):
        value = str(mention.value)
        return value in digits or any(other.value == mention.value for other in theirs)
    has_other_scale = any(abs(other.printed) == abs(mention.printed) for other in theirs)
    return not has_other_scale and bool(digits & {terms_of(mention.text)[0]} if terms_of(mention.text) else False)


def _is_same(mention: Mention, other: Mention) -> bool:
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
        step = max(step, mine / 10)
    return any(mine == value or (abs(mine - value) * 2 <= step and other.step <= mention.step) for value in readings)


@lru_cache(maxsize=256)
def _digits(text: str) -> frozenset[str]:
    return frozenset(term for term in terms_of(text) if term[0].isdigit())


@lru_cache(maxsize=256)
def _folded_words(text: str) -> frozenset[str]:
    words = re.findall(r"[^\W_]+(?:[-./][^\W_]+)*", text)
    return frozenset(part for word in words for part in (_plain(word), *map(_plain, re.split(r"[-./]", word))))


def _plain(word: str) -> str:
    return "".join(char for char in word.casefold() if char.isalnum())
