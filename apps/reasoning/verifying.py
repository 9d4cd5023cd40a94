"""Check a written answer: its claims against the passages, its figures against text and tables, passages against each
other, and its reasoning sentence by sentence.

Nothing is taken back: a claim that falls short is marked, or withheld where that is the policy, and what the model wrote stays in the
record.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from apps.reasoning import notices
from apps.reasoning.conflicting import conflicts_of
from apps.reasoning.grounds import Grounds, ground
from apps.reasoning.judging import judge
from apps.reasoning.ledger import figures_of, grounds_of
from apps.reasoning.quotes import Quoted
from apps.reasoning.reason import Draft
from apps.reasoning.selection import Considered, passages_read
from apps.reasoning.trace import read_trace
from apps.reasoning.trace_notes import trace_notes
from apps.reasoning.unsupported import WITHHOLD, Shown, mostly_short, without_unsupported
from apps.reasoning.written import Notice, Question
from apps.verification.figures.lineage import Figure
from apps.verification.support import Embed


@dataclass(frozen=True, slots=True)
class Checked:
    """An answer as it is shown, with what was found of it. `original` is the text before something of it was withheld, else
    empty; `notice` is to be said above it."""

    text: str
    grounds: Grounds
    figures: tuple[Figure, ...] = ()
    conflicts: tuple[dict[str, Any], ...] = ()
    notice: Notice = field(default_factory=Notice)
    original: str = ""
    trace: tuple[dict[str, Any], ...] = ()
    trace_notes: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Checks:
    """How answers are checked: by which vectors, if by any, and what becomes of claims that nothing bears out."""

    embed: Embed | None = None
    policy: str = "mark"

    @property
    def withholds(self) -> bool:
        return self.policy == WITHHOLD


def verify(
    question: Question,
    text: str,
    considered: Sequence[Considered],
    checks: Checks,
    *,
    quoted: Sequence[Quoted] = (),
    draft: Draft | None = None,
) -> Checked:
    """Return the text with its claims judged and, where a model wrote a `draft`, its reasoning read. `quoted` are the citations of a
    text that was put together from quotations, which are borne out as they are."""
    grounds = ground(text, considered, quoted=quoted)
    read = {one.marker: one.passage for one in considered if one.marker is not None}
    if not read:
        return Checked(text, grounds)
    held_against = grounds_of(question.scope, read)
    claims = [judged.claim for judged in grounds.claims]
    calculations = draft.calculations if draft else ()
    figures = figures_of(text, claims, held_against, question=question.by_itself, calculations=calculations)
    if not quoted:
        grounds = judge(grounds, considered, figures, checks.embed)
    shown = Shown(text, grounds.claims, tuple(figures))
    if checks.withholds:
        shown = without_unsupported(text, grounds.claims, figures)
    checked = Checked(
        text=shown.text,
        grounds=replace(grounds, claims=shown.claims),
        figures=shown.figures,
        conflicts=tuple(conflicts_of(question.scope, read, held_against, shown.text)),
        notice=notices.mostly_short() if mostly_short(shown.claims) else Notice(),
        original=text if shown.withheld else "",
    )
    return _with_trace(checked, question, draft) if draft else checked


def _with_trace(checked: Checked, question: Question, draft: Draft) -> Checked:
    passages = passages_read(checked.grounds.considered)
    thoughts = read_trace(draft.reasoning, passages, question.by_itself)
    claims = [judged.claim for judged in checked.grounds.claims]
    notes = trace_notes(thoughts, claims, passages, question.by_itself, broken_off=draft.reasoning_cut)
    return replace(checked, trace=tuple(thought.as_json() for thought in thoughts), trace_notes=tuple(notes))
