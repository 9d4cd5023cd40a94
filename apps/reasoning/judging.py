"""Judge the claims of an answer, and find citations that are missing among what was found and not read.

Exact checks and the number ledger go before what is likely.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import structlog

from apps.core.errors import Unavailable
from apps.reasoning import notices
from apps.reasoning.claims import Claimed
from apps.reasoning.grounds import Grounds
from apps.reasoning.ledger import accounted
from apps.reasoning.missing import says_what_is_missing
from apps.reasoning.models import CandidateReason, Verdict
from apps.reasoning.quotes import Quoted, quote_from
from apps.reasoning.selection import Considered
from apps.reasoning.written import Judged
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


def judge(
    grounds: Grounds, considered: Sequence[Considered], figures: Sequence[Figure], embed: Embed | None
) -> Grounds:
    """Return the same grounds with a verdict on each claim and with the citations that were found afterwards."""
    read = {one.marker: one.passage for one in considered if one.marker is not None}
    others = _others(considered, first=len(read) + 1)
    findings = _findings(grounds, read, others, figures, embed)
    numbers = _numbers_of_found(findings, read)
    judged = [
        _with_figures(_judged(one.claim, finding, numbers), figures)
        for one, finding in zip(grounds.claims, findings, strict=True)
    ]
    found = _citations_found(judged, read, others, numbers, grounds.citations)
    citations = sorted([*grounds.citations, *found], key=lambda one: one.marker)
    return replace(grounds, claims=tuple(judged), citations=tuple(citations))


def _others(considered: Sequence[Considered], *, first: int) -> dict[int, Passage]:
    """Return passages that were found and not read, by the numbers under which they would be cited. They came from the asker's own
    search, so the asker may see them."""
    unread = [one for one in considered if one.marker is None and one.reason not in _NO_GROUND]
    return {number: one.passage for number, one in enumerate(unread[:_MOST_OTHERS], start=first)}


def _findings(
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
