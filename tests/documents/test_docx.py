"""Word documents as read."""

from pathlib import Path

import docx
import pytest
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from apps.documents.parsing import BlockKind, Unreadable
from tests.documents import papers
from tests.documents.conftest import Parse, blocks_of, text_of


def numbered(document: "docx.document.Document", text: str, depth: int) -> None:
    """Add a paragraph of the multi-level list 77: 1. / 1.1 / (a)."""
    paragraph = document.add_paragraph(text)
    paragraph._p.get_or_add_pPr().append(
        parse_xml(f'<w:numPr {nsdecls("w")}><w:ilvl w:val="{depth}"/><w:numId w:val="77"/></w:numPr>')
    )


def clauses(document: "docx.document.Document") -> None:
    levels = (("decimal", "%1."), ("decimal", "%1.%2"), ("lowerLetter", "(%3)"))
    inside = "".join(
        f'<w:lvl w:ilvl="{n}"><w:start w:val="1"/><w:numFmt w:val="{kind}"/><w:lvlText w:val="{pattern}"/></w:lvl>'
        for n, (kind, pattern) in enumerate(levels)
    )
    root = document.part.numbering_part.element
    root.insert(0, parse_xml(f'<w:abstractNum {nsdecls("w")} w:abstractNumId="77">{inside}</w:abstractNum>'))
    root.append(parse_xml(f'<w:num {nsdecls("w")} w:numId="77"><w:abstractNumId w:val="77"/></w:num>'))
    for text, depth in (
        ("Term", 0), ("The term is one year.", 1), ("It is renewed", 1), ("by letter", 2), ("by fax", 2),
        ("Payment", 0), ("Within thirty days.", 1),
    ):  # fmt: skip
        numbered(document, text, depth)


def test_blocks_follow_the_text_with_their_kinds(tmp_path: Path, parse: Parse) -> None:
    parsed = parse(papers.word(tmp_path / "a.docx", papers.agreement))
    assert [(block.kind, block.level) for block in blocks_of(parsed)] == [
        (BlockKind.HEADING, 1),
        (BlockKind.TEXT, 0),
        (BlockKind.HEADING, 2),
        (BlockKind.TEXT, 0),
        (BlockKind.LIST, 0),
        (BlockKind.TABLE, 0),
    ]
    assert "Prices hold for one year.\nThey then follow the index." in text_of(parsed)
    assert "• Pumps\n• Valves" in text_of(parsed)
    assert not parsed.paged


def test_clauses_carry_the_numbers_that_word_shows(tmp_path: Path, parse: Parse) -> None:
    parsed = parse(papers.word(tmp_path / "a.docx", clauses))
    assert text_of(parsed).splitlines() == [
        "1. Term",
        "1.1 The term is one year.",
        "1.2 It is renewed",
        "(a) by letter",
        "(b) by fax",
        "2. Payment",
        "2.1 Within thirty days.",
    ]


def test_cells_stay_in_their_columns_under_merged_ones(tmp_path: Path, parse: Parse) -> None:
    def write(document: "docx.document.Document") -> None:
        table = document.add_table(rows=2, cols=3)
        table.cell(0, 0).merge(table.cell(0, 1)).text = "Both"
        table.cell(0, 2).text = "Third"
        for column, text in enumerate(("a", "b", "c")):
            table.cell(1, column).text = text

    table = blocks_of(parse(papers.word(tmp_path / "a.docx", write)))[0]
    assert {(cell.row, cell.column): cell.text for cell in table.cells} == {
        (0, 0): "Both",
        (0, 2): "Third",
        (1, 0): "a",
        (1, 1): "b",
        (1, 2): "c",
    }


def test_deleted_text_is_left_out_and_inserted_text_is_in(tmp_path: Path, parse: Parse) -> None:
    def write(document: "docx.document.Document") -> None:
        paragraph = document.add_paragraph("The notice period is ")
        for tag, inner in (("del", "<w:delText>sixty</w:delText>"), ("ins", "<w:t>ninety</w:t>")):
            paragraph._p.append(
                parse_xml(f'<w:{tag} {nsdecls("w")} w:id="1" w:author="x"><w:r>{inner}</w:r></w:{tag}>')
            )
        paragraph.add_run(" days.")

    assert text_of(parse(papers.word(tmp_path / "a.docx", write))) == "The notice period is ninety days."


def test_a_document_that_unpacks_to_too_much_is_not_opened(
    tmp_path: Path, parse: Parse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("apps.documents.parsers.archives.MOST_UNPACKED_PART", 8 << 20)
    path = papers.zip_bomb(tmp_path / "a.docx", megabytes=20)
    assert path.stat().st_size < 100_000
    with pytest.raises(Unreadable) as caught:
        parse(path)
    assert caught.value.code == "archive_too_large"


def test_a_truncated_document_says_so(tmp_path: Path, parse: Parse) -> None:
    path = papers.word(tmp_path / "a.docx", papers.agreement)
    path.write_bytes(path.read_bytes()[:-3000])
    with pytest.raises(Unreadable) as caught:
        parse(path)
    assert caught.value.code == "damaged"
