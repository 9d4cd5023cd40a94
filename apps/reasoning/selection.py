"""Choose the passages that the model reads, and say of every other one why it does not. Pure."""

import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from apps.reasoning.effort import Limits, estimate_tokens
from apps.reasoning.models import CandidateReason
from apps.retrieval.passages import Passage, passage_object

_FRAME = 30  # tokens that the fences and the place of a passage take
_RULES = 600  # tokens of the instructions
_SURROUNDINGS = 200  # tokens of what stands around a passage
_DECIDED_FOR_THE_PROMPT = {
    CandidateReason.TOKEN_BUDGET,
    CandidateReason.LOW_PARSE_CONFIDENCE,
    CandidateReason.INSTRUCTION_LIKE,
}


@dataclass(frozen=True, slots=True)
class Considered:
    """A passage that was found: its number in the prompt if it was read, and what became of it."""

    passage: Passage
    rank: int
    reason: CandidateReason
    marker: int | None = None
    duplicate_of: int | None = None

    @property
    def stage(self) -> str:
        """Where its fate was decided."""
        if self.marker is not None or self.reason in _DECIDED_FOR_THE_PROMPT:
            return "prompt"
        return "rerank" if self.reason == CandidateReason.RERANK_CUT else "retrieve"


def considered_object(one: Considered) -> dict[str, Any]:
    """Return a passage that was considered as the REST contract shows it."""
    return {
        "rank": one.rank,
        "marker": one.marker,
        "stage": one.stage,
        "reason": one.reason.value,
        "duplicate_of": one.duplicate_of,
        "passage": passage_object(one.passage),
    }


def select(question: str, passages: Sequence[Passage], limits: Limits) -> list[Considered]:
    """Return every passage in order of rank. No suspicious one is read, and at least one of the others. Until the answer cites it,
    one that is read counts as `used_not_cited`."""
    room = limits.prompt - _RULES - estimate_tokens(question)
    read: list[Considered] = []
    fates: list[Considered] = []
    for rank, passage in enumerate(passages, start=1):
        if passage.duplicate_of is not None:
            fates.append(Considered(passage, rank, CandidateReason.DUPLICATE_OF, duplicate_of=passage.duplicate_of))
        elif passage.suspicious:
            fates.append(Considered(passage, rank, CandidateReason.INSTRUCTION_LIKE))
        elif passage.poor and len(read) >= max(limits.passages // 2, 1):
            fates.append(Considered(passage, rank, CandidateReason.LOW_PARSE_CONFIDENCE))
        elif len(read) >= limits.passages:
            fates.append(Considered(passage, rank, _why_below(passage, limits)))
        elif (cost := estimate_tokens(passage.text) + _FRAME) > room and read:
            fates.append(Considered(passage, rank, CandidateReason.TOKEN_BUDGET))
        else:
            room -= cost
            read.append(Considered(passage, rank, CandidateReason.USED_NOT_CITED))
    numbered = [replace(one, marker=marker) for marker, one in enumerate(_in_reading_order(read), start=1)]
    return sorted([*numbered, *fates], key=lambda one: one.rank)


def read_with_surroundings(question: str, considered: Sequence[Considered], limits: Limits) -> list[Passage]:
    """Return the passages, best first, for which there is still room to show what stands around them."""
    read = [one.passage for one in considered if one.marker is not None]
    taken = sum(estimate_tokens(passage.text) + _FRAME for passage in read)
    room = limits.prompt - _RULES - estimate_tokens(question) - taken
    return read[: max(room // _SURROUNDINGS, 0)]


def _why_below(passage: Passage, limits: Limits) -> CandidateReason:
    """Tell a passage that the second stage put too far down from one that was there before."""
    before = passage.ranks.fused
    return CandidateReason.RERANK_CUT if before is not None and before <= limits.passages else CandidateReason.BELOW_K


def passages_read(considered: Sequence[Considered]) -> list[Passage]:
    """Return the passages in the order of their numbers in the prompt."""
    numbered = [(one.marker, one.passage) for one in considered if one.marker is not None]
    return [passage for _, passage in sorted(numbered, key=lambda pair: pair[0])]


def with_citations(considered: Sequence[Considered], markers: set[int]) -> list[Considered]:
    """Return the same passages, those that the answer cites marked as used."""
    return [replace(one, reason=CandidateReason.USED) if one.marker in markers else one for one in considered]


def _in_reading_order(read: Sequence[Considered]) -> list[Considered]:
    """Return passages by document, the one most is read of first, and within one as its pages run.

    Questions about the same document then begin alike, and a server that keeps beginnings has read them already. What
    stands together is read together; rank is kept in `rank`, for people.
    """
    shares = Counter(one.passage.document_id for one in read)
    best: dict[uuid.UUID, int] = {}
    for one in read:
        best.setdefault(one.passage.document_id, one.rank)

    def place(one: Considered) -> tuple[int, int, int, int, float]:
        passage = one.passage
        document = passage.document_id
        top = passage.boxes[0][1] if passage.boxes else 0.0
        return -shares[document], best[document], passage.page or 0, passage.span[0] if passage.span else 0, top

    return sorted(read, key=place)
