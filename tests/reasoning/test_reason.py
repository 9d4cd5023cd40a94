"""However an endpoint behaves, a question ends with an answer or a clear word, within its budget."""

import base64
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pytest

from apps.reasoning.asked import Asked
from apps.reasoning.effort import Limits
from apps.reasoning.events import Event, ReasoningDelta
from apps.reasoning.opening import Opening
from apps.reasoning.prompts import answer_prompt
from apps.reasoning.reason import Draft, End, reason
from apps.serving.catalogue import ModelEntry
from apps.serving.client import OpenAICompatible
from inference.stub import Step, StubServer
from tests.reasoning.conftest import COVENANT, NET_DEBT, PLAIN, R1, eventually, followed, make_passage, text_shown

pytestmark = pytest.mark.timeout(60)

Serve = Callable[..., StubServer]
THOUGHT, ANSWER = "Passage 1 gives it.", "It was £1,204 million [1]."
LIMITS = Limits(found=40, passages=12, thinking=60, answer=100, prompt=4000)


@dataclass
class Outcome:
    draft: Draft
    events: list[Event]

    @property
    def thought(self) -> str:
        return "".join(event.delta for event in self.events if isinstance(event, ReasoningDelta))

    @property
    def shown(self) -> str:
        return text_shown(self.events)


def run(
    server: StubServer,
    name: str,
    *,
    entry: ModelEntry = R1,
    streaming: bool = True,
    silence: float = 5.0,
    stopped: Callable[[], bool] = lambda: False,
    seconds: float = 30.0,
    keeps_budget: bool = False,
    limits: Limits = LIMITS,
    cache_salt: str = "",
) -> Outcome:
    asked = Asked(
        prompt=answer_prompt(
            "What was net debt?", [make_passage(NET_DEBT), make_passage(COVENANT)], system_prompt="native"
        ),
        passages=2,
        name=f"script:{name}",
        entry=entry,
        limits=limits,
        keeps_budget=keeps_budget,
        seed=1,
        streaming=streaming,
        cache_salt=cache_salt,
    )
    model = OpenAICompatible(server.url, silence=silence)
    steps = reason(asked, model, stopped=stopped, deadline=time.monotonic() + seconds)
    events, draft = followed(steps)
    return Outcome(draft, events)


def chunks(name: str, text: str, size: int = 3) -> list[Step]:
    return [{"delta": {name: text[at : at + size]}} for at in range(0, len(text), size)]


def usage(**fields: Any) -> Step:
    return {"usage": {"prompt_tokens": 90, "completion_tokens": 30, **fields}}


WELL: dict[str, tuple[ModelEntry, Sequence[Step], str]] = {
    "reasoning": (R1, [*chunks("reasoning", THOUGHT), *chunks("content", ANSWER)], "field"),
    "reasoning_content": (R1, [*chunks("reasoning_content", THOUGHT), *chunks("content", ANSWER)], "field"),
    "both": (
        R1,
        [{"delta": {"reasoning": THOUGHT, "reasoning_content": THOUGHT}}, *chunks("content", ANSWER)],
        "field",
    ),
    "tags": (PLAIN, chunks("content", f"<think>\n{THOUGHT}\n</think>\n\n{ANSWER}", 4), "tag"),
    "no_opener": (R1, chunks("content", f"{THOUGHT}\n</think>\n\n{ANSWER}", 5), "tag"),
    "no_opener_unknown": (PLAIN, chunks("content", f"{THOUGHT}\n</think>\n\n{ANSWER}", 2), "tag"),
}


@pytest.mark.parametrize("streaming", [True, False], ids=["streaming", "whole"])
@pytest.mark.parametrize("case", WELL)
def test_reasoning_and_answer_are_told_apart(serve: Serve, case: str, streaming: bool) -> None:
    entry, steps, source = WELL[case]
    got = run(serve(case=[steps]), "case", entry=entry, streaming=streaming)
    assert (got.draft.reasoning, got.draft.text, got.draft.end) == (THOUGHT, ANSWER, End.WHOLE)
    assert (got.draft.reasoning_source, got.draft.reasoning_cut) == (source, False)
    assert got.shown.strip() == ANSWER
    assert THOUGHT in got.thought


