"""What the measurement says of a server whose behaviour is known."""

import json
import sys
from dataclasses import asdict
from pathlib import Path
from xml.etree import ElementTree

import pytest

from inference import bench
from inference.bench import measure, percentile, prompt
from inference.bench_client import Service
from inference.bench_report import markdown, plot
from inference.stub import StubServer


def spoken(*steps: dict[str, object]) -> dict[str, list[list[dict[str, object]]]]:
    return {"known": [list(steps)]}


def known(server: StubServer) -> Service:
    return Service(server.url, model="script:known")


@pytest.mark.parametrize(("share", "value"), [(0.5, 2), (0.75, 3), (0.95, 4), (0.99, 4)])
def test_a_percentile_is_a_value_that_was_seen(share: float, value: float) -> None:
    assert percentile([4, 2, 1, 3], share) == value


def test_no_values_have_no_percentile() -> None:
    assert percentile([], 0.5) == 0.0


def test_no_two_prompts_begin_alike() -> None:
    assert prompt(20).split()[0] != prompt(20).split()[0]


def test_the_first_token_is_the_first_that_says_something() -> None:
    script = spoken(
        {"delta": {"role": "assistant"}}, {"sleep": 0.2}, {"delta": {"reasoning": "So"}}, {"finish": "stop"}
    )
    with StubServer(scripts=script) as server:
        answer = known(server).ask("?", 4)
    assert answer.error is None
    assert 0.2 <= answer.first < 2.0
    assert answer.tokens == 1


def test_tokens_are_the_servers_where_it_counts_and_chunks_where_it_does_not() -> None:
    usage = {"prompt_tokens": 40, "completion_tokens": 9, "prompt_tokens_details": {"cached_tokens": 32}}
    chunks = [{"delta": {"content": word}} for word in ("a ", "b ", "c")]
    with StubServer(scripts=spoken(*chunks, {"usage": usage})) as server:
        answer = known(server).ask("?", 9)
    assert (answer.tokens, answer.prompt_tokens, answer.cached_tokens) == (9, 40, 32)
    with StubServer(scripts=spoken(*chunks)) as server:
        assert known(server).ask("?", 9).tokens == 3


@pytest.mark.parametrize(
    ("step", "error"),
    [
        ({"status": 503}, "status 503"),
        ({"error": "out of memory"}, "error in the stream"),
        ({"finish": "stop"}, "nothing was written"),
    ],
)
def test_an_answer_that_fails_is_told(step: dict[str, object], error: str) -> None:
    with StubServer(scripts=spoken(step)) as server:
        assert known(server).ask("?", 4).error == error


def test_so_many_are_asked_at_once_as_is_said() -> None:
    with StubServer(delay=0.002) as server:
        report = measure(Service(server.url), levels=(1, 4), rounds=2, words=30, tokens=10)
        assert len(server.requests) == 1 + 2 + 8 + 2
    assert [(level.at_once, level.answers, level.failed) for level in report.levels] == [(1, 2, 0), (4, 8, 0)]
    assert report.counted_by == "the server"
    assert all(0 < level.first_p50 <= level.first_p95 <= level.first_p99 for level in report.levels)
    assert report.prefix is not None


def test_answers_that_fail_are_counted_and_not_averaged() -> None:
    with StubServer(scripts={"known": [[{"delta": {"content": "a"}}], [{"status": 503}]]}) as server:
        report = measure(known(server), levels=(1,), rounds=3, words=10, tokens=4)
    assert (report.levels[0].answers, report.levels[0].failed, report.levels[0].first_p50) == (0, 3, 0.0)
    assert report.prefix is None
    assert "could not be measured" in markdown(asdict(report), "x.svg")


def test_the_report_holds_the_figures_and_the_plot_is_a_picture(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with StubServer() as server:
        arguments = [server.url, "--at-once", "1", "2", "--rounds", "1", "--words", "20", "--tokens", "5"]
        monkeypatch.setattr(sys, "argv", ["bench", *arguments, "--out", str(tmp_path / "report")])
        bench.main()
    told = json.loads((tmp_path / "report.json").read_text())
    assert [level["at_once"] for level in told["levels"]] == [1, 2]
    text = (tmp_path / "report.md").read_text()
    assert text == capsys.readouterr().out.removesuffix("\n")
    assert f"| 2 | 2 | 0 | {told['levels'][1]['first_p50']:.3f} s" in text
    assert "![](report.svg)" in text
    bars = ElementTree.fromstring(plot(told)).findall(".//{*}rect")  # noqa: S314  our own text
    assert len(bars) == 1 + 2 * 5


def test_it_runs_where_the_application_is_not_installed() -> None:
    for module in ("bench", "bench_client", "bench_report"):
        source = (Path(bench.__file__).parent / f"{module}.py").read_text()
        assert "django" not in source
        assert "httpx" not in source
