"""Where two documents, or two versions of one, give different values for the same thing of the same entity in the same period. Pure.

Found among cells with their labels and among sentences that state one figure or one date. Rather none than a false one: where labels
mean several things in one document, where names differ, or where rounding explains the difference, nothing is said.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from apps.verification import names
from apps.verification.dates import Date, dates_in
from apps.verification.exact import same_figure
from apps.verification.figures.grounds import Fact, Ground, facts_of
from apps.verification.figures.mentions import Mention, mentions_in
from apps.verification.figures.numbering import years_in
from apps.verification.figures.quantities import quantity_of
from apps.verification.matching import units_of
from apps.verification.tokens import tokens_of

_ALIKE = 0.75  # share of the words of two sentences, but for values, periods and entity, that must be the same
_NAMED = 0.6  # share of a sentence's words that a row's labels must make up
_LEAST_TERMS = 2
_LONGEST = 300  # characters of a sentence that states a value
_GENERIC = (
    "annual report quarterly interim form statement statements financial results consolidated press release presentation agreement contract "
    "version draft final amended copy file document policy handbook manual page section part table note notes group"
)


@dataclass(frozen=True, slots=True)
class Witness:
    """A passage that was read: its text and tables, and of which version of which document it is."""

    ground: Ground
    document: str
    title: str = ""
    heading: str = ""
    version: int | None = None
    dated: date | None = None


@dataclass(frozen=True, slots=True)
class Side:
    """What one passage says: the value as printed and the words around it. `used`: the answer follows it."""

    marker: int
    value: str
    quote: str
    dated: date | None
    version: int | None
    used: bool


@dataclass(frozen=True, slots=True)
class Conflict:
    """Different values for one attribute; the newest version and the latest date come first."""

    entity: str
    attribute: str
    period: str
    sides: tuple[Side, ...]
    why: str


@dataclass(frozen=True, slots=True)
class _Statement:
    marker: int
    terms: frozenset[str]
    years: frozenset[int]
    named: frozenset[str]
    value: Mention | Date | Fact
    said: str
    quote: str
    attribute: str

    @property
    def is_cell(self) -> bool:
        return isinstance(self.value, Fact)


def conflicts_among(witnesses: Mapping[int, Witness], answer: str = "") -> list[Conflict]:
    """Return the conflicts among passages by marker, in order of the first marker. `answer` tells which side it follows."""
    statements = [
        statement
        for marker, witness in sorted(witnesses.items())
        for statement in (*_cells(marker, witness), *_sentences(marker, witness))
    ]
    clear = _without_ambiguous(statements, witnesses)
    found: dict[tuple[int, int, str], Conflict] = {}
    for one, other in _pairs(clear):
        if _conflict(one, other, witnesses):
            first, second = sorted((one, other), key=lambda each: each.marker)
            key = (first.marker, second.marker, first.attribute.casefold())
            found.setdefault(key, _told(first, second, witnesses, answer))
    return list(found.values())


def conflict_objects(conflicts: Sequence[Conflict]) -> list[dict[str, Any]]:
    """Return conflicts as the REST contract shows them."""
    return [
        {
            "entity": conflict.entity,
            "attribute": conflict.attribute,
            "period": conflict.period,
            "sides": [
                {
                    "marker": side.marker,
                    "value": side.value,
                    "quote": side.quote,
                    "date": side.dated.isoformat() if side.dated else None,
                    "version": side.version,
                    "used": side.used,
                }
                for side in conflict.sides
            ],
            "why": conflict.why,
        }
        for conflict in conflicts
    ]


def _cells(marker: int, witness: Witness) -> Iterator[_Statement]:
    entity = _entity(witness)
    for fact in facts_of({marker: witness.ground}):
        if not fact.place.is_cell or fact.is_nothing or not fact.years:
            continue
        terms = _terms(" ".join((*fact.place.row_path, *fact.place.column_path))) - entity
        if terms:
            attribute = " · ".join(fact.place.row_path) or " · ".join(fact.place.column_path)
            quote = " | ".join((*fact.place.row_path, *fact.place.column_path, fact.text))
            yield _Statement(marker, terms, fact.years, frozenset(), fact, fact.text, quote, attribute)


def _sentences(marker: int, witness: Witness) -> Iterator[_Statement]:
    entity = _entity(witness)
    text = witness.ground.text
    for unit in units_of(text) if text.strip() else ():
        sentence = text[unit.start : unit.end]
        if len(sentence) > _LONGEST or "|" in sentence or "\t" in sentence:
            continue
        dates = [each for each in dates_in(sentence) if each.day and each.year]
        mentions = [each for each in mentions_in(sentence) if not each.spelled]
        value: Mention | Date
        if len(mentions) == 1 and len(dates) <= 1:
            value = mentions[0]
        elif not mentions and len(dates) == 1 and _is_sentence(sentence):
            value = dates[0]
        else:
            continue
        rest = sentence[: value.start] + " " + sentence[value.end :]
        years = years_in(rest)
        named = frozenset(
            names.fold(word)
            for name in names.names_in(rest)
            if not name.opens
            for word in name.words
            if not word.isdigit()
        )
        terms = _terms(rest) - entity
        if len(terms) >= _LEAST_TERMS:
            said = sentence[value.start : value.end]
            attribute = " ".join(rest.split()).rstrip(".")
            yield _Statement(marker, terms, years, named, value, said, " ".join(sentence.split()), attribute)


def _is_sentence(text: str) -> bool:
    """Return whether a line says something, as a date over a signature does not."""
    return text.rstrip()[-1:] in ".!。" and any(not token.terms for token in tokens_of(text))


def _terms(text: str) -> frozenset[str]:
    """Return the words of a text that say what is stated, without figures."""
    return frozenset(
        term
        for token in tokens_of(text)
        if not token.is_figure
        for term in token.terms
        if not any(map(str.isdigit, term))
    )


def _entity(witness: Witness) -> frozenset[str]:
    """Return the words of a document's title by which it is known."""
    return frozenset(term for term in _terms(witness.title) if term not in _GENERIC_TERMS)