@pytest.mark.parametrize("streaming", [True, False], ids=["streaming", "whole"])
@pytest.mark.parametrize("case", ["<think>\n\n</think>\n\n", ""])
def test_a_model_that_skips_thinking_is_taken_at_its_word(serve: Serve, case: str, streaming: bool) -> None:
    got = run(serve(case=[chunks("content", case + ANSWER)]), "case", streaming=streaming)
    assert (got.draft.reasoning, got.draft.text) == ("", ANSWER)
    assert got.shown == ANSWER


@pytest.mark.parametrize("streaming", [True, False], ids=["streaming", "whole"])
def test_a_literal_closing_tag_stays_in_the_answer(serve: Serve, streaming: bool) -> None:
    text = "The tag </think> ends it [1]."
    got = run(serve(case=[[*chunks("reasoning", THOUGHT), *chunks("content", text)]]), "case", streaming=streaming)
    assert got.draft.text == text


@pytest.mark.parametrize("streaming", [True, False], ids=["streaming", "whole"])
def test_an_answer_filed_under_reasoning_is_the_answer(serve: Serve, streaming: bool) -> None:
    server = serve(case=[chunks("reasoning", ANSWER)])
    got = run(server, "case", streaming=streaming)
    assert (got.draft.reasoning, got.draft.text) == ("", ANSWER)
    assert got.shown == ANSWER
    assert len(server.requests) == 1


@pytest.mark.parametrize("streaming", [True, False], ids=["streaming", "whole"])
@pytest.mark.parametrize(
    "first",
    [
        [*chunks("reasoning", THOUGHT), {"finish": "length"}],
        [*chunks("content", f"<think>{THOUGHT}"), {"finish": "length"}],
        [*chunks("content", THOUGHT), {"finish": "length"}],
        [*chunks("reasoning", THOUGHT), {"finish": "stop"}],
        [{"finish": "stop"}],
    ],
    ids=["field", "never closed", "never closed, no opener", "stopped after thinking", "nothing at all"],
)
def test_thinking_without_an_answer_brings_a_second_call_for_it(
    serve: Serve, first: Sequence[Step], streaming: bool
) -> None:
    server = serve(case=[first, [*chunks("reasoning", "So."), *chunks("content", ANSWER)]])
    got = run(server, "case", streaming=streaming)
    assert (got.draft.text, got.draft.end) == (ANSWER, End.WHOLE)
    assert [prompt.name for prompt in got.draft.prompts] == ["answer", "conclude"]
    assert "Give only the final answer now" in server.requests[1]["messages"][-1]["content"]
    assert got.draft.usage["calls"] == 2


def test_the_second_call_is_given_what_was_thought(serve: Serve) -> None:
    server = serve(case=[[*chunks("reasoning", THOUGHT), {"finish": "length"}], chunks("content", ANSWER)])
    got = run(server, "case")
    assert THOUGHT in server.requests[1]["messages"][-1]["content"]
    assert got.draft.reasoning_cut


def test_endless_thinking_is_cut_by_us_where_the_endpoint_does_not(serve: Serve) -> None:
    endless: list[Step] = [{"delta": {"reasoning": f"Step {n} of the plan. "}, "sleep": 0.002} for n in range(5000)]
    server = serve(case=[endless, chunks("content", f"So.\n</think>\n\n{ANSWER}")])
    got = run(server, "case")
    assert got.draft.text == ANSWER
    assert got.draft.reasoning_cut
    assert got.thought.count("Step") < 60
    assert eventually(lambda: server.active == 0)
    assert server.hung_up == 1


def test_thinking_in_a_circle_is_cut_before_the_budget_is_spent(serve: Serve) -> None:
    circle: list[Step] = [{"delta": {"reasoning": "Wait, let me look again. "}} for _ in range(400)]
    server = serve(case=[circle, chunks("content", f"So.\n</think>\n\n{ANSWER}")])
    got = run(server, "case", limits=replace(LIMITS, thinking=100_000))
    assert got.draft.text == ANSWER
    assert got.thought.count("Wait") < 60


def test_a_model_that_never_answers_is_reported_as_empty(serve: Serve) -> None:
    got = run(serve(case=[[*chunks("reasoning", THOUGHT), {"finish": "length"}]]), "case")
    assert (got.draft.end, got.draft.text) == (End.EMPTY, "")
    assert got.draft.reasoning


