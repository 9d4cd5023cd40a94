"""Measure a running service that speaks the OpenAI wire format: `python -m inference.bench http://127.0.0.1:8001/v1 --out report`.

First token and speed at 1, 4 and 16 questions at once, and what a prompt costs that the server has read before. Every prompt is
made up and unlike all others from its first word, so that only the repeated ones can be found in a cache. Writes report.md,
report.json and a plot, report.svg. `--key` or OPENAI_API_KEY is presented where the service wants one.
"""

import argparse
import json
import os
import random
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from inference.bench_client import Asked, Service
from inference.bench_report import markdown, plot

AT_ONCE = (1, 4, 16)
_WORDS = ("revenue", "margin", "plant", "report", "audit", "share", "loan", "risk", "clause", "term", "asset", "cost")


@dataclass(frozen=True, slots=True)
class Level:
    """What was seen with so many at once. Times are seconds; rates are tokens a second: the median of the streams,
    and of all together."""

    at_once: int
    answers: int
    failed: int
    first_p50: float
    first_p95: float
    first_p99: float
    per_stream: float
    in_all: float


@dataclass(frozen=True, slots=True)
class Prefix:
    """The same long prompt twice: new to the server, and read before. Token counts are the server's word; None: it gave none."""

    prompt_tokens: int | None
    cached_tokens: int | None
    first_cold: float
    first_warm: float


@dataclass(frozen=True, slots=True)
class Report:
    address: str
    model: str
    at: str
    prompt_words: int
    output_tokens: int
    counted_by: str
    levels: list[Level]
    prefix: Prefix | None


def measure(
    service: Service, *, levels: Sequence[int] = AT_ONCE, rounds: int = 3, words: int = 600, tokens: int = 64
) -> Report:
    """Return what was seen: `rounds` times as many questions as are asked at once, each of `words` words.

    Raises OSError if the service cannot be reached at all.
    """
    service.ask(prompt(words), tokens)  # what is loaded with the first question is not what is measured
    seen = [_level(service, at_once, rounds, words, tokens) for at_once in levels]
    answers = [answer for _, found in seen for answer in found if answer.error is None]
    counted = "the server" if answers and all(answer.tokens_by_server is not None for answer in answers) else "chunks"
    return Report(
        address=service.address,
        model=service.model,
        at=datetime.now(UTC).isoformat(timespec="seconds"),
        prompt_words=words,
        output_tokens=tokens,
        counted_by=counted,
        levels=[level for level, _ in seen],
        prefix=_prefix(service, words),
    )


def prompt(words: int) -> str:
    """Return a text that no cache has seen."""
    dice = random.SystemRandom()
    return " ".join([str(dice.randrange(10**12)), *dice.choices(_WORDS, k=words), "\nSum up what was said."])


def percentile(values: Sequence[float], share: float) -> float:
    """Return the smallest value that at least this share of all does not exceed; 0 for none."""
    ranked = sorted(values)
    return ranked[max(0, -(-int(share * len(ranked) * 1000) // 1000) - 1)] if ranked else 0.0


def _level(service: Service, at_once: int, rounds: int, words: int, tokens: int) -> tuple[Level, list[Asked]]:
    begin = threading.Barrier(at_once)

    def ask_in_turn() -> list[Asked]:
        begin.wait()
        return [service.ask(prompt(words), tokens) for _ in range(rounds)]

    started = time.perf_counter()
    with ThreadPoolExecutor(at_once) as pool:
        found = [answer for each in [pool.submit(ask_in_turn) for _ in range(at_once)] for answer in each.result()]
    took = time.perf_counter() - started
    good = [answer for answer in found if answer.error is None]
    first = [answer.first for answer in good]
    rates = [answer.rate for answer in good if answer.rate > 0]
    level = Level(
        at_once=at_once,
        answers=len(good),
        failed=len(found) - len(good),
        first_p50=percentile(first, 0.5),
        first_p95=percentile(first, 0.95),
        first_p99=percentile(first, 0.99),
        per_stream=percentile(rates, 0.5),
        in_all=sum(answer.tokens for answer in good) / took,
    )
    return level, found


def _prefix(service: Service, words: int) -> Prefix | None:
    text = prompt(words)
    cold, warm = service.ask(text, 4), service.ask(text, 4)
    if cold.error or warm.error:
        return None
    return Prefix(warm.prompt_tokens, warm.cached_tokens, cold.first, warm.first)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m inference.bench", description=__doc__)
    parser.add_argument("address", help="address of the service, ending in /v1")
    parser.add_argument("--model", default="", help="name to ask for; without it the first that is listed")
    parser.add_argument("--key", default=os.environ.get("OPENAI_API_KEY", ""))
    parser.add_argument("--at-once", type=int, nargs="+", default=list(AT_ONCE))
    parser.add_argument("--rounds", type=int, default=3, help="questions of each that asks")
    parser.add_argument("--words", type=int, default=600, help="length of a prompt")
    parser.add_argument("--tokens", type=int, default=64, help="most that is written of an answer")
    parser.add_argument("--out", type=Path, default=Path("report"), help="name of the report, without its ending")
    given = parser.parse_args()
    service = Service(given.address, given.key, given.model)
    report = measure(service, levels=given.at_once, rounds=given.rounds, words=given.words, tokens=given.tokens)
    given.out.parent.mkdir(parents=True, exist_ok=True)
    given.out.with_suffix(".json").write_text(json.dumps(asdict(report), indent=2) + "\n", encoding="utf-8")
    given.out.with_suffix(".svg").write_text(plot(asdict(report)), encoding="utf-8")
    text = markdown(asdict(report), given.out.with_suffix(".svg").name)
    given.out.with_suffix(".md").write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
