"""Passage: a searchable piece of text with its place and the trail of scores by which it was found."""

import uuid
from dataclasses import asdict, dataclass, field
from typing import Any

from apps.core.geometry import Box


@dataclass(frozen=True, slots=True)
class Scores:
    """How each stage of the search judged a passage; None where it has nothing to say of it.

    `vector` is a cosine, `keyword` BM25, `fused` their sum in shares, `rerank` what the second stage made of that.
    """

    vector: float | None = None
    keyword: float | None = None
    fused: float | None = None
    rerank: float | None = None


@dataclass(frozen=True, slots=True)
class Ranks:
    """The place of a passage after each stage, from 1; None where that stage did not return it."""

    vector: int | None = None
    keyword: int | None = None
    fused: int | None = None
    rerank: int | None = None


@dataclass(frozen=True, slots=True)
class PassageLine:
    """A printed line of the passage: its half-open range in `Passage.text`, and its box on the page."""

    start: int
    end: int
    box: Box


@dataclass(frozen=True, slots=True)
class Passage:
    """What search returns and answers cite.

    Paged formats have `page` and `boxes`, and `lines` to light a part of the text; others have `span`, a half-open range
    in the document's text. `rank` counts from 1, folded ones too: `duplicate_of` is the rank of a passage that says the same.
    `poor`: its page was read badly. `suspicious`: it addresses a model instead of a reader, as far as that has been looked into.
    """

    id: uuid.UUID
    document_id: uuid.UUID
    document_title: str
    collection_id: uuid.UUID
    version_id: uuid.UUID
    version: int
    text: str
    page: int | None = None
    boxes: tuple[Box, ...] = ()
    lines: tuple[PassageLine, ...] = ()
    span: tuple[int, int] | None = None
    heading: str = ""
    language: str = ""
    scores: Scores = field(default_factory=Scores)
    ranks: Ranks = field(default_factory=Ranks)
    rank: int = 0
    duplicate_of: int | None = None
    poor: bool = False
    suspicious: bool = False


@dataclass(frozen=True, slots=True)
class Chunk:
    """A passage before it is indexed. `context` (title, headings) is embedded and searched with the text, never shown as it.

    A chunk never crosses a page: a passage has one place.
    """

    ordinal: int
    text: str
    context: str
    page: int | None = None
    boxes: tuple[Box, ...] = ()
    lines: tuple[PassageLine, ...] = ()
    span: tuple[int, int] | None = None
    heading: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True)
class SearchResult:
    """Passages best first, and how they were found. `legs` names the searches that took part, `reranker` what judged last,
    `stages` the seconds of each stage. `folded` are passages left out of the others since one of them says the same;
    `accesses` are those that the search was made in."""

    passages: tuple[Passage, ...]
    legs: tuple[str, ...]
    generation: str
    searched: int
    seconds: float
    folded: tuple[Passage, ...] = ()
    reranker: str = ""
    stages: dict[str, float] = field(default_factory=dict)
    accesses: tuple[int, ...] = ()

    @property
    def ranked(self) -> list[Passage]:
        """All that was found in order of rank, folded ones where they stood."""
        return sorted([*self.passages, *self.folded], key=lambda passage: passage.rank)


def passage_object(passage: Passage) -> dict[str, Any]:
    """Return the passage as the REST contract shows it and as answers keep it: JSON all the way down."""
    return {
        "id": str(passage.id),
        "document": {"id": str(passage.document_id), "title": passage.document_title},
        "collection": str(passage.collection_id),
        "version": passage.version,
        "version_id": str(passage.version_id),
        "page": passage.page,
        "boxes": [list(box) for box in passage.boxes],
        "lines": [{"start": line.start, "end": line.end, "box": list(line.box)} for line in passage.lines],
        "span": list(passage.span) if passage.span else None,
        "text": passage.text,
        "heading": passage.heading,
        "language": passage.language,
        "scores": asdict(passage.scores),
        "ranks": asdict(passage.ranks),
        "rank": passage.rank,
    }
