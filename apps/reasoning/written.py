"""Written: a finished answer as values, before it is stored. What the pipeline returns and the record seals."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from apps.accounts.scope import Scope
from apps.reasoning.claims import Claimed
from apps.reasoning.models import AnswerStatus
from apps.reasoning.prompts import Prompt
from apps.reasoning.quotes import Quoted
from apps.reasoning.selection import Considered
from apps.retrieval.within import Filters


@dataclass(frozen=True, slots=True)
class Question:
    """What was asked, by whom, of what."""

    id: uuid.UUID
    text: str
    scope: Scope
    collections: tuple[uuid.UUID, ...] = ()
    documents: tuple[uuid.UUID, ...] = ()
    filters: Filters = field(default_factory=Filters)
    effort: str = "standard"
    queued_seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Notice:
    """Why an answer is less than was asked for: a code, and a sentence for people."""

    code: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Judged:
    """A claim with what is said about it. It was not verified, and `why` says so."""

    claim: Claimed
    why: str


@dataclass(frozen=True, slots=True)
class Written:
    """Everything about a finished answer. `error` is set, with status failed, where there is none."""

    status: AnswerStatus = AnswerStatus.DONE
    outcome: str = ""
    text: str = ""
    notice: Notice = field(default_factory=Notice)
    error: Notice = field(default_factory=Notice)
    reasoning: str = ""
    reasoning_source: str = "none"
    reasoning_cut: bool = False
    considered: Sequence[Considered] = ()
    claims: Sequence[Judged] = ()
    citations: Sequence[Quoted] = ()
    prompts: Sequence[Prompt] = ()
    model: dict[str, Any] = field(default_factory=dict)
    usage: dict[str, Any] = field(default_factory=dict)
    searched: int = 0
    index_generation: str = ""
    absence: dict[str, Any] | None = None
