"""Find what a figure may stand for in the passages: by its digits, and among several by the words that name it."""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from decimal import Decimal

from apps.documents.tables.numbers import FigureKind
from apps.verification.figures.calculations import Literal, as_constant
from apps.verification.figures.expressions import Operand
from apps.verification.figures.grounds import Fact
from apps.verification.figures.mentions import Mention
from apps.verification.figures.quantities import Quantity, quantity_of

ONE = Decimal(1)
_COMMON = frozenset(
    [
        "the",
        "of",
        "and",
        "in",
        "for",
        "to",
        "on",
        "by",
        "from",
        "was",
        "is",
        "are",
        "were",
        "at",
        "an",
        "as",
        "with",
        "its",
        "that",
        "this",
        "total",
        "und",
        "der",
        "die",
        "das",
        "des",
        "von",
        "im",
        "le",
        "la",
        "les",
        "de",
        "du",
    ]
)


def words_of(text: str) -> frozenset[str]:
    """Return the words by which a figure may be named; of scripts without blanks pairs of characters."""
    words: set[str] = set()
    for match in re.finditer(r"[^\W\d_]+", text.casefold()):
        word = match[0]
        if re.search(r"[぀-ヿ一-鿿가-힯]", word):
            words |= {word[i : i + 2] for i in range(max(1, len(word) - 1))}
        elif len(word) > 1 and word not in _COMMON:
            words.add(_stem(word))
    return frozenset(words)


def _stem(word: str) -> str:
    for ending in ("ies", "es", "s"):
        if word.endswith(ending) and len(word) > len(ending) + 3:
            return word[: -len(ending)] + ("y" if ending == "ies" else "")
    return word


class Facts:
    """The figures of the passages, found by their digits."""

    def __init__(self, facts: Sequence[Fact]) -> None:
        self.all = tuple(facts)
        self._by_digits: defaultdict[Decimal, list[Fact]] = defaultdict(list)
        self._words = {id(fact): words_of(fact.labels) for fact in facts}
        self._rows = {id(fact): words_of(" ".join(fact.place.row_path)) for fact in facts if fact.place.is_cell}
        self._distinct_rows = {row for row in self._rows.values() if row}
        for fact in facts:
            for value in {abs(fact.value), abs(quantity_of(fact).value)}:
                self._by_digits[value].append(fact)

    def like(self, mention: Mention) -> list[Fact]:
        """Return the facts that are the same number, as printed or in full, whatever their signs."""
        found = {
            id(f): f for value in {abs(mention.printed), abs(mention.value)} for f in self._by_digits.get(value, ())
        }
        return list(found.values())

    def named(self, fact: Fact, words: frozenset[str]) -> float:
        """Return which share of a fact's labels is among the words, from 0 to 1."""
        own = self._words[id(fact)]
        return len(own & words) / len(own) if own else 0.0

    def is_of_another_row(self, fact: Fact, words: frozenset[str], enough: float) -> bool:
        """Return whether the words name the row of some other cell, and nothing of this one's."""
        row = self._rows.get(id(fact), frozenset())
        return bool(row) and not row & words and any(len(r & words) >= enough * len(r) for r in self._distinct_rows)


class Resolver:
    """Resolves the figures of one calculation; those of one table, row or column go together."""

    def __init__(self, facts: Facts, words: frozenset[str], years: frozenset[int], markers: Iterable[int]) -> None:
        self.facts, self.words, self.years, self.markers = facts, words, years, frozenset(markers)
        self.chosen: list[Fact] = []

    def __call__(self, literal: Literal) -> Operand:
        mention = literal.mention
        found = [fact for fact in self.facts.like(mention) if _of_one_kind(mention, fact)]
        if not found:
            return as_constant(mention) or Operand(mention.text, _unfounded(mention))
        best = max(found, key=lambda fact: self._rank(fact, literal))
        self.chosen.append(best)
        quantity = quantity_of(best)
        if (quantity.value < 0) != (mention.value < 0):
            quantity = replace(quantity, value=-quantity.value)
        return Operand(mention.text, quantity, best)

    def _rank(self, fact: Fact, literal: Literal) -> tuple[float, ...]:
        place = fact.place
        fresh = fact not in self.chosen
        together = sum(
            (each.place.table, each.place.marker) == (place.table, place.marker)
            and (each.place.row == place.row or each.place.column == place.column)
            for each in self.chosen
        )
        return (
            place.marker == literal.marker,
            place.marker in self.markers,
            fresh,
            place.is_cell,
            self.facts.named(fact, self.words) + 0.5 * bool(fact.years & self.years) + 0.4 * min(together, 2),
        )


def _of_one_kind(mention: Mention, fact: Fact) -> bool:
    """Whether a figure of a calculation can be that of the passage: a percentage is no amount of money."""
    if mention.is_rate and mention.kind is not FigureKind.MULTIPLE:
        return quantity_of(fact).is_rate or not (fact.unit.currency or fact.unit.scale not in (None, ONE))
    return not (mention.currency and quantity_of(fact).is_rate)


def _unfounded(mention: Mention) -> Quantity:
    """Return a figure of a calculation that stands in no passage, as it is written."""
    if mention.is_rate and mention.kind is not FigureKind.MULTIPLE:
        return Quantity(mention.value, mention.kind)
    return Quantity(mention.value, currency=mention.currency, scale=mention.scale if mention.scale != 1 else None)
