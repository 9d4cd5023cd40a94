"""How a question ends however its model's reply arrives and whatever goes wrong with it.

    python -m standalone.testbed -- python -m bench.streams

Every way of arriving crosses every way of going wrong (`inference/scripts.py`), streaming and not, over real HTTP. Printed is
how each ended; a star marks an end that was not the one it should have been.
"""

import argparse
import os
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from apps.reasoning.asked import Asked
from apps.reasoning.effort import Limits
from apps.reasoning.prompts import Prompt
from apps.reasoning.reason import Draft, reason
from apps.serving.catalogue import ModelEntry
from apps.serving.client import OpenAICompatible
from inference.scripts import TROUBLES, Trouble
from inference.shapes import ANSWER, SHAPES, THOUGHT, Shape
from inference.stub import Script, StubServer

_DEADLINE = 20.0
_AT_ONCE = 8
_LIMITS = Limits(found=40, passages=12, thinking=600, answer=400, prompt=4000)
_PROMPT = Prompt(({"role": "user", "content": "What was net debt?"},), "answer", "")


@dataclass(frozen=True, slots=True)
class Case:
    """One reply of a model: how it arrives, what goes wrong, and whether it streams."""

    trouble: Trouble
    shape: Shape
    streaming: bool

    @property
    def name(self) -> str:
        return f"{self.trouble.name} / {self.shape.name} / {'streaming' if self.streaming else 'whole'}"

    @property
    def model(self) -> str:
        return f"script:{self.name}"


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a case ended. `left_open`: requests that were still running at the server two seconds later."""

    case: Case
    draft: Draft
    seconds: float
    left_open: int

    @property
    def code(self) -> str:
        return self.draft.error.code if self.draft.error else ""

    def wrongs(self) -> list[str]:
        """Return what is not as it must be, in words; nothing if all is well."""
        want, draft, found = self.case.trouble, self.draft, []
        if (draft.end.name, self.code) != (want.ends, want.code):
            found.append(f"ended {draft.end.name} {self.code}, not {want.ends} {want.code}")
        if not (draft.text.startswith(want.text) if want.begins else draft.text == want.text):
            found.append(f"left {draft.text[:200]!r}")
        if any(part in draft.text for part in _parts(THOUGHT)):
            found.append("reasoning in the answer")
        if any(part in draft.reasoning for part in _parts(ANSWER)):
            found.append("answer in the reasoning")
        if self.seconds > _DEADLINE:
            found.append(f"took {self.seconds:.1f} s")
        if self.left_open:
            found.append(f"{self.left_open} requests left open")
        return found


def all_cases() -> list[Case]:
    """Return every case there is."""
    return [
        Case(trouble, shape, streaming)
        for trouble in TROUBLES
        for shape in trouble.shapes()
        for streaming in ([True, False] if trouble.whole else [True])
    ]


def run_all(cases: Sequence[Case]) -> list[Outcome]:
    """Run cases, several at a time, each on a connection of its own, and return how they ended."""
    scripts: dict[str, Script] = {case.name: case.trouble.script(case.shape) for case in cases}
    with StubServer(scripts=scripts) as server, ThreadPoolExecutor(_AT_ONCE) as pool:
        return list(pool.map(lambda case: _run(case, server), cases))


def _run(case: Case, server: StubServer) -> Outcome:
    template = "template" if case.shape.opened else "none"
    asked = Asked(
        prompt=_PROMPT,
        passages=2,
        name=case.model,
        entry=ModelEntry(key="model", id="model", label="Model", think_prefix=template),  # type: ignore[arg-type]
        limits=_LIMITS,
        keeps_budget=case.shape.own_fields,
        streaming=case.streaming,
    )
    begun = time.monotonic()
    stop, deadline = case.trouble.stop_after, case.trouble.deadline or _DEADLINE
    steps = reason(
        asked,
        OpenAICompatible(server.url, silence=case.trouble.silence),
        stopped=lambda: stop is not None and time.monotonic() - begun > stop,
        deadline=begun + deadline,
    )
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return Outcome(case, end.value, time.monotonic() - begun, _left_open(server, case.model))


def _left_open(server: StubServer, model: str) -> int:
    until = time.monotonic() + 2
    while server.open[model] and time.monotonic() < until:
        time.sleep(0.02)
    return server.open[model]


def _parts(text: str) -> Iterator[str]:
    """Yield the halves of a text: enough of it to be known by."""
    yield text[: len(text) // 2]
    yield text[len(text) // 2 :]


def _table(outcomes: Sequence[Outcome]) -> Iterator[str]:
    by_case = {(one.case.trouble.name, one.case.shape.name, one.case.streaming): one for one in outcomes}
    for number, shape in enumerate(SHAPES, start=1):
        yield f"{number}  {shape.name}"
    yield f"{'':48}" + "".join(f"{number:^8}" for number in range(1, len(SHAPES) + 1))
    for trouble in TROUBLES:
        for streaming in [True, False] if trouble.whole else [True]:
            cells = [by_case.get((trouble.name, shape.name, streaming)) for shape in SHAPES]
            name = trouble.name + ("" if streaming else ", whole")
            code = next((f"  {one.code}" for one in cells if one and one.code), "")
            yield f"{name[:47]:48}" + "".join(f"{_cell(one):^8}" for one in cells) + code


def _cell(outcome: Outcome | None) -> str:
    if outcome is None:
        return "·"
    return outcome.draft.end.name.lower() + ("*" if outcome.wrongs() else "")


def main() -> int:
    """Print the table and the worst; return 1 if a case ended otherwise than it must."""
    argparse.ArgumentParser(prog="python -m bench.streams", description=__doc__).parse_args()
    begun = time.monotonic()
    outcomes = run_all(all_cases())
    print("\n".join(_table(outcomes)))
    wrong = [(one.case.name, one.wrongs()) for one in outcomes if one.wrongs()]
    for name, found in wrong:
        print(f"* {name}: {'; '.join(found)}")
    slowest = max(outcomes, key=lambda one: one.seconds)
    print(
        f"{len(outcomes)} cases, {len(TROUBLES)} ways of going wrong, {len(SHAPES)} ways of arriving; "
        f"{len(outcomes) - len(wrong)} ended as they must; slowest {slowest.seconds:.1f} s ({slowest.case.name}); "
        f"requests left open: {sum(one.left_open for one in outcomes)}; {time.monotonic() - begun:.0f} s"
    )
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