@pytest.mark.parametrize("streaming", [True, False], ids=["streaming", "whole"])
def test_an_answer_cut_by_its_allowance_says_so(serve: Serve, streaming: bool) -> None:
    steps = [*chunks("reasoning", THOUGHT), *chunks("content", f"{ANSWER} And"), {"finish": "length"}]
    got = run(serve(case=[steps]), "case", streaming=streaming)
    assert (got.draft.end, got.draft.text) == (End.CUT, f"{ANSWER} And")


def test_an_answer_in_a_circle_is_stopped(serve: Serve) -> None:
    circle: list[Step] = [{"delta": {"content": "Net debt rose in the year to March [1]. "}} for _ in range(300)]
    got = run(serve(case=[[*chunks("reasoning", THOUGHT), *circle]]), "case")
    assert got.draft.end is End.LOOPED
    assert got.draft.text.count("Net debt rose") < 40
    assert got.draft.reasoning_source == "field"


@pytest.mark.parametrize("streaming", [True, False], ids=["streaming", "whole"])
def test_markers_are_checked_and_written_one_way(serve: Serve, streaming: bool) -> None:
    steps = [*chunks("reasoning", THOUGHT), *chunks("content", "It rose [1, 2][7]. See [citation:2].", 1)]
    got = run(serve(case=[steps]), "case", streaming=streaming)
    assert got.draft.text == "It rose [1][2]. See [2]."
    assert got.draft.dropped_markers == 1


@pytest.mark.parametrize("streaming", [True, False], ids=["streaming", "whole"])
def test_the_passages_not_answering_is_no_part_of_the_text(serve: Serve, streaming: bool) -> None:
    steps = [*chunks("reasoning", THOUGHT), *chunks("content", "NOT IN THE PASSAGES\nNothing on fines.", 4)]
    got = run(serve(case=[steps]), "case", streaming=streaming)
    assert (got.draft.opening, got.draft.text, got.shown) == (
        Opening.NOT_IN_PASSAGES,
        "Nothing on fines.",
        "Nothing on fines.",
    )


COUNTS: dict[str, tuple[Sequence[Step], str]] = {
    "absent": ([], "estimated"),
    "zero": ([usage(completion_tokens_details={"reasoning_tokens": 0})], "split"),
    "at the end": ([usage(completion_tokens_details={"reasoning_tokens": 12})], "server"),
}


@pytest.mark.parametrize("streaming", [True, False], ids=["streaming", "whole"])
@pytest.mark.parametrize("case", COUNTS)
def test_tokens_are_counted_and_it_is_said_by_whom(serve: Serve, case: str, streaming: bool) -> None:
    extra, source = COUNTS[case]
    steps = [*chunks("reasoning", THOUGHT), *chunks("content", ANSWER), {"finish": "stop"}, *extra]
    counted = run(serve(case=[steps]), "case", streaming=streaming).draft.usage
    assert counted["source"]["reasoning_tokens"] == source
    assert 0 < counted["reasoning_tokens"] < 30
    assert counted["answer_tokens"] > 0
    if extra:
        assert counted["reasoning_tokens"] + counted["answer_tokens"] == 30


def test_half_a_character_and_a_line_separator_do_not_break_an_event(serve: Serve) -> None:
    data = 'data: {"choices":[{"index":0,"delta":{"content":"Größe\u2028[1] ✓"}}]}\r\n\r\n'.encode()
    at = data.index("ö".encode()) + 1
    steps: list[Step] = [
        {"base64": base64.b64encode(part).decode(), "sleep": 0.05} for part in (data[:at], data[at:-5], data[-5:])
    ]
    got = run(serve(case=[[*chunks("reasoning", THOUGHT), *steps]]), "case")
    assert got.draft.text == "Größe\u2028[1] ✓"


def test_what_the_database_cannot_hold_is_taken_out(serve: Serve) -> None:
    raw = 'data: {"choices":[{"delta":{"content":"a\\u0000b\\ud800c"}}]}\n\n'
    got = run(serve(case=[[{"raw": raw}]]), "case", entry=PLAIN)
    assert got.draft.text == "ab?c"


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_refusal_before_the_first_byte_is_tried_again(serve: Serve, status: int) -> None:
    server = serve(
        case=[[{"status": status, "headers": {"Retry-After": "0.1"}}], chunks("content", f"x</think>{ANSWER}")]
    )
    got = run(server, "case")
    assert got.draft.text == ANSWER
    assert len(server.requests) == 2


