"""What the product adds to a model's own speed: a whole installation in front of a model that takes exactly 200 ms.

    .venv/bin/python -m bench.relay [--runs 40] [--at-once 50] [--keep FOLDER]

Starts `standalone.run` on a folder of its own, uploads a few documents, and asks over REST with `stream: true`. The stand-in for
the model writes each word as the moment at which it was sent, so that every word that arrives says how long it was on its way.
The same calls are made to the stand-in itself; what is more than those is ours. Prints the added time to the first token, with
and without the search, the rate of the relay, the added lag of each word, and the same for many questions at once.
"""

import argparse
import asyncio
import json
import os
import re
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from inference.stub import Step, StubServer

_ROOT = Path(__file__).parent.parent
_FIRST = 0.2
_LETTERS = 6
_TICKS = 10_000  # a second
_WORD = re.compile(rf"\b[a-z]{{{_LETTERS}}}\b")
_DOCUMENTS = 12
_LIMITS = httpx.Limits(
    max_connections=None, keepalive_expiry=2
)  # the server closes idle connections after five seconds
_SUBJECTS = ("lease", "warehouse", "pension", "insurance", "software", "transport", "energy", "cleaning", "security")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=40)
    parser.add_argument("--at-once", type=int, default=50)
    parser.add_argument("--words", type=int, default=800, help="of each long stream")
    parser.add_argument("--pause", type=float, default=0.005, help="seconds between two words of a stream")
    parser.add_argument("--serve", type=int, help="be the stand-in for the model, on this port")
    options = parser.parse_args()
    if options.serve:
        return _serve(options.serve)
    with tempfile.TemporaryDirectory(prefix="toulmin-relay-") as folder, _started(Path(folder)) as (model, rest):
        asyncio.run(_measure(options, model, rest))
    return None


@dataclass(slots=True)
class Heard:
    """What came of one call: seconds from the question to the first word, and of each word, from sending to arrival."""

    first: float = 0.0
    last: float = 0.0
    lags: list[float] = field(default_factory=list)
    retrieve: float = 0.0
    queue: float = 0.0
    failed: str = ""

    @property
    def rate(self) -> float:
        """Words a second, from the first on."""
        return (len(self.lags) - 1) / (self.last - self.first) if len(self.lags) > 1 else 0.0


async def _measure(options: argparse.Namespace, model: str, rest: "Rest") -> None:
    async with httpx.AsyncClient(timeout=120, limits=_LIMITS) as client:
        for _ in range(3):
            await _ask(client, rest, 0, words=3)
        bare = [await _call(client, model, words=3) for _ in range(options.runs)]
        ours = [await _ask(client, rest, number, words=3) for number in range(options.runs)]
        _print_first("one at a time", bare, ours)
        for pause in (options.pause, 0.0):
            bare = [await _call(client, model, words=options.words, pause=pause) for _ in range(3)]
            ours = [await _ask(client, rest, n, words=options.words, pause=pause) for n in range(3)]
            _print_stream(f"{options.words} words, {pause * 1000:.0f} ms apart", bare, ours)
        for _ in range(3):
            bare = await asyncio.gather(*(_call(client, model, words=20) for _ in range(options.at_once)))
            ours = await asyncio.gather(*(_ask(client, rest, n, words=20) for n in range(options.at_once)))
            _print_first(f"{options.at_once} at once", bare, ours)


def _print_first(title: str, bare: Sequence[Heard], ours: Sequence[Heard]) -> None:
    floor = statistics.median(one.first for one in bare)
    whole = [one.first for one in ours if not one.failed]
    added = [one.first - floor for one in ours if not one.failed]
    without = [one.first - floor - one.retrieve for one in ours if not one.failed]
    print(
        f"{title}: bare {_spread([one.first for one in bare])}, ours {_spread(whole)}; added {_spread(added)}, "
        f"without the search {_spread(without)}; search {_spread([one.retrieve for one in ours])}, queue {_spread([one.queue for one in ours])}; "
        f"{sum(bool(one.failed) for one in ours)} failed {next((one.failed for one in ours if one.failed), '')}",
        flush=True,
    )


