"""Asking a question as search is asked, and seeing where each leg has what answers it."""

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from apps.accounts.scope import Scope
from apps.evaluation.grounds import Found, Ground, places
from apps.evaluation.measures import measure
from apps.retrieval.configuration import Configuration
from apps.retrieval.passages import Passage
from apps.retrieval.search import search

LEGS: Mapping[str, Callable[[Passage], int | None]] = {
    "dense": lambda passage: passage.ranks.vector,
    "keyword": lambda passage: passage.ranks.keyword,
    "fused": lambda passage: passage.ranks.fused,
    "reranked": lambda passage: passage.rank,
}
"""The stages of a search, and the place of a passage after each. The last is what people see."""

LAST = "reranked"


@dataclass(frozen=True, slots=True)
class Asked:
    """What came of one question: by leg, the places of its grounds and the measures of that."""

    places: dict[str, list[int | None]]
    measures: dict[str, dict[str, float]]
    seconds: float
    reranker: str


def ask(
    scope: Scope, question: str, grounds: Sequence[Ground], *, collection: uuid.UUID, configuration: Configuration
) -> Asked:
    """Search one collection for what answers a question, and measure each leg. The documents of grounds are ids."""
    result = search(scope, question, collections=[collection], explain=True, configuration=configuration)
    found = {leg: places(_ranked(result.passages, place), grounds) for leg, place in LEGS.items()}
    grades = [ground.grade for ground in grounds]
    return Asked(
        places=found,
        measures={leg: measure(at, grades) for leg, at in found.items()},
        seconds=result.seconds,
        reranker=result.reranker,
    )


def _ranked(passages: Sequence[Passage], place: Callable[[Passage], int | None]) -> list[Found]:
    placed = sorted(
        ((at, passage) for passage in passages if (at := place(passage)) is not None), key=lambda each: each[0]
    )
    return [Found(str(passage.document_id), passage.page, passage.text, str(passage.id)) for _, passage in placed]
