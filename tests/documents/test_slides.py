"""Presentations as read: slides in order, each from its title down."""

from pathlib import Path

import pytest
from lxml import etree
from pptx.opc.constants import RELATIONSHIP_TYPE
from pptx.opc.package import Part
from pptx.opc.packuri import PackURI
from pptx.presentation import Presentation
from pptx.util import Inches

from apps.documents.parsing import Block, BlockKind, Parsed, Quality, Unreadable
from tests.documents.conftest import Parse, blocks_of
from tests.documents.decks import TITLE_AND_BODY, TITLE_ONLY, deck, review
from tests.documents.letters import picture, saved

_A = "http://schemas.openxmlformats.org/drawingml/2006/main"
_M = "http://schemas.openxmlformats.org/officeDocument/2006/math"
_DIAGRAM = "http://schemas.openxmlformats.org/drawingml/2006/diagram"


@pytest.fixture
def read(tmp_path: Path, parse: Parse):
    return lambda write: parse(deck(tmp_path / "a.pptx", write))


def of_kind(parsed: Parsed, kind: BlockKind) -> list[Block]:
    return [block for block in blocks_of(parsed) if block.kind is kind]


def test_a_slide_is_a_page_with_its_title_as_name(read) -> None:
    assert [page.label for page in read(review).pages] == ["Review of the year", "Figures"]


def test_title_list_and_notes_follow_each_other(read) -> None:
    assert [(block.kind, block.text) for block in read(review).pages[0].blocks] == [
        (BlockKind.HEADING, "Review of the year"),
        (BlockKind.LIST, "• Pumps sold well\n  • most of them abroad"),
        (BlockKind.NOTE, "Thank the sales team."),
    ]


def test_the_figures_of_a_chart_are_a_table_with_its_title(read) -> None:
    table, chart = of_kind(read(review), BlockKind.TABLE)
    assert table.text == "2025  2024\nRevenue  1,204  1,087\nProfit  362  316"
    assert chart.table.caption == "Sales by region"
    assert chart.text == "Share  Share before\nNorth  25.0%  30.0%\nSouth  75.0%  70.0%"
    assert next(cell.value for cell in chart.cells if cell.text == "25.0%") == "0.25"


def test_shapes_are_read_from_top_to_bottom_whatever_their_order_in_the_file(read) -> None:
    def write(presentation: Presentation) -> None:
        slide = presentation.slides.add_slide(presentation.slide_layouts[TITLE_ONLY])
        for text, left, top in (("below", 1, 5), ("right", 5, 3), ("left", 1, 3.1)):
            slide.shapes.add_textbox(Inches(left), Inches(top), Inches(2), Inches(1)).text_frame.text = text
        slide.shapes.title.text = "Title"

    assert [block.text for block in blocks_of(read(write))] == ["Title", "left", "right", "below"]


def test_groups_are_opened_and_stay_together(read) -> None:
    def write(presentation: Presentation) -> None:
        slide = presentation.slides.add_slide(presentation.slide_layouts[6])
        slide.shapes.add_textbox(Inches(4), Inches(1.2), Inches(2), Inches(1)).text_frame.text = "beside"
        group = slide.shapes.add_group_shape()
        for text, top in (("first", 1), ("second", 4)):
            group.shapes.add_textbox(Inches(1), Inches(top), Inches(2), Inches(1)).text_frame.text = text

    assert [block.text for block in blocks_of(read(write))] == ["first", "second", "beside"]


def test_merged_cells_stand_once_and_a_second_row_of_headings_is_one_too(read) -> None:
    def write(presentation: Presentation) -> None:
        slide = presentation.slides.add_slide(presentation.slide_layouts[6])
        table = slide.shapes.add_table(3, 3, Inches(1), Inches(1), Inches(6), Inches(2)).table
        table.cell(0, 1).merge(table.cell(0, 2))
        for row, contents in enumerate((("", "Europe", None), ("", "2025", "2024"), ("Pumps", "5", "6"))):
            for column, content in enumerate(contents):
                if content:
                    table.cell(row, column).text = content

    table = of_kind(read(write), BlockKind.TABLE)[0]
    assert next(cell.column_span for cell in table.cells if cell.text == "Europe") == 2
    assert table.table.header_rows == 2


def test_hidden_slides_are_read_and_called_hidden(read) -> None:
    def write(presentation: Presentation) -> None:
        slide = presentation.slides.add_slide(presentation.slide_layouts[TITLE_ONLY])
        slide.shapes.title.text = "Reserve"
        slide._element.set("show", "0")

    assert read(write).pages[0].label == "Reserve (hidden)"


def test_a_footer_is_read_once_and_slide_numbers_never(read) -> None:
    def write(presentation: Presentation) -> None:
        for _ in range(3):
            slide = presentation.slides.add_slide(presentation.slide_layouts[TITLE_AND_BODY])
            for text, kind in (("Confidential", "ftr"), ("17", "sldNum")):
                box = slide.shapes.add_textbox(0, Inches(7), Inches(2), Inches(1))
                box.text_frame.text = text
                properties = box._element.nvSpPr.find("{*}nvPr")
                etree.SubElement(properties, f"{{{properties.nsmap['p']}}}ph", type=kind)

    assert [block.text for block in blocks_of(read(write))] == ["Confidential"]


