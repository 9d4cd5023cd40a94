"""Tie an answer to its passages: claims with their markers, citations with their quotes, and who was cited. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from apps.reasoning import notices
from apps.reasoning.citations import markers_in
from apps.reasoning.claims import Claimed, quotation_claims, split_claims
from apps.reasoning.models import Verdict
from apps.reasoning.quotes import Quoted, quote_from
from apps.reasoning.selection import Considered, passages_read, with_citations
from apps.reasoning.written import Judged


@dataclass(frozen=True, slots=True)
class Grounds:
    claims: tuple[Judged, ...]
    citations: tuple[Quoted, ...]
    considered: tuple[Considered, ...]


def ground(text: str, considered: Sequence[Considered], *, quoted: Sequence[Quoted] = ()) -> Grounds:
    """Return the claims of a text, a citation for each marker in it, and the passages with those that are cited marked.

    `quoted` are citations that are known already, for a text that was put together from quotations.
    """
    passages = passages_read(considered)
    claims = quotation_claims(text) if quoted else split_claims(text)
    known = {citation.marker: citation for citation in quoted}
    markers = [marker for marker in sorted(markers_in(text)) if 1 <= marker <= len(passages)]
    citations = [
        known.get(marker)
        or quote_from(passages[marker - 1], marker, [c.text for c in claims if marker in c.markers] or [text])
        for marker in markers
    ]
    judged = [_judged(claim, quoted=bool(quoted)) for claim in claims]
    return Grounds(tuple(judged), tuple(citations), tuple(with_citations(considered, set(markers))))


def _judged(claim: Claimed, *, quoted: bool) -> Judged:
    """Return a claim before it is compared: what was quoted word for word is borne out as it is."""
    if quoted and claim.markers:
        return Judged(claim, notices.quoted_word_for_word(), Verdict.SUPPORTED, 1.0)
    return Judged(claim, notices.why_unchecked(bool(claim.markers)))
