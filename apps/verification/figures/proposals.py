"""Where an answer says how it arrived at a figure: a line `calc: …` after a sentence, an equation within it, or `from X to Y`.

A model is asked for lines such as `calc: (1,204 − 1,087) ÷ 1,087 = 10.76 %` under the sentence that states the result; they are not
shown to readers, and the figures in them are no figures of the answer.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from apps.verification.figures.mentions import Mention
from apps.verification.figures.words import CHANGE, FELL, ROSE

_WORDS = ("calculation", "calc", "berechnung", "rechnung", "calcul", "cálculo", "計算", "计算")
_LINE = re.compile(
    rf"^[ \t>*-]*`{{0,3}}(?:{'|'.join(_WORDS)})\s*[:：]\s*(?P<text>[^\n]+?)[`*\s]*$\n?",
    re.I | re.M,
)
_BEGUN = re.compile(r"[ \t>*-]*`{0,3}(?P<word>[^\W\d_]*)[ \t]*(?P<rest>[^\n]*)")
_EQUATION = re.compile(
    r"(?:[(\[$€£¥|\\]|\d)[^\n=;]{2,120}?(?:[+×÷*/−–-]|\\frac|\\times)[^\n=;]{1,120}?\s?[=≈]\s?[-−–$€£¥(]*\s?\d[\d.,]*\s?%?"
)
_FROM_TO = re.compile(
    r"(?<![^\W\d_])(?:from|von|de|da|van|desde)\s+(?P<first>\S[^\n]{0,60}?)\s+(?:to|auf|à|a|naar|hasta)\s+(?P<second>\S)|(?P<third>\S[^\n]{0,30}?)から",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Proposal:
    """A calculation as written, and the half-open range of the answer in which the figure stands that it is for."""

    text: str
    start: int
    end: int
    is_equation: bool = False


def calculation_lines(answer: str) -> list[tuple[int, int]]:
    """Return the ranges of the lines that only say how a figure was computed."""
    return [match.span() for match in _LINE.finditer(answer)]


def may_become_calculation(beginning: str) -> bool:
    """Return whether a line that begins like this may prove to say how a figure was computed."""
    begun = _BEGUN.fullmatch(beginning)
    if begun is None:
        return False
    word, rest = begun["word"].casefold(), begun["rest"]
    return word in _WORDS if rest.startswith((":", "：")) else not rest and any(w.startswith(word) for w in _WORDS)


def without_calculations(answer: str) -> str:
    """Return an answer as it is shown: without the lines that say how its figures were computed."""
    return _LINE.sub("", answer).rstrip()


def proposals_in(answer: str, claims: Sequence[tuple[int, int]]) -> Iterator[Proposal]:
    """Yield what an answer itself says of how its figures were computed, in order."""
    taken = 0
    for match in _LINE.finditer(answer):
        before = [claim for claim in claims if claim[1] <= match.start() + 1]
        start, end = before[-1] if before else (taken, match.start())
        yield Proposal(match["text"], start, min(end, match.start()))
        taken = match.end()
    lines = calculation_lines(answer)
    for match in _EQUATION.finditer(answer):
        if not any(start <= match.start() < end for start, end in lines):
            yield Proposal(match[0], match.start(), match.end(), is_equation=True)


def stated_changes(claim: str, mentions: Sequence[Mention]) -> Iterator[tuple[Mention, Mention, Mention]]:
    """Yield for a claim the figures before and after a change, and each figure that states that change.

    `mentions` are those of the claim, with ranges in it: `rose from 1,087 to 1,204, or 10.76 %`.
    """
    if not (ROSE.search(claim) or FELL.search(claim) or CHANGE.search(claim)):
        return
    match = _FROM_TO.search(claim)
    plain = [mention for mention in mentions if not mention.spelled]
    if match is None or match["second"] is None or len(plain) < 3:
        return
    first = next((m for m in plain if match.start("first") <= m.start and m.end <= match.end("first") + 1), None)
    second = next((m for m in plain if 0 <= m.start - match.start("second") <= 2), None)
    if first is None or second is None or first.is_rate != second.is_rate:
        return
    others = [mention for mention in plain if mention not in (first, second)]
    if len(others) == 1 or (others and others[0].is_rate):
        yield first, second, others[0]
