"""Steps: the searches of one question, one building on another, and what they found together.

Every step searches in the same scope and within the same filters. What they found is merged so that each keeps its best: after
the best of the question itself, the first of every step stand before the second of any.
"""

import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from apps.reasoning.planning import MOST_AT_ONCE, Search, first_searches, next_searches, searches_by_document
from apps.retrieval.analysis import terms_in_order
from apps.retrieval.passages import Passage, SearchResult

_T = TypeVar("_T")
_OWN_FIRST = 2  # passages of the question itself that stand before those of its steps
_OWN_FIRST_OF_UNNAMED = 6  # where no step is about a named thing or one document
_OF_EACH = 12  # passages that a step after the first brings in at most
_OF_ONE_DOCUMENT = 4

Look = Callable[[str, Sequence[uuid.UUID], int], SearchResult]
"""A search for words, in some documents only where there are any, for so many passages."""


@dataclass(frozen=True, slots=True)
class Step:
    """One search: what was looked for and why, and what it found, best first."""

    search: Search
    result: SearchResult
    seconds: float


def take_steps(
    question: str,
    look: Look,
    *,
    found: int,
    rounds: int,
    documents: Sequence[uuid.UUID] = (),
    why: str = "",
    proposed: Sequence[Search] = (),
) -> Iterator[Step]:
    """Yield the steps of a question as each is taken, that for the question itself first. `found` is how many passages that one
    may bring, `rounds` how often one search may build on another, `documents` those that were asked of; `why` says where the
    question is from, if it is not as it was asked; `proposed` are searches besides those by rule."""
    own = _taken(Search(question, why), look, found)
    yield own
    if rounds < 2:
        return
    if by_document := searches_by_document(question, documents, own.result.passages):
        yield from (_taken(search, look, _OF_ONE_DOCUMENT) for search in by_document)
        return
    apart = []
    for search in [*first_searches(question), *proposed][: 2 * MOST_AT_ONCE]:
        step = _taken(search, look, _OF_EACH)
        apart.append(step)
        yield step
    done: set[str] = {step.search.about.casefold() for step in apart if step.search.about}
    latest = [step for step in apart if step.search.about] or [own]
    for _round in range(rounds - 1):
        following = _alternating([next_searches(question, step.search, step.result.passages, done) for step in latest])
        latest = []
        for search in following[:MOST_AT_ONCE]:
            step = _about(_taken(search, look, _OF_EACH))
            if step.result.passages:
                latest.append(step)
                yield step


def merged(steps: Sequence[Step]) -> SearchResult:
    """Return what the steps found together: the best of the question itself, then the first of each, the second of each, and so
    on."""
    first = steps[0].result
    if len(steps) == 1:
        return first
    place: dict[uuid.UUID, int] = {}
    ordered: list[tuple[Passage, uuid.UUID | None]] = []
    own, *others = [_with_twins(step.result) for step in steps]
    named = any(step.search.about or step.search.documents for step in steps)
    before = _OWN_FIRST if named else _OWN_FIRST_OF_UNNAMED
    for passage, twin in [*own[:before], *_alternating([own[before:], *others])]:
        if passage.id not in place:
            place[passage.id] = len(ordered) + 1
            ordered.append((passage, twin))
    passages: list[Passage] = []
    folded: list[Passage] = []
    for rank, (passage, twin) in enumerate(ordered, start=1):
        kept = replace(passage, rank=rank, duplicate_of=place.get(twin) if twin else None)
        (folded if kept.duplicate_of is not None else passages).append(kept)
    return replace(
        first,
        passages=tuple(passages),
        folded=tuple(folded),
        legs=tuple(dict.fromkeys(leg for step in steps for leg in step.result.legs)),
        seconds=sum(step.result.seconds for step in steps),
    )


def took_apart(steps: Sequence[Step]) -> bool:
    """Return whether more was looked for than the question as it was asked."""
    return len(steps) > 1 or any(step.search.why for step in steps)


def step_objects(steps: Sequence[Step], together: SearchResult) -> list[dict[str, Any]]:
    """Return the steps as the answer keeps them, by the ranks that their passages have among all; none for a single search for what was
    asked."""
    if not took_apart(steps):
        return []
    ranks = {passage.id: passage.rank for passage in together.ranked}
    return [
        {
            "ordinal": ordinal,
            "question": step.search.question,
            "why": step.search.why,
            "found": len(step.result.passages),
            "passages": [ranks[passage.id] for passage in step.result.passages],
            "seconds": round(step.seconds, 3),
        }
        for ordinal, step in enumerate(steps, start=1)
    ]


def _taken(search: Search, look: Look, limit: int) -> Step:
    begun = time.monotonic()
    return Step(search, look(search.question, search.documents, limit), time.monotonic() - begun)


def _about(step: Step) -> Step:
    """Return a step with only those passages that name what it is about, by most of its words."""
    thing = set(terms_in_order(step.search.about, "en"))
    kept = [
        passage
        for passage in step.result.ranked
        if 2 * len(thing & set(terms_in_order(f"{passage.document_title} {passage.text}", "en"))) >= len(thing)
    ]
    named = replace(
        step.result,
        passages=tuple(p for p in kept if p.duplicate_of is None),
        folded=tuple(p for p in kept if p.duplicate_of is not None),
    )
    return replace(step, result=named)


def _with_twins(result: SearchResult) -> list[tuple[Passage, uuid.UUID | None]]:
    """Return what a search found in order, each with the id of the passage that says the same."""
    ids = {passage.rank: passage.id for passage in result.ranked}
    return [(passage, ids.get(passage.duplicate_of or 0)) for passage in result.ranked]


def _alternating(lists: Sequence[Sequence[_T]]) -> list[_T]:
    """Return the first of each list, then the second of each, and so on."""
    longest = max((len(each) for each in lists), default=0)
    return [each[at] for at in range(longest) for each in lists if at < len(each)]
