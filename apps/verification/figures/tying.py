"""Which calculation is for which figure of an answer: by what it gives, by the result written after it, by where it stands."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from apps.verification.figures.answers import Claim, Reading
from apps.verification.figures.calculations import Calculation, calculation_in
from apps.verification.figures.expressions import (
    Expression,
    Incomputable,
    Operand,
    change,
    computed,
    difference,
    operand_of,
    operands_of,
    rises,
)
from apps.verification.figures.lineage import Author
from apps.verification.figures.lookup import Resolver, words_of
from apps.verification.figures.mentions import Mention
from apps.verification.figures.numbering import years_in
from apps.verification.figures.proposals import Proposal, proposals_in, stated_changes
from apps.verification.figures.quantities import Quantity


@dataclass(frozen=True, slots=True)
class Tie:
    """A calculation, what it gives, and whether the figure that it is for says so."""

    expression: Expression
    quantity: Quantity
    by: Author
    agrees: bool


def ties_of(reading: Reading, proposed: Sequence[str]) -> dict[int, Tie]:
    """Return the calculations by the places of the figures that they are for: what the model proposed, and what sentences say themselves."""
    ties: dict[int, Tie] = {}
    ranges = [(claim.start, claim.end) for claim in reading.claims]
    whole = (Proposal(text, 0, len(reading.answer)) for text in proposed)
    for proposal in (*whole, *proposals_in(reading.answer, ranges)):
        for mention, tie in _proposed(reading, proposal):
            if tie.agrees or mention.start not in ties:
                ties[mention.start] = tie
    for claim in reading.claims:
        for mention, tie in _stated(reading, claim):
            ties.setdefault(mention.start, tie)
    return ties


def _proposed(reading: Reading, proposal: Proposal) -> Iterator[tuple[Mention, Tie]]:
    """Yield the figures that a proposal is for."""
    context = f"{reading.answer[proposal.start : proposal.end]} {reading.question}"
    near = [claim for claim in reading.claims if claim.start < proposal.end and proposal.start < claim.end]
    markers = {marker for claim in near for marker in claim.markers}
    resolver = Resolver(reading.facts, words_of(context), years_in(context), markers)
    calculation = calculation_in(proposal.text, reading.notation, resolver)
    quantity = _value(calculation.expression) if calculation else None
    if calculation is None or quantity is None:
        return
    for mention, agrees in _meant(reading, proposal, calculation, quantity):
        yield mention, Tie(calculation.expression, quantity, Author.MODEL, agrees)


def _value(expression: Expression) -> Quantity | None:
    try:
        return computed(expression)
    except Incomputable:
        return None


def _meant(
    reading: Reading, proposal: Proposal, calculation: Calculation, quantity: Quantity
) -> list[tuple[Mention, bool]]:
    """Return the figures that a calculation is for, and whether it gives them."""
    is_rise = rises(calculation.expression)
    near = [m for m in reading.mentions if proposal.start <= m.start < proposal.end and not m.spelled]
    if proposal.is_equation:
        return [(mention, reading.agrees(mention, quantity, is_rise=is_rise)) for mention in near[-1:]]
    met = [mention for mention in near if reading.agrees(mention, quantity, is_rise=is_rise)]
    if met or len(near) == 1:
        return [(mention, bool(met)) for mention in met or near]
    if calculation.result is not None:
        written = [mention for mention in near if mention.printed == calculation.result.printed]
        if written:
            return [(written[-1], False)]
    operands = list(operands_of(calculation.expression))
    used = {abs(operand.quantity.value) for operand in operands}
    printed = {operand.text for operand in operands}
    left = [mention for mention in near if abs(mention.value) not in used and mention.text not in printed]
    untraced = [mention for mention in left if reading.traced(mention) is None]
    return [(mention, False) for mention in untraced[-1:]]


def _stated(reading: Reading, claim: Claim) -> Iterator[tuple[Mention, Tie]]:
    """Yield the figures of a claim that are the change between two others of it."""
    own = {mention.start - claim.start: mention for mention in claim.mentions}
    local = [replace(mention, start=start, end=mention.end - claim.start) for start, mention in own.items()]
    for before, after, stated in stated_changes(claim.text, local):
        one, other = _operand(reading, own[before.start]), _operand(reading, own[after.start])
        if one is None or other is None:
            continue
        is_share = stated.is_rate and not one.quantity.is_rate
        expression = change(one, other) if is_share else difference(other, one)
        quantity = _value(expression)
        if quantity is not None:
            mention = own[stated.start]
            agrees = reading.agrees(mention, quantity, is_rise=True)
            yield mention, Tie(expression, quantity, Author.SENTENCE, agrees)


def _operand(reading: Reading, mention: Mention) -> Operand | None:
    fact = reading.traced(mention)
    return operand_of(fact) if fact else None
