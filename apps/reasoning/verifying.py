"""Check a written answer: its claims against the passages, its figures against text and tables, and passages against each other.

Exact checks and the ledger go before what is likely. Nothing is taken back: a claim that falls short is marked, or withheld where that
is the policy, and what the model wrote stays in the record.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import structlog

from apps.core.errors import Unavailable
from apps.reasoning import notices
from apps.reasoning.calculations import Calculation
from apps.reasoning.claims import Claimed
from apps.reasoning.grounds import Grounds, ground
from apps.reasoning.ledger import accounted, figures_of, grounds_of
from apps.reasoning.missing import says_what_is_missing
from apps.reasoning.models import CandidateReason, Verdict
from apps.reasoning.quotes import Quoted, quote_from
from apps.reasoning.selection import Considered
from apps.reasoning.unsupported import WITHHOLD, Shown, mostly_short, without_unsupported
from apps.reasoning.written import Judged, Notice, Question
from apps.retrieval.embedding import Vectors
from apps.retrieval.passages import Passage
from apps.verification.figures.lineage import Figure
from apps.verification.figures.lineage import Verdict as FigureVerdict
from apps.verification.support import Embed
from apps.verification.verdicts import Finding, judge_claims

log = structlog.get_logger(__name__)

_MOST_OTHERS = 24
"""Passages not read, nearest first, among which a missing citation is looked for."""
_NO_GROUND = {CandidateReason.DUPLICATE_OF, CandidateReason.OLD_VERSION, CandidateReason.INSTRUCTION_LIKE}
_MARKER = re.compile(r"\[(\d{1,3})\]")


@dataclass(frozen=True, slots=True)
class Checked:
    """An answer as it is shown, with what was found of it. `original` is the text before something of it was withheld, else
    empty; `notice` is to be said above it."""

    text: str
    grounds: Grounds
    figures: tuple[Figure, ...] = ()
    notice: Notice = field(default_factory=Notice)
    original: str = ""


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
    calculations: Sequence[Calculation] = (),
) -> Checked:
    """Return the text with its claims judged. `quoted` are the citations of a text that was put together from quotations, which are
    borne out as they are."""
    grounds = ground(text, considered, quoted=quoted)
    read = {one.marker: one.passage for one in considered if one.marker is not None}
    if not grounds.claims or not read:
        return Checked(text, grounds)
    claims = [judged.claim for judged in grounds.claims]
    held_against = grounds_of(question.scope, read)
    figures = figures_of(text, claims, held_against, question=question.by_itself, calculations=calculations)
    if quoted:
        return Checked(text, grounds, tuple(figures))
    others = _others(considered, first=len(read) + 1)
    findings = _judge(grounds, read, others, figures, checks.embed)
    numbers = _numbers_of_found(findings, read)
    judged = [
        _with_figures(_judged(one.claim, finding, numbers), figures)
        for one, finding in zip(grounds.claims, findings, strict=True)
    ]
    citations = [*grounds.citations, *_citations_found(judged, read, others, numbers, grounds.citations)]
    shown = Shown(text, tuple(judged), tuple(figures))
    if checks.withholds:
        shown = without_unsupported(text, judged, figures)
    return Checked(
        text=shown.text,
        grounds=replace(grounds, claims=shown.claims, citations=tuple(sorted(citations, key=lambda one: one.marker))),
        figures=shown.figures,
        notice=notices.mostly_short() if mostly_short(shown.claims) else Notice(),
        original=text if shown.withheld else "",
    )


def _others(considered: Sequence[Considered], *, first: int) -> dict[int, Passage]:
    """Return passages that were found and not read, by the numbers under which they would be cited. They came from the asker's own
    search, so the asker may see them."""
    unread = [one for one in considered if one.marker is None and one.reason not in _NO_GROUND]
    return {number: one.passage for number, one in enumerate(unread[:_MOST_OTHERS], start=first)}


def _judge(
    grounds: Grounds,
    read: Mapping[int, Passage],
    others: Mapping[int, Passage],
    figures: Sequence[Figure],
    embed: Embed | None,
) -> list[Finding]:
    claims = [judged.claim for judged in grounds.claims]
    settled = accounted(figures, claims)
    try:
        return judge_claims(claims, read, others, _remembering(embed) if embed else None, accounted=settled)
    except Unavailable as error:
        log.warning("answer.checked_by_words", code=error.code)
        return judge_claims(claims, read, others, accounted=settled)


def _remembering(embed: Embed) -> Embed:
    """Return the same function, which computes no vector twice: claims are compared with one passage after another."""
    known: dict[str, Vectors] = {}

    def remembered(texts: Sequence[str]) -> Vectors:
        new = [text for text in dict.fromkeys(texts) if text not in known]
        if new:
            known.update(zip(new, embed(new), strict=True))
        return np.stack([known[text] for text in texts])

    return remembered


def _numbers_of_found(findings: Sequence[Finding], read: Mapping[int, Passage]) -> dict[int, int]:
    """Return the final marker of each passage that is newly cited: they go on where those of the prompt end."""
    found = sorted({marker for finding in findings for marker in finding.found_afterwards if marker not in read})
    return {provisional: len(read) + place for place, provisional in enumerate(found, start=1)}


def _judged(claim: Claimed, finding: Finding, numbers: Mapping[int, int]) -> Judged:
    if not claim.markers and not finding.found_afterwards and says_what_is_missing(claim.text):
        return Judged(claim, notices.says_what_is_missing())

    def renumbered(match: re.Match[str]) -> str:
        return f"[{numbers.get(int(match[1]), match[1])}]"

    return Judged(
        claim,
        why=_MARKER.sub(renumbered, finding.why) if numbers else finding.why,
        verdict=Verdict(finding.verdict.value),
        score=finding.score,
        unsupported=finding.unsupported,
        found_afterwards=tuple(numbers.get(marker, marker) for marker in finding.found_afterwards),
    )


def _with_figures(judged: Judged, figures: Sequence[Figure]) -> Judged:
    """Return a claim with what the ledger says of its figures: a wrong one contradicts it, whatever its words."""
    own = [figure for figure in figures if judged.claim.start <= figure.start < judged.claim.end]
    wrong = next((figure for figure in own if figure.verdict is FigureVerdict.WRONG), None)
    if wrong is None or judged.verdict is Verdict.CONTRADICTED:
        return judged
    why, span = notices.figure_is_wrong(wrong), (wrong.start, wrong.end)
    return replace(judged, verdict=Verdict.CONTRADICTED, why=why, unsupported=(span,))


def _citations_found(
    judged: Sequence[Judged],
    read: Mapping[int, Passage],
    others: Mapping[int, Passage],
    numbers: Mapping[int, int],
    known: Sequence[Quoted],
) -> list[Quoted]:
    """Return a citation for each passage that bears a claim out and has none yet."""
    passages = {**read, **{final: others[provisional] for provisional, final in numbers.items()}}
    wanted = {marker for one in judged for marker in one.found_afterwards} - {one.marker for one in known}
    return [
        quote_from(passages[marker], marker, [one.claim.text for one in judged if marker in one.found_afterwards])
        for marker in sorted(wanted)
    ]
