"""What is worth keeping of an answer that broke off: whole sentences, each said once. Pure."""

from apps.reasoning.citations import markers_in
from apps.reasoning.claims import split_claims

_CLOSED = (".", "!", "?", "…", "]", "。", "！", "？", "।", "”", '"', ")", "|")


def whole_sentences(text: str) -> str:
    """Return the text up to its last finished sentence."""
    claims = split_claims(text)
    finished = [claim for claim in claims if claim.text.endswith(_CLOSED)]
    if not claims or not finished:
        return ""
    return text if finished[-1] is claims[-1] else text[: finished[-1].end].rstrip()


def before_repetition(text: str) -> str:
    """Return the text up to the first sentence that had been said before."""
    said: set[str] = set()
    for claim in split_claims(text):
        words = " ".join(claim.text.split()).casefold()
        if words in said and len(words) > 12:
            return text[: claim.start].rstrip().removesuffix("-").removesuffix("*").rstrip()
        said.add(words)
    return text


def is_grounded(text: str) -> bool:
    """Return whether at least one sentence cites a passage."""
    return bool(markers_in(text)) and any(claim.markers for claim in split_claims(text))
