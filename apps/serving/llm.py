"""LanguageModel: one verb, `stream`, and the values that go into it and come out of it. `client` implements it."""

from collections.abc import Generator
from dataclasses import dataclass, field
from typing import Any, Protocol

from apps.core.errors import Unavailable
from apps.serving.thinking import Piece


class ModelError(Unavailable):
    """The model did not answer as it should; `code` says how."""

    code = "model_failed"


class ModelDown(ModelError):
    """Nobody answers at the endpoint, or it is overloaded and stays so."""

    code = "model_down"


class ModelSilent(ModelError):
    """The endpoint took the question and then sent nothing for too long."""

    code = "model_silent"


class ModelDisconnected(ModelError):
    """The connection ended in the middle of an answer."""

    code = "model_disconnected"


class ModelRefused(ModelError):
    """The endpoint will not take this request, and will not take it again."""

    code = "model_refused"


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """What is asked of a model. `thinking_budget` goes to endpoints that honour it, and so does `counts_along`: usage with
    every chunk, so that a call which is cut short is counted too. `extra` is sent as it is."""

    model: str
    messages: tuple[dict[str, str], ...]
    max_tokens: int
    temperature: float | None = None
    top_p: float | None = None
    seed: int | None = None
    thinking_budget: int | None = None
    counts_along: bool = False
    opened_in_prompt: bool = False
    streaming: bool = True
    extra: dict[str, Any] = field(default_factory=dict)

    def body(self) -> dict[str, Any]:
        """Return the JSON that goes over the wire."""
        body: dict[str, Any] = {
            "model": self.model,
            "messages": list(self.messages),
            "max_tokens": self.max_tokens,
            "stream": self.streaming,
            **self.extra,
        }
        if self.streaming:
            along = {"continuous_usage_stats": True} if self.counts_along else {}
            body["stream_options"] = {"include_usage": True} | along
        optional = {
            "temperature": self.temperature,
            "top_p": self.top_p,
            "seed": self.seed,
            "thinking_token_budget": self.thinking_budget,
        }
        return body | {name: value for name, value in optional.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Begun:
    """The endpoint has taken the request."""

    request_id: str
    fingerprint: str = ""


@dataclass(frozen=True, slots=True)
class Waiting:
    """Nothing came for a moment; the caller may look up."""


@dataclass(frozen=True, slots=True)
class Usage:
    """What the endpoint counted. None: it did not say."""

    prompt_tokens: int | None = None
    cached_tokens: int | None = None
    completion_tokens: int | None = None
    reasoning_tokens: int | None = None


@dataclass(frozen=True, slots=True)
class Finish:
    """The end. `reason` is the endpoint's word: `stop`, `length`; `source` says where the reasoning was found."""

    reason: str
    source: str


Delta = Piece | Begun | Waiting | Usage | Finish


@dataclass(frozen=True, slots=True)
class ServedModel:
    """A model that an endpoint lists."""

    name: str
    owner: str = ""
    context: int = 0


class LanguageModel(Protocol):
    def stream(self, request: ChatRequest) -> Generator[Delta, None, None]:
        """Yield what the model writes, ending with `Finish`. Raises `ModelError`. Closing it stops the model."""
        ...

    def list_models(self) -> list[ServedModel]:
        """Return the models that can be asked. Raises `ModelError`."""
        ...
