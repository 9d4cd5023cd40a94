"""LanguageModel: one verb, `stream`, and the values that go into it and come out of it. `client` implements it."""

from collections.abc import Generator
from dataclasses import dataclass, field
from typing import Any, Protocol

from apps.core.errors import Unavailable
from apps.serving.thinking import Piece


class ModelError(Unavailable):
    """The model did not answer as it should; `code` says how, `fault` names the cause where it is known (see `faults`)."""

    code = "model_failed"

    def __init__(self, detail: str, *, code: str | None = None, fault: str = "") -> None:
        super().__init__(detail, code=code)
        self.fault = fault


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
    """What is asked of a model. `continued` is a prompt as the chat template made it, with the beginning of the model's turn:
    the model goes on from its end, and `messages` are not sent. `extra` is sent as it is, for endpoints that know more
    fields than OpenAI's; `include_reasoning` and `response_format` are never among them, since vLLM takes the first as a sign
    that the reasoning is over, and a grammar binds from the first token where no parser finds the reasoning."""

    model: str
    messages: tuple[dict[str, str], ...]
    max_tokens: int
    temperature: float | None = None
    top_p: float | None = None
    seed: int | None = None
    thinking_budget: int | None = None
    opened_in_prompt: bool = False
    streaming: bool = True
    continued: str = ""
    extra: dict[str, Any] = field(default_factory=dict)

    @property
    def path(self) -> str:
        """Return where it goes, under the endpoint's base address."""
        return "completions" if self.continued else "chat/completions"

    def body(self) -> dict[str, Any]:
        """Return the JSON that goes over the wire."""
        # The template has written the tokens that open a prompt; the server must not add them again.
        asked = (
            {"prompt": self.continued, "add_special_tokens": False}
            if self.continued
            else {"messages": list(self.messages)}
        )
        body: dict[str, Any] = {
            "model": self.model,
            **asked,
            "max_tokens": self.max_tokens,
            "stream": self.streaming,
            **self.extra,
        }
        if self.streaming:
            body["stream_options"] = {"include_usage": True}
        optional = {
            "temperature": self.temperature,
            "top_p": self.top_p,
            "seed": self.seed,
            "thinking_token_budget": self.thinking_budget,
        }
        return body | {name: value for name, value in optional.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Begun:
    """The endpoint has taken the request. `sent` is the body as it went over the wire: each kind of endpoint gets its own."""

    request_id: str
    sent: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Prompted:
    """What the endpoint says of a request with its first words: how it calls it, the text that the model reads, and the
    tokens of that text; empty and None where it does not say."""

    request_id: str = ""
    text: str = ""
    tokens: int | None = None


@dataclass(frozen=True, slots=True)
class Tokens:
    """How many tokens the words just yielded were, counted one by one as the endpoint sent them. `reasoning` tokens include
    the closing tag."""

    count: int
    reasoning: bool


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
    """The end. `reason` is the endpoint's word: `stop`, `length`, or vLLM's `repetition`; `source` says where the reasoning
    was found, `fingerprint` with what build and settings the endpoint answered."""

    reason: str
    source: str
    fingerprint: str = ""


Delta = Piece | Begun | Prompted | Tokens | Waiting | Usage | Finish


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
