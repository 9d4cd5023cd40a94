"""What is observed of one answer: its grade, its citations beside the grounds, its claims and figures, what it took. Pure."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

from apps.core.errors import Invalid
from apps.evaluation.grading.exact import grade
from apps.evaluation.grading.figures import figures_of, states
from apps.evaluation.grading.grades import Grade, Label
from apps.evaluation.grounds import Found, is_ground
from apps.evaluation.known import Known

_ABSENT = "not_in_documents"
_NO_MODEL = "extracted"
_LONGEST_KEPT = 4000  # characters of an answer


@dataclass(frozen=True, slots=True)
class Observed:
    """One question as it was answered. `label` is empty where no right answer is known; `exact` is what the grader without a model said,
    `judged` what the model said where it was asked. `figure` is None where the right answer has none."""

    key: str
    question: str
    answerable: bool
    label: str
    exact: dict[str, Any]
    judged: dict[str, Any] | None
    text: str
    outcome: str
    cited: int
    right: int
    grounded: bool
    figure: bool | None
    claims: dict[str, int]
    figures: dict[str, int]
    seconds: float | None
    first_token: float | None
    tokens: int
    amount: str | None
    currency: str | None
    model: str
    answer: str = ""
    error: str = ""

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, row: Mapping[str, Any]) -> Self:
        try:
            return cls(**row)
        except TypeError as error:
            raise Invalid("This file is not what evaluate --answers kept.") from error


def exact_grade(known: Known, answer: Mapping[str, Any]) -> Grade | None:
    """Return the grade without a model; None where nothing says what is right."""
    refused = True if answer["outcome"] == _ABSENT else None
    if known.answerable and not known.answers:
        return None
    return grade(known.gold, answer["text"], is_refusal=refused)


def observed(known: Known, answer: Mapping[str, Any], *, judged: Grade | None = None) -> Observed:
    """Return what is observed of an answer, given as the REST contract shows it."""
    exact = exact_grade(known, answer)
    settled = judged or exact
    cited = [each for each in answer["citations"] if not each["found_afterwards"]]
    passages = {each["passage"]["id"]: each["passage"] for each in answer["candidates"]}
    right = sum(_is_right(known, passages.get(each["passage"])) for each in cited)
    usage, cost = answer["usage"], answer["cost"]
    return Observed(
        key=known.key,
        question=known.text,
        answerable=known.answerable,
        label=settled.label.value if settled else "",
        exact=exact.as_json() if exact else {},
        judged=judged.as_json() if judged else None,
        text=answer["text"][:_LONGEST_KEPT],
        outcome=answer["outcome"] or "",
        cited=len(cited),
        right=right,
        grounded=bool(known.grounds),
        figure=_states_figures(known, answer["text"]),
        claims=dict(Counter(claim["verdict"] for claim in answer["claims"])),
        figures=dict(Counter(figure["verdict"] for figure in answer["figures"])),
        seconds=usage["seconds"]["total"],
        first_token=usage["seconds"]["first_token"],
        tokens=sum(usage.get(name) or 0 for name in ("prompt_tokens", "reasoning_tokens", "answer_tokens")),
        amount=cost["amount"],
        currency=cost["currency"],
        model=(answer["model"] or {}).get("name", ""),
        answer=answer["id"],
        error=error_of(answer),
    )


def error_of(answer: Mapping[str, Any]) -> str:
    """Return why an answer counts as none: it failed, or no model wrote it. Empty where it counts."""
    if answer["error"]:
        return str(answer["error"]["code"])
    return str((answer["notice"] or {}).get("code", "no_model")) if answer["outcome"] == _NO_MODEL else ""


def is_refusal(row: Observed) -> bool:
    return row.label == Label.REFUSAL or (not row.label and row.outcome == _ABSENT)


def _is_right(known: Known, passage: Mapping[str, Any] | None) -> bool:
    """Return whether a cited passage is one of those that answer the question."""
    if passage is None:
        return False
    found = Found(passage["document"]["id"], passage["page"], passage["text"], passage["id"])
    return any(is_ground(found, ground) for ground in known.grounds)


def _states_figures(known: Known, text: str) -> bool | None:
    """Return whether all figures of a right answer are in this one; None where no right answer has any."""
    wanted = [figures for answer in known.answers if (figures := figures_of(answer))]
    if not (known.answerable and wanted):
        return None
    return any(all(states(text, figure, known.gold) for figure in figures) for figures in wanted)
