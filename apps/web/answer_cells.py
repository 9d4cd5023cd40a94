"""Where the cells lie that the figures of an answer come from, so that the page can outline them beside the ledger."""

import uuid
from collections.abc import Iterator, Mapping
from typing import Any

from apps.accounts.scope import Scope
from apps.core.geometry import Box
from apps.documents.models import Block, Document
from apps.documents.walls import reading
from apps.web.exhibits import Spot, spot_of

Answer = Mapping[str, Any]
CellsOn = Mapping[Spot, Mapping[str, Box]]
"""Cells by the page they lie on, each by its key."""


def cell_key(place: Mapping[str, Any]) -> str:
    """Return the name of a cell on the answer's page; empty for a place in running text."""
    if place.get("row") is None or not str(place.get("table") or "").isdecimal():
        return ""
    return f"{place['marker']}-{place['table']}-{place['row']}-{place['column']}"


def cells_of(scope: Scope, answer: Answer) -> CellsOn:
    """Return the boxes of the cells that figures come from, of documents that the scope may read now. One query, none without cells."""
    passages = {c["marker"]: c["passage"] for c in answer["candidates"] if c["marker"]}
    wanted = {(cell_key(place), place["marker"]): place for place in _places(answer) if place["marker"] in passages}
    if not wanted:
        return {}
    versions = {uuid.UUID(str(passages[marker]["version_id"])) for _key, marker in wanted}
    rows = Block.objects.filter(
        version__in=versions,
        version__document__in=Document.objects.visible_to(scope),
        ordinal__in={int(place["table"]) for place in wanted.values()},
    )
    with reading(scope):
        found = rows.values_list("version_id", "ordinal", "page__number", "cells")
        tables = {(str(version), ordinal): (number, cells) for version, ordinal, number, cells in found}
    boxes: dict[Spot, dict[str, Box]] = {}
    for (key, marker), place in wanted.items():
        passage = passages[marker]
        number, cells = tables.get((str(passage["version_id"]), int(place["table"])), (0, []))
        box = _box(cells, place)
        if box is not None:
            document, version, _page = spot_of(passage)
            boxes.setdefault((document, version, number), {})[key] = box
    return boxes


def _places(answer: Answer) -> Iterator[Mapping[str, Any]]:
    for figure in answer["figures"]:
        for source in figure["inputs"]:
            if source["place"] and cell_key(source["place"]):
                yield source["place"]


def _box(cells: list[dict[str, Any]], place: Mapping[str, Any]) -> Box | None:
    for cell in cells:
        if (cell["row"], cell["column"]) == (place["row"], place["column"]) and cell.get("box"):
            x0, y0, x1, y1 = cell["box"]
            return x0, y0, x1, y1
    return None
