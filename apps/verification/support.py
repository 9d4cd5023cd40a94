"""How far the cited passages bear a claim out, from 0 to 1, and where. What judges is behind one Protocol.

Without a model at hand it is told from words: how much of the claim, by what its words tell, stands close together in a passage, whether
its figures are there, and, where an embedder is given, how near the two are in meaning.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from apps.retrieval.embedding import Vectors
from apps.verification.exact import met_exactly
from apps.verification.reading import Place, Sources
from apps.verification.tokens import Token, tokens_of, without_marks

Embed = Callable[[Sequence[str]], Vectors]
"""Texts to rows of length 1, as `Embedder.embed_passages` gives them."""

_WITHOUT_VECTORS = (-1.0, 3.0, 0.0, -1.7)
_WITH_VECTORS = (-3.3, 2.0, 4.1, -1.7)
"""Constant, then the weights of coverage, of the cosine, and of the share of figures that stand in no cited passage.

From a logistic regression on half of two sets of claims judged by people and the training part of a third, rounded; how it does on the
other halves is in bench/README.md.
"""
_LONGEST = 900  # characters that are compared by vectors


@dataclass(frozen=True, slots=True)
class Support:
    """How far a claim is borne out: `score` from 0 to 1, and `places`, one a passage, the best first. `missing` are the words that none of
    them holds. `contradicted`: a model says that they say something else."""

    score: float
    places: tuple[Place, ...]
    missing: tuple[Token, ...]
    contradicted: bool = False


class Judge(Protocol):
    """Says of claims how far passages bear them out."""

    def judge(self, claims: Sequence[tuple[str, Sequence[int]]], sources: Sources) -> list[Support]:
        """Return one Support a claim; a claim is its text and the markers of the passages that it cites."""
        ...


class WordJudge:
    """Tells from words and, with an embedder, from vectors."""

    def __init__(self, embed: Embed | None = None) -> None:
        self._embed = embed

    def judge(self, claims: Sequence[tuple[str, Sequence[int]]], sources: Sources) -> list[Support]:
        read = [_Read(without_marks(text), markers, sources) for text, markers in claims]
        cosines = self._cosines(read, sources)
        return [each.support(cosine) for each, cosine in zip(read, cosines, strict=True)]

    def _cosines(self, read: "Sequence[_Read]", sources: Sources) -> list[float | None]:
        """Return for each claim the cosine with the place that is nearest to it; None without an embedder or a place."""
        if self._embed is None:
            return [None] * len(read)
        texts: dict[str, int] = {}
        for each in read:
            for text in (each.text, *each.texts(sources)):
                texts.setdefault(text, len(texts))
        if not texts:
            return []
        rows = self._embed(list(texts))
        return [
            max((float(rows[texts[each.text]] @ rows[texts[text]]) for text in each.texts(sources)), default=None)
            for each in read
        ]


class _Read:
    """A claim with where it stands in the passages that it cites. Its dates and figures are held where the passages have them in any notation."""

    def __init__(self, text: str, markers: Sequence[int], sources: Sources) -> None:
        self.text = text
        self.tokens = [token for token in tokens_of(text) if token.terms]
        self._wanted = sources.weigh(self.tokens)
        self.places = sources.places(self._wanted, markers)
        self._single = sources.places(self._wanted, markers, longest=1)
        cited = [sources.by_marker[marker] for marker in markers if marker in sources.by_marker]
        met = met_exactly(text, sources, markers)
        exact = [token for token in self.tokens if any(start <= token.start < end for start, end in met)]
        self._met = frozenset().union(*(token.terms for token in exact))
        self._known = self._met.union(*(source.terms | source.over for source in cited))
        self._held = self._met.union(*(place.terms | sources.by_marker[place.marker].over for place in self.places))

    def texts(self, sources: Sources) -> list[str]:
        return [sources.words_at(place)[:_LONGEST] for place in (*self._single[:2], *self.places[:2])]

    def support(self, cosine: float | None) -> Support:
        if not self.places:
            return Support(0.0, (), tuple(self.tokens))
        constant, by_coverage, by_cosine, by_figures = _WITHOUT_VECTORS if cosine is None else _WITH_VECTORS
        total = sum(self._wanted.values()) or 1.0
        coverage = sum(weight for term, weight in self._wanted.items() if term in self._held) / total
        figures = [token for token in self.tokens if token.is_figure]
        unfounded = sum(not token.terms & self._known for token in figures) / max(1, len(figures))
        log_odds = constant + by_coverage * coverage + by_cosine * (cosine or 0.0) + by_figures * unfounded
        missing = tuple(token for token in self.tokens if not token.terms & self._held)
        return Support(1 / (1 + math.exp(-log_odds)), tuple(self.places), missing)
