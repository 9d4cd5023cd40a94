"""The number ledger of an answer: what its figures are held against, with the tables behind the passages as they were read."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from apps.accounts.scope import Scope
from apps.core.geometry import Box, overlap
from apps.documents.loading import StoredTable, stored_tables
from apps.documents.walls import reading
from apps.reasoning.calculations import Calculation, Worked
from apps.reasoning.claims import Claimed
from apps.retrieval.passages import Passage
from apps.verification.figures.grounds import Ground, GroundTable
from apps.verification.figures.ledger import ledger_of
from apps.verification.figures.lineage import Figure, Source, Verdict
from apps.verification.sentences import Range


def grounds_of(scope: Scope, passages: Mapping[int, Passage]) -> dict[int, Ground]:
    """Return by marker what figures may be from: each passage with the tables that it shows a part of, known by the ordinal of their
    block. One query."""
    with reading(scope):
        tables = stored_tables({(one.version_id, one.page, one.span) for one in passages.values()})
    return {
        marker: Ground(
            passage.text,
            tuple(GroundTable.of(table.block, str(table.ordinal)) for table in tables if _shows(passage, table)),
            document=str(passage.version_id),
        )
        for marker, passage in passages.items()
    }


def figures_of(
    text: str,
    claims: Sequence[Claimed],
    grounds: Mapping[int, Ground],
    *,
    question: str,
    calculations: Sequence[Calculation] = (),
) -> list[Figure]:
    """Return the figures of an answer with their lineage. `calculations` are what the model wrote beside the text."""
    worked = Worked(text, calculations)
    ranges = [(*worked.there((claim.start, claim.end)), claim.markers) for claim in claims]
    return [_moved(figure, worked) for figure in ledger_of(worked.text, ranges, grounds, question=question)]


def accounted(figures: Sequence[Figure], claims: Sequence[Claimed]) -> list[Range]:
    """Return the ranges of the figures that a passage cited there need not hold: those that were computed, stand in the question, or
    stand in a cell of a table that a cited passage shows only a part of."""
    return [(figure.start, figure.end) for figure in figures if _is_accounted(figure, claims)]


def _is_accounted(figure: Figure, claims: Sequence[Claimed]) -> bool:
    if figure.verdict in (Verdict.COMPUTED, Verdict.GIVEN):
        return True
    if figure.verdict is not Verdict.TRACED or figure.source is not Source.CELL:
        return False
    cited = next((claim.markers for claim in claims if claim.start <= figure.start < claim.end), ())
    return any(source.place is not None and source.place.marker in cited for source in figure.inputs)


def _moved(figure: Figure, worked: Worked) -> Figure:
    start, end = worked.back((figure.start, figure.end))
    return replace(figure, start=start, end=end)


def _shows(passage: Passage, table: StoredTable) -> bool:
    """Return whether a passage holds a part of a table."""
    if passage.version_id != table.version_id:
        return False
    if passage.span and table.block.span:
        return passage.span[0] < table.block.span[1] and table.block.span[0] < passage.span[1]
    return passage.page == table.page and _touch(passage.boxes, table.block.boxes)


def _touch(boxes: Sequence[Box], others: Sequence[Box]) -> bool:
    return any(overlap(one, other) for one in boxes for other in others)
