"""An answer with its claims, its figures and the figures of the passages that it may have them from."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from apps.documents.tables.numbers import Notation
from apps.verification.figures.grounds import Fact, Ground, facts_of
from apps.verification.figures.lookup import Facts, words_of
from apps.verification.figures.mentions import Mention, mentions_in, notations_of
from apps.verification.figures.numbering import years_in
from apps.verification.figures.proposals import calculation_lines
from apps.verification.figures.quantities import Flaw, Quantity, flaws_against, quantity_of
from apps.verification.figures.signs import sign_is_wrong
from apps.verification.figures.words import PRIOR

_SURE_DIGITS = 3
"""A figure of so many digits that departs from one of the passages in sign or scale alone is meant to be that one."""
CERTAIN_DIGITS = 4
"""A figure of so many digits stands in a cell by chance hardly ever, whatever the words around it."""
_NAMED = 0.6
"""A claim that holds this share of the words of a row means that row."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim of the answer: `words` and `years` are those by which it names figures, the question's among them."""

    start: int
    end: int
    text: str
    markers: frozenset[int]
    words: frozenset[str]
    years: frozenset[int]
    mentions: tuple[Mention, ...]


class Reading:
    """Traces the figures of an answer to those of the passages."""

    def __init__(
        self,
        answer: str,
        claims: Sequence[tuple[int, int, Sequence[int]]],
        grounds: Mapping[int, Ground],
        question: str,
    ) -> None:
        self.answer, self.question = answer, question
        self.facts = Facts(facts_of(grounds))
        self._worth = {id(fact): quantity_of(fact) for fact in self.facts.all}
        self._ranges = claims
        first, *others = notations_of(answer)
        self._read_in(first)
        if others and not any(map(self.traced, self.mentions)):
            self._read_in(others[0])
            # Beside a scale the other reading would make a right figure of one that is a thousand times too large.
            if not any(self.traced(m) for m in self.mentions if m.scale == 1 and not (m.bare or m.currency)):
                self._read_in(first)

    def _read_in(self, notation: Notation) -> None:
        self.notation = notation
        self._traced: dict[int, Fact | None] = {}
        hidden = calculation_lines(self.answer)
        self.mentions = [
            mention
            for mention in mentions_in(self.answer, notation)
            if not any(start <= mention.start < end for start, end in hidden)
        ]
        self.claims = [self._claim(*claim) for claim in self._ranges]

    def _claim(self, start: int, end: int, markers: Iterable[int]) -> Claim:
        text = self.answer[start:end]
        return Claim(
            start,
            end,
            text,
            frozenset(markers),
            words_of(f"{text} {self.question}"),
            years_in(text) or years_in(self.question),
            tuple(mention for mention in self.mentions if start <= mention.start < end),
        )

    def claim_of(self, mention: Mention) -> Claim:
        """Return the claim in which a figure stands; its line, where it stands in none."""
        for claim in self.claims:
            if claim.start <= mention.start < claim.end:
                return claim
        start = self.answer.rfind("\n", 0, mention.start) + 1
        end = self.answer.find("\n", mention.end)
        return self._claim(start, len(self.answer) if end < 0 else end, ())

    def traced(self, mention: Mention) -> Fact | None:
        """Return the figure of the passages that this one is, without a flaw; of several the one that the claim names best."""
        if mention.start not in self._traced:
            self._traced[mention.start] = self._trace(mention)
        return self._traced[mention.start]

    def _trace(self, mention: Mention) -> Fact | None:
        claim = self.claim_of(mention)
        met = [fact for fact in self.facts.all if self._flaws(mention, fact, claim) == ()]
        best = max(met, key=lambda fact: self._rank(fact, claim), default=None)
        if best is None:
            return None
        return None if self.facts.is_of_another_row(best, claim.words, _NAMED) else best

    def flawed(self, mention: Mention) -> tuple[Fact, tuple[Flaw, ...]] | None:
        """Return the figure with the same digits but another sign, scale, currency or period, if digits are enough to say so."""
        if digits_of(mention) < _SURE_DIGITS:
            return None
        claim = self.claim_of(mention)
        found = [(fact, flaws) for fact in self.facts.all if (flaws := self._flaws(mention, fact, claim))]
        return max(found, key=lambda each: (-len(each[1]), *self._rank(each[0], claim)), default=None)

    def agrees(self, mention: Mention, quantity: Quantity, *, is_rise: bool | None) -> bool:
        """Return whether a figure is a computed value as its claim tells it; for `is_rise` see `sign_is_wrong`."""
        if flaws_against(mention, quantity) != ():
            return False
        return not sign_is_wrong(mention, quantity.value, self.claim_of(mention).text, is_rise=is_rise)

    def _flaws(self, mention: Mention, fact: Fact, claim: Claim) -> tuple[Flaw, ...] | None:
        quantity = self._worth[id(fact)]
        flaws = flaws_against(mention, quantity)
        if flaws is None:
            return None
        if sign_is_wrong(mention, quantity.value, claim.text, fact.labels if fact.place.is_cell else claim.text):
            flaws = (*flaws, Flaw.SIGN)
        is_of_other_years = claim.years and fact.years and not claim.years & fact.years
        if is_of_other_years and not PRIOR.search(f"{claim.text} {self.question}"):
            flaws = (*flaws, Flaw.PERIOD)
        return flaws

    def _rank(self, fact: Fact, claim: Claim) -> tuple[float, ...]:
        named = self.facts.named(fact, claim.words) + 0.5 * bool(fact.years & claim.years)
        return (fact.place.marker in claim.markers, fact.place.is_cell, named, -fact.place.marker)


def digits_of(mention: Mention) -> int:
    """Return how many digits of a figure say something: all but noughts at its ends."""
    return len(mention.printed.normalize().as_tuple().digits) if mention.value else 0
