"""The figures of a chart as a table: a row a category, a column a series. What is drawn is not looked at."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from apps.documents.parsers.grids import GridCell, grid_block
from apps.documents.parsers.ooxml import child, children, local_name, number
from apps.documents.parsers.sheets.number_formats import number_format
from apps.documents.parsers.sheets.number_patterns import exact
from apps.documents.parsers.sheets.remarks import drawn_text
from apps.documents.parsing import Block, BlockKind, Table

_MOST_POINTS = 20_000


@dataclass(frozen=True, slots=True)
class _Point:
    text: str
    value: str = ""


@dataclass(frozen=True, slots=True)
class _Series:
    """A named row of points, and what each stands for; both by their index."""

    name: str
    categories: dict[int, _Point]
    values: dict[int, _Point]


def chart_blocks(root: Any) -> Iterator[Block]:
    """Yield a chart's title and its figures: one table where all series share their categories, else one a series."""
    chart = child(root, "chart")
    area = child(chart, "plotArea")
    if area is None:
        return
    title = _title(chart)
    series = [_series(found) for plot in area for found in children(plot, "ser")]
    if title:
        yield Block(BlockKind.CAPTION, title)
    labels = _axis_title(area, ("catAx", "dateAx", "serAx"))
    unit = _axis_title(area, ("valAx",))
    texts = [[point.text for _, point in sorted(one.categories.items())] for one in series]
    shared = all(one == texts[0] or not one for one in texts)
    for group in [series] if shared and series else [[one] for one in series]:
        yield _table(group, title, labels, unit)


def _table(series: list[_Series], title: str, labels: str, unit: str) -> Block:
    categories = next((one.categories for one in series if one.categories), {})
    count = max((max(one.values, default=-1) for one in series), default=-1)
    count = min(max(count, max(categories, default=-1)) + 1, _MOST_POINTS)
    names = [one.name or (unit if len(series) == 1 else f"{number}") for number, one in enumerate(series, start=1)]
    head = [GridCell(0, labels), *(GridCell(column, name) for column, name in enumerate(names, start=1))]
    rows = [[cell for cell in head if cell.text]]
    for index in range(count):
        label = categories.get(index, _Point(str(index + 1)))
        row = [GridCell(0, label.text, value=label.value)]
        for column, one in enumerate(series, start=1):
            point = one.values.get(index)
            if point:
                row.append(GridCell(column, point.text, value=point.value))
        rows.append(row)
    return grid_block(rows, Table(header_rows=1, header_columns=1, caption=title, unit=unit))


def _series(element: Any) -> _Series:
    name = child(element, "tx")
    said = " ".join("".join(v.text or "" for v in name.iter("{*}v")).split()) if name is not None else ""
    categories = child(element, "cat") if child(element, "cat") is not None else child(element, "xVal")
    values = child(element, "val") if child(element, "val") is not None else child(element, "yVal")
    return _Series(said, dict(_points(categories)), dict(_points(values)))


def _points(source: Any) -> Iterator[tuple[int, _Point]]:
    """Yield the points that the file has kept of its data; of labels in several levels, the outer before the inner."""
    if source is None:
        return
    levels = list(source.iter("{*}lvl"))
    if levels:
        yield from _levelled(levels)
        return
    code = next((found.text or "" for found in source.iter("{*}formatCode")), "General")
    numeric = any(local_name(found) in ("numCache", "numLit") for found in source.iter())
    for point in source.iter("{*}pt"):
        text = " ".join((point.findtext("{*}v") or "").split())
        if text:
            yield number(point.get("idx")), _shown(text, code) if numeric else _Point(text)


def _levelled(levels: list[Any]) -> Iterator[tuple[int, _Point]]:
    inner, *outer = [
        {number(point.get("idx")): " ".join((point.findtext("{*}v") or "").split()) for point in children(level, "pt")}
        for level in levels
    ]
    for index, text in inner.items():
        above = [next((names[at] for at in range(index, -1, -1) if at in names), "") for names in reversed(outer)]
        yield index, _Point(" ".join(filter(None, [*above, text])))


def _shown(text: str, code: str) -> _Point:
    try:
        value = float(text)
        return _Point(number_format(code).shown(value) or text, exact(value))
    except (ValueError, OverflowError):
        return _Point(text)


def _title(element: Any) -> str:
    title = child(element, "title")
    if title is None:
        return ""
    written = " ".join(filter(None, (drawn_text(paragraph) for paragraph in title.iter("{*}p"))))
    return written or " ".join("".join(v.text or "" for v in title.iter("{*}v")).split())


def _axis_title(area: Any, kinds: tuple[str, ...]) -> str:
    return next((text for axis in area if local_name(axis) in kinds and (text := _title(axis))), "")
