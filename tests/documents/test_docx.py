"""Word documents as read."""

import zipfile
from pathlib import Path

import docx
import pytest
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from apps.documents.parsing import BlockKind, Parsed, Unreadable
from tests.documents import papers
from tests.documents.conftest import Parse, blocks_of, text_of
from tests.documents.letters import picture, saved


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


_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_M = "http://schemas.openxmlformats.org/officeDocument/2006/math"


def kinds_of(parsed: Parsed) -> list[tuple[BlockKind, str]]:
    return [(block.kind, block.text) for block in blocks_of(parsed)]


def test_a_comment_follows_the_paragraph_it_hangs_on(tmp_path: Path, parse: Parse) -> None:
    def write(document: "docx.document.Document") -> None:
        paragraph = document.add_paragraph("The term is one year.")
        document.add_comment(paragraph.runs, text="Too short?", author="Ada")
        document.add_paragraph("It ends by letter.")

    assert kinds_of(parse(papers.word(tmp_path / "a.docx", write))) == [
        (BlockKind.TEXT, "The term is one year."),
        (BlockKind.NOTE, "Ada: Too short?"),
        (BlockKind.TEXT, "It ends by letter."),
    ]


def test_notes_are_numbered_as_they_are_referred_to_and_follow_their_paragraph(tmp_path: Path, parse: Parse) -> None:
    def write(document: "docx.document.Document") -> None:
        for kind in ("footnote", "endnote"):
            notes = "".join(
                f'<w:{kind} w:id="{number}"><w:p><w:r><w:t>{kind} {number}</w:t></w:r></w:p></w:{kind}>'
                for number in (7, 8)
            )
            data = f'<w:{kind}s xmlns:w="{_W}"><w:{kind} w:id="0" w:type="separator"/>{notes}</w:{kind}s>'
            part = Part(PackURI(f"/word/{kind}s.xml"), "application/xml", data.encode(), document.part.package)
            document.part.relate_to(
                part, f"http://schemas.openxmlformats.org/officeDocument/2006/relationships/{kind}s"
            )
        for kind, number in (("footnote", 8), ("footnote", 7), ("endnote", 8)):
            run = document.add_paragraph("Said").add_run()
            run._r.append(parse_xml(f'<w:{kind}Reference {nsdecls("w")} w:id="{number}"/>'))

    assert kinds_of(parse(papers.word(tmp_path / "a.docx", write))) == [
        (BlockKind.TEXT, "Said[1]"),
        (BlockKind.FOOTNOTE, "[1] footnote 8"),
        (BlockKind.TEXT, "Said[2]"),
        (BlockKind.FOOTNOTE, "[2] footnote 7"),
        (BlockKind.TEXT, "Said[i]"),
        (BlockKind.FOOTNOTE, "[i] endnote 8"),
    ]


def test_headers_and_footers_stand_once_and_bare_page_numbers_never(tmp_path: Path, parse: Parse) -> None:
    def write(document: "docx.document.Document") -> None:
        for number in range(2):
            section = document.sections[0] if not number else document.add_section()
            section.header.is_linked_to_previous = False
            section.header.paragraphs[0].text = "Strictly confidential"
            section.footer.is_linked_to_previous = False
            section.footer.paragraphs[0].text = "Page 3 of 9"
        document.add_paragraph("The text.")

    assert [text for _, text in kinds_of(parse(papers.word(tmp_path / "a.docx", write)))] == [
        "Strictly confidential",
        "The text.",
    ]


def test_a_caption_over_a_table_is_its_caption(tmp_path: Path, parse: Parse) -> None:
    def write(document: "docx.document.Document") -> None:
        document.add_paragraph("Table 1: Prices, in euros", style="Caption")
        table = document.add_table(rows=3, cols=2)
        for row, contents in enumerate((("Item", "Price"), ("Pump", "12"), ("Valve", "3"))):
            for column, content in enumerate(contents):
                table.cell(row, column).text = content

    caption, table = blocks_of(parse(papers.word(tmp_path / "a.docx", write)))
    assert caption.kind is BlockKind.CAPTION
    assert (table.table.caption, table.table.header_rows) == ("Table 1: Prices, in euros", 1)


def test_merged_cells_reach_over_rows_and_columns_and_repeated_rows_are_headers(tmp_path: Path, parse: Parse) -> None:
    def write(document: "docx.document.Document") -> None:
        table = document.add_table(rows=4, cols=3)
        table.cell(0, 1).merge(table.cell(0, 2)).text = "Europe"
        table.cell(0, 0).merge(table.cell(1, 0)).text = "Item"
        for row in table.rows[:2]:
            row._tr.get_or_add_trPr().append(parse_xml(f"<w:tblHeader {nsdecls('w')}/>"))
        for row, contents in ((1, ("2025", "2024")), (2, ("5", "6")), (3, ("7", "8"))):
            for column, content in enumerate(contents, 1):
                table.cell(row, column).text = content

    table = blocks_of(parse(papers.word(tmp_path / "a.docx", write)))[0]
    spans = {cell.text: (cell.row_span, cell.column_span) for cell in table.cells if cell.row == 0}
    assert spans == {"Item": (2, 1), "Europe": (1, 2)}
    assert table.table.header_rows == 2


