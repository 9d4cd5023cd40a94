"""The ledger of an answer: for each of its figures where it stands in the passages, or how it was computed, or that neither is known.

A figure that a calculation was proposed for must meet that calculation; any other must stand in a passage, or be what a common
calculation over named figures gives. The model proposes, this computes: what is wrong is set right beside what was written, never in it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum

from apps.documents.tables.numbers import FigureKind, notation_of
from apps.verification.figures import formats
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
    shown,
)
from apps.verification.figures.grounds import Fact, Ground, Place, facts_of
from apps.verification.figures.lookup import Facts, Resolver, words_of
from apps.verification.figures.mentions import Mention, mentions_in
from apps.verification.figures.numbering import may_be_year, years_in
from apps.verification.figures.proposals import Proposal, calculation_lines, proposals_in, stated_changes
from apps.verification.figures.quantities import Flaw, Quantity, flaws_against, quantity_of
from apps.verification.figures.search import found_for
from apps.verification.figures.signs import sign_is_wrong
from apps.verification.figures.words import PRIOR

ONE = Decimal(1)
_MOST_COUNTED = 20
"""A bare whole number up to this may be a count of things, which stands nowhere."""
_SURE_DIGITS = 3
"""A figure of so many digits that departs from one of the passages in sign or scale alone is meant to be that one."""
_CERTAIN_DIGITS = 4
"""A figure of so many digits stands in a cell by chance hardly ever, whatever the words around it."""
_NAMED = 0.6
"""A claim that holds this share of the words of a row means that row."""


class Source(StrEnum):
    CELL = "cell"
    SPAN = "span"
    COMPUTED = "computed"
    NONE = "none"


class Verdict(StrEnum):
    """`given`: stands in the question. `unchecked`: a count or a number in words, of which no source is asked."""

    TRACED = "traced"
    COMPUTED = "computed"
    WRONG = "wrong"
    UNFOUND = "unfound"
    GIVEN = "given"
    UNCHECKED = "unchecked"


class Author(StrEnum):
    """Who said how a figure is computed: the model in a calculation, the sentence itself, or a search over the passages."""

    MODEL = "model"
    SENTENCE = "sentence"
    SEARCH = "search"


@dataclass(frozen=True, slots=True)
class Input:
    """A figure that another rests on, as printed, and where it stands; `place` is None for a constant or one that was not found.

    `at` is the range of `Figure.expression` that shows it.
    """

    text: str
    value: Decimal
    unit: str
    place: Place | None
    at: tuple[int, int] = (0, 0)
    is_constant: bool = False


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure of an answer with its half-open range and its lineage. `scale_said` is false where a word such as million beside it can
    not be judged, since no passage says in what its figures stand.

    `value` is in full; a rate as printed. `expression` reads `(1,204 − 1,087) ÷ 1,087 = 10.76 %`. `flaws` say in what a wrong figure
    departs, `corrected` how it should read, empty where that is not known. `tree` is the calculation itself, for those who write formulas.
    """

    start: int
    end: int
    text: str
    value: Decimal
    unit: str
    source: Source
    verdict: Verdict
    flaws: tuple[Flaw, ...] = ()
    corrected: str = ""
    expression: str = ""
    exact: Decimal | None = None
    by: Author | None = None
    inputs: tuple[Input, ...] = ()
    years: tuple[int, ...] = ()
    scale_said: bool = True
    tree: Expression | None = None

    @property
    def is_marked(self) -> bool:
        """Whether readers are warned of it."""
        return self.verdict in (Verdict.WRONG, Verdict.UNFOUND)


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
    return _Ledger(answer_text, claims, grounds, question, proposals).figures()


@dataclass(frozen=True, slots=True)
class _Claim:
    start: int
    end: int
    text: str
    markers: frozenset[int]
    words: frozenset[str]
    years: frozenset[int]
    mentions: tuple[Mention, ...]


@dataclass(frozen=True, slots=True)
class _Tie:
    """A calculation and the figure that it is for."""

    expression: Expression
    quantity: Quantity
    by: Author
    agrees: bool


