"""How a reasoning model's reply arrives, and how it goes wrong: scripts for the deterministic server, as data.

Each way of arriving (`SHAPES`) crosses each way of going wrong (`TROUBLES`) that can be told in it. A trouble says what is to
become of it: `ends` is the name of the end, `code` that of the error, `text` what is left of the answer.
"""

import base64
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from inference.shapes import ANSWER, FIRST_SENTENCE, SHAPES, THOUGHT, Reply, Shape, pieces, say
from inference.stub import Script, Step

LITERAL = "The tag </think> ends it [1]. The cap is 3.75 [2]."


@dataclass(frozen=True, slots=True)
class Trouble:
    """A way of going wrong. `needs`: `any` shape, one that `tells`, or the `first` alone, where it makes no difference;
    `whole`: it can come in a response that does not stream; `begins`: `text` is only how what is left begins;
    `silence`: seconds without a byte after which the endpoint counts as silent; `stop_after` and `deadline`, seconds too,
    are when the asker stops it and when time is up."""

    name: str
    script: Callable[[Shape], Script]
    ends: str = "WHOLE"
    code: str = ""
    text: str = ANSWER
    needs: str = "any"
    whole: bool = True
    begins: bool = False
    silence: float = 8.0
    stop_after: float | None = None
    deadline: float | None = None

    def shapes(self) -> Sequence[Shape]:
        if self.needs == "first":
            return SHAPES[:1]
        return [shape for shape in SHAPES if self.needs == "any" or shape.tells]


def _then_well(reply: Callable[[Shape], Reply]) -> Callable[[Shape], Script]:
    """Return a script in which the second call goes well."""
    return lambda shape: [reply(shape), shape.well("So then.")]


def _once(reply: Callable[[Shape], Reply]) -> Callable[[Shape], Script]:
    return lambda shape: [reply(shape)]


def _ending(*steps: Step) -> Callable[[Shape], Script]:
    """Return a script whose reply is whole and then has these steps."""
    return _once(lambda shape: [*shape.well(), *steps])


def _midway(*steps: Step) -> Callable[[Shape], Script]:
    """Return a script that has these steps between two sentences of the answer."""
    return _once(lambda shape: [*shape.well(answer=FIRST_SENTENCE), *steps, *say(ANSWER[len(FIRST_SENTENCE) :])])


def _thinking(*steps: Step, finish: str = "stop") -> Callable[[Shape], Reply]:
    """Return a reply that gets as far as reasoning, does these steps, and finishes."""
    return lambda shape: [*shape.begin(), *shape.think(*pieces(THOUGHT)), *steps, {"finish": finish}]


def _circle(shape: Shape) -> Reply:
    return [*shape.begin(), {"repeat": 600, "steps": shape.think("Wait, let me look again. ")}]


def _endless(shape: Shape) -> Reply:
    return [*shape.begin(), *shape.think(*(f"Step {number} of a plan that never ends. " for number in range(3000)))]


def _by_characters(shape: Shape) -> Reply:
    words = "".join(str(step.get("delta", {}).get("content", "")) for step in shape.well())
    if shape.fields not in {("content",), ()}:
        return [*shape.begin(), *shape.think(*THOUGHT), *({"delta": {"content": char}} for char in ANSWER)]
    return [{"delta": {"content": char}} for char in words]


def _in_pieces(size: int) -> Callable[[Shape], Reply]:
    """Return a reply whose bytes are cut without regard to characters, lines or events."""

    def cut(shape: Shape) -> Reply:
        data = b"".join(_event(step) for step in [*shape.well(), {"finish": "stop"}]) + b"data: [DONE]\n\n"
        parts = [data[at : at + size] for at in range(0, len(data), size)]
        return [*({"base64": base64.b64encode(part).decode()} for part in parts), {"open_end": True}]

    return cut


def _other_framing(shape: Shape) -> Reply:
    """Return a reply as other servers frame it: CRLF, no space after the colon, named events, comments."""
    events = [_event(step).decode().replace("data: ", "event: message\r\ndata:").replace("\n\n", "\r\n\r\n")
              for step in [*shape.well(), {"finish": "stop"}]]  # fmt: skip
    return [{"raw": f": hello\r\n{event}"} for event in events]


def _event(step: Step) -> bytes:
    chunk = step.get("chunk") or {
        "choices": [{"index": 0, "delta": step.get("delta", {}), "finish_reason": step.get("finish")}]
    }
    return b"data: " + json.dumps(chunk, ensure_ascii=False).encode() + b"\n\n"


