"""Have a model answer from passages, within a budget that holds whatever the endpoint does.

The endpoint is told the budget where it can keep one; the reasoning is counted here all the same. When it runs over, goes
round in a circle, or ends without an answer, the model is asked once more, for the final answer only, with what it has
noted. An answer never comes out empty: if even that fails, the caller is told so and quotes the passages instead.
"""

import re
import time
from collections.abc import Callable, Generator
from contextlib import closing
from dataclasses import dataclass, field, replace
from enum import Enum, auto
from typing import Any

from apps.reasoning import tally
from apps.reasoning.asked import Asked, Call
from apps.reasoning.calculations import Calculation
from apps.reasoning.events import AnswerDelta, AnswerReset, Event, ReasoningDelta
from apps.reasoning.loops import LoopWatch, before_loop
from apps.reasoning.opening import Opening, OpeningReader
from apps.reasoning.prompts import Prompt
from apps.reasoning.saying import Saying
from apps.serving.llm import Begun, Delta, Finish, LanguageModel, ModelError, ModelRefused, Prompted
from apps.serving.thinking import Reasoning, Reclassified, Text, Unopened

_CITED_END = re.compile(r"\[\d{1,3}\][.!?。]?\s*$")
# A call of a tool that was never offered ends what was said all the same.
_BY_ITSELF = {"stop", "eos", "end_turn", "tool_calls", "function_call"}


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
    """What the model wrote. `text` has only markers of passages that exist, and none of its `calculations`; `usage` counts all
    calls together."""

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
    calculations: tuple[Calculation, ...] = ()


def reason(
    asked: Asked, model: LanguageModel, *, stopped: Callable[[], bool], deadline: float
) -> Generator[Event, None, Draft]:
    """Yield the events of the writing and return the draft. `deadline` is a moment of `time.monotonic`. Raises nothing of
    the model's: a failure is in the draft, with what there was before it."""
    writer = _Writer(asked, model, stopped, deadline)
    error: ModelError | None = None
    try:
        end = yield from writer.call(asked.first())
        if end is End.AGAIN:
            end = yield from writer.conclude()
    except ModelError as failure:
        end, error = End.BROKEN, failure
    yield from writer.close()
    return writer.draft(end, error)


