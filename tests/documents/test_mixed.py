"""Pages that have text and pictures of text: both are read, in order, and nothing twice."""

import math
import random
from collections.abc import Sequence
from pathlib import Path

import pytest
import reportlab
from PIL import Image, ImageDraw, ImageFont
from reportlab.lib.utils import ImageReader

from apps.documents.parsers.pdf import mixed
from apps.documents.parsing import BlockKind, Quality
from tests.documents import papers
from tests.documents.conftest import Parse, blocks_of, text_of

LETTER = (
    "Dear Mrs Falk,",
    "we confirm that the lease of the warehouse in Ardmore",
    "ends on 31 March 2026 and that the deposit of 12,500",
    "will be returned within thirty days of that date.",
    "Please leave the keys with the porter.",
    "Yours sincerely, Halden Property",
)
HEAD = "Case 24-1187, exhibit 14 to the statement of the second claimant, page 3 of 20. Copied for the court only, not to be passed on."
FOOT = "Filed on 2 June 2026 at the registry in Trelby. Whoever finds this page may bring it to the registrar, 14 Quay Street, Ardmore."


def picture_of(lines: Sequence[str], size: tuple[int, int], *, letter: int = 34, left: int = 100) -> Image.Image:
    picture = Image.new("L", size, 250)
    pen = ImageDraw.Draw(picture)
    font = ImageFont.truetype(str(Path(reportlab.__file__).parent / "fonts" / "Vera.ttf"), letter)
    for number, line in enumerate(lines):
        pen.text((left, 40 + 2 * letter * number), line, fill=15, font=font)
    return picture


def table_picture() -> Image.Image:
    picture = Image.new("RGB", (1000, 330), "white")
    pen = ImageDraw.Draw(picture)
    font = ImageFont.truetype(str(Path(reportlab.__file__).parent / "fonts" / "Vera.ttf"), 26)
    for number, row in enumerate((("", "2025", "2024"), *papers.ROWS)):
        top = 20 + 60 * number
        pen.line((10, top - 12, 990, top - 12), fill=(150, 150, 150))
        for x, text in zip((20, 640, 860), row, strict=True):
            pen.text((x, top), text, fill="black", font=font)
    return picture


