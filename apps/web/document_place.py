"""The place in a document that a link asks for: a passage, a citation, a block, or a cell of a table."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from apps.accounts.scope import Scope
from apps.core.errors import NotFound
from apps.core.geometry import Box
from apps.documents.models import Block, Document, Version
from apps.documents.walls import reading
from apps.reasoning.models import Answer, Candidate, Citation
from apps.retrieval.models import IndexedPassage


@dataclass(frozen=True, slots=True)
class Lit:
    """Boxes on `page` where the format is pictured; a range of the text where it is not; or a block and a cell in it by row
    and column. `version_id` is empty where any version will do."""

    page: int | None = None
    boxes: tuple[Box, ...] = ()
    span: tuple[int, int] | None = None
    quote: str = ""
    block: int | None = None
    cell: tuple[int, int] | None = None
    version_id: uuid.UUID | None = None


def lit_by_passage(scope: Scope, document: Document, passage: uuid.UUID) -> Lit:
    """Return the place of a passage; raises `NotFound` unless it is one of this document's that the scope may see.

    A passage that has left the index since is taken from the reader's own answers, which keep what they were shown.
    """
    with reading(scope):
        row = IndexedPassage.objects.visible_to(scope).filter(document=document, pk=passage).first()
    if row is not None:
        span = (row.span_start, row.span_end) if row.span_start is not None and row.span_end is not None else None
        return Lit(row.page, tuple(map(as_box, row.boxes)), span, version_id=row.version_id)
    kept = Candidate.objects.filter(
        passage_id=passage, document_id=document.pk, answer__in=Answer.objects.visible_to(scope)
    ).first()
    if kept is None:
        raise NotFound
    return _kept(kept, kept.passage["boxes"])


def lit_by_citation(scope: Scope, document: Document, answer_id: uuid.UUID, marker: int) -> Lit:
    """Return the place of a citation in the reader's own answer; raises `NotFound` for any other."""
    answer = Answer.objects.get_visible(scope, answer_id)
    citation = Citation.objects.select_related("candidate").filter(answer=answer, marker=marker).first()
    if citation is None or citation.candidate.document_id != document.pk:
        raise NotFound
    place = citation.candidate
    return _kept(place, citation.boxes or place.passage["boxes"], citation.quote if citation.quote_found else "")


def lit_by_block(version: Version, ordinal: int) -> Lit:
    """Return the place of a block of this version; raises `NotFound` if it has no such block."""
    row = Block.objects.select_related("page").filter(version=version, ordinal=ordinal).defer("cells", "lines").first()
    if row is None:
        raise NotFound
    return Lit(row.page.number, tuple(map(as_box, row.boxes)), block=ordinal, version_id=version.pk)


def lit_by_cell(version: Version, cell: str, *, block: int | None, page: int | None) -> Lit:
    """Return the place of a cell: `row,column` in a block, or its address in a spreadsheet (`C9`) on a page.

    Raises `NotFound` if there is no such cell.
    """
    blocks = Block.objects.select_related("page").filter(version=version)
    if block is not None:
        row = blocks.filter(ordinal=block).first()
    else:
        row = blocks.filter(page__number=page or 1, cells__contains=[{"address": cell.upper()}]).first()
    found = next((one for one in row.cells if _is_called(one, cell)), None) if row else None
    if row is None or found is None:
        raise NotFound
    return Lit(
        row.page.number,
        (as_box(found["box"]),) if found.get("box") else (),
        block=row.ordinal,
        cell=(found["row"], found["column"]),
        version_id=version.pk,
    )


def as_box(box: Sequence[float]) -> Box:
    x0, y0, x1, y1 = box
    return (x0, y0, x1, y1)


def _is_called(cell: dict[str, Any], name: str) -> bool:
    return name.upper() == cell.get("address") or name == f"{cell['row']},{cell['column']}"


def _kept(candidate: Candidate, boxes: Sequence[Sequence[float]], quote: str = "") -> Lit:
    passage = candidate.passage
    span = passage.get("span")
    return Lit(
        page=passage.get("page"),
        boxes=tuple(map(as_box, boxes)),
        span=(span[0], span[1]) if span else None,
        quote=quote,
        version_id=candidate.version_id,
    )
