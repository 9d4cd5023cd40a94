"""Decide what the answer is: from what the model wrote, or, where that does not hold, the passages' own words in its place. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from apps.reasoning import notices
from apps.reasoning.extract import extract
from apps.reasoning.models import AnswerStatus, Effort, Outcome
from apps.reasoning.opening import Opening
from apps.reasoning.quotes import Quoted
from apps.reasoning.reason import Draft, End
from apps.reasoning.salvage import before_repetition, is_grounded, whole_sentences
from apps.reasoning.selection import Considered, passages_read
from apps.reasoning.written import Notice, Question
from apps.serving.health import ModelState

_QUOTATIONS = {Effort.QUICK: 3, Effort.STANDARD: 4, Effort.DEEP: 6}
_BROKEN_OFF = {End.CUT: "length", End.LOOPED: "loop", End.LATE: "deadline", End.EMPTY: "out_of_budget"}


@dataclass(frozen=True, slots=True)
class Settled:
    """The words of the answer, and how they came about. `quoted` are the citations of words that are quotations."""

    text: str
    outcome: str
    notice: Notice = field(default_factory=Notice)
    status: AnswerStatus = AnswerStatus.DONE
    quoted: tuple[Quoted, ...] = ()


def settle(
    question: Question, considered: Sequence[Considered], draft: Draft | None, *, state: ModelState, stopped: bool
) -> Settled:
    """Return the answer. `state` says why no model was asked where there is no draft, unless the asker `stopped` before one was."""
    if draft is not None and draft.end is End.STOPPED:
        return Settled(draft.text, "", status=AnswerStatus.CANCELLED)
    if draft is None and stopped:
        return Settled("", "", status=AnswerStatus.CANCELLED)
    if not considered:
        return Settled(notices.nothing_to_search(), Outcome.NOT_IN_DOCUMENTS)
    if not passages_read(considered):
        return Settled(notices.only_suspicious(), Outcome.NOT_IN_DOCUMENTS)
    if draft is None:
        return _extracted(question, considered, notices.no_model(state))
    if draft.opening is Opening.NOT_IN_PASSAGES:
        return Settled(draft.text or notices.not_answered(), Outcome.NOT_IN_DOCUMENTS)
    if draft.end is End.WHOLE:
        outcome = Outcome.PARTLY if draft.opening is Opening.PARTLY else Outcome.ANSWERED
        notice = Notice() if is_grounded(draft.text) else notices.nothing_cited()
        return Settled(draft.text, outcome, notice)
    code = draft.error.code if draft.error else _BROKEN_OFF[draft.end]
    kept = whole_sentences(before_repetition(draft.text) if draft.end is End.LOOPED else draft.text)
    if is_grounded(kept):
        return Settled(kept, Outcome.PARTLY, notices.broken_off(code))
    return _extracted(question, considered, notices.nothing_of_use(code))


def _extracted(question: Question, considered: Sequence[Considered], notice: Notice) -> Settled:
    found = extract(question.by_itself, passages_read(considered), most=_QUOTATIONS[Effort(question.effort)])
    return Settled(found.text, Outcome.EXTRACTED, notice, quoted=found.citations)
