"""The words on slides: paragraphs and lists in shapes, tables, and diagrams (SmartArt)."""

from collections.abc import Iterator
from itertools import groupby
from typing import Any

from apps.documents.parsers.equations import equation_text
from apps.documents.parsers.grids import GridCell, grid_block, header_depth
from apps.documents.parsers.ooxml import child, children, is_true, local_name, number
from apps.documents.parsing import Block, BlockKind, Table

_DEEPEST = 8
_MOST_POINTS = 5000


def body_text(body: Any, joint: str = "\n") -> str:
    """Return the words of a text body, its paragraphs joined."""
    if body is None:
        return ""
    return joint.join(filter(None, (paragraph_text(paragraph) for paragraph in children(body, "p"))))


def body_blocks(body: Any, *, listed: bool) -> Iterator[Block]:
    """Yield the paragraphs and lists of a body; with `listed`, several paragraphs are a list unless they say otherwise."""
    paragraphs = [(paragraph, text) for paragraph in children(body, "p") if (text := paragraph_text(paragraph))]
    listed = listed and len(paragraphs) > 1
    for is_list, members in groupby(paragraphs, key=lambda item: _is_item(item[0], listed)):
        if is_list:
            yield Block(BlockKind.LIST, "\n".join(_items(members)))
        else:
            yield Block(BlockKind.TEXT, "\n".join(text for _, text in members))


def paragraph_text(paragraph: Any) -> str:
    """Return the words of a paragraph, its own line breaks as such."""
    parts: list[str] = []
    for item in paragraph:
        match local_name(item):
            case "r" | "fld":
                parts.extend(text.text or "" for text in children(item, "t"))
            case "br":
                parts.append("\n")
            case "AlternateContent":
                parts.extend(equation_text(found) for found in item.iter("{*}oMath"))
            case "m":
                parts.extend(equation_text(found) for found in item.iter("{*}oMath"))
    lines = (" ".join(line.split()) for line in "".join(parts).replace("\v", "\n").split("\n"))
    return "\n".join(line for line in lines if line)


def table_of(table: Any) -> Block:
    """Return a table; its first row is a header where it is dressed as one."""
    look = child(table, "tblPr")
    rows = [list(_cells(row)) for row in children(table, "tr")]
    headers = header_depth(rows, int(look is not None and is_true(look.get("firstRow")) and len(rows) > 1))
    labels = int(look is not None and is_true(look.get("firstCol")))
    return grid_block(rows, Table(header_rows=headers, header_columns=labels))


def diagram_block(data: Any) -> Iterator[Block]:
    """Yield the words of a diagram as a list, those that hang on others indented."""
    texts: dict[str, str] = {}
    for point in data.iter("{*}pt"):
        if point.get("type", "node") in ("node", "asst", "doc") and len(texts) < _MOST_POINTS:
            texts[point.get("modelId", "")] = body_text(child(point, "t"), " ")
    below: dict[str, list[tuple[int, str]]] = {}
    for link in data.iter("{*}cxn"):
        if link.get("type", "parOf") == "parOf" and link.get("destId") in texts:
            below.setdefault(link.get("srcId", ""), []).append((number(link.get("srcOrd")), link.get("destId", "")))
    hanging = {point for points in below.values() for _, point in points}
    lines: list[str] = []

    def descend(point: str, depth: int) -> None:
        text = texts.pop(point, None)
        if text:
            lines.append(f"{'  ' * depth}• {text}")
        for _, following in sorted(below.get(point, ())):
            if following in texts and depth < _DEEPEST:
                descend(following, depth + bool(text))

    for point in [point for point in texts if point not in hanging]:
        descend(point, 0)
    for point in list(texts):
        descend(point, 0)
    yield Block(BlockKind.LIST, "\n".join(lines))


def _is_item(paragraph: Any, listed: bool) -> bool:
    look = child(paragraph, "pPr")
    for mark in look if look is not None else ():
        if local_name(mark) in ("buChar", "buAutoNum", "buBlip"):
            return True
        if local_name(mark) == "buNone":
            return False
    return listed or (look is not None and number(look.get("lvl")) > 0)


def _items(members: Iterator[tuple[Any, str]]) -> Iterator[str]:
    counts: dict[int, int] = {}
    for paragraph, text in members:
        look = child(paragraph, "pPr")
        level = min(number(look.get("lvl")) if look is not None else 0, _DEEPEST)
        counted = child(look, "buAutoNum") if look is not None else None
        counts = {depth: count for depth, count in counts.items() if depth <= level}
        mark = "•"
        if counted is not None:
            counts[level] = counts.get(level, number(counted.get("startAt"), 1) - 1) + 1
            mark = f"{counts[level]}."
        yield f"{'  ' * level}{mark} {text.replace(chr(10), ' ')}"


def _cells(row: Any) -> Iterator[GridCell]:
    for column, cell in enumerate(children(row, "tc")):
        if not (is_true(cell.get("hMerge")) or is_true(cell.get("vMerge"))):
            yield GridCell(
                column,
                body_text(child(cell, "txBody"), " "),
                number(cell.get("gridSpan"), 1),
                number(cell.get("rowSpan"), 1),
            )
