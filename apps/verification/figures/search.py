"""Find a calculation that nobody proposed: the common ones over few figures that the words of a claim name.

By chance some calculation over many figures meets any figure of few digits. So it must agree in more digits than the number of tries
explains, be of a kind that the claim speaks of, and be the only one; else nothing is found.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations

from apps.verification.figures.expressions import (
    Expression,
    Incomputable,
    Operation,
    average,
    change,
    computed,
    difference,
    operand_of,
    operands_of,
)
from apps.verification.figures.grounds import Fact
from apps.verification.figures.lookup import Facts
from apps.verification.figures.mentions import Mention
from apps.verification.figures.quantities import flaws_against
from apps.verification.figures.words import AVERAGE, BETWEEN, CHANGE, FELL, ROSE, SHARE, TOTAL

_MOST_OPERANDS = 14
_ENOUGH_NAMED, _ENOUGH_UNNAMED = 1.0, 2.2
"""Decimal digits that must agree beyond what the number of tries explains, where the claim names the operation and where not."""
_ENOUGH_STATED = 0.4
"""The same where the operands stand in the claim itself."""
_NAMED = 0.25


@dataclass(frozen=True, slots=True)
class Found:
    expression: Expression
    rank: float


def found_for(
    mention: Mention,
    claim: str,
    facts: Facts,
    stated: Sequence[Fact],
    words: frozenset[str],
    years: frozenset[int],
    markers: frozenset[int],
) -> Expression | None:
    """Return the calculation that gives a figure of a claim; None if none does, or several do. `stated` are facts that the claim cites
    with their figures; `words` are those of the claim and the question."""
    for operands, enough in ((list(stated[:6]), _ENOUGH_STATED), (_candidates(facts, words, years, markers), None)):
        found, tries, named = _hits(mention, claim, operands, facts, words)
        needed = enough if enough is not None else _ENOUGH_NAMED if named else _ENOUGH_UNNAMED
        if found and _digits(mention) >= math.log10(max(tries, 1)) + needed and (best := _only(found)):
            return best
    return None


def _digits(mention: Mention) -> float:
    """Return how many decimal digits a figure has: how unlikely it is to be met by chance."""
    return math.log10(float(abs(mention.value) / mention.step) + 1) if mention.step else 0.0


def _candidates(facts: Facts, words: frozenset[str], years: frozenset[int], markers: frozenset[int]) -> list[Fact]:
    """Return the figures that the words name best, those of other years left out where years are named."""
    ranked = [
        (facts.named(fact, words) + 0.3 * bool(fact.years & years), fact)
        for fact in facts.all
        if not fact.is_nothing
        and (not markers or fact.place.marker in markers)
        and not (fact.years and years and not fact.years & years)
    ]
    ranked.sort(key=lambda each: -each[0])
    return [fact for score, fact in ranked[:_MOST_OPERANDS] if score >= _NAMED]


def _hits(
    mention: Mention, claim: str, operands: Sequence[Fact], facts: Facts, words: frozenset[str]
) -> tuple[list[Found], int, bool]:
    kinds = _kinds(claim)
    found, tries = [], 0
    for expression, members in _expressions(operands, kinds, is_rate=mention.is_rate):
        tries += 1
        try:
            quantity = computed(expression)
        except Incomputable:
            continue
        same_sign = (quantity.value < 0) == (mention.value < 0) or mention.bracketed
        excused = (quantity.value < 0 and FELL.search(claim)) or BETWEEN.search(claim)
        if flaws_against(mention, quantity) == () and (same_sign or excused) and quantity.value:
            found.append(Found(expression, _plausible(members, facts, words)))
    return found, tries, bool(kinds)


def _kinds(claim: str) -> frozenset[str]:
    """Return the operations of which a claim speaks."""
    kinds = set()
    for pattern, kind in (
        (CHANGE, "change"),
        (ROSE, "change"),
        (FELL, "change"),
        (AVERAGE, "average"),
        (TOTAL, "sum"),
        (SHARE, "ratio"),
    ):
        if pattern.search(claim):
            kinds.add(kind)
    return frozenset(kinds)


def _expressions(
    operands: Sequence[Fact], kinds: frozenset[str], *, is_rate: bool
) -> Iterator[tuple[Expression, tuple[Fact, ...]]]:
    """Yield the calculations over two or three figures that may give a rate, or an amount."""
    wanted = kinds or {"change", "sum", "average", "ratio"}
    for pair in combinations(operands, 2):
        one, other = map(operand_of, pair)
        alike = _are_alike(pair)
        for first, second in ((one, other), (other, one)):
            if "change" in wanted and alike:
                yield difference(first, second), pair
                if is_rate:
                    yield change(second, first), pair
            if "ratio" in wanted:
                yield Operation("/", (first, second)), pair
        if "sum" in wanted and alike:
            yield Operation("+", (one, other)), pair
        if "average" in wanted and alike:
            yield average((one, other)), pair
    for three in combinations(operands, 3):
        parts = tuple(map(operand_of, three))
        if "sum" in wanted and _are_alike(three):
            yield Operation("+", parts), three
        if "average" in wanted and _are_alike(three):
            yield average(parts), three


def _are_alike(members: Sequence[Fact]) -> bool:
    """Whether figures may be added: in one unit, and of one table if of any; the same figure is not added to itself."""
    units = {(fact.unit.kind, fact.unit.scale) for fact in members}
    tables = {(fact.place.marker, fact.place.table) for fact in members}
    return len(units) == 1 and len(tables) == 1 and len({abs(fact.value) for fact in members}) == len(members)


def _plausible(members: Sequence[Fact], facts: Facts, words: frozenset[str]) -> float:
    """Return how likely figures are to be taken together: named by the words, of one row or of one column."""
    places = {(fact.place.marker, fact.place.table) for fact in members}
    rows, columns = {f.place.row for f in members}, {f.place.column for f in members}
    together = len(places) == 1 and members[0].place.is_cell and (len(rows) == 1 or len(columns) == 1)
    return sum(facts.named(fact, words) for fact in members) / len(members) + (0.5 if together else 0.0)


def _only(found: Sequence[Found]) -> Expression | None:
    """Return the calculation that is more plausible than all others over other figures; None if two are alike."""
    best = max(found, key=lambda each: each.rank)
    values = _values(best.expression)
    rivals = [each for each in found if _values(each.expression) != values]
    return best.expression if all(each.rank < best.rank - 0.05 for each in rivals) else None


def _values(expression: Expression) -> frozenset[Decimal]:
    return frozenset(abs(operand.quantity.value) for operand in operands_of(expression))
