"""Written: a finished answer as values, before it is stored. What the pipeline returns and the record seals."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from apps.accounts.scope import Scope
from apps.reasoning.claims import Claimed
from apps.reasoning.conversation import standalone
from apps.reasoning.models import AnswerStatus, Verdict
from apps.reasoning.prompts import Prompt
from apps.reasoning.quotes import Quoted
from apps.reasoning.selection import Considered
from apps.reasoning.turns import Turn
from apps.retrieval.within import Filters
from apps.verification.figures.lineage import Figure
from apps.verification.figures.objects import figure_objects
from apps.verification.sentences import Range


@dataclass(frozen=True, slots=True)
class Question:
    """What was asked, by whom, of what. `turns` are what came before it in its conversation."""

    id: uuid.UUID
    text: str
    scope: Scope
    collections: tuple[uuid.UUID, ...] = ()
    documents: tuple[uuid.UUID, ...] = ()
    filters: Filters = field(default_factory=Filters)
    effort: str = "standard"
    queued_seconds: float = 0.0
    turns: tuple[Turn, ...] = ()

    @property
    def by_itself(self) -> str:
        """Return what is asked, without need of what came before."""
        return standalone(self.text, self.turns)

    @property
    def prompted(self) -> str:
        """Return all that the prompt holds of the conversation, this question last."""
        return "\n".join([*(f"{turn.question}\n{turn.answer}" for turn in self.turns), self.text])


@dataclass(frozen=True, slots=True)
class Notice:
    """Why an answer is less than was asked for: a code, and a sentence for people."""

    code: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Judged:
    """A claim with what is said about it: the verdict and, in `why`, its reason.

    `unsupported` are the ranges of the answer's text that nothing bears out, `found_afterwards` the markers of passages that bear
    it out although the model did not cite them. `original` is what the model wrote where that is withheld.
    """

    claim: Claimed
    why: str
    verdict: Verdict = Verdict.UNCHECKED
    score: float | None = None
    unsupported: tuple[Range, ...] = ()
    found_afterwards: tuple[int, ...] = ()
    original: str = ""


@dataclass(frozen=True, slots=True)
class Written:
    """Everything about a finished answer. `error` is set, with status failed, where there is none.

    `original` is the text as the model wrote it, where a part of that is withheld. Steps, conflicts, suspicious passages and the
    trace are as the REST contract shows them.
    """

    status: AnswerStatus = AnswerStatus.DONE
    outcome: str = ""
    text: str = ""
    original: str = ""
    notice: Notice = field(default_factory=Notice)
    error: Notice = field(default_factory=Notice)
    reasoning: str = ""
    reasoning_source: str = "none"
    reasoning_cut: bool = False
    considered: Sequence[Considered] = ()
    claims: Sequence[Judged] = ()
    citations: Sequence[Quoted] = ()
    figures: Sequence[Figure] = ()
    steps: Sequence[dict[str, Any]] = ()
    conflicts: Sequence[dict[str, Any]] = ()
    suspicious: Sequence[dict[str, Any]] = ()
    trace: Sequence[dict[str, Any]] = ()
    trace_notes: Sequence[dict[str, Any]] = ()
    prompts: Sequence[Prompt] = ()
    model: dict[str, Any] = field(default_factory=dict)
    usage: dict[str, Any] = field(default_factory=dict)
    searched: int = 0
    index_generation: str = ""
    absence: dict[str, Any] | None = None


def judged_object(ordinal: int, judged: Judged) -> dict[str, Any]:
    """Return a claim as the REST contract shows it."""
    return {
        "ordinal": ordinal,
        "text": judged.claim.text,
        "start": judged.claim.start,
        "end": judged.claim.end,
        "markers": list(judged.claim.markers),
        "verdict": judged.verdict.value,
        "score": judged.score,
        "why": judged.why,
        "unsupported": [list(each) for each in judged.unsupported],
        "found_afterwards": list(judged.found_afterwards),
    }


def ledger_objects(figures: Sequence[Figure], claims: Sequence[Judged]) -> list[dict[str, Any]]:
    """Return the figures of an answer as the REST contract shows them, each with the ordinal of the claim that it stands in."""
    return [
        {"ordinal": ordinal, "claim": _claim_with(figure, claims), **lineage}
        for ordinal, (figure, lineage) in enumerate(zip(figures, figure_objects(figures), strict=True), start=1)
    ]


def _claim_with(figure: Figure, claims: Sequence[Judged]) -> int | None:
    return next(
        (n for n, judged in enumerate(claims, start=1) if judged.claim.start <= figure.start < judged.claim.end), None
    )