def _print_stream(title: str, bare: Sequence[Heard], ours: Sequence[Heard]) -> None:
    share = statistics.median(one.rate for one in ours) / statistics.median(one.rate for one in bare)
    here = [_percentile(one.lags, 99) for one in ours]
    there = [_percentile(one.lags, 99) for one in bare]
    print(
        f"{title}: bare {statistics.median(one.rate for one in bare):.0f} words/s, ours {share:.3f} of that; "
        f"lag p99 {min(here) * 1000:.1f} ms at best, {statistics.median(here) * 1000:.1f} in the middle "
        f"(bare {statistics.median(there) * 1000:.1f}); p50 {statistics.median(_percentile(o.lags, 50) for o in ours) * 1000:.1f}; "
        f"{len(ours[0].lags)} of {len(bare[0].lags)} words",
        flush=True,
    )


def _spread(seconds: Sequence[float]) -> str:
    if not seconds:
        return "-"
    return f"p50 {_percentile(seconds, 50) * 1000:.0f} p99 {_percentile(seconds, 99) * 1000:.0f} ms"


def _percentile(values: Sequence[float], percent: int) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) * percent // 100, len(ordered) - 1)] if ordered else float("nan")


async def _call(client: httpx.AsyncClient, model: str, *, words: int, pause: float = 0.01) -> Heard:
    """Ask the stand-in itself."""
    body = {"model": "stub-reasoner", "messages": [{"role": "user", "content": _plan(words, pause)}], "stream": True}
    heard, begun = Heard(), time.monotonic()
    async with client.stream("POST", f"{model}/chat/completions", json=body) as response:
        async for line in response.aiter_lines():
            _listen(heard, begun, line)
    return heard


async def _ask(client: httpx.AsyncClient, rest: "Rest", number: int, *, words: int, pause: float = 0.01) -> Heard:
    """Ask the product, and follow its events to the first word, or to the last."""
    subject = _SUBJECTS[number % len(_SUBJECTS)]
    question = f"What is the notice period of the {subject} contract {number % _DOCUMENTS}? {_plan(words, pause)}"
    body = {"question": question, "stream": True, "effort": "deep"}
    heard, begun, event = Heard(), time.monotonic(), ""
    headers = {"Authorization": f"Bearer {rest.token}"}
    async with client.stream("POST", f"{rest.url}/api/v1/answers", json=body, headers=headers) as response:
        async for line in response.aiter_lines():
            if line.startswith("event: "):
                event = line[7:]
            elif line.startswith("data: ") and event == "reasoning":
                _listen(heard, begun, line)
            elif line.startswith("data: ") and event == "done":
                answer = json.loads(line[6:])
                heard.retrieve = answer["usage"]["seconds"]["retrieve"] or 0.0
                heard.queue = answer["usage"]["seconds"]["queue"] or 0.0
                heard.failed = "" if heard.lags and answer["status"] == "done" else str(answer["notice"])
            elif response.status_code != 202 and response.status_code != 200:
                heard.failed = f"{response.status_code} {line}"
            elif line.startswith("data: ") and event == "error":
                heard.failed = line
    return heard


def _listen(heard: Heard, begun: float, line: str) -> None:
    now = time.monotonic()
    for word in _WORD.findall(line):
        if (sent := _moment(word, now)) is not None:
            heard.lags.append(now - sent)
            heard.first = heard.first or now - begun
            heard.last = now - begun


def _plan(words: int, pause: float) -> str:
    """Return what tells the stand-in how many words to write, and how far apart."""
    return f"(Ref {words}/{pause * 1_000_000:.0f})"


def _word_of(moment: float) -> str:
    ticks, letters = int(moment * _TICKS) % 26**_LETTERS, ""
    for _ in range(_LETTERS):
        ticks, letter = divmod(ticks, 26)
        letters = chr(97 + letter) + letters
    return letters


def _moment(word: str, now: float) -> float | None:
    """Return when a word was sent; None for a word that says no moment of the last minutes."""
    ticks = 0
    for letter in word:
        ticks = ticks * 26 + ord(letter) - 97
    ago = (int(now * _TICKS) - ticks) % 26**_LETTERS / _TICKS
    return now - ago if ago < 300 else None


