"""The typed events of an answer. The same stream feeds the browser, the REST interface and the stored answer."""

import json
from dataclasses import asdict, dataclass
from typing import Any, ClassVar


@dataclass(frozen=True, slots=True)
class StatusChanged:
    """`figures` are what the step has to show, such as `{"passages": 42, "seconds": 0.4}`."""

    name: ClassVar[str] = "status"
    status: str
    figures: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Retrieved:
    name: ClassVar[str] = "retrieved"
    candidates: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class ReasoningDelta:
    name: ClassVar[str] = "reasoning"
    delta: str


@dataclass(frozen=True, slots=True)
class AnswerDelta:
    name: ClassVar[str] = "answer"
    delta: str


@dataclass(frozen=True, slots=True)
class AnswerReset:
    """What was streamed of the answer is void: it is written anew from here (the model stopped midway)."""

    name: ClassVar[str] = "reset"
    why: str


@dataclass(frozen=True, slots=True)
class Restarted:
    """What was streamed of the reasoning is void: another endpoint begins anew from here (the first one failed)."""

    name: ClassVar[str] = "restart"
    why: str


@dataclass(frozen=True, slots=True)
class Claimed:
    name: ClassVar[str] = "claim"
    claim: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Figured:
    """A figure of the answer with its lineage."""

    name: ClassVar[str] = "figure"
    figure: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Conflicted:
    """Two passages that give different values for the same thing."""

    name: ClassVar[str] = "conflict"
    conflict: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Done:
    """The stored answer's id; readers load the Answer object itself."""

    name: ClassVar[str] = "done"
    answer: str


@dataclass(frozen=True, slots=True)
class Failed:
    name: ClassVar[str] = "error"
    code: str
    detail: str


Event = (
    StatusChanged
    | Retrieved
    | ReasoningDelta
    | AnswerDelta
    | AnswerReset
    | Restarted
    | Claimed
    | Figured
    | Conflicted
    | Done
    | Failed
)
_KINDS: dict[str, type[Event]] = {
    kind.name: kind
    for kind in (
        StatusChanged,
        Retrieved,
        ReasoningDelta,
        AnswerDelta,
        AnswerReset,
        Restarted,
        Claimed,
        Figured,
        Conflicted,
        Done,
        Failed,
    )
}


def to_wire(event: Event) -> dict[str, str]:
    """Return an event as the two fields that the stream stores."""
    return {"event": event.name, "data": json.dumps(asdict(event), ensure_ascii=False, separators=(",", ":"))}


def from_wire(fields: dict[str, str]) -> Event:
    """Return the event that `to_wire` wrote; raises KeyError for a name that is not in the vocabulary."""
    return _KINDS[fields["event"]](**json.loads(fields["data"]))
