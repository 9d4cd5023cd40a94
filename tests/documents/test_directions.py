"""Text that runs to the left, and tables that stand sideways: read in their own direction."""

from pathlib import Path

import pytest
from reportlab.lib.pagesizes import A4
from reportlab.pdfbase import pdfmetrics, ttfonts

from apps.documents.parsing import Block, BlockKind
from tests.documents import papers
from tests.documents.conftest import Parse, blocks_of, text_of

HEBREW_FONT = Path("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf")
needs_hebrew = pytest.mark.skipif(not HEBREW_FONT.exists(), reason="no font with Hebrew letters on this machine")

WORDS = "החברה מוכרת משאבות"
"""As stored: the first letter is the first that is read."""


def shown(text: str) -> str:
    """Return a line as a program without bidirectional text draws it from left to right; numbers keep their order."""
    return " ".join(part if part[0].isdigit() else part[::-1] for part in reversed(text.split()))


def hebrew(*lines: str, x: float = 520) -> papers.Draw:
    pdfmetrics.registerFont(ttfonts.TTFont("Hebrew", str(HEBREW_FONT)))

    def draw(canvas: papers.Canvas) -> None:
        canvas.setFont("Hebrew", 12)
        for number, line in enumerate(lines):
            canvas.drawRightString(x, 760 - 18 * number, shown(line))

    return draw


@needs_hebrew
def test_hebrew_is_read_from_the_right(tmp_path: Path, parse: Parse) -> None:
    lines = (f"{WORDS} ושסתומים", "לחברות מים בתשע מדינות", "בצפון הארץ מאז שנים")
    assert text_of(parse(papers.pdf(tmp_path / "a.pdf", hebrew(*lines)))).splitlines() == list(lines)


@needs_hebrew
def test_numbers_in_hebrew_are_read_from_the_left(tmp_path: Path, parse: Parse) -> None:
    lines = (f"{WORDS} בסך 1,250.75 בשנת 2026", "12 חודשים עד 31/03/2026 בלבד")
    assert text_of(parse(papers.pdf(tmp_path / "a.pdf", hebrew(*lines)))).splitlines() == list(lines)


@needs_hebrew
@pytest.mark.parametrize("mark", ["\u200f", "\u202b", "\u2067"])
def test_marks_of_direction_are_not_part_of_the_text(tmp_path: Path, parse: Parse, mark: str) -> None:
    def draw(canvas: papers.Canvas) -> None:
        hebrew()(canvas)
        canvas.setFont("Hebrew", 12)
        canvas.drawRightString(520, 760, f"{mark}{shown(WORDS)}{mark}")

    assert text_of(parse(papers.pdf(tmp_path / "a.pdf", draw))) == WORDS


def assert_is_the_table(block: Block) -> None:
    assert block.kind is BlockKind.TABLE
    cells = {(cell.row, cell.column): cell.text for cell in block.cells}
    assert [cells[0, 1], cells[0, 2]] == ["2025", "2024"]
    for row, (label, this, last) in enumerate(papers.ROWS, 1):
        assert [cells[row, 0], cells[row, 1], cells[row, 2]] == [label, this, last]


@pytest.mark.parametrize("turn", [90, 180, 270])
def test_a_table_on_a_page_that_is_shown_turned_is_read_as_it_is_shown(tmp_path: Path, parse: Parse, turn: int) -> None:
    def draw(canvas: papers.Canvas) -> None:
        _turned(canvas, turn, 700)

    blocks = blocks_of(parse(papers.pdf(tmp_path / "a.pdf", draw, rotate=turn)))
    assert_is_the_table(blocks[-1])


@pytest.mark.parametrize("turn", [90, 270])
def test_a_table_set_sideways_on_an_upright_page_is_read_in_its_own_direction(
    tmp_path: Path, parse: Parse, turn: int
) -> None:
    def draw(canvas: papers.Canvas) -> None:
        canvas.setFont("Helvetica", 9)
        canvas.drawString(72, 20, "Annual report 2025, page 44")
        _turned(canvas, turn, 400)

    parsed = parse(papers.pdf(tmp_path / "a.pdf", draw))
    (table,) = [block for block in blocks_of(parsed) if block.kind is BlockKind.TABLE]
    assert_is_the_table(table)
    x0, y0, x1, y1 = table.boxes[0]
    assert (y1 - y0) * A4[1] > 2 * (x1 - x0) * A4[0]
    assert "Annual report 2025, page 44" in text_of(parsed)


def _turned(canvas: papers.Canvas, turn: int, top: float) -> None:
    """Draw the table turned to the left, so that it lies within the page."""
    width, height = A4
    canvas.saveState()
    match turn:
        case 90:
            canvas.translate(width, 0)
        case 180:
            canvas.translate(width, height)
        case 270:
            canvas.translate(0, height)
    canvas.rotate(turn)
    papers.table(canvas, top)
    canvas.restoreState()