@dataclass(slots=True)
class _Writer:
    """The state of the writing: what has been thought and said, over one call or more."""

    asked: Asked
    model: LanguageModel
    stopped: Callable[[], bool]
    deadline: float
    reasoning: str = ""
    source: str = "none"
    cut: bool = False
    first: float | None = None
    finish: str = ""
    spent: list[tally.Spent] = field(default_factory=list)
    prompts: list[Prompt] = field(default_factory=list)
    request: dict[str, Any] = field(default_factory=dict)
    _thought: str = ""
    _saying: Saying = field(init=False)
    _meter: tally.Meter = field(init=False)
    _loops: LoopWatch = field(init=False)

    def __post_init__(self) -> None:
        self._begin_answer()

    def call(self, call: Call) -> Generator[Event, None, End]:
        """Make one call and return how it ended."""
        self.prompts.append(call.prompt)
        self.request = self.request or call.parameters()
        self._thought, self.finish = "", ""
        self._meter = tally.Meter(call.thinking)
        self._begin_answer()
        try:
            return (yield from self._follow(call))
        finally:
            words = call.request.continued or "\n".join(message["content"] for message in call.request.messages)
            self.spent.append(tally.Spent(words, self._thought, self._saying.raw, self._meter))

    def conclude(self) -> Generator[Event, None, End]:
        """Ask for the final answer, in the way that lets the model go on where it was if the endpoint has such a way."""
        reasoning = before_loop(self.reasoning)
        if going_on := self.asked.last_from(self.prompts[0].text, reasoning):
            try:
                end = yield from self.call(going_on)
            except ModelRefused:
                end = End.AGAIN
            if end is not End.AGAIN:
                return end
        end = yield from self.call(self.asked.last(reasoning))
        return End.EMPTY if end is End.AGAIN else end

    def close(self) -> Generator[Event, None, None]:
        """Show what was still held back of the answer."""
        if text := self._saying.close():
            yield AnswerDelta(text)

    def draft(self, end: End, error: ModelError | None) -> Draft:
        said = self._saying
        if end is End.WHOLE and not said.shown.strip() and said.opening is Opening.ANSWERED:
            end = End.EMPTY
        return Draft(
            text=said.shown.strip(),
            opening=said.opening,
            reasoning=self.reasoning.strip(),
            reasoning_source=self.source,
            reasoning_cut=self.cut,
            end=end,
            error=error,
            prompts=tuple(self.prompts),
            request=self.request,
            dropped_markers=said.dropped,
            usage=tally.total(self.spent),
            first_token_seconds=round(self.first, 3) if self.first is not None else None,
            calculations=said.calculations,
        )

    def _follow(self, call: Call) -> Generator[Event, None, End]:
        begun = time.monotonic()
        with closing(self.model.stream(call.request)) as deltas:
            for delta in deltas:
                if self.first is None and isinstance(delta, Reasoning | Text):
                    self.first = time.monotonic() - begun
                self._note(delta, call)
                yield from self._take(delta)
                if self.stopped():
                    return End.STOPPED
                if time.monotonic() > self.deadline:
                    return End.LATE
                if end := self._judge(delta):
                    return end
        return (yield from self._conclude(call))

    def _note(self, delta: Delta, call: Call) -> None:
        """Keep what a piece says of the call rather than of the answer."""
        self._meter.take(delta, answering=bool(self._saying.raw))
        match delta:
            case Prompted(request_id, text):
                self.prompts[-1] = replace(self.prompts[-1], text=text or self.prompts[-1].text)
                self._name(request_id)
            case Begun(request_id, sent):
                if sent and len(self.prompts) == 1:
                    self.request = call.parameters(sent)
                self._name(request_id)
            case Finish(finish, source, fingerprint):
                self.finish = finish
                self.source = source if source != "none" or not self.reasoning else self.source
                self.request = self.request | ({"system_fingerprint": fingerprint} if fingerprint else {})
            case _:
                pass

    def _name(self, request_id: str) -> None:
        """Keep the name under which the endpoint's own log knows the first call."""
        if request_id and "request_id" not in self.request:
            self.request = self.request | {"request_id": request_id}

    def _take(self, delta: Delta) -> Generator[Event, None, None]:
        match delta:
            case Reasoning(text, source):
                self.source = source  # known from the first piece on, since a call may be cut before its end
                if not self._thought and self.reasoning:
                    text = f"\n\n{text}"
                yield from self._think(text)
            case Text(text):
                yield from self._say(text)
            case Reclassified():
                said = self._saying
                self._begin_answer()
                self._meter.file_as_reasoning()
                if said.shown:
                    yield AnswerReset("reasoning")
                yield from self._think(said.raw)
            case Unopened() if self._reads_as_answer():
                yield from self._promote()
            case _:
                pass

    def _judge(self, delta: Delta) -> End | None:
        """Return an end that a piece brought about, None to go on."""
        if isinstance(delta, Reasoning | Text) and self._loops.feed(delta.text):
            if self._saying.raw:
                return End.LOOPED
            self.cut = True
            return End.AGAIN
        if not self._saying.raw and self._thought and self._meter.is_over:
            self.cut = True
            return End.AGAIN
        return None

    def _conclude(self, call: Call) -> Generator[Event, None, End]:
        """Judge a call that ran to its end."""
        if self.finish == "content_filter":
            raise ModelRefused("The endpoint's filter stopped the answer.")
        by_itself = self.finish in _BY_ITSELF
        if not self._saying.raw.strip() and by_itself and self._reads_as_answer():
            # Servers that were told not to let the model think file its answer under reasoning.
            yield from self._promote()
        if self._saying.raw.strip():
            if self.finish == "repetition":
                return End.LOOPED
            return End.WHOLE if by_itself else End.CUT
        self.cut = self.cut or not by_itself
        return End.AGAIN

    def _reads_as_answer(self) -> bool:
        """Return whether what came as reasoning must be the answer: it cites, it says that the passages do not answer, or
        it is all that came when only the answer was asked for."""
        opening = OpeningReader()
        opening.feed(self._thought)
        again = len(self.prompts) > 1 and bool(self._thought.strip())
        return again or bool(_CITED_END.search(self._thought)) or opening.opening is not Opening.ANSWERED

    def _promote(self) -> Generator[Event, None, None]:
        """Take what this call filed under reasoning for the answer that it is."""
        thought, self._thought = self._thought, ""
        self.reasoning = self.reasoning[: len(self.reasoning) - len(thought)]
        self._meter.file_as_answer()
        yield from self._say(thought)

    def _think(self, text: str) -> Generator[Event, None, None]:
        self._thought += text
        self.reasoning += text
        yield ReasoningDelta(text)

    def _say(self, text: str) -> Generator[Event, None, None]:
        if shown := self._saying.feed(text):
            yield AnswerDelta(shown)

    def _begin_answer(self) -> None:
        self._saying = Saying(self.asked.passages)
        self._loops = LoopWatch()
