"""How right real files are read: every expectation of a manifest, checked.

    TOULMIN_EVAL_DIR=… python -m bench.documents [-v] [--child] [part of a file name …]

Reads `$TOULMIN_EVAL_DIR/documents/manifest.json` and the files beside it: in this process, or with `--child` as the product
does. `-v` prints each miss with its reason. Ends with 1 if less than 97 % of the hard expectations are met.

What each kind demands, white space being of one size and kind throughout:

- `phrase`: stands in the text, on its page if one is named, in words as printed; `normalize` says what else is the same, and `max_cer`
  what share of its letters may be read wrongly.
- `cell`: the cell with this address on this sheet shows this value or holds it.
- `table_cell`: a cell holds the value, the row path that leads to it the row's label, the column path the column's (over a column of
  labels, its heading). A label
  `Name (more)` or `Name key=word` names further cells of the row. A list of values with the note `(chart series)` runs along
  the column, or along the row where a chart's data lies so; its row label ends in `..`, being the first one. `(printed …)` is
  another way in which the value may stand.
- `page_count`, `metadata`, `attachment`: as named; a metadata field may hold more, such as a name around an address.
"""

import json
import os
import re
import sys
import time
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

import django

django.setup()

from apps.core.errors import ToulminError
from apps.documents.formats import parser_for
from apps.documents.media import detect
from apps.documents.parsing import Block, BlockKind, Cell, Page, Parsed, Source, Table
from apps.documents.reading import opened_document
from apps.documents.tables import Carried, describe_tables

PASS = 0.97
Expectation = dict[str, Any]


def main(arguments: list[str]) -> int:
    folder = Path(os.environ["TOULMIN_EVAL_DIR"]) / "documents"
    wanted = [argument for argument in arguments if not argument.startswith("-")]
    met: dict[str, Counter[str]] = {"hard": Counter(), "soft": Counter()}
    asked: dict[str, Counter[str]] = {"hard": Counter(), "soft": Counter()}
    for entry in json.loads((folder / "manifest.json").read_text())["documents"]:
        if wanted and not any(part in entry["file"] for part in wanted):
            continue
        begun = time.monotonic()
        parsed = read(folder / entry["file"], in_child="--child" in arguments)
        if "-v" in arguments:
            print(f"{entry['file']}: {time.monotonic() - begun:.1f} s", flush=True)
        for expectation in entry["expect"]:
            degree, kind = "soft" if expectation.get("soft") else "hard", expectation["kind"]
            reason = parsed if isinstance(parsed, str) else CHECKS[kind](parsed, expectation)
            asked[degree][kind] += 1
            met[degree][kind] += not reason
            if reason and "-v" in arguments:
                print(f"  missed ({degree}): {_shown(expectation)}\n    {reason}")
    for degree in asked:
        for kind, count in sorted(asked[degree].items()):
            print(f"{degree} {kind:12} {met[degree][kind]:3} of {count:3}")
        whole = asked[degree].total()
        print(f"{degree} in all      {met[degree].total():3} of {whole:3}, {met[degree].total() / max(whole, 1):.1%}")
    return 0 if met["hard"].total() >= PASS * asked["hard"].total() else 1


def read(path: Path, *, in_child: bool) -> Parsed | str:
    """Return a file as read, its tables described; or why it could not be read."""
    try:
        media_type = detect(path, path.name)
        if in_child:
            with opened_document(Source(path, path.name), media_type, progress=lambda done, total: None) as parsed:
                return parsed.whole()
        parsed = parser_for(media_type).parse(Source(path, path.name), progress=lambda done, total: None)
        return replace(parsed, pages=_described(parsed.pages)).whole()
    except ToulminError as error:
        return f"not read: {error.code}: {error.detail}"
    except Exception as error:  # noqa: BLE001  # a parser that fails misses its expectations, not those of others
        return f"not read: {type(error).__name__}: {error}"


def _described(pages: Iterable[Page]) -> Iterator[Page]:
    carried = Carried()
    for page in pages:
        described, carried = describe_tables(page, carried)
        yield described


def check_phrase(parsed: Parsed, expected: Expectation) -> str:
    text = _plain("\n".join(block.text for page in _pages(parsed, expected) for block in page.blocks))
    phrase = _plain(expected["text"])
    if expected.get("normalize") or phrase not in text:
        text, phrase = _normalised(text, expected), _normalised(phrase, expected)
    if phrase in text:
        return ""
    wrong, where = nearest(phrase, text)
    if wrong <= expected.get("max_cer", 0) * len(phrase):
        return ""
    return f"nearest, with {wrong} letters different: {where!r}"


def check_page_count(parsed: Parsed, expected: Expectation) -> str:
    count = len({page.number for page in parsed.pages})
    return "" if count == expected["value"] else f"{count} pages"


def check_metadata(parsed: Parsed, expected: Expectation) -> str:
    held = dict(parsed.metadata).get(expected["field"], "")
    return "" if expected["value"] in held else f"holds {held!r}; known: {parsed.metadata}"


def check_attachment(parsed: Parsed, expected: Expectation) -> str:
    names = [attached.name for attached in parsed.attachments]
    return "" if expected["name"] in names else f"attachments: {names}"


def check_cell(parsed: Parsed, expected: Expectation) -> str:
    sheets = [page for page in parsed.pages if page.label == expected["sheet"]]
    found = [cell for _, cell, _ in _cells(sheets) if cell.address == expected["cell"]]
    if any(_same_value(str(expected["value"]), cell) for cell in found):
        return ""
    return f"there: {[(cell.text, cell.value) for cell in found]}; sheets: {[page.label for page in parsed.pages]}"


