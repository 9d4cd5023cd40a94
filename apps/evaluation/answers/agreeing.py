"""How far the graders agree with people, on answers that people graded: printed before what a grader says of anything else.

`human_graded_answers.jsonl` of a folder has `query_id`, `model_answer` and `label`, which begins with correct, incorrect or refusal.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from apps.core.errors import Invalid
from apps.evaluation.folders import rows_of
from apps.evaluation.grading.agreement import Agreement, agreement_of
from apps.evaluation.grading.exact import grade
from apps.evaluation.grading.grades import Gold, Grade, Label

FILE = "human_graded_answers.jsonl"


@dataclass(frozen=True, slots=True)
class Graded:
    """An answer that a person graded. `half` is 0 or 1: every other question."""

    gold: Gold
    answer: str
    label: Label
    half: int


def graded_by_people(folder: Path) -> list[Graded]:
    """Return the answers of a folder that people graded; none where it has no such file."""
    if not (folder / FILE).is_file():
        return []
    rows = list(rows_of(folder / "queries.jsonl"))
    golds = {row["id"]: Gold(row["question"], tuple(map(str, row.get("answers") or ()))) for row in rows}
    halves = {row["id"]: number % 2 for number, row in enumerate(rows)}
    return [
        Graded(golds[row["query_id"]], row["model_answer"], _label(row["label"]), halves[row["query_id"]])
        for row in rows_of(folder / FILE)
        if row["query_id"] in golds
    ]


def agreement_with(graded: Sequence[Graded], grader: Callable[[Gold, str], Grade | None]) -> tuple[Agreement, int]:
    """Return how far a grader agrees with people, and of how many answers it said nothing."""
    said = [(each.label, grader(each.gold, each.answer)) for each in graded]
    return agreement_of((label, found.label) for label, found in said if found), sum(not found for _, found in said)


def exact_agreement(graded: Sequence[Graded]) -> dict[str, Agreement]:
    """Return how far the grader without a model agrees: on all, on each half of the questions, and where it is sure."""
    parts = {
        "All": graded,
        "First half of the questions": [each for each in graded if each.half == 0],
        "Second half of the questions": [each for each in graded if each.half == 1],
    }
    found = {name: agreement_with(part, grade)[0] for name, part in parts.items()}

    def where_sure(gold: Gold, answer: str) -> Grade | None:
        given = grade(gold, answer)
        return given if given.is_sure else None

    return found | {"Where it is sure": agreement_with(graded, where_sure)[0]}


def sample(graded: Sequence[Graded], count: int) -> list[Graded]:
    """Return so many of them, spread evenly over the file, the same each time."""
    if count >= len(graded):
        return list(graded)
    return [graded[number * len(graded) // count] for number in range(count)]


def _label(text: str) -> Label:
    word = text.casefold().split()[0] if text.split() else ""
    if word not in set(Label):
        raise Invalid(f"“{text}” is no grade. There are correct, incorrect and refusal.")
    return Label(word)
