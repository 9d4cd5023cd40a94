"""Have a model answer from passages, within a budget that holds whatever the endpoint does.

The endpoint is told the budget where it can keep one; the reasoning is counted here all the same. When it runs over, goes
round in a circle, or ends without an answer, the model is asked once more, for the final answer only, with what it has
noted. An answer never comes out empty: if even that fails, the caller is told so and quotes the passages instead.
"""

import re
import time
from collections.abc import Callable, Generator
from contextlib import closing
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any

from apps.reasoning import tally
from apps.reasoning.citations import MarkerReader
from apps.reasoning.effort import Limits, estimate_tokens
from apps.reasoning.events import AnswerDelta, AnswerReset, Event, ReasoningDelta
from apps.reasoning.loops import LoopWatch
from apps.reasoning.opening import Opening, OpeningReader
from apps.reasoning.prompts import Prompt, concluding
from apps.serving.catalogue import ModelEntry
from apps.serving.llm import Begun, ChatRequest, Delta, Finish, LanguageModel, ModelError, Usage
from apps.serving.thinking import Reasoning, Reclassified, Text, Unopened

_SLACK = 1.1
_SLACK_TOKENS = 48
_CONCLUDING_THOUGHT = 256
_NOTES = 6000  # characters of the reasoning that the second call is given: its end, where it had got to
_CITED_END = re.compile(r"\[\d{1,3}\][.!?。]?\s*$")


class End(Enum):
    """How the writing ended."""

    WHOLE = auto()
    CUT = auto()  # the answer ran out of its allowance
    LOOPED = auto()  # the answer began to repeat itself
    LATE = auto()  # the deadline came
    STOPPED = auto()  # the asker stopped it
    BROKEN = auto()  # the model failed
    EMPTY = auto()  # the model had its say and gave no answer
    AGAIN = auto()  # no answer came of this call: ask once more, for the answer only


@dataclass(frozen=True, slots=True)
class Draft:
    """What the model wrote. `text` has only markers of passages that exist; `usage` counts all calls together."""

    text: str
    opening: Opening
    reasoning: str
    reasoning_source: str
    reasoning_cut: bool
    end: End
    error: ModelError | None
    prompts: tuple[Prompt, ...]
    request: dict[str, Any]
    dropped_markers: int
    usage: dict[str, Any]
    first_token_seconds: float | None


@dataclass(frozen=True, slots=True)
class Asked:
    """A question made ready for one model. `keeps_budget`: the endpoint takes vLLM's fields."""

    prompt: Prompt
    passages: int
    name: str
    entry: ModelEntry
    limits: Limits
    keeps_budget: bool = False
    seed: int | None = None
    streaming: bool = True

    def request(self, prompt: Prompt, thinking: int) -> ChatRequest:
        """Return the call for a prompt with so many tokens to think in."""
        messages, extra = prompt.messages, {}
        if self.entry.think_prefix == "force":
            messages = (*messages, {"role": "assistant", "content": "<think>\n"})
            extra = {"add_generation_prompt": False, "continue_final_message": True}
        return ChatRequest(
            model=self.name,
            messages=messages,
            max_tokens=thinking + self.limits.answer,
            temperature=self.entry.temperature,
            top_p=self.entry.top_p,
            seed=self.seed if self.keeps_budget else None,
            thinking_budget=thinking if self.keeps_budget else None,
            opened_in_prompt=self.entry.think_prefix != "none",
            streaming=self.streaming,
            extra=extra,
        )


def reason(
    asked: Asked, model: LanguageModel, *, stopped: Callable[[], bool], deadline: float
) -> Generator[Event, None, Draft]:
    """Yield the events of the writing and return the draft. `deadline` is a moment of `time.monotonic`. Raises nothing of
    the model's: a failure is in the draft, with what there was before it."""
    writer = _Writer(asked, model, stopped, deadline)
    error: ModelError | None = None
    try:
        end = yield from writer.call(asked.prompt, asked.limits.thinking)
        if end is End.AGAIN:
            prompt = concluding(asked.prompt, writer.reasoning[-_NOTES:])
            end = yield from writer.call(prompt, min(_CONCLUDING_THOUGHT, asked.limits.thinking))
        if end is End.AGAIN:
            end = End.EMPTY
    except ModelError as failure:
        end, error = End.BROKEN, failure
    yield from writer.close()
    return writer.draft(end, error)