def _nulls(shape: Shape) -> Reply:
    empty: Reply = [
        {"chunk": {"choices": None}},
        {"chunk": {"choices": [None]}},
        {"chunk": {"choices": [{"index": 0, "delta": None, "finish_reason": None}], "usage": None}},
        {"delta": {"content": None, "reasoning": None, "reasoning_content": None}},
        {"delta": {"content": 5}},
    ]
    return [*empty, *shape.well(), *empty]


def _mixed_choices(shape: Shape) -> Reply:
    other = {"index": 1, "delta": {"content": "Another answer altogether. "}, "finish_reason": None}
    return [mixed for step in shape.well() for mixed in (step, {"chunk": {"choices": [other]}})]


def _slowly(shape: Shape) -> Reply:
    alive: Iterator[Step] = ({"raw": ": keep-alive\n\n", "sleep": 0.3} for _ in range(10))
    return [*alive, *shape.well()]


_TOOL = {"tool_calls": [{"index": 0, "id": "call", "function": {"name": "search", "arguments": "{}"}}]}
_BUSY: Step = {"status": 503, "headers": {"Retry-After": "0.05"}}
_LIMITED: Step = {"status": 429, "headers": {"Retry-After": "0.3"}}
_SPLIT = {"completion_tokens_details": {"reasoning_tokens": 12}}
_USAGE = {"prompt_tokens": 90, "completion_tokens": 30}

