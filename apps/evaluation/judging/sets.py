"""Sets of questions whose answers are judged, not compared: in the shape of MT-Bench (`turns`, `reference`) or AlignBench (`question`,
`reference`). A `rubric` of a question says what is judged; without one the usual one is."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from apps.core.errors import Invalid
from apps.evaluation.folders import rows_of

_NAMES = ("question.jsonl", "questions.jsonl", "data_release.jsonl", "queries.jsonl")
USUAL_RUBRIC = "Whether the answer is right, does what was asked in the language it was asked in, is complete without padding, and reasons soundly."


@dataclass(frozen=True, slots=True)
class Judged:
    """A question in one turn or several, with the reference to each turn; an empty reference is none."""

    key: str
    turns: tuple[str, ...]
    references: tuple[str, ...]
    rubric: str = USUAL_RUBRIC
    category: str = ""


def judged_set(path: Path) -> list[Judged]:
    """Return the questions of a file, or of a folder that has one. Raises `Invalid` for what is no such set."""
    file = next((path / name for name in _NAMES if (path / name).is_file()), path) if path.is_dir() else path
    if not file.is_file():
        raise Invalid(f"There is neither {' nor '.join(_NAMES)} in {path}.")
    found = [_judged(number, row) for number, row in enumerate(rows_of(file), start=1)]
    if not found:
        raise Invalid(f"There is no question in {file}.")
    return found


def answers_of(path: Path) -> dict[str, tuple[str, ...]]:
    """Return somebody's answers by question, turn by turn: as FastChat writes them (`choices`), or as `evaluate --judged` kept them."""
    found = {}
    for row in rows_of(path):
        if "choices" in row:
            found[str(row["question_id"])] = tuple(map(str, row["choices"][0]["turns"]))
        elif "answers" in row and "key" in row:
            found[str(row["key"])] = tuple(map(str, row["answers"]))
    if not found:
        raise Invalid(f"{path} has no answers: neither choices with turns nor what --results kept.")
    return found


def _judged(number: int, row: Mapping[str, Any]) -> Judged:
    turns = _several(row.get("turns") or row.get("question"))
    if not turns:
        raise Invalid(f"Question {number} has neither turns nor a question.")
    references = _several(row.get("reference"))
    return Judged(
        key=str(row.get("question_id", row.get("id", number))),
        turns=turns,
        references=(*references, *[""] * len(turns))[: len(turns)],
        rubric=str(row.get("rubric") or USUAL_RUBRIC),
        category=str(row.get("category") or ""),
    )


def _several(value: Any) -> tuple[str, ...]:
    if value is None:
        return ()
    return tuple(map(str, value)) if isinstance(value, list) else (str(value),)
