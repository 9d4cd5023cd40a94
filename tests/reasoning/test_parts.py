"""The small pure parts: effort, selection, the first line, loops, what is kept of a broken answer, counting."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.reasoning.effort import estimate_tokens, limits_for
from apps.reasoning.loops import LoopWatch, before_loop, ends_in_loop
from apps.reasoning.models import CandidateReason
from apps.reasoning.opening import Opening, OpeningReader
from apps.reasoning.salvage import before_repetition, is_grounded, whole_sentences
from apps.reasoning.selection import passages_read, read_with_surroundings, select, with_citations
from apps.reasoning.tally import Meter, Spent, total
from apps.retrieval.passages import Ranks
from apps.serving.llm import Prompted, Tokens, Usage
from tests.reasoning.conftest import COVENANT, NET_DEBT, PENSION, make_passage


@pytest.mark.parametrize("context", [1024, 2048, 8192, 32768, 131072])
@pytest.mark.parametrize("effort", ["quick", "standard", "deep"])
@pytest.mark.parametrize("demonstration", [True, False])
def test_prompt_thinking_and_answer_fit_the_context(context: int, effort: str, demonstration: bool) -> None:
    limits = limits_for(effort, context=context, demonstration=demonstration)
    assert limits.prompt + limits.thinking + limits.answer <= context
    assert min(limits.prompt, limits.thinking, limits.answer) > 0


def test_more_effort_reads_and_thinks_more() -> None:
    quick, standard, deep = (limits_for(effort, context=131072) for effort in ("quick", "standard", "deep"))
    assert quick.passages < standard.passages < deep.passages
    assert quick.thinking < standard.thinking < deep.thinking


def test_every_passage_has_a_fate() -> None:
    limits = limits_for("quick", context=131072)
    read = [make_passage(f"Passage {n}: {NET_DEBT}") for n in range(6)]
    others = [make_passage(), make_passage(ranks=Ranks(fused=3)), make_passage(poor=True), make_passage(duplicate_of=1)]
    considered = select("What?", [*read, *others], limits)
    reasons = ["below_k", "rerank_cut", "low_parse_confidence", "duplicate_of"]
    assert [one.reason.value for one in considered] == ["used_not_cited"] * 6 + reasons
    assert [one.stage for one in considered[6:]] == ["retrieve", "rerank", "prompt", "retrieve"]
    assert considered[-1].duplicate_of == 1
    assert [one.rank for one in considered] == list(range(1, 11))


def test_a_badly_read_passage_is_read_only_if_it_ranks_high() -> None:
    limits = limits_for("quick", context=131072)
    passages = [make_passage(f"{n} {NET_DEBT}", poor=n in {0, 4}) for n in range(8)]
    considered = select("What?", passages, limits)
    assert considered[0].reason == CandidateReason.USED_NOT_CITED
    assert considered[4].reason == CandidateReason.LOW_PARSE_CONFIDENCE
    assert len(passages_read(considered)) == 6


def test_surroundings_are_shown_of_the_best_as_far_as_there_is_room() -> None:
    considered = select(
        "What?", [make_passage(f"{n} {NET_DEBT}") for n in range(4)], limits_for("quick", context=131072)
    )
    assert len(read_with_surroundings("What?", considered, limits_for("quick", context=131072))) == 4
    assert read_with_surroundings("What?", considered, limits_for("quick", context=1024)) == []


def test_passages_without_room_are_left_out_but_one_is_always_read() -> None:
    limits = limits_for("standard", context=2048)
    considered = select("What?", [make_passage(f"{n} {NET_DEBT}" * 15) for n in range(4)], limits)
    assert considered[0].marker == 1
    assert {one.reason for one in considered[1:]} == {CandidateReason.TOKEN_BUDGET}


def test_passages_of_one_document_are_read_together_as_its_pages_run() -> None:
    first, other = make_passage("a", page=9), make_passage("b", page=1)
    earlier = make_passage("c", page=3, document_id=first.document_id)
    considered = select("What?", [first, other, earlier], limits_for("standard", context=32768))
    assert [passage.text for passage in passages_read(considered)] == ["c", "a", "b"]
    assert [one.marker for one in considered] == [2, 3, 1]
    assert [one.reason.value for one in with_citations(considered, {1})] == ["used_not_cited", "used_not_cited", "used"]


@pytest.mark.parametrize(
    ("written", "opening", "shown"),
    [
        ("NOT IN THE PASSAGES\nNothing is said of it.", Opening.NOT_IN_PASSAGES, "Nothing is said of it."),
        ("**NOT IN THE PASSAGES.** Nothing.", Opening.NOT_IN_PASSAGES, "Nothing."),
        ("\n\nNot in the passages", Opening.NOT_IN_PASSAGES, ""),
        ("PARTLY IN THE PASSAGES:\n\nDebt rose [1].", Opening.PARTLY, "Debt rose [1]."),
        (
            "Not in the annual report, but in the letter [1].",
            Opening.ANSWERED,
            "Not in the annual report, but in the letter [1].",
        ),
        ("No.", Opening.ANSWERED, "No."),
        ("Not", Opening.ANSWERED, "Not"),
        ("**Yes**, it rose.", Opening.ANSWERED, "**Yes**, it rose."),
    ],
)
@pytest.mark.parametrize("size", [1, 3, 1000])
def test_the_first_line_says_whether_the_passages_answer(written: str, opening: Opening, shown: str, size: int) -> None:
    reader = OpeningReader()
    got = "".join(reader.feed(written[at : at + size]) for at in range(0, len(written), size)) + reader.close()
    assert (got, reader.opening) == (shown, opening)


def test_a_loop_is_noticed_and_an_ordinary_text_is_not() -> None:
    line = "Wait, let me check the figure in note 19 once more, it says 1,204. "
    assert ends_in_loop("I will look at this. " + line * 8)
    assert not ends_in_loop(line * 2)
    rows = "".join(f"| Year {year} | {year * 7} | {year * 3} |\n" for year in range(1960, 2025))
    assert not ends_in_loop(rows)


def test_a_loop_is_noticed_while_it_streams() -> None:
    watch = LoopWatch()
    words = "The covenant is met because leverage is below the cap of the agreement. "
    assert not watch.feed("First of all. ")
    assert any(watch.feed(words[at : at + 6]) for _ in range(20) for at in range(0, len(words), 6))


@given(st.integers(1, 400), st.text(alphabet="abc ", min_size=1, max_size=400))
def test_looking_for_loops_never_fails(times: int, unit: str) -> None:
    assert ends_in_loop((unit * times)[:6000]) in {True, False}


def test_of_a_broken_answer_whole_sentences_are_kept() -> None:
    assert whole_sentences("Debt rose [1]. Cash fe") == "Debt rose [1]."
    assert whole_sentences("Debt ro") == ""
    assert whole_sentences("Debt rose [1].") == "Debt rose [1]."


def test_of_a_looping_answer_each_sentence_is_kept_once() -> None:
    assert (
        before_repetition("Debt rose a lot [1]. Cash fell. Debt rose a lot [1]. Cash")
        == "Debt rose a lot [1]. Cash fell."
    )


def test_an_answer_is_grounded_if_a_sentence_cites() -> None:
    assert is_grounded("Debt rose [1].")
    assert not is_grounded("Debt rose.")
    assert not is_grounded("## Sources [1]")


def test_tokens_are_the_servers_where_it_counts_and_estimated_where_not() -> None:
    counted = Spent("prompt", "thought", "said", Meter(0, Usage(100, 40, 30, 20)))
    silent = Spent(PENSION, COVENANT, NET_DEBT, Meter(0))
    zero = Spent("prompt", COVENANT, COVENANT, Meter(0, Usage(100, None, 40, 0)))
    assert total([counted]) == {
        "prompt_tokens": 100, "reasoning_tokens": 20, "answer_tokens": 10, "cached_tokens": 40, "calls": 1,
        "source": {"prompt_tokens": "server", "reasoning_tokens": "server", "answer_tokens": "server"},
    }  # fmt: skip
    assert total([silent])["reasoning_tokens"] == estimate_tokens(COVENANT)
    assert (total([zero])["reasoning_tokens"], total([zero])["answer_tokens"]) == (20, 20)
    assert total([counted, silent])["source"]["answer_tokens"] == "estimated"


def test_tokens_that_came_one_by_one_are_split_as_they_came() -> None:
    meter = Meter(0, Usage(100, None, 40, 0))
    for count, reasoning in [(1, True), (6, True), (33, False)]:
        meter.take(Tokens(count, reasoning), answering=not reasoning)
    whole = total([Spent("prompt", COVENANT, COVENANT, meter)])
    assert (whole["reasoning_tokens"], whole["answer_tokens"]) == (7, 33)
    assert whole["source"]["reasoning_tokens"] == "split"


def test_a_call_that_was_cut_short_is_counted_by_what_had_come_of_it() -> None:
    meter = Meter(5)
    meter.take(Prompted("id", "a prompt", 90), answering=False)
    meter.take(Tokens(60, reasoning=True), answering=False)
    cut = total([Spent("prompt", COVENANT, "", meter)])
    assert meter.is_over
    assert (cut["prompt_tokens"], cut["source"]["prompt_tokens"]) == (90, "server")
    assert (cut["reasoning_tokens"], cut["source"]["reasoning_tokens"]) == (60, "split")


def test_a_text_is_led_out_of_its_loop() -> None:
    turn = "Wait, let me look at the passages again, to be quite sure of it. "
    assert before_loop(f"Passage 1 gives it. {turn * 12}") == f"Passage 1 gives it. {turn}"
    assert before_loop(NET_DEBT) == NET_DEBT


@pytest.mark.parametrize(
    ("text", "least", "most"), [(NET_DEBT, 20, 36), ("純有利子負債は増加した。", 5, 14), ("", 0, 0)]
)
def test_the_estimate_of_tokens_is_near(text: str, least: int, most: int) -> None:
    assert least <= estimate_tokens(text) <= most
