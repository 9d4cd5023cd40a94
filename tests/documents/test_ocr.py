"""Pages that are pictures: recognised, with their certainty, whichever way up they were scanned."""

from pathlib import Path

import pytest

from apps.documents.layout import Word
from apps.documents.parsers.ocr import Recognised, spaced
from apps.documents.parsing import Quality
from tests.documents import papers
from tests.documents.conftest import Parse, text_of

LINES = ("Dear Mrs Falk", "the contract ends on 31 March 2026", "and is not renewed.")


@pytest.mark.parametrize("turn", [0, 90, 180])
def test_a_scanned_page_is_recognised(tmp_path: Path, parse: Parse, turn: int) -> None:
    parsed = parse(papers.pdf(tmp_path / "a.pdf", papers.scan(*LINES, turn=turn)))
    page = parsed.pages[0]
    assert page.recognised
    assert page.quality is Quality.READ
    assert page.confidence > 0.85
    assert "31 March 2026" in text_of(parsed)
    first = next(line for block in page.blocks for line in block.lines if "Falk" in line.text)
    x0, y0, x1, y1 = first.box
    near_start = {0: x0 < 0.2 and y0 < 0.2, 90: x0 < 0.2 and y1 > 0.8, 180: x1 > 0.8 and y1 > 0.8}
    assert near_start[turn]


def test_a_page_of_text_with_a_picture_is_not_recognised(tmp_path: Path, parse: Parse) -> None:
    def draw(canvas: papers.Canvas) -> None:
        papers.scan("WATERMARK")(canvas)
        papers.report(canvas)

    parsed = parse(papers.pdf(tmp_path / "a.pdf", draw))
    assert not parsed.pages[0].recognised
    assert "Gross profit" in text_of(parsed)


def test_a_picture_without_words_is_noted_as_unread(tmp_path: Path, parse: Parse) -> None:
    def draw(canvas: papers.Canvas) -> None:
        for number in range(40):
            canvas.setFillGray(0.2 + number % 5 / 10)
            canvas.circle(300, 420, 200 - 5 * number, fill=1)

    parsed = parse(papers.pdf(tmp_path / "a.pdf", papers.report, draw))
    assert parsed.pages[1].quality is Quality.UNREAD


def test_when_time_for_recognition_is_up_the_rest_is_still_read(
    tmp_path: Path, parse: Parse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RECOGNITION_SECONDS", "0")
    parsed = parse(papers.pdf(tmp_path / "a.pdf", papers.scan(*LINES), papers.report))
    assert [page.quality for page in parsed.pages] == [Quality.UNREAD, Quality.READ]


def test_blanks_accents_and_currency_signs_are_recognised(tmp_path: Path, parse: Parse) -> None:
    lines = (
        "We refer to the agreement of 21 June 2022",
        "Die Gebühr beträgt 281.250 € für größere Häuser",
        "or £187,500,000",
    )
    assert text_of(parse(papers.pdf(tmp_path / "a.pdf", papers.scan(*lines)))).split() == " ".join(lines).split()


def test_a_blurred_scan_is_read_with_a_warning_however_certain_the_models_are(tmp_path: Path, parse: Parse) -> None:
    parsed = parse(papers.pdf(tmp_path / "a.pdf", papers.scan(*LINES), papers.scan(*LINES, blur=3)))
    sharp, blurred = parsed.pages
    assert (sharp.quality, blurred.quality) == (Quality.READ, Quality.POOR)
    assert blurred.blocks


@pytest.mark.parametrize(("certainty", "quality"), [(0.99, Quality.READ), (0.95, Quality.POOR)])
def test_where_figures_may_be_misread_the_reader_is_warned(certainty: float, quality: Quality) -> None:
    word = Word("2026", 0, 0, 40, 12, baseline=10, size=10, bold=False)
    assert Recognised((word,), certainty).quality is quality


def test_the_blank_after_a_comma_is_seen_also_where_it_is_narrow() -> None:
    assert spaced("Callum Strand,Chief financial officer;Trelby") == "Callum Strand, Chief financial officer; Trelby"
    assert spaced("1,250 a,b x,yz") == "1,250 a,b x,yz"
