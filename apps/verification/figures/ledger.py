"""The ledger of an answer: for each of its figures where it stands in the passages, or how it was computed, or that neither is known.

A figure that a calculation was proposed for must meet that calculation; any other must stand in a passage, or be what a common
calculation over named figures gives. The model proposes, this computes: what is wrong is set right beside what was written, never in it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from apps.documents.tables.numbers import FigureKind
from apps.verification.figures import formats
from apps.verification.figures.answers import CERTAIN_DIGITS, Reading, digits_of
from apps.verification.figures.expressions import Expression, Operand, computed, operands_of, shown
from apps.verification.figures.grounds import Fact, Ground
from apps.verification.figures.lineage import Author, Figure, Input, Source, Verdict
from apps.verification.figures.mentions import Mention, mentions_in
from apps.verification.figures.numbering import may_be_year
from apps.verification.figures.quantities import Flaw, Quantity, flaws_against, quantity_of
from apps.verification.figures.search import found_for
from apps.verification.figures.tying import Tie, ties_of
from apps.verification.figures.words import PRIOR

_MOST_COUNTED = 20
"""A bare whole number up to this may be a count of things, which stands nowhere."""


def ledger_of(
    answer_text: str,
    claims: Sequence[tuple[int, int, Sequence[int]]],
    grounds: Mapping[int, Ground],
    *,
    question: str = "",
    proposals: Sequence[str] = (),
) -> list[Figure]:
    """Return the figures of an answer in order.

    `claims` are ranges of the answer with the markers cited there; `grounds` the passages read, by marker. `proposals` are calculations
    that the model named elsewhere, beside those in the answer itself.
    """
    reading = Reading(answer_text, claims, grounds, question)
    ledger = _Ledger(reading, ties_of(reading, proposals))
    return [ledger.figure(mention) for mention in reading.mentions]


class _Ledger:
    def __init__(self, reading: Reading, ties: Mapping[int, Tie]) -> None:
        self.reading, self.ties = reading, ties
        self.asked = mentions_in(reading.question)

    def figure(self, mention: Mention) -> Figure:
        blank = Figure(
            mention.start, mention.end, mention.text, mention.value, _unit(mention), Source.NONE, Verdict.UNFOUND
        )
        blank = replace(blank, years=tuple(sorted(self.reading.claim_of(mention).years)))
        tie = self.ties.get(mention.start)
        traced = self.reading.traced(mention)
        if tie and (tie.agrees or traced is None or digits_of(mention) < CERTAIN_DIGITS):
            return self._computed(blank, mention, tie)
        if traced:
            return self._standing(blank, traced, Verdict.TRACED, ())
        if any(mention.value == asked.value and mention.kind is asked.kind for asked in self.asked):
            return replace(blank, verdict=Verdict.GIVEN)
        flawed = self.reading.flawed(mention)
        if flawed and Flaw.PERIOD not in flawed[1]:
            return self._standing(blank, flawed[0], Verdict.WRONG, flawed[1], mention)
        expression = self._searched(mention)
        if expression:
            return self._computed(blank, mention, Tie(expression, computed(expression), Author.SEARCH, agrees=True))
        if mention.spelled or _may_be_count(mention):
            return replace(blank, verdict=Verdict.UNCHECKED)
        return self._standing(blank, flawed[0], Verdict.WRONG, flawed[1], mention) if flawed else blank

    def _searched(self, mention: Mention) -> Expression | None:
        if mention.spelled or _may_be_count(mention):
            return None
        claim = self.reading.claim_of(mention)
        others = [other for other in claim.mentions if other is not mention and other.start not in self.ties]
        stated = [fact for other in others if (fact := self.reading.traced(other))]
        years = frozenset() if PRIOR.search(claim.text) else claim.years
        return found_for(mention, claim.text, self.reading.facts, stated, claim.words, years, claim.markers)

    def _standing(
        self, blank: Figure, fact: Fact, verdict: Verdict, flaws: tuple[Flaw, ...], mention: Mention | None = None
    ) -> Figure:
        source = Source.CELL if fact.place.is_cell else Source.SPAN
        found = Input(fact.text, quantity_of(fact).value, _unit_of(quantity_of(fact)), fact.place)
        right = ""
        if mention is not None and set(flaws) <= {Flaw.SIGN, Flaw.SCALE}:
            right = formats.corrected(mention, quantity_of(fact), self.reading.notation)
        said = fact.unit.scale is not None
        return replace(
            blank, source=source, verdict=verdict, flaws=flaws, inputs=(found,), corrected=right, scale_said=said
        )

    def _computed(self, blank: Figure, mention: Mention, tie: Tie) -> Figure:
        text = shown(tie.expression)
        operands = list(operands_of(tie.expression))
        unfounded = any(operand.is_unfounded for operand in operands) or not any(
            operand.fact or may_be_year(operand.text) for operand in operands
        )
        agrees = tie.agrees and not unfounded
        flaws = () if tie.agrees else _flaws(mention, tie.quantity)
        right = "" if tie.agrees or unfounded else formats.corrected(mention, tie.quantity, self.reading.notation)
        right = "" if right == mention.text else right
        return replace(
            blank,
            source=Source.NONE if unfounded else Source.COMPUTED,
            verdict=Verdict.COMPUTED if agrees else Verdict.UNFOUND if unfounded else Verdict.WRONG,
            flaws=flaws,
            corrected=right,
            expression=f"{text} = {formats.result(tie.quantity, mention, self.reading.notation)}",
            exact=tie.quantity.value,
            by=tie.by,
            inputs=_inputs(text, operands),
            scale_said=tie.quantity.scale is not None or tie.quantity.is_ratio or tie.quantity.is_rate,
            tree=tie.expression,
        )


def _flaws(mention: Mention, quantity: Quantity) -> tuple[Flaw, ...]:
    """Return in what a figure departs from a calculation that it does not agree with."""
    found = flaws_against(mention, quantity)
    return (Flaw.VALUE,) if found is None else found or (Flaw.SIGN,)


def _inputs(text: str, operands: Sequence[Operand]) -> tuple[Input, ...]:
    """Return the operands with their places in the printed expression."""
    inputs, at = [], 0
    for operand in operands:
        start = text.index(operand.text, at)
        at = start + len(operand.text)
        place = operand.fact.place if operand.fact else None
        quantity = operand.quantity
        inputs.append(Input(operand.text, quantity.value, _unit_of(quantity), place, (start, at), quantity.is_constant))
    return tuple(inputs)


def _may_be_count(mention: Mention) -> bool:
    return mention.bare and mention.value == int(mention.value) and 0 <= mention.value <= _MOST_COUNTED


def _unit(mention: Mention) -> str:
    if mention.kind is not FigureKind.AMOUNT:
        return "%" if mention.kind is FigureKind.PERCENT else str(mention.kind)
    return mention.currency or mention.measure


def _unit_of(quantity: Quantity) -> str:
    if quantity.is_rate:
        return "%" if quantity.kind is FigureKind.PERCENT else str(quantity.kind)
    return quantity.currency
