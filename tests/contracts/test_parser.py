"""What every parser promises, whatever it reads."""

from contextlib import suppress
from itertools import pairwise
from pathlib import Path

import pytest

from apps.documents.formats import FORMATS, Format, parser_for
from apps.documents.parsing import Block, Parsed, Source, Unreadable
from tests.documents import books, decks, letters, open_documents, papers, spreadsheets
from tests.documents.compound import compound

_MARKUP = "<html><body><h1>Policy</h1><p>Some words.</p><table><tr><td>a</td><td>1</td></tr><tr><td>b</td><td>2</td></tr></table></body></html>"


def _sample(known: Format, folder: Path) -> Path:
    path = folder / f"sample.{known.endings[0]}"
    match known.endings[0]:
        case "pdf":
            return papers.pdf(path, papers.report, papers.report)
        case "docx":
            return papers.word(path, papers.agreement)
        case "pptx":
            return decks.deck(path, decks.review)
        case "xlsx":
            return spreadsheets.xlsx(path, spreadsheets.results)
        case "xls":
            return spreadsheets.xls(path, spreadsheets.old_results)
        case "odt":
            return open_documents.odf(path, "text", open_documents.ODT_TEXT, styles=open_documents.ODT_STYLES)
        case "odp":
            return open_documents.odf(path, "presentation", open_documents.ODP_REVIEW)
        case "ods":
            return open_documents.ods(path, open_documents.ODS_RESULTS)
        case "csv":
            path.write_text("Item;Price\nPump;12,50\nValve;3,00\n")
        case "html":
            path.write_text(_MARKUP)
        case "rtf":
            path.write_bytes(letters.RICH)
        case "eml":
            path.write_bytes(letters.message(html=_MARKUP, attached={"a.txt": b"words"}).as_bytes())
        case "msg":
            return compound(path, {"__properties_version1.0": bytes(32), "__substg1.0_1000001E": b"Some words."})
        case "epub":
            return books.epub(path)
        case "mhtml":
            path.write_bytes(letters.web_archive(_MARKUP))
        case "jpg" | "png" | "tif" | "webp" | "gif" | "bmp":
            return letters.saved(path, letters.picture("Policy of the house", "Some words."))
        case _:
            path.write_text("# Policy\n\nSome words.\n\n- one\n- two\n")
    return path


@pytest.fixture(params=FORMATS, ids=lambda known: known.endings[0])
def known(request: pytest.FixtureRequest) -> Format:
    return request.param


@pytest.fixture
def calls() -> list[tuple[int, int]]:
    return []


@pytest.fixture
def parsed(known: Format, tmp_path: Path, calls: list[tuple[int, int]]) -> Parsed:
    return (
        parser_for(known.media_type)
        .parse(Source(_sample(known, tmp_path)), progress=lambda *at: calls.append(at))
        .whole()
    )


def _blocks(parsed: Parsed) -> list[Block]:
    return [block for page in parsed.pages for block in page.blocks]


def test_pages_are_numbered_from_one_without_gaps(parsed: Parsed) -> None:
    assert [page.number for page in parsed.pages] == list(range(1, len(parsed.pages) + 1))


def test_no_block_is_empty(parsed: Parsed) -> None:
    assert _blocks(parsed)
    assert all(block.text.strip() for block in _blocks(parsed))


def test_every_block_has_a_place(known: Format, parsed: Parsed) -> None:
    assert parsed.paged is bool(known.part)
    for block in _blocks(parsed):
        if known.pictured:
            assert block.boxes
            assert block.span is None
            assert block.text == "\n".join(line.text for line in block.lines)
        else:
            assert block.span is not None
            assert not block.boxes


def test_boxes_are_fractions_and_spans_follow_each_other(parsed: Parsed) -> None:
    for block in _blocks(parsed):
        for x0, y0, x1, y1 in [*block.boxes, *(line.box for line in block.lines)]:
            assert 0 <= x0 <= x1 <= 1
            assert 0 <= y0 <= y1 <= 1
    spans = [block.span for block in _blocks(parsed) if block.span]
    assert all(first[1] < second[0] for first, second in pairwise(spans))


def test_cells_are_the_words_of_their_table(parsed: Parsed) -> None:
    for block in _blocks(parsed):
        if block.cells:
            assert sorted(" ".join(cell.text for cell in block.cells).split()) == sorted(block.text.split())


def test_progress_is_told_and_reading_twice_gives_the_same(
    known: Format, parsed: Parsed, tmp_path: Path, calls: list[tuple[int, int]]
) -> None:
    assert calls
    assert all(0 <= done <= total for done, total in calls)
    again = parser_for(known.media_type).parse(Source(_sample(known, tmp_path)), progress=lambda *at: None).whole()
    assert again.pages == parsed.pages


def test_bytes_of_another_kind_never_end_in_another_error(known: Format, tmp_path: Path) -> None:
    path = tmp_path / "junk"
    path.write_bytes(bytes(range(256)) * 64)
    with suppress(Unreadable):
        assert isinstance(parser_for(known.media_type).parse(Source(path), progress=lambda *at: None).whole(), Parsed)
