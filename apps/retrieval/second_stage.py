"""The second stage without a model: how close together a passage has the question's words, and what its headings say. Pure.

Both are measured gains over the fused score alone, on questions that the weights were not chosen by (see bench/README.md).
"""

from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise

from apps.retrieval.analysis import terms_in_order
from apps.retrieval.keyword import WeighedWord

CLOSENESS, HEADINGS = 0.1, 0.05
"""What the two add to a fused score at most, unless a configuration says otherwise."""

_PLACES = 12  # of each word that are looked at


def judged(
    fused: float,
    words: Sequence[WeighedWord],
    text: str,
    context: str,
    language: str,
    *,
    closeness: float = CLOSENESS,
    headings: float = HEADINGS,
) -> float:
    """Return the score of a passage from its fused one, its text, and its context: title and headings.

    `closeness` and `headings` are what the two add at most.
    """
    total = sum(word.weight for word in words)
    if not total:
        return fused
    above = frozenset(terms_in_order(context, language))
    own = [word for word in words if above.isdisjoint(word.terms)]
    headed = total - sum(word.weight for word in own)
    return fused + closeness * _closeness(own, text, language) / total + headings * headed / total


def _closeness(words: Sequence[WeighedWord], text: str, language: str) -> float:
    """Return what pairs of neighbours in the question weigh by how near they stand in the text.

    Words that the headings hold are left out: a name that the whole document bears is no sign of the right page in it.
    """
    places: dict[str, list[int]] = defaultdict(list)
    for place, term in enumerate(terms_in_order(text, language)):
        if len(places[term]) < _PLACES:
            places[term].append(place)
    stands = [[place for term in word.terms for place in places.get(term, ())] for word in words]
    near = 0.0
    for (one, here), (other, there) in pairwise(zip(words, stands, strict=True)):
        if here and there:
            gap = min(abs(a - b) for a in here for b in there)
            near += min(one.weight, other.weight) / max(gap, 1)
    return near
