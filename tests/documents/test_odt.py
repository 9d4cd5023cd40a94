"""OpenDocument texts and presentations as read."""

from pathlib import Path

from apps.documents.parsing import BlockKind
from tests.documents.conftest import Parse, blocks_of
from tests.documents.open_documents import ODP_REVIEW, ODT_STYLES, ODT_TEXT, odf

_META = "<dc:title>Supply agreement</dc:title><meta:initial-creator>Ada</meta:initial-creator><dc:language>de-CH</dc:language>"


def test_a_text_is_read_in_order_with_what_hangs_on_it(tmp_path: Path, parse: Parse) -> None:
    parsed = parse(odf(tmp_path / "a.odt", "text", ODT_TEXT, styles=ODT_STYLES, meta=_META))
    assert [(block.kind, block.text) for block in blocks_of(parsed)] == [
        (BlockKind.HEADING, "Prices"),
        (BlockKind.TEXT, "Prices hold for one year."),
        (BlockKind.FOOTNOTE, "[1] From signing on."),
        (BlockKind.NOTE, "Ada: Too long?"),
        (BlockKind.LIST, "1. Pumps\n  • of steel\n2. Valves"),
        (BlockKind.CAPTION, "Table 1: Prices"),
        (BlockKind.TABLE, "Item  Price\nPump  12.50\nBoth  15.50"),
        (BlockKind.TEXT, "boxed words"),
    ]
    assert (parsed.title, parsed.language, dict(parsed.metadata)["author"]) == ("Supply agreement", "de", "Ada")


def test_a_table_keeps_its_header_caption_and_values(tmp_path: Path, parse: Parse) -> None:
    parsed = parse(odf(tmp_path / "a.odt", "text", ODT_TEXT, styles=ODT_STYLES))
    table = next(block for block in blocks_of(parsed) if block.kind is BlockKind.TABLE)
    assert (table.table.header_rows, table.table.caption) == (1, "Table 1: Prices")
    assert next(cell.value for cell in table.cells if cell.text == "12.50") == "12.5"


def test_a_presentation_has_a_page_a_slide(tmp_path: Path, parse: Parse) -> None:
    parsed = parse(odf(tmp_path / "a.odp", "presentation", ODP_REVIEW))
    assert [page.label for page in parsed.pages] == ["Review", "page2"]
    assert [(block.kind, block.text) for block in parsed.pages[0].blocks] == [
        (BlockKind.HEADING, "Review"),
        (BlockKind.LIST, "• Pumps sold well"),
        (BlockKind.NOTE, "Thank all."),
    ]