def photograph() -> Image.Image:
    """Clouds of all sizes, with grain, as a photograph has."""
    random.seed(7)
    picture = Image.new("L", (900, 600))
    for size in (4, 12, 40, 150, 450):
        noise = Image.new("L", (size, max(size * 2 // 3, 1)))
        noise.putdata([random.randrange(256) for _ in range(noise.width * noise.height)])
        picture = Image.blend(picture, noise.resize(picture.size, Image.Resampling.BICUBIC), 0.5)
    return picture


def chart() -> Image.Image:
    picture = Image.new("RGB", (900, 600), "white")
    pen = ImageDraw.Draw(picture)
    font = ImageFont.truetype(str(Path(reportlab.__file__).parent / "fonts" / "Vera.ttf"), 20)
    for number in range(6):
        pen.text((20, 60 + 80 * number), f"${250 - 50 * number}", fill="black", font=font)
        pen.text((120 + 130 * number, 550), f"12/{20 + number}", fill="black", font=font)
        points = [(100 + x, 400 - 12 * number - 60 * math.sin(x / (60 + 9 * number))) for x in range(0, 760, 4)]
        pen.line(points, fill=(20 * number, 60, 160), width=3)
    pen.text((250, 10), "Total return of the share", fill="black", font=font)
    return picture


def put(canvas: papers.Canvas, picture: Image.Image, x: float, y: float, width: float, height: float) -> None:
    canvas.drawImage(ImageReader(picture), x, y, width, height)


def around(canvas: papers.Canvas) -> None:
    canvas.setFont("Helvetica", 8)
    canvas.drawString(60, 810, HEAD)
    canvas.drawString(60, 30, FOOT)


def test_a_scan_between_a_printed_header_and_footer_is_recognised(tmp_path: Path, parse: Parse) -> None:
    def draw(canvas: papers.Canvas) -> None:
        around(canvas)
        put(canvas, picture_of(LETTER, (1240, 1500)), 0, 60, papers.WIDTH, 720)

    parsed = parse(papers.pdf(tmp_path / "a.pdf", draw))
    page, blocks = parsed.pages[0], blocks_of(parsed)
    assert page.recognised
    assert page.quality is Quality.READ
    texts = [block.text for block in blocks]
    assert (texts[0], texts[-1]) == (HEAD, FOOT)
    assert "31 March 2026 and that the deposit of 12,500" in text_of(parsed)
    assert (blocks[0].confidence, blocks[-1].confidence) == (1.0, 1.0)
    inner = blocks[1:-1]
    assert all(0.9 < block.confidence < 1 for block in inner)
    last = next(line for block in inner for line in block.lines if "Yours" in line.text)
    assert last.box[0] == pytest.approx(100 / 1240, abs=0.01)
    assert last.box[1] == pytest.approx((papers.HEIGHT - 780 + 380 * 720 / 1500) / papers.HEIGHT, abs=0.01)


def test_the_picture_of_a_table_is_read_where_it_stands_in_the_text(tmp_path: Path, parse: Parse) -> None:
    def draw(canvas: papers.Canvas) -> None:
        canvas.setFont("Helvetica", 10)
        for number, sentence in enumerate((*papers.SENTENCES, *papers.SENTENCES)):
            canvas.drawString(72, (760 if number < 3 else 560) - 14 * number, sentence)
        put(canvas, table_picture(), 72, 560, 450, 148)

    blocks = blocks_of(parse(papers.pdf(tmp_path / "a.pdf", draw)))
    assert [block.kind for block in blocks] == [BlockKind.TEXT, BlockKind.TABLE, BlockKind.TEXT]
    cells = {(cell.row, cell.column): cell.text for cell in blocks[1].cells}
    assert (cells[0, 1], cells[3, 0], cells[3, 1]) == ("2025", "Gross profit", "362")
    assert blocks[0].confidence == 1.0 > blocks[1].confidence


def test_what_a_text_layer_says_over_a_scan_is_not_said_twice(tmp_path: Path, parse: Parse) -> None:
    def draw(canvas: papers.Canvas) -> None:
        put(canvas, picture_of(LETTER * 3, (1240, 1754)), 0, 0, papers.WIDTH, papers.HEIGHT)
        layer = canvas.beginText()
        layer.setTextRenderMode(3)
        layer.setFont("Helvetica", 15)
        for number, line in enumerate(LETTER * 3):
            layer.setTextOrigin(48, papers.HEIGHT - (40 + 68 * number + 30) * papers.HEIGHT / 1754)
            layer.textOut(line)
        canvas.drawText(layer)

    parsed = parse(papers.pdf(tmp_path / "a.pdf", draw))
    assert not parsed.pages[0].recognised
    assert text_of(parsed).count("31 March 2026") == 3


def test_a_stamp_with_text_does_not_hide_the_scan_it_stands_on(tmp_path: Path, parse: Parse) -> None:
    def draw(canvas: papers.Canvas) -> None:
        put(canvas, picture_of(LETTER, (1240, 1754)), 0, 0, papers.WIDTH, papers.HEIGHT)
        canvas.setFont("Helvetica", 8)
        canvas.drawString(60, 300, HEAD)
        canvas.drawString(60, 288, FOOT)

    text = text_of(parse(papers.pdf(tmp_path / "a.pdf", draw)))
    assert "the lease of the warehouse in Ardmore" in text
    assert text.count("Case 24-1187") == 1


def test_a_value_typed_into_a_scanned_form_stands_beside_its_label(tmp_path: Path, parse: Parse) -> None:
    labels = (
        "Name of the tenant in full",
        "Address of the premises let",
        "Rent for each month in euro",
        "Date of entry",
    )

    def draw(canvas: papers.Canvas) -> None:
        put(canvas, picture_of(labels, (1240, 1754)), 0, 0, papers.WIDTH, papers.HEIGHT)
        canvas.setFont("Helvetica", 12)
        for number, value in enumerate(("Ida Falk", "14 Quay Street", "1,150.00", "1 May 2026")):
            canvas.drawString(330, papers.HEIGHT - (40 + 68 * number + 30) * papers.HEIGHT / 1754, value)
        around(canvas)

    text = text_of(parse(papers.pdf(tmp_path / "a.pdf", draw)))
    rows = [line.split("  ") for line in text.splitlines()]
    assert any("Rent for each month" in row[0] and "1,150.00" in row[-1] for row in rows)
    assert text.count("Ida Falk") == 1


def test_a_scan_saved_in_strips_is_read_as_one_picture(tmp_path: Path, parse: Parse) -> None:
    whole = picture_of(LETTER, (1240, 1500))

    def draw(canvas: papers.Canvas) -> None:
        around(canvas)
        for top in range(0, 1500, 50):
            put(canvas, whole.crop((0, top, 1240, top + 50)), 0, 60 + 0.48 * (1450 - top), papers.WIDTH, 24)

    assert "31 March 2026 and that the deposit of 12,500" in text_of(parse(papers.pdf(tmp_path / "a.pdf", draw)))


@pytest.mark.parametrize("picture", [photograph(), chart()], ids=["photograph", "chart"])
def test_a_picture_without_print_costs_no_recognition(
    tmp_path: Path, parse: Parse, monkeypatch: pytest.MonkeyPatch, picture: Image.Image
) -> None:
    tried: list[object] = []
    monkeypatch.setattr(mixed, "_recognised", lambda *given: tried.append(given))

    def draw(canvas: papers.Canvas) -> None:
        papers.report(canvas)
        put(canvas, picture, 72, 100, 450, 300)

    parsed = parse(papers.pdf(tmp_path / "a.pdf", draw))
    assert not parsed.pages[0].recognised
    assert tried == []