class _Steps(Sequence[Step]):
    """The steps of a reply, each made at the moment at which it is sent."""

    def __init__(self, words: int, pause: float) -> None:
        self._words, self._pause = words, pause

    def __len__(self) -> int:
        return self._words + 2

    def __getitem__(self, place: Any) -> Any:
        return {}

    def __iter__(self) -> Iterator[Step]:
        time.sleep(_FIRST)
        for number in range(self._words):
            if number and self._pause:
                time.sleep(self._pause)
            yield {"delta": {"reasoning": f"{_word_of(time.monotonic())} "}}
        yield {"delta": {"content": "The notice period is three months [1]."}}
        yield {"finish": "stop"}


class _Timed(StubServer):
    """Writes the moment of sending as words: as many, and as far apart, as the last question says."""

    request_queue_size = 512

    def reply_to(self, body: Mapping[str, Any]) -> Sequence[Step]:
        plans = re.findall(r"\(Ref (\d+)/(\d+)\)", str(body["messages"][-1]["content"]))
        words, pause = plans[-1] if plans else (1, 0)
        return _Steps(int(words), int(pause) / 1_000_000)


def _serve(port: int) -> None:
    with _Timed(port, owner="vllm", context=65536):
        signal.pause()


@dataclass(frozen=True, slots=True)
class Rest:
    url: str
    token: str


@contextmanager
def _started(folder: Path) -> Iterator[tuple[str, Rest]]:
    """Run the stand-in and an installation whose documents are read; yield where each is asked."""
    model_port, port = _free_port(), _free_port()
    model = f"http://127.0.0.1:{model_port}/v1"
    environment = {name: value for name, value in os.environ.items() if not name.startswith("TOULMIN_")} | {
        "TOULMIN_DATA_DIR": str(folder / "data"),
        "TOULMIN_PORT": str(port),
        "TOULMIN_LLM_BASE_URL": model,
        "TOULMIN_MODEL": "none",
        "TOULMIN_SAMPLES": "false",
        "TOULMIN_API_ANSWERS_PER_MINUTE": "100000",
    }
    python = [sys.executable, "-m"]
    stub = subprocess.Popen([*python, "bench.relay", "--serve", str(model_port)], cwd=_ROOT)
    whole = subprocess.Popen([*python, "standalone.run"], cwd=_ROOT, env=environment, stdout=subprocess.DEVNULL)
    try:
        _wait_for(f"http://127.0.0.1:{port}/health/ready")
        made = subprocess.run(
            [*python, "standalone.manage", "bootstrap", "--email", "relay@localhost", "--token"],
            cwd=_ROOT,
            env=environment,
            check=True,
            capture_output=True,
            text=True,
        )
        rest = Rest(f"http://127.0.0.1:{port}", made.stdout.split()[-1])
        _upload(rest)
        yield model, rest
    finally:
        for process in (whole, stub):
            process.terminate()
        whole.wait(30)


def _upload(rest: Rest) -> None:
    headers = {"Authorization": f"Bearer {rest.token}"}
    with httpx.Client(base_url=f"{rest.url}/api/v1", headers=headers, timeout=60) as client:
        collection = client.post("/collections", json={"name": "Contracts"}).raise_for_status().json()["id"]
        for number in range(_DOCUMENTS):
            text = "\n\n".join(
                f"# {subject.title()} contract {number}\n\nThe notice period of the {subject} contract {number} is "
                f"{number + place + 1} weeks. It is signed by the head of {subject}. Invoices of contract {number} are paid "
                f"within {20 + place} days, and the liability of the {subject} supplier ends at {number + 1} million euros."
                for place, subject in enumerate(_SUBJECTS)
            )
            file = (f"contracts-{number}.md", text.encode(), "text/markdown")
            client.post("/documents", data={"collection": collection}, files={"file": file}).raise_for_status()
        until = time.monotonic() + 300
        while any(each["status"] not in {"ready", "failed"} for each in _documents(client)):
            if time.monotonic() > until:
                raise RuntimeError("The documents were not read within five minutes.")
            time.sleep(1)


def _documents(client: httpx.Client) -> list[dict[str, Any]]:
    return list(client.get("/documents", params={"limit": 100}).raise_for_status().json()["items"])


def _wait_for(url: str) -> None:
    until = time.monotonic() + 240
    while time.monotonic() < until:
        try:
            if httpx.get(url, timeout=5).status_code == 200:
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.5)
    raise RuntimeError(f"{url} was not ready within four minutes.")


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


if __name__ == "__main__":
    main()
