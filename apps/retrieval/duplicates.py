"""Passages that say the same are read once: each later one is folded into the first. Pure."""

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property

from apps.retrieval.passages import Passage

ALIKE = 0.9
"""Share of the runs of words that two texts must have in common. Their figures must be the same: one digit is another fact."""

_RUN = 4
_SHORTEST = 12  # words; what is shorter must be the same
_WORD = re.compile(r"\w+")
_FIGURE = re.compile(r"\w*\d\w*")


class _Said:
    """What a passage says, as far as others are compared with it: most part at the figures, so that runs are seldom needed."""

    def __init__(self, passage: Passage) -> None:
        text = passage.text.casefold()
        self.words = _WORD.findall(text)
        self.figures = frozenset(_FIGURE.findall(text))
        self.title = frozenset(_words(passage.document_title))

    @cached_property
    def runs(self) -> frozenset[tuple[str, ...]]:
        words = self.words
        return frozenset(tuple(words[start : start + _RUN]) for start in range(max(len(words) - _RUN + 1, 1)))

    def is_as(self, other: "_Said") -> bool:
        if self.words == other.words:
            return True
        if min(len(self.words), len(other.words)) < _SHORTEST or self.figures != other.figures:
            return False
        common = len(self.runs & other.runs)
        return common >= ALIKE * (len(self.runs) + len(other.runs) - common)


def fold(passages: Sequence[Passage], question: str) -> list[Passage]:
    """Return the passages with `duplicate_of`, the rank of an earlier one that says the same, where there is one.

    The same clause in two documents stays twice if the question names what tells their titles apart.
    """
    asked = frozenset(_words(question))
    firsts: list[tuple[int, _Said]] = []
    folded: list[Passage] = []
    for passage in passages:
        said = _Said(passage)
        same = next(
            (rank for rank, first in firsts if said.is_as(first) and not (said.title ^ first.title) & asked), None
        )
        if same is None:
            firsts.append((passage.rank, said))
        folded.append(passage if same is None else replace(passage, duplicate_of=same))
    return folded


def _words(text: str) -> list[str]:
    return _WORD.findall(text.casefold())