_GENERIC_TERMS = _terms(_GENERIC)


def _without_ambiguous(statements: Iterable[_Statement], witnesses: Mapping[int, Witness]) -> list[_Statement]:
    """Return the statements whose words and periods mean one value in their version of their document."""
    values: defaultdict[object, set[str]] = defaultdict(set)
    keyed = []
    for statement in statements:
        witness = witnesses[statement.marker]
        key = (witness.document, witness.version, statement.terms, statement.years, type(statement.value))
        values[key].add("".join(statement.said.split()))
        keyed.append((key, statement))
    return [statement for key, statement in keyed if len(values[key]) == 1]


def _pairs(statements: Sequence[_Statement]) -> Iterator[tuple[_Statement, _Statement]]:
    """Yield the pairs that have most of their words in common."""
    holders: defaultdict[str, list[int]] = defaultdict(list)
    for place, statement in enumerate(statements):
        shared: Counter[int] = Counter()
        for term in statement.terms:
            shared.update(holders[term])
            holders[term].append(place)
        for other, count in shared.items():
            if _are_alike(statement, statements[other], count):
                yield statements[other], statement


def _are_alike(one: _Statement, other: _Statement, shared: int) -> bool:
    if one.is_cell and other.is_cell:
        return one.terms == other.terms
    if one.is_cell or other.is_cell:
        cell, sentence = (one, other) if one.is_cell else (other, one)
        return cell.terms <= sentence.terms and shared >= _NAMED * len(sentence.terms)
    return shared >= _ALIKE * len(one.terms | other.terms)


def _conflict(one: _Statement, other: _Statement, witnesses: Mapping[int, Witness]) -> bool:
    here, there = witnesses[one.marker], witnesses[other.marker]
    if (here.document, here.version) == (there.document, there.version) or one.years != other.years:
        return False
    if here.document != there.document and not _of_one_entity(here, there):
        return False
    if not one.is_cell and not other.is_cell and one.named != other.named:
        return False
    return _differ(one.value, other.value)


def _of_one_entity(one: Witness, other: Witness) -> bool:
    """Return whether the titles name the same: all that the one names, the other names too."""
    here, there = _entity(one), _entity(other)
    return bool(here and there) and (here <= there or there <= here)


def _differ(one: Mention | Date | Fact, other: Mention | Date | Fact) -> bool:
    if isinstance(one, Date) or isinstance(other, Date):
        return isinstance(one, Date) and isinstance(other, Date) and not one.agrees(other)
    mine, theirs = _amount(one), _amount(other)
    comparable = mine.is_rate == theirs.is_rate and mine.measure == theirs.measure
    same_currency = not (mine.currency and theirs.currency) or mine.currency == theirs.currency
    if not comparable or not same_currency:
        return False
    return not (same_figure(mine, theirs) or same_figure(theirs, mine))


def _amount(value: Mention | Fact) -> Mention:
    """Return a cell's figure in full, in the form of one in a sentence."""
    if isinstance(value, Mention):
        return value
    quantity = quantity_of(value)
    scale = value.unit.scale or Decimal(1)
    return Mention(
        0, len(value.text), value.text, quantity.value, quantity.step, quantity.kind, quantity.currency, scale
    )


def _told(one: _Statement, other: _Statement, witnesses: Mapping[int, Witness], answer: str) -> Conflict:
    sides = [_side(statement, witnesses[statement.marker], answer) for statement in (one, other)]
    sides.sort(key=lambda side: (side.version or 0, side.dated or date.min), reverse=True)
    if sides[0].used and sides[1].used:
        sides = [Side(s.marker, s.value, s.quote, s.dated, s.version, used=False) for s in sides]
    clearest = one if one.is_cell else other
    return Conflict(
        witnesses[one.marker].title,
        clearest.attribute,
        ", ".join(map(str, sorted(one.years))),
        tuple(sides),
        _why(sides, same_document=witnesses[one.marker].document == witnesses[other.marker].document),
    )


def _side(statement: _Statement, witness: Witness, answer: str) -> Side:
    value = statement.value
    if isinstance(value, Date):
        used = any(value.agrees(each) for each in dates_in(answer))
    else:
        used = any(same_figure(each, _amount(value)) for each in mentions_in(answer))
    return Side(statement.marker, statement.said, statement.quote, witness.dated, witness.version, used)


def _why(sides: Sequence[Side], *, same_document: bool) -> str:
    if same_document and sides[0].version != sides[1].version:
        sentence = _("Version {newer} says {value}, version {older} says {other}.")
        return sentence.format(
            newer=sides[0].version, value=sides[0].value, older=sides[1].version, other=sides[1].value
        )
    sentence = _("Passage [{one}] says {value}, passage [{two}] says {other}.")
    return sentence.format(one=sides[0].marker, value=sides[0].value, two=sides[1].marker, other=sides[1].value)