def test_a_table_inside_a_cell_is_a_table_of_its_own(tmp_path: Path, parse: Parse) -> None:
    def write(document: "docx.document.Document") -> None:
        outer = document.add_table(rows=3, cols=2)
        for row, contents in enumerate((("Item", "Details"), ("Pump", "see inside"), ("Valve", "none"))):
            for column, content in enumerate(contents):
                outer.cell(row, column).text = content
        inner = outer.cell(1, 1).add_table(rows=2, cols=2)
        for row, contents in enumerate((("Part", "Count"), ("Seal", "4"))):
            for column, content in enumerate(contents):
                inner.cell(row, column).text = content

    assert [block.text for block in blocks_of(parse(papers.word(tmp_path / "a.docx", write)))] == [
        "Item  Details\nPump  see inside\nValve  none",
        "Part  Count\nSeal  4",
    ]


@pytest.mark.parametrize(
    ("xml", "shown"),
    [
        ("<m:oMath><m:r><m:t>E=m</m:t></m:r><m:sSup><m:e><m:r><m:t>c</m:t></m:r></m:e><m:sup><m:r><m:t>2</m:t></m:r></m:sup></m:sSup></m:oMath>", "E=mc^2"),
        ("<m:oMath><m:rad><m:deg/><m:e><m:r><m:t>a+b</m:t></m:r></m:e></m:rad></m:oMath>", "√(a+b)"),
        ('<w:r><w:sym w:font="Wingdings" w:char="F0FE"/><w:t> agreed</w:t></w:r>', "☒ agreed"),
        ('<w:r><w:fldChar w:fldCharType="begin"><w:ffData><w:checkBox><w:default w:val="0"/></w:checkBox></w:ffData></w:fldChar></w:r>', "☐"),
        ('<w:sdt><w:sdtPr><w:showingPlcHdr/></w:sdtPr><w:sdtContent><w:r><w:t>Click here</w:t></w:r></w:sdtContent></w:sdt>', ""),
        ('<w:sdt><w:sdtPr/><w:sdtContent><w:r><w:t>Halden Water</w:t></w:r></w:sdtContent></w:sdt>', "Halden Water"),
        ("<w:r><w:rPr><w:vanish/></w:rPr><w:t>unseen</w:t></w:r>", ""),
        ('<w:fldSimple w:instr=" REF x "><w:r><w:t>4.3</w:t></w:r></w:fldSimple>', "4.3"),
        ('<w:r><w:ruby><w:rt><w:r><w:t>とよた</w:t></w:r></w:rt><w:rubyBase><w:r><w:t>豊田</w:t></w:r></w:rubyBase></w:ruby></w:r>', "豊田"),
    ],
    ids=["power", "root", "symbol", "unticked", "placeholder", "filled", "hidden", "field", "ruby"],
)  # fmt: skip
def test_a_paragraph_is_read_as_it_is_shown(tmp_path: Path, parse: Parse, xml: str, shown: str) -> None:
    def write(document: "docx.document.Document") -> None:
        root = parse_xml(f'<w:p xmlns:w="{_W}" xmlns:m="{_M}">{xml}</w:p>')
        document.element.body.insert(0, root)
        document.add_paragraph("end")

    assert text_of(parse(papers.word(tmp_path / "a.docx", write))).splitlines() == [*([shown] if shown else []), "end"]


def test_text_boxes_are_read_once(tmp_path: Path, parse: Parse) -> None:
    def write(document: "docx.document.Document") -> None:
        box = "<w:txbxContent><w:p><w:r><w:t>boxed</w:t></w:r></w:p></w:txbxContent>"
        document.add_paragraph("Beside")._p.append(
            parse_xml(
                f'<w:r xmlns:w="{_W}" xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006">'
                f"<mc:AlternateContent><mc:Choice>{box}</mc:Choice><mc:Fallback>{box}</mc:Fallback></mc:AlternateContent></w:r>"
            )
        )

    assert text_of(parse(papers.word(tmp_path / "a.docx", write))).splitlines() == ["Beside", "boxed"]


def test_a_scan_pasted_into_a_document_is_recognised(tmp_path: Path, parse: Parse) -> None:
    scan = saved(tmp_path / "p.png", picture("The term is one year"))
    parsed = parse(papers.word(tmp_path / "a.docx", lambda document: document.add_picture(str(scan))))
    assert "The term is one year" in text_of(parsed)


def test_a_document_says_who_wrote_it_and_when(tmp_path: Path, parse: Parse) -> None:
    def write(document: "docx.document.Document") -> None:
        document.core_properties.author = "Ada Byron"
        document.core_properties.keywords = "pumps, valves"
        document.add_paragraph("Text.")

    said = dict(parse(papers.word(tmp_path / "a.docx", write)).metadata)
    assert (said["author"], said["keywords"]) == ("Ada Byron", "pumps, valves")
    assert said["created"]


def test_a_document_with_macros_is_read_like_one_without(tmp_path: Path, parse: Parse) -> None:
    path = papers.word(tmp_path / "a.docm", papers.agreement)
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    main = b"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    assert main in parts["[Content_Types].xml"]
    parts["[Content_Types].xml"] = parts["[Content_Types].xml"].replace(
        main, b"application/vnd.ms-word.document.macroEnabled.main+xml"
    )
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    assert blocks_of(parse(path))[0].text == "Supply agreement"


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