@dataclass(slots=True)
class _Writer:
    """The state of the writing: what has been thought and said, over one call or two."""

    asked: Asked
    model: LanguageModel
    stopped: Callable[[], bool]
    deadline: float
    reasoning: str = ""
    raw: str = ""
    shown: str = ""
    source: str = "none"
    cut: bool = False
    first: float | None = None
    finish: str = ""
    calls: list[tally.Call] = field(default_factory=list)
    prompts: list[Prompt] = field(default_factory=list)
    request: dict[str, Any] = field(default_factory=dict)
    _usage: Usage | None = None
    _thought: str = ""
    _allowance: int = 0
    _thought_tokens: int = 0
    _reader: MarkerReader = field(init=False)
    _opening: OpeningReader = field(init=False)
    _loops: LoopWatch = field(init=False)

    def __post_init__(self) -> None:
        self._begin_answer()

    def call(self, prompt: Prompt, thinking: int) -> Generator[Event, None, End]:
        """Make one call and return how it ended."""
        request = self.asked.request(prompt, thinking)
        self.prompts.append(prompt)
        self.request = self.request or {name: value for name, value in request.body().items() if name != "messages"}
        self._thought, self._usage, self.finish = "", None, ""
        self._allowance, self._thought_tokens = int(thinking * _SLACK) + _SLACK_TOKENS, 0
        self._begin_answer()
        try:
            return (yield from self._follow(request))
        finally:
            words = "\n".join(message["content"] for message in prompt.messages)
            self.calls.append(tally.Call(words, self._thought, self.raw, self._usage))

    def _follow(self, request: ChatRequest) -> Generator[Event, None, End]:
        begun = time.monotonic()
        with closing(self.model.stream(request)) as deltas:
            for delta in deltas:
                yield from self._take(delta, begun)
                if self.stopped():
                    return End.STOPPED
                if time.monotonic() > self.deadline:
                    return End.LATE
                if end := self._judge(delta):
                    return end
        return (yield from self._conclude())

    def close(self) -> Generator[Event, None, None]:
        """Show what was still held back of the answer."""
        yield from self._show(self._reader.feed(self._opening.close()) + self._reader.close())

    def draft(self, end: End, error: ModelError | None) -> Draft:
        if end is End.WHOLE and not self.shown.strip() and self._opening.opening is Opening.ANSWERED:
            end = End.EMPTY
        return Draft(
            text=self.shown.strip(),
            opening=self._opening.opening,
            reasoning=self.reasoning.strip(),
            reasoning_source=self.source,
            reasoning_cut=self.cut,
            end=end,
            error=error,
            prompts=tuple(self.prompts),
            request=self.request,
            dropped_markers=self._reader.dropped,
            usage=tally.total(self.calls),
            first_token_seconds=round(self.first, 3) if self.first is not None else None,
        )

    def _take(self, delta: Delta, begun: float) -> Generator[Event, None, None]:
        if self.first is None and isinstance(delta, Reasoning | Text):
            self.first = time.monotonic() - begun
        match delta:
            case Reasoning(text, source):
                self.source = source  # known from the first piece on, since a call may be cut before its end
                if not self._thought and self.reasoning:
                    text = f"\n\n{text}"
                self._thought += text
                self.reasoning += text
                if self._usage is None:  # else the endpoint counts along
                    self._thought_tokens += estimate_tokens(text)
                yield ReasoningDelta(text)
            case Text(text):
                yield from self._say(text)
            case Reclassified():
                thought, shown = self.raw, self.shown
                self._begin_answer()
                self._thought += thought
                self.reasoning += thought
                if shown:
                    yield AnswerReset("reasoning")
                yield ReasoningDelta(thought)
            case Unopened():
                yield from self._promote()
            case Usage():
                self._usage = delta
                if not self.raw and delta.completion_tokens:
                    self._thought_tokens = delta.completion_tokens
            case Finish(finish, source):
                self.finish = finish
                self.source = source if source != "none" or not self.reasoning else self.source
            case Begun(request_id) if request_id:
                self.request = self.request | {"request_id": request_id}
            case _:
                pass

    def _judge(self, delta: Delta) -> End | None:
        """Return an end that a piece brought about, None to go on."""
        if isinstance(delta, Reasoning) and not self.raw:
            if self._thought_tokens <= self._allowance and not self._loops.feed(delta.text):
                return None
            self.cut = True
            return End.AGAIN
        if isinstance(delta, Text) and self._loops.feed(delta.text):
            return End.LOOPED
        return None

    def _conclude(self) -> Generator[Event, None, End]:
        """Judge a call that ran to its end."""
        by_itself = self.finish == "stop"
        if not self.raw.strip() and by_itself and _CITED_END.search(self._thought):
            # Servers that were told not to let the model think file its answer under reasoning.
            yield from self._promote()
        if not self.raw.strip() and by_itself and self._thought.strip() and len(self.prompts) > 1:
            yield from self._promote()
        if self.raw.strip():
            return End.WHOLE if by_itself else End.CUT
        self.cut = self.cut or not by_itself
        return End.AGAIN

    def _promote(self) -> Generator[Event, None, None]:
        """Take what this call filed under reasoning for the answer that it is."""
        thought, self._thought = self._thought, ""
        self.reasoning = self.reasoning[: len(self.reasoning) - len(thought)]
        yield from self._say(thought)

    def _say(self, text: str) -> Generator[Event, None, None]:
        self.raw += text
        yield from self._show(self._reader.feed(self._opening.feed(text)))

    def _show(self, text: str) -> Generator[Event, None, None]:
        if not self.shown:
            text = text.lstrip()
        if text:
            self.shown += text
            yield AnswerDelta(text)

    def _begin_answer(self) -> None:
        self.raw = self.shown = ""
        self._reader, self._opening = MarkerReader(self.asked.passages), OpeningReader()
        self._loops = LoopWatch()