class _Ledger:
    def __init__(
        self,
        answer: str,
        claims: Sequence[tuple[int, int, Sequence[int]]],
        grounds: Mapping[int, Ground],
        question: str,
        proposals: Sequence[str],
    ) -> None:
        self.answer, self.question, self.proposed = answer, question, proposals
        self.facts = Facts(facts_of(grounds))
        self.notation = notation_of([answer], notation_of(ground.text for ground in grounds.values()))
        self.asked = mentions_in(question)
        hidden = calculation_lines(answer)
        self.mentions = [
            mention
            for mention in mentions_in(answer, self.notation)
            if not any(start <= mention.start < end for start, end in hidden)
        ]
        self.claims = [self._claim(*claim) for claim in claims]
        self.ties: dict[int, _Tie] = {}

    def figures(self) -> list[Figure]:
        self._tie_proposals()
        self._tie_stated_changes()
        return [self._figure(mention) for mention in self.mentions]

    def _claim(self, start: int, end: int, markers: Iterable[int]) -> _Claim:
        text = self.answer[start:end]
        return _Claim(
            start,
            end,
            text,
            frozenset(markers),
            words_of(f"{text} {self.question}"),
            years_in(text) or years_in(self.question),
            tuple(mention for mention in self.mentions if start <= mention.start < end),
        )

    def _claim_of(self, mention: Mention) -> _Claim:
        for claim in self.claims:
            if claim.start <= mention.start < claim.end:
                return claim
        start = self.answer.rfind("\n", 0, mention.start) + 1
        end = self.answer.find("\n", mention.end)
        return self._claim(start, len(self.answer) if end < 0 else end, ())

    # Calculations and the figures that they are for

    def _tie_proposals(self) -> None:
        ranges = [(claim.start, claim.end) for claim in self.claims]
        given = [*(Proposal(text, 0, len(self.answer)) for text in self.proposed), *proposals_in(self.answer, ranges)]
        for proposal in given:
            context = f"{self.answer[proposal.start : proposal.end]} {self.question}"
            markers = {m for c in self.claims if c.start < proposal.end and proposal.start < c.end for m in c.markers}
            resolver = Resolver(self.facts, words_of(context), years_in(context), markers)
            calculation = calculation_in(proposal.text, self.notation, resolver)
            if calculation is None:
                continue
            try:
                quantity = computed(calculation.expression)
            except Incomputable:
                continue
            for mention, agrees in self._meant(proposal, calculation, quantity):
                if agrees or mention.start not in self.ties:
                    self.ties[mention.start] = _Tie(calculation.expression, quantity, Author.MODEL, agrees)

    def _meant(self, proposal: Proposal, calculation: Calculation, quantity: Quantity) -> list[tuple[Mention, bool]]:
        """Return the figures that a calculation is for, and whether it gives them."""
        is_rise = rises(calculation.expression)
        if proposal.is_equation:
            last = [mention for mention in self.mentions if proposal.start <= mention.start < proposal.end][-1:]
            return [(mention, self._agrees(mention, quantity, is_rise)) for mention in last]
        near = [m for m in self.mentions if proposal.start <= m.start < proposal.end and not m.spelled]
        met = [mention for mention in near if self._agrees(mention, quantity, is_rise)]
        if met:
            return [(mention, True) for mention in met]
        if len(near) == 1:
            return [(near[0], False)]
        used = {abs(operand.quantity.value) for operand in operands_of(calculation.expression)}
        printed = {operand.text for operand in operands_of(calculation.expression)}
        left = [m for m in near if abs(m.value) not in used and m.text not in printed and m.value not in map(abs, used)]
        if calculation.result is not None:
            written = [m for m in near if m.printed == calculation.result.printed]
            if written:
                return [(written[-1], False)]
        untraced = [m for m in left if self._traced(m) is None]
        return [(untraced[-1], False)] if untraced else []

    def _agrees(self, mention: Mention, quantity: Quantity, is_rise: bool | None) -> bool:
        claim = self._claim_of(mention)
        if flaws_against(mention, quantity) != ():
            return False
        return not sign_is_wrong(mention, quantity.value, claim.text, is_rise=is_rise)

    def _tie_stated_changes(self) -> None:
        for claim in self.claims:
            local = [replace(m, start=m.start - claim.start, end=m.end - claim.start) for m in claim.mentions]
            for before, after, stated in stated_changes(claim.text, local):
                start = stated.start + claim.start
                one, other = self._operand(before, claim), self._operand(after, claim)
                if start in self.ties or one is None or other is None:
                    continue
                rated = stated.is_rate and not one.quantity.is_rate
                expression = change(one, other) if rated else difference(other, one)
                mention = next(m for m in claim.mentions if m.start == start)
                try:
                    quantity = computed(expression)
                except Incomputable:
                    continue
                self.ties[start] = _Tie(expression, quantity, Author.SENTENCE, self._agrees(mention, quantity, True))

    def _operand(self, mention: Mention, claim: _Claim) -> Operand | None:
        whole = next((m for m in claim.mentions if m.start - claim.start == mention.start), None)
        traced = self._traced(whole) if whole else None
        return operand_of(traced) if traced else None

    # One figure

    def _figure(self, mention: Mention) -> Figure:
        blank = Figure(
            mention.start, mention.end, mention.text, mention.value, _unit(mention), Source.NONE, Verdict.UNFOUND
        )
        claim = self._claim_of(mention)
        blank = replace(blank, years=tuple(sorted(claim.years)))
        tie = self.ties.get(mention.start)
        traced = self._traced(mention)
        if tie and (tie.agrees or traced is None or _digits(mention) < _CERTAIN_DIGITS):
            return self._computed(blank, mention, tie)
        if traced:
            return self._standing(blank, traced, Verdict.TRACED, ())
        if any(mention.value == asked.value and mention.kind is asked.kind for asked in self.asked):
            return replace(blank, verdict=Verdict.GIVEN)
        flawed = self._flawed(mention, claim)
        if flawed and Flaw.PERIOD not in flawed[1]:
            return self._standing(blank, flawed[0], Verdict.WRONG, flawed[1], mention)
        expression = self._searched(mention, claim)
        if expression:
            return self._computed(blank, mention, _Tie(expression, computed(expression), Author.SEARCH, True))
        if mention.spelled or _may_be_count(mention):
            return replace(blank, verdict=Verdict.UNCHECKED)
        return self._standing(blank, flawed[0], Verdict.WRONG, flawed[1], mention) if flawed else blank

    def _searched(self, mention: Mention, claim: _Claim) -> Expression | None:
        if mention.spelled or _may_be_count(mention):
            return None
        stated = [f for m in claim.mentions if m is not mention and m.start not in self.ties and (f := self._traced(m))]
        years = frozenset() if PRIOR.search(claim.text) else claim.years
        return found_for(mention, claim.text, self.facts, stated, claim.words, years, claim.markers)

    def _traced(self, mention: Mention) -> Fact | None:
        """Return the figure of the passages that this one is, without a flaw; of several the one that the claim names best."""
        claim = self._claim_of(mention)
        met = [fact for fact in self.facts.all if self._flaws(mention, fact, claim) == ()]
        best = max(met, key=lambda fact: self._rank(fact, claim), default=None)
        if best is None or _digits(mention) >= _CERTAIN_DIGITS:
            return best
        return None if self.facts.is_of_another_row(best, claim.words, _NAMED) else best

    def _flawed(self, mention: Mention, claim: _Claim) -> tuple[Fact, tuple[Flaw, ...]] | None:
        """Return the figure that has the same digits but another sign, scale, currency or period, if digits are enough to say so."""
        if _digits(mention) < _SURE_DIGITS:
            return None
        found = [(fact, flaws) for fact in self.facts.all if (flaws := self._flaws(mention, fact, claim))]
        return max(found, key=lambda each: (-len(each[1]), *self._rank(each[0], claim)), default=None)

    def _flaws(self, mention: Mention, fact: Fact, claim: _Claim) -> tuple[Flaw, ...] | None:
        quantity = quantity_of(fact)
        flaws = flaws_against(mention, quantity)
        if flaws is None:
            return None
        if sign_is_wrong(mention, quantity.value, claim.text, fact.labels if fact.place.is_cell else claim.text):
            flaws = (*flaws, Flaw.SIGN)
        if (
            claim.years
            and fact.years
            and not claim.years & fact.years
            and not PRIOR.search(f"{claim.text} {self.question}")
        ):
            flaws = (*flaws, Flaw.PERIOD)
        return flaws

    def _rank(self, fact: Fact, claim: _Claim) -> tuple[float, ...]:
        named = self.facts.named(fact, claim.words) + 0.5 * bool(fact.years & claim.years)
        return (fact.place.marker in claim.markers, fact.place.is_cell, named, -fact.place.marker)

    def _standing(
        self, blank: Figure, fact: Fact, verdict: Verdict, flaws: tuple[Flaw, ...], mention: Mention | None = None
    ) -> Figure:
        source = Source.CELL if fact.place.is_cell else Source.SPAN
        found = Input(fact.text, quantity_of(fact).value, _unit_of(quantity_of(fact)), fact.place)
        right = ""
        if mention is not None and set(flaws) <= {Flaw.SIGN, Flaw.SCALE}:
            right = formats.corrected(mention, quantity_of(fact), self.notation)
        said = fact.unit.scale is not None
        return replace(
            blank, source=source, verdict=verdict, flaws=flaws, inputs=(found,), corrected=right, scale_said=said
        )

    def _computed(self, blank: Figure, mention: Mention, tie: _Tie) -> Figure:
        text = shown(tie.expression)
        operands = list(operands_of(tie.expression))
        unfounded = any(operand.is_unfounded for operand in operands) or not any(
            operand.fact or may_be_year(operand.text) for operand in operands
        )
        agrees = tie.agrees and not unfounded
        flaws: tuple[Flaw, ...] = ()
        if not tie.agrees:
            flaws = flaws_against(mention, tie.quantity) or (
                (Flaw.VALUE,) if flaws_against(mention, tie.quantity) is None else (Flaw.SIGN,)
            )
        right = "" if tie.agrees or unfounded else formats.corrected(mention, tie.quantity, self.notation)
        right = "" if right == mention.text else right
        return replace(
            blank,
            source=Source.NONE if unfounded else Source.COMPUTED,
            verdict=Verdict.COMPUTED if agrees else Verdict.UNFOUND if unfounded else Verdict.WRONG,
            flaws=flaws,
            corrected=right,
            expression=f"{text} = {formats.result(tie.quantity, mention, self.notation)}",
            exact=tie.quantity.value,
            by=tie.by,
            inputs=_inputs(text, operands),
            scale_said=tie.quantity.scale is not None or tie.quantity.is_ratio or tie.quantity.is_rate,
            tree=tie.expression,
        )


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


def _digits(mention: Mention) -> int:
    """Return how many digits of a figure say something: all but noughts at its ends."""
    return len(mention.printed.normalize().as_tuple().digits) if mention.value else 0


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
