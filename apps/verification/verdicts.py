"""What is said of each claim of an answer: supported, partly, unsupported, contradicted or unchecked, why, and which words fall short.

    judge_claims(claims, passages_by_marker, candidates, embed=None, *, judge=None, accounted=()) -> list[Finding]

`claims` have `text`, `start`, `end`, `markers` (`reasoning.claims.Claimed` is one); `passages_by_marker` are the passages that the model
read, by the number under which it may cite them; `candidates` the others that the asker may see, by the numbers under which they would be
cited ({} if there are none). `embed` gives the vectors of texts (`Embedder.embed_passages`); without it words alone decide. `judge` (see
judges.py) takes their place, but for what is found afterwards. `accounted` are half-open ranges of the answer whose figures the number ledger has traced or
computed. One Finding a claim comes back, in order; its ranges are of the answer.

What is exact goes before what is likely: a claim whose figure is another in the passage is never supported, however alike the two are.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Protocol

from apps.verification import sayings
from apps.verification.exact import Mismatch, mismatches_of
from apps.verification.names import names_in
from apps.verification.reading import Place, Readable, Sources, joined
from apps.verification.sentences import Range
from apps.verification.support import Embed, Judge, Support, WordJudge
from apps.verification.tokens import Token, phrases_of, tokens_of, without_marks

SUPPORTED, PARTLY = 0.5, 0.25
"""Scores from which on a claim counts as supported, and as partly supported."""
FOUND_AFTERWARDS = 0.8
"""The score that a passage must reach to be named for a claim that does not cite it. It never moves, whatever is found."""
_MOST_FOUND = 2
_LEAST_WORDS = 3
_CHECKABLE_SHARE = 0.35  # of the words of a sentence that must carry meaning for it to state something


class Verdict(StrEnum):
    SUPPORTED = "supported"
    PARTLY = "partly"
    UNSUPPORTED = "unsupported"
    CONTRADICTED = "contradicted"
    UNCHECKED = "unchecked"


class Claim(Protocol):
    """A sentence or cell of an answer, its half-open range there, and the passages that it cites."""

    @property
    def text(self) -> str: ...

    @property
    def start(self) -> int: ...

    @property
    def end(self) -> int: ...

    @property
    def markers(self) -> tuple[int, ...]: ...


@dataclass(frozen=True, slots=True)
class Finding:
    """What is said of a claim.

    `score` is the support from 0 to 1, None where nothing was compared. `why` is a sentence for people. `unsupported` are ranges of the
    answer that no cited passage bears out, `found_afterwards` the markers of passages that do and are not cited. `places` are where in the
    passages most of the claim stands; `mismatches` have ranges of the claim's own text.
    """

    verdict: Verdict
    score: float | None
    why: str
    unsupported: tuple[Range, ...] = ()
    found_afterwards: tuple[int, ...] = ()
    places: tuple[Place, ...] = ()
    mismatches: tuple[Mismatch, ...] = ()


def judge_claims(
    claims: Sequence[Claim],
    passages_by_marker: Mapping[int, Readable],
    candidates: Mapping[int, Readable],
    embed: Embed | None = None,
    *,
    judge: Judge | None = None,
    accounted: Iterable[Range] = (),
) -> list[Finding]:
    """Return what is said of each claim, in order."""
    sources = Sources({**candidates, **passages_by_marker})
    words = WordJudge(embed)
    settled = tuple(accounted)
    cited = [(claim.text, [marker for marker in claim.markers if marker in passages_by_marker]) for claim in claims]
    supports = (judge or words).judge(cited, sources)
    findings = [
        _finding(claim, markers, support, sources, settled)
        for claim, (_, markers), support in zip(claims, cited, supports, strict=True)
    ]
    wanting = [
        place
        for place, (claim, finding) in enumerate(zip(claims, findings, strict=True))
        if finding.verdict in (Verdict.PARTLY, Verdict.UNSUPPORTED) and states_something(claim.text)
    ]
    for place, found in zip(wanting, _found(claims, wanting, sources, words, settled), strict=True):
        if found:
            findings[place] = _with_found(findings[place], claims[place], found)
    return findings


def states_something(text: str) -> bool:
    """Return whether a sentence says what could be checked: openings, transitions and questions to the reader do not."""
    plain = without_marks(text)
    tokens = tokens_of(plain)
    if any(token.is_figure for token in tokens) or any(not name.opens for name in names_in(plain)):
        return True
    if plain.rstrip().endswith((":", "：", "?", "？")):
        return False
    telling = [token for token in tokens if token.terms]
    return len(telling) >= _LEAST_WORDS and len(telling) >= _CHECKABLE_SHARE * len(tokens)


def _finding(
    claim: Claim, markers: Sequence[int], support: Support, sources: Sources, accounted: Sequence[Range]
) -> Finding:
    if not markers:
        if not states_something(claim.text):
            return Finding(Verdict.UNCHECKED, None, sayings.states_nothing())
        return Finding(Verdict.UNSUPPORTED, 0.0, sayings.cites_nothing(), _all_of(claim))
    mismatches = _mismatches(claim, markers, support, sources, accounted)
    settled = [(start - claim.start, end - claim.start) for start, end in accounted]
    missing = [token for token in support.missing if not any(a <= token.start < b for a, b in settled)]
    short = _short(claim, missing, mismatches)
    against = next((each for each in mismatches if each.instead), None)
    absent = next((each for each in mismatches if not each.instead), None)
    score = round(support.score, 3)
    if against:
        verdict, why, short = Verdict.CONTRADICTED, sayings.says_otherwise(against), _short(claim, (), mismatches)
    elif support.contradicted:
        verdict, why, short = Verdict.CONTRADICTED, sayings.speaks_against(markers), short or _all_of(claim)
    elif support.score >= SUPPORTED and not absent:
        verdict, why, short = Verdict.SUPPORTED, sayings.bears_out(markers), ()
    elif support.score >= SUPPORTED and absent:
        verdict, why = Verdict.PARTLY, sayings.does_not_hold(absent)
        short = _short(claim, (), mismatches)
    elif support.score >= PARTLY:
        verdict = Verdict.PARTLY
        why = sayings.does_not_hold(absent) if absent else sayings.bears_out_in_part(markers)
    else:
        verdict, why = Verdict.UNSUPPORTED, sayings.does_not_bear_out(markers)
        short = short or _all_of(claim)
    return Finding(verdict, score, why, short, (), support.places, tuple(mismatches))


def _mismatches(
    claim: Claim, markers: Sequence[int], support: Support, sources: Sources, accounted: Sequence[Range]
) -> list[Mismatch]:
    own = [(start - claim.start, end - claim.start) for start, end in accounted]
    return mismatches_of(claim.text, sources, markers, support.places, accounted=own)


def _short(claim: Claim, missing: Iterable[Token], mismatches: Iterable[Mismatch]) -> tuple[Range, ...]:
    """Return the ranges of the answer that are not borne out, runs of words as one."""
    ranges = phrases_of(without_marks(claim.text), missing) + [(each.start, each.end) for each in mismatches]
    return tuple((claim.start + start, claim.start + end) for start, end in joined(ranges, claim.text))


def _all_of(claim: Claim) -> tuple[Range, ...]:
    return ((claim.start, claim.end),)


def _found(
    claims: Sequence[Claim], wanting: Sequence[int], sources: Sources, judge: Judge, accounted: Sequence[Range]
) -> list[tuple[Support, ...]]:
    """Return for each claim what bears it out wholly among the passages that it does not cite, the best first."""
    asked: list[tuple[str, list[int]]] = []
    of_claim: list[int] = []
    for place in wanting:
        for marker in _likely(claims[place], sources):
            asked.append((claims[place].text, [marker]))
            of_claim.append(place)
    found: dict[int, list[Support]] = {}
    for place, (_, markers), support in zip(of_claim, asked, judge.judge(asked, sources), strict=True):
        if support.score >= FOUND_AFTERWARDS and not _mismatches(claims[place], markers, support, sources, accounted):
            found.setdefault(place, []).append(support)
    return [tuple(sorted(found.get(place, []), key=lambda each: -each.score)) for place in wanting]


def _likely(claim: Claim, sources: Sources) -> list[int]:
    """Return the passages not cited that share most with a claim."""
    wanted = sources.weigh(tokens_of(without_marks(claim.text)))
    others = [
        (sum(weight for term, weight in wanted.items() if term in source.terms), marker)
        for marker, source in sources.by_marker.items()
        if marker not in claim.markers
    ]
    return [
        marker for weight, marker in sorted(others, key=lambda each: (-each[0], each[1]))[:_MOST_FOUND] if weight > 0
    ]


def _with_found(finding: Finding, claim: Claim, found: Sequence[Support]) -> Finding:
    """Return a finding with the passages that were found: they stand in for a citation that is missing, not for one that is wrong."""
    markers = tuple(support.places[0].marker for support in found)
    if not claim.markers:
        why = sayings.found_for_uncited(markers)
        return Finding(Verdict.SUPPORTED, round(found[0].score, 3), why, (), markers, found[0].places)
    why = sayings.found_beside(finding.why, markers)
    return replace(finding, verdict=Verdict.PARTLY, why=why, found_afterwards=markers)