TROUBLES = (
    Trouble("nothing goes wrong", _once(Shape.well)),
    Trouble("never closed, out of tokens", _then_well(_thinking(finish="length")), needs="tells"),
    Trouble("never closed, stopped", _then_well(_thinking()), needs="tells"),
    Trouble("empty reasoning", _once(lambda shape: [*shape.begin(), *shape.think("\n\n"), *shape.end(), *say(ANSWER)])),
    Trouble("reasons twice", _once(lambda shape: shape.well(answer=f"<think>Once more.</think>\n\n{ANSWER}"))),
    Trouble("</think> in the answer", _once(lambda shape: shape.well(answer=LITERAL)), text=LITERAL),
    Trouble("one character a chunk", _once(_by_characters)),
    Trouble("one byte a packet", _once(_in_pieces(1)), whole=False),
    Trouble("cut inside characters", _once(_in_pieces(7)), whole=False),
    Trouble("other framing", _once(_other_framing), whole=False),
    Trouble(
        "answer filed under reasoning",
        _once(lambda shape: [*shape.begin(), *shape.think(*pieces(ANSWER)), *([] if shape.fields else say(ANSWER))]),
    ),
    Trouble(
        "answer out of tokens",
        _once(lambda shape: [*shape.well(answer=FIRST_SENTENCE), {"finish": "length"}]),
        ends="CUT",
        text=FIRST_SENTENCE,
    ),
    Trouble("usage absent", _once(Shape.well)),
    Trouble("usage of zeros", _ending({"finish": "stop"}, {"usage": {"prompt_tokens": 0, "completion_tokens": 0}})),
    Trouble("usage only at the end", _ending({"finish": "stop"}, {"usage": _USAGE | _SPLIT})),
    Trouble(
        "usage with every chunk",
        _once(
            lambda shape: [
                part for step in shape.well() for part in (step, {"chunk": {"choices": [], "usage": _USAGE}})
            ]
        ),
        whole=False,
    ),
    Trouble(
        "usage that is none",
        _ending(
            {"finish": "stop"},
            {
                "usage": {
                    "prompt_tokens": "many",
                    "completion_tokens": -1,
                    "prompt_tokens_details": [],
                    "completion_tokens_details": 3,
                }
            },
        ),
    ),
    Trouble("loop in the reasoning", _then_well(_circle), needs="tells", whole=False),
    Trouble("reasoning without end", _then_well(_endless), needs="tells", whole=False),
    Trouble("loop in the reasoning, ended by the server", _then_well(_thinking(finish="repetition")), needs="tells"),
    Trouble(
        "loop in the answer",
        _once(lambda shape: [*shape.well(), {"repeat": 300, "steps": say("Net debt rose in the year to March [1]. ")}]),
        ends="LOOPED",
        begins=True,
        whole=False,
    ),
    Trouble("loop in the answer, ended by the server", _ending({"finish": "repetition"}), ends="LOOPED"),
    Trouble("nothing at all", _then_well(lambda shape: [{"finish": "stop"}])),
    Trouble("nothing, twice", _once(lambda shape: [{"finish": "stop"}]), ends="EMPTY", text=""),
    Trouble(
        "silence before the first word",
        _once(lambda shape: [{"sleep": 30}]),
        needs="first",
        ends="BROKEN",
        code="model_silent",
        silence=2.0,
        text="",
    ),
    Trouble(
        "silence in the reasoning",
        _once(_thinking({"sleep": 30})),
        needs="tells",
        whole=False,
        ends="BROKEN",
        code="model_silent",
        silence=2.0,
        text="",
    ),
    Trouble(
        "silence in the answer",
        _midway({"sleep": 30}),
        whole=False,
        ends="BROKEN",
        code="model_silent",
        silence=2.0,
        text=FIRST_SENTENCE,
    ),
    Trouble("only signs of life for long", _once(_slowly), whole=False, silence=2.0),
    Trouble(
        "500 before the first word",
        _once(lambda shape: [{"status": 500, "headers": {"Retry-After": "0.05"}}]),
        needs="first",
        ends="BROKEN",
        code="model_down",
        text="",
    ),
    Trouble("503, then well", lambda shape: [[_BUSY], shape.well()], needs="first"),
    Trouble("429 with Retry-After, then well", lambda shape: [[_LIMITED], [_LIMITED], shape.well()], needs="first"),
    Trouble(
        "400",
        _once(lambda shape: [{"status": 400, "message": "context too long"}]),
        needs="first",
        ends="BROKEN",
        code="model_refused",
        text="",
    ),
    Trouble(
        "500 midway",
        _midway({"error": "CUDA error"}),
        ends="BROKEN",
        code="model_failed",
        text=FIRST_SENTENCE,
        whole=False,
    ),
    Trouble(
        "error object as old servers send it",
        _midway({"chunk": {"object": "error", "message": "engine dead"}}),
        ends="BROKEN",
        code="model_failed",
        text=FIRST_SENTENCE,
        whole=False,
    ),
    Trouble(
        "disconnect in the reasoning",
        _once(_thinking({"disconnect": True})),
        needs="tells",
        ends="BROKEN",
        code="model_disconnected",
        text="",
    ),
    Trouble(
        "disconnect in the answer",
        _midway({"disconnect": True}),
        whole=False,
        ends="BROKEN",
        code="model_disconnected",
        text=FIRST_SENTENCE,
    ),
    Trouble("ends without an end", _ending({"open_end": True}), whole=False, ends="BROKEN", code="model_disconnected"),
    Trouble(
        "garbage for JSON",
        _midway({"raw": "data: {not json\n\n"}),
        whole=False,
        ends="BROKEN",
        code="model_failed",
        text=FIRST_SENTENCE,
    ),
    Trouble(
        "a page instead of an answer",
        _once(lambda shape: [{"content_type": "text/html"}, {"raw": "<html>Sign in</html>"}, {"open_end": True}]),
        needs="first",
        whole=False,
        ends="BROKEN",
        code="model_failed",
        text="",
    ),
    Trouble("null everywhere", _once(_nulls), whole=False),
    Trouble(
        "tool calls in between",
        _once(
            lambda shape: [
                *shape.well()[:4],
                {"delta": _TOOL},
                *shape.well()[4:],
                {"delta": _TOOL},
                {"finish": "tool_calls"},
            ]
        ),
    ),
    Trouble("several choices, mixed", _once(_mixed_choices), whole=False),
    Trouble(
        "one very long token",
        _then_well(lambda shape: [*shape.begin(), *shape.think("Größe " * 40_000)]),
        needs="tells",
        whole=False,
    ),
    Trouble(
        "a line without end",
        _once(lambda shape: [{"raw": "data: " + "x" * 4_200_000}]),
        needs="first",
        whole=False,
        ends="BROKEN",
        code="model_failed",
        text="",
    ),
    Trouble(
        "filter of the provider",
        _once(lambda shape: [*shape.well(answer=FIRST_SENTENCE), {"finish": "content_filter"}]),
        ends="BROKEN",
        code="model_refused",
        text=FIRST_SENTENCE,
    ),
    Trouble(
        "stopped in the reasoning",
        _once(_thinking({"sleep": 30})),
        needs="tells",
        whole=False,
        ends="STOPPED",
        text="",
        stop_after=0.3,
    ),
    Trouble(
        "deadline in the reasoning",
        _once(_thinking({"sleep": 30})),
        needs="tells",
        whole=False,
        ends="LATE",
        text="",
        deadline=0.4,
    ),
)
