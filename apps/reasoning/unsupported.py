"""What is shown of an answer's claims that nothing bears out: the claim with a mark, or a sentence in its place. Pure.

The setting `unsupported_claims` decides. A claim that a passage contradicts is always shown, with what contradicts it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _

from apps.reasoning.models import Verdict
from apps.reasoning.written import Judged
from apps.verification.figures.lineage import Figure
from apps.verification.sentences import Range

WITHHOLD = "withhold"
"""The policy by which such claims are not shown; the other one is `mark`."""
_SHORT = {Verdict.PARTLY, Verdict.UNSUPPORTED, Verdict.CONTRADICTED}


@dataclass(frozen=True, slots=True)
class Shown:
    """A text with what is said of it. `withheld` is how many claims were left out."""

    text: str
    claims: tuple[Judged, ...]
    figures: tuple[Figure, ...]
    withheld: int = 0


def without_unsupported(text: str, claims: Sequence[Judged], figures: Sequence[Figure]) -> Shown:
    """Return the text with a sentence in the place of each claim that nothing bears out; its markers stay, so that a reader can look
    for himself. Ranges move along; figures of what is withheld are left out."""
    parts: list[str] = []
    shown: list[Judged] = []
    kept: list[Figure] = []
    before, moved = 0, 0
    for judged in sorted(claims, key=lambda one: one.claim.start):
        start, end = judged.claim.start, judged.claim.end
        kept += [_figure(figure, moved) for figure in figures if before <= figure.start < start]
        parts.append(text[before:start])
        if judged.verdict is Verdict.UNSUPPORTED:
            sentence = withheld_claim(judged.claim.markers)
            parts.append(sentence)
            shown.append(_withheld(judged, sentence, start + moved))
            moved += len(sentence) - (end - start)
        else:
            parts.append(text[start:end])
            kept += [_figure(figure, moved) for figure in figures if start <= figure.start < end]
            shown.append(_moved(judged, moved))
        before = end
    kept += [_figure(figure, moved) for figure in figures if figure.start >= before]
    withheld = sum(1 for judged in shown if judged.original)
    return Shown("".join([*parts, text[before:]]), tuple(shown), tuple(kept), withheld)


def mostly_short(claims: Sequence[Judged]) -> bool:
    """Return whether more than half of the claims that were checked are not borne out wholly."""
    checked = [judged for judged in claims if judged.verdict is not Verdict.UNCHECKED]
    return 2 * sum(1 for judged in checked if judged.verdict in _SHORT) > len(checked)


def withheld_claim(markers: Sequence[int]) -> str:
    """Return what stands in the place of a claim."""
    sentence = _("(Withheld: the documents do not bear this sentence out.)")
    cited = "".join(f"[{marker}]" for marker in markers)
    return f"{sentence} {cited}" if cited else sentence


def _withheld(judged: Judged, sentence: str, start: int) -> Judged:
    span = (start, start + len(sentence))
    return replace(
        judged,
        claim=replace(judged.claim, text=sentence, start=span[0], end=span[1]),
        unsupported=(span,),
        original=judged.claim.text,
    )


def _moved(judged: Judged, by: int) -> Judged:
    claim = judged.claim
    return replace(
        judged,
        claim=replace(claim, start=claim.start + by, end=claim.end + by),
        unsupported=tuple(_range(span, by) for span in judged.unsupported),
    )


def _figure(figure: Figure, by: int) -> Figure:
    return replace(figure, start=figure.start + by, end=figure.end + by)


def _range(span: Range, by: int) -> Range:
    return span[0] + by, span[1] + by