def test_pictures_are_read_by_their_description(read, tmp_path: Path) -> None:
    def write(presentation: Presentation) -> None:
        slide = presentation.slides.add_slide(presentation.slide_layouts[6])
        for description in ("A map of the north", "image1.png"):
            shape = slide.shapes.add_picture(str(saved(tmp_path / "p.png", picture("x"))), 0, 0)
            shape._element.nvPicPr.cNvPr.set("descr", description)

    assert [(block.kind, block.text) for block in blocks_of(read(write))] == [(BlockKind.CAPTION, "A map of the north")]


def test_a_slide_that_is_only_a_picture_is_recognised(read, tmp_path: Path) -> None:
    def write(presentation: Presentation) -> None:
        for drawn in (picture("Revenue rose in all regions"), picture(" ")):
            slide = presentation.slides.add_slide(presentation.slide_layouts[6])
            slide.shapes.add_picture(str(saved(tmp_path / "p.png", drawn)), 0, 0)

    words, nothing = read(write).pages
    assert "Revenue rose in all regions" in " ".join(block.text for block in words.blocks)
    assert (words.recognised, words.quality) == (True, Quality.READ)
    assert (nothing.blocks, nothing.quality) == ((), Quality.UNREAD)


def test_equations_are_written_in_a_line(read) -> None:
    def write(presentation: Presentation) -> None:
        slide = presentation.slides.add_slide(presentation.slide_layouts[6])
        frame = slide.shapes.add_textbox(0, 0, Inches(3), Inches(1)).text_frame
        frame.paragraphs[0]._p.append(
            etree.fromstring(
                f'<a14:m xmlns:a14="urn:x" xmlns:m="{_M}"><m:oMath><m:r><m:t>y=</m:t></m:r><m:f>'
                "<m:num><m:r><m:t>a+b</m:t></m:r></m:num><m:den><m:sSup><m:e><m:r><m:t>x</m:t></m:r></m:e>"
                "<m:sup><m:r><m:t>2</m:t></m:r></m:sup></m:sSup></m:den></m:f></m:oMath></a14:m>"
            )
        )

    assert [block.text for block in blocks_of(read(write))] == ["y=(a+b)/(x^2)"]


def test_diagrams_are_lists_of_what_hangs_together(read) -> None:
    def write(presentation: Presentation) -> None:
        slide = presentation.slides.add_slide(presentation.slide_layouts[6])
        points = "".join(
            f'<d:pt modelId="{number}"><d:t><a:p><a:r><a:t>{text}</a:t></a:r></a:p></d:t></d:pt>'
            for number, text in enumerate(("Board", "Sales", "Works"), 1)
        )
        links = "".join(f'<d:cxn modelId="{10 + to}" srcId="1" destId="{to}" srcOrd="{5 - to}"/>' for to in (2, 3))
        data = f'<d:dataModel xmlns:d="{_DIAGRAM}" xmlns:a="{_A}"><d:ptLst>{points}</d:ptLst><d:cxnLst>{links}</d:cxnLst></d:dataModel>'
        part = Part(PackURI("/ppt/diagrams/data1.xml"), "application/xml", slide.part.package, data.encode())
        relation = slide.part.relate_to(part, f"{RELATIONSHIP_TYPE.OFFICE_DOCUMENT.rpartition('/')[0]}/diagramData")
        frame = slide.shapes.add_table(1, 1, 0, 0, Inches(1), Inches(1))._element
        graphic = frame.find(f".//{{{_A}}}graphicData")
        graphic.clear()
        names = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
        graphic.append(etree.fromstring(f'<d:relIds xmlns:d="{_DIAGRAM}" xmlns:r="{names}" r:dm="{relation}"/>'))

    assert [block.text for block in blocks_of(read(write))] == ["• Board\n  • Works\n  • Sales"]


def test_comments_name_their_author(read) -> None:
    def write(presentation: Presentation) -> None:
        slide = presentation.slides.add_slide(presentation.slide_layouts[6])
        names = 'xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main"'
        for owner, kind, name, data in (
            (presentation.part, "commentAuthors", "commentAuthors", f'<p:cmAuthorLst {names}><p:cmAuthor id="0" name="Ada"/></p:cmAuthorLst>'),
            (slide.part, "comments", "comments/comment1", f'<p:cmLst {names}><p:cm authorId="0"><p:text>Too long.</p:text></p:cm></p:cmLst>'),
        ):  # fmt: skip
            part = Part(PackURI(f"/ppt/{name}.xml"), "application/xml", slide.part.package, data.encode())
            owner.relate_to(part, f"http://schemas.openxmlformats.org/officeDocument/2006/relationships/{kind}")

    assert [(block.kind, block.text) for block in blocks_of(read(write))] == [(BlockKind.NOTE, "Ada: Too long.")]


def test_a_presentation_cut_off_says_so(tmp_path: Path, parse: Parse) -> None:
    path = deck(tmp_path / "a.pptx", review)
    path.write_bytes(path.read_bytes()[:-2000])
    with pytest.raises(Unreadable) as caught:
        parse(path)
    assert caught.value.code == "damaged"