@pytest.mark.parametrize(
    ("steps", "code"),
    [
        ([{"status": 400, "message": "context too long"}], "model_refused"),
        ([{"status": 503, "headers": {"Retry-After": "0.01"}}], "model_down"),
        ([{"disconnect": True}], "model_disconnected"),
        ([{"delta": {"content": "x"}}, {"open_end": True}], "model_disconnected"),
        ([{"error": "CUDA out of memory"}], "model_failed"),
        ([{"raw": "data: {not json\n\n"}], "model_failed"),
        ([{"raw": "data: [1]\n\n"}], "model_failed"),
        ([{"sleep": 30}], "model_silent"),
    ],
)
def test_a_model_that_fails_is_named_for_how(serve: Serve, steps: Sequence[Step], code: str) -> None:
    got = run(serve(case=[steps]), "case", entry=PLAIN, silence=0.6)
    assert got.draft.end is End.BROKEN
    assert got.draft.error is not None
    assert got.draft.error.code == code


def test_what_came_before_a_failure_is_kept(serve: Serve) -> None:
    steps = [*chunks("reasoning", THOUGHT), *chunks("content", f"{ANSWER} Cash"), {"disconnect": True}]
    got = run(serve(case=[steps]), "case")
    assert (got.draft.reasoning, got.draft.text, got.draft.end) == (THOUGHT, f"{ANSWER} Cash", End.BROKEN)


def test_stopping_while_the_model_is_silent_closes_the_connection_at_once(serve: Serve) -> None:
    server = serve(case=[[*chunks("reasoning", THOUGHT), {"sleep": 30}]])
    begun = time.monotonic()
    got = run(server, "case", stopped=lambda: time.monotonic() - begun > 0.5)
    assert got.draft.end is End.STOPPED
    assert time.monotonic() - begun < 3
    assert eventually(lambda: server.active == 0)


def test_stopping_in_the_answer_keeps_what_there_is(serve: Serve) -> None:
    steps: list[Step] = [*chunks("reasoning", THOUGHT), {"delta": {"content": ANSWER}}, {"sleep": 30}]
    begun = time.monotonic()
    got = run(serve(case=[steps]), "case", stopped=lambda: time.monotonic() - begun > 0.6)
    assert (got.draft.end, got.draft.text) == (End.STOPPED, ANSWER)
    assert got.draft.reasoning_source == "field"


def test_the_deadline_holds(serve: Serve) -> None:
    got = run(serve(case=[[{"delta": {"reasoning": "x"}}, {"sleep": 30}]]), "case", seconds=0.5)
    assert got.draft.end is End.LATE


def test_what_is_sent_follows_the_catalogue_and_the_server(serve: Serve) -> None:
    server = serve(case=[chunks("content", ANSWER)])
    run(server, "case", entry=replace(R1, temperature=None, top_p=None))
    run(server, "case", keeps_budget=True)
    run(server, "case", entry=replace(R1, think_prefix="force"))
    plain, budgeted, forced = server.requests
    assert {"temperature", "top_p", "seed", "thinking_token_budget"}.isdisjoint(plain)
    assert (plain["max_tokens"], plain["stream_options"]) == (160, {"include_usage": True})
    assert (budgeted["temperature"], budgeted["top_p"], budgeted["thinking_token_budget"]) == (0.6, 0.95, 60)
    assert forced["messages"][-1] == {"role": "assistant", "content": "<think>\n"}
    assert forced["continue_final_message"]


def counted(number: int) -> Step:
    choice = {"delta": {"reasoning": f"w{number} "}}
    usage = {"prompt_tokens": 50, "completion_tokens": number}
    return {"chunk": {"choices": [choice], "usage": usage}}


ALLOWED = int(LIMITS.thinking * 1.1) + 48