def check_table_cell(parsed: Parsed, expected: Expectation) -> str:
    pages = _pages(parsed, expected)
    if "(chart series)" in expected["value"]:
        return _check_series(pages, expected)
    values = _alternatives(expected["value"])
    holding = [
        (block, cell, table) for block, cell, table in _cells(pages) if any(_same_value(v, cell) for v in values)
    ]
    for block, cell, table in holding:
        column = _headings(block, table, cell.column)
        if leads(column, expected["col"]) and row_leads(block, table, cell.row, expected["row"]):
            return ""
    paths = [
        (_path(table.row_paths, cell.row), _path(table.column_paths, cell.column)) for _, cell, table in holding[:4]
    ]
    return f"value in {len(holding)} cells, led to by {paths}"


def _check_series(pages: Sequence[Page], expected: Expectation) -> str:
    values = expected["value"].partition(" (")[0].split(", ")
    first, column = expected["row"].rstrip("."), expected["col"]
    for page in pages:
        for block in page.blocks:
            table = block.table or Table()
            for along, across, place in (
                (table.row_paths, table.column_paths, lambda i, j: (i, j)),
                (table.column_paths, table.row_paths, lambda i, j: (j, i)),
            ):
                texts = {(cell.row, cell.column): cell for cell in block.cells}
                starts = [i for i, path in enumerate(along) if leads(path, first)]
                for j in (j for j, path in enumerate(across) if leads(path, column)):
                    run = [texts.get(place(i + n, j)) for i in starts for n in range(len(values))]
                    if run and all(cell and _same_value(value, cell) for value, cell in zip(values, run, strict=False)):
                        return ""
    return "no such series"


CHECKS = {
    "phrase": check_phrase,
    "page_count": check_page_count,
    "metadata": check_metadata,
    "attachment": check_attachment,
    "cell": check_cell,
    "table_cell": check_table_cell,
}


def leads(path: Sequence[str], label: str) -> bool:
    """Return whether every word of a label stands in the path, in the path's order."""
    given, words = iter(_words(" ".join(path))), _words(label)
    return bool(words) and all(word in given for word in words)


def row_leads(block: Block, table: Table, row: int, label: str) -> bool:
    """Return whether a label, with what it says of other cells of the row, leads to the row."""
    name, *more = re.split(r"\s*[()]\s*|\s+(?=\w+=)", label.strip(" )"))
    if not leads(_path(table.row_paths, row), name):
        return False
    cells = [cell for cell in block.cells if cell.row <= row < cell.row + cell.row_span]
    for detail in more:
        key, _, value = detail.rpartition("=")
        if not any(
            _same_value(value, cell) and (not key or leads(_headings(block, table, cell.column), key)) for cell in cells
        ):
            return False
    return True


def _pages(parsed: Parsed, expected: Expectation) -> list[Page]:
    return [page for page in parsed.pages if expected.get("page") in (None, page.number)]


def _cells(pages: Sequence[Page]) -> Iterator[tuple[Block, Cell, Table]]:
    for page in pages:
        for block in page.blocks:
            if block.kind is BlockKind.TABLE:
                for cell in block.cells:
                    yield block, cell, block.table or Table()


def _path(paths: Sequence[tuple[str, ...]], index: int) -> tuple[str, ...]:
    return paths[index] if index < len(paths) else ()


def _headings(block: Block, table: Table, column: int) -> Sequence[str]:
    """Return what leads to a column: its path; to one of labels, which has none, what stands over it."""
    over = [cell.text for cell in block.cells if cell.column == column and cell.row < table.header_rows]
    return _path(table.column_paths, column) or (over if column < table.header_columns else ())


def _alternatives(value: str) -> list[str]:
    """Return the value, and what it is printed as; a currency before it may stand elsewhere."""
    main_part, _, note = value.partition(" (printed ")
    return [main_part, main_part.removeprefix("CHF "), *([note.rstrip(")")] if note else [])]


def _same_value(value: str, cell: Cell) -> bool:
    wanted, held = _plain(value), (_plain(cell.text), _plain(cell.value))
    return wanted in held or any(_number(wanted) == _number(each) for each in held if _number(wanted) and each)


def _number(text: str) -> str:
    squeezed = re.sub(r"[ ,'’`]", "", text)
    match = re.fullmatch(r"-?\d+(?:\.\d+)?", squeezed)
    return re.sub(r"\.0+$", "", squeezed) if match else ""


def _plain(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


def _normalised(text: str, expected: Expectation) -> str:
    if expected.get("normalize"):
        text = unicodedata.normalize("NFKC", text)
        text = re.sub("[\u2010-\u2015\u2212]", "-", text.replace("\u00ad", ""))
    return _plain(text)


def _words(text: str) -> list[str]:
    return re.findall(r"\w+(?:\.\w+)*|%", unicodedata.normalize("NFKC", text).casefold())


def nearest(phrase: str, text: str) -> tuple[int, str]:
    """Return the fewest letters by which any part of the text differs from the phrase, and that part."""
    row: list[tuple[int, int]] = [(0, start) for start in range(len(text) + 1)]  # cost so far, where the part starts
    for letter in phrase:
        before, row = row, [(row[0][0] + 1, 0)]
        for index, other in enumerate(text, start=1):
            row.append(
                min(
                    (before[index - 1][0] + (letter != other), before[index - 1][1]),
                    (before[index][0] + 1, before[index][1]),
                    (row[index - 1][0] + 1, row[index - 1][1]),
                )
            )
    end = min(range(len(row)), key=lambda index: row[index][0])
    return row[end][0], text[row[end][1] : end]


def _shown(expectation: Expectation) -> str:
    return json.dumps({k: v for k, v in expectation.items() if k not in ("verified", "soft")}, ensure_ascii=False)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
