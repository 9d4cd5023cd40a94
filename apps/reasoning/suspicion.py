"""Text in documents that addresses a model instead of a reader: kept out of the prompt, and listed on the answer.

What a model does not read it cannot follow, so such passages are left out whole, with those around them that carry a part of the
same order. A passage that only looks so costs evidence, and is listed for that reason: the reader can open it.
"""

import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from apps.retrieval.neighbours import Surroundings
from apps.retrieval.passages import Passage, SearchResult
from apps.verification.instructions import Instruction, instructions_in

_SEAM = 300  # characters on either side of where two passages meet, in which an order may be split
_LONGEST_QUOTE = 300
_CACHED = 4096  # texts; what is searched often is judged once by each process


@dataclass(frozen=True, slots=True)
class Suspicious:
    """A passage that addresses the model, the words with which it does, and how."""

    passage: Passage
    quote: str
    kind: str

    def as_json(self) -> dict[str, Any]:
        """Return it as the REST contract shows it."""
        passage = self.passage
        return {
            "rank": passage.rank,
            "document": {"id": str(passage.document_id), "title": passage.document_title},
            "page": passage.page,
            "quote": self.quote,
            "kind": self.kind,
        }


@dataclass(frozen=True, slots=True)
class Screened:
    """What a search found, the suspicious passages marked as such, and what is suspicious about them, by rank."""

    found: SearchResult
    suspicious: tuple[Suspicious, ...]


def screen(found: SearchResult) -> Screened:
    """Return what was found with every passage marked that addresses the model, by itself or together with its neighbours.

    A passage that was folded into such a one stands for itself, so that a copy with an order in it hides no original.
    """
    judged = {passage.id: judged for passage in found.ranked if (judged := _judge(passage))}
    for first, second in _neighbours(found.ranked):
        if first.id not in judged and second.id not in judged:
            judged |= _judge_seam(first, second)
    if not judged:
        return Screened(found, ())
    marked = [replace(each, suspicious=each.id in judged) for each in found.ranked]
    unfolded = list(_unfolded(marked))
    result = replace(
        found,
        passages=tuple(each for each in unfolded if each.duplicate_of is None),
        folded=tuple(each for each in unfolded if each.duplicate_of is not None),
    )
    return Screened(result, tuple(judged[each.id] for each in unfolded if each.id in judged))


def screened_surroundings(
    around: Mapping[uuid.UUID, Surroundings], passages: Sequence[Passage]
) -> dict[uuid.UUID, Surroundings]:
    """Return what stands around passages, without what addresses the model, by itself or as it goes on in the passage."""
    texts = {passage.id: passage.text for passage in passages}
    kept = {}
    for key, surroundings in around.items():
        before, after, text = surroundings.before, surroundings.after, texts.get(key, "")
        kept[key] = Surroundings(
            "" if _found(before) or _found(f"{before} {text[:_SEAM]}") else before,
            "" if _found(after) or _found(f"{text[-_SEAM:]} {after}") else after,
        )
    return kept


def _judge(passage: Passage) -> Suspicious | None:
    if found := _found(passage.text):
        return _suspicious(passage, passage.text, found)
    head = "\n".join(part for part in (passage.document_title, passage.heading) if part)
    if found := _found(head):
        return _suspicious(passage, head, found)
    return None


def _judge_seam(first: Passage, second: Passage) -> dict[uuid.UUID, Suspicious]:
    """Return both of two neighbours where only what they say together addresses the model."""
    end, beginning = first.text[-_SEAM:], second.text[:_SEAM]
    joined = f"{end} {beginning}"
    found = _found(joined)
    if found is None:
        return {}
    return {each.id: _suspicious(each, joined, found) for each in (first, second)}


def _neighbours(passages: Sequence[Passage]) -> Iterator[tuple[Passage, Passage]]:
    """Yield each passage with every one that may follow it in its document."""
    by_version: dict[uuid.UUID, list[Passage]] = {}
    for passage in passages:
        by_version.setdefault(passage.version_id, []).append(passage)
    for group in by_version.values():
        for first in group:
            for second in group:
                if first is not second and _may_follow(first, second):
                    yield first, second


def _may_follow(first: Passage, second: Passage) -> bool:
    """Return whether a passage may be the next one, as far as pages or characters tell."""
    if first.span is not None and second.span is not None:
        return 0 <= second.span[0] - first.span[1] <= _SEAM
    return first.page is not None and second.page is not None and second.page - first.page in {0, 1}


def _unfolded(passages: Sequence[Passage]) -> Iterator[Passage]:
    """Yield passages so that none is folded into a suspicious one: the first of its copies takes its place."""
    suspicious = {passage.rank for passage in passages if passage.suspicious}
    stands_for: dict[int, int] = {}
    for passage in passages:
        of = passage.duplicate_of
        if of not in suspicious or of is None or passage.suspicious:
            yield passage
        elif of in stands_for:
            yield replace(passage, duplicate_of=stands_for[of])
        else:
            stands_for[of] = passage.rank
            yield replace(passage, duplicate_of=None)


@lru_cache(maxsize=_CACHED)
def _found(text: str) -> Instruction | None:
    """Return the worst instruction in a text, None where there is none."""
    return max(instructions_in(text), key=lambda found: found.score, default=None)


def _suspicious(passage: Passage, text: str, found: Instruction) -> Suspicious:
    words = " ".join(text[found.start : found.end].split())
    quote = words if len(words) <= _LONGEST_QUOTE else f"{words[:_LONGEST_QUOTE]} …"
    return Suspicious(passage, quote, str(found.kind))