def test_a_server_that_counts_along_is_believed_even_when_we_cut_it_short(serve: Serve) -> None:
    server = serve(case=[[counted(number) for number in range(1, 2000)], chunks("content", f"So.</think>{ANSWER}")])
    got = run(server, "case")
    assert ALLOWED <= got.thought.count("w") <= ALLOWED + 2
    assert ALLOWED <= got.draft.usage["reasoning_tokens"] <= ALLOWED + 4


def test_a_server_that_sends_its_tokens_one_by_one_is_counted_by_them(serve: Serve) -> None:
    endless: list[Step] = [{"delta": {"reasoning": f"step {number} "}, "tokens": 2} for number in range(2000)]
    server = serve(case=[endless, [{"delta": {"content": ANSWER}, "tokens": 9}]])
    got = run(server, "case", keeps_budget=True)
    assert ALLOWED <= got.draft.usage["reasoning_tokens"] <= ALLOWED + 2
    assert (got.draft.usage["answer_tokens"], got.draft.usage["source"]["answer_tokens"]) == (9, "split")


def test_where_the_server_shows_its_prompt_the_model_goes_on_in_its_own_turn(serve: Serve) -> None:
    server = serve(case=[[*chunks("reasoning", THOUGHT), {"finish": "length"}], chunks("content", ANSWER)])
    got = run(server, "case", keeps_budget=True)
    first, second = got.draft.prompts
    assert (got.draft.text, got.draft.reasoning, got.draft.end) == (ANSWER, THOUGHT, End.WHOLE)
    assert first.text.endswith("<assistant><think>\n")
    assert (second.name, second.messages) == ("closing", ())
    assert second.text.startswith(f"{first.text}{THOUGHT}\n\nTime is up.")
    assert second.text.endswith("\n</think>\n\n")
    assert server.requests[1]["prompt"] == second.text
    assert not server.requests[1]["add_special_tokens"]
    assert {"messages", "thinking_token_budget"}.isdisjoint(server.requests[1])


def test_a_loop_is_not_part_of_what_the_model_goes_on_from(serve: Serve) -> None:
    circle: Step = {"repeat": 400, "steps": [{"delta": {"reasoning": "Wait, let me look again. "}}]}
    server = serve(case=[[*chunks("reasoning", THOUGHT), circle], chunks("content", ANSWER)])
    run(server, "case", keeps_budget=True, limits=replace(LIMITS, thinking=100_000))
    assert server.requests[1]["prompt"].count("Wait") == 1


def test_a_server_that_does_not_go_on_is_asked_in_words(serve: Serve) -> None:
    unable: list[Step] = [{"status": 404, "message": "no such path"}]
    thinks: list[Step] = [*chunks("reasoning", THOUGHT), {"finish": "length"}]
    got = run(serve(case=[thinks, unable, chunks("content", f"So.</think>{ANSWER}")]), "case", keeps_budget=True)
    assert [prompt.name for prompt in got.draft.prompts] == ["answer", "closing", "conclude"]
    assert (got.draft.text, got.draft.end) == (ANSWER, End.WHOLE)


@pytest.mark.parametrize(("said", "end"), [([], End.WHOLE), ([*chunks("content", "It rose [1]. It rose")], End.LOOPED)])
def test_a_loop_that_the_server_ends_is_known_by_its_word(serve: Serve, said: list[Step], end: End) -> None:
    server = serve(case=[[*chunks("reasoning", THOUGHT), *said, {"finish": "repetition"}], chunks("content", ANSWER)])
    got = run(server, "case", keeps_budget=True)
    assert got.draft.end is end
    assert server.requests[0]["repetition_detection"]["min_count"] == 6


def test_what_the_server_calls_the_request_and_itself_is_kept_and_its_secrets_are_not(serve: Serve) -> None:
    end = {"chunk": {"choices": [], "usage": {"prompt_tokens": 5}, "system_fingerprint": "vllm-0.32"}}
    server = serve(case=[[*chunks("content", ANSWER), {"finish": "stop"}, end]])
    got = run(server, "case", keeps_budget=True, cache_salt="secret")
    assert (got.draft.request["request_id"], got.draft.request["system_fingerprint"]) == ("stub", "vllm-0.32")
    assert server.requests[0]["cache_salt"] == "secret"
    assert "secret" not in str(got.draft.request)
    run(server, "case", cache_salt="secret")
    assert "cache_salt" not in server.requests[1]
