"""Where the marks stand on the cited pages."""

import uuid
from typing import Any

from apps.web.exhibits import Cited, PageShape, Rect, exhibits, outline_of, place_of, places

DOCUMENT = str(uuid.uuid4())


def cited(marker: int, *, page: int | None = 1, boxes: list[list[float]] | None = None, sentence: int = 1) -> Cited:
    passage: dict[str, Any] = {
        "id": str(uuid.uuid4()),
        "document": {"id": DOCUMENT, "title": "Annual report"},
        "version": 1,
        "page": page,
        "boxes": [[0.1, 0.1, 0.9, 0.2]],
        "text": "Net debt rose. It was 12.",
        "heading": "Notes › Debt",
    }
    citation = {
        "marker": marker,
        "passage": passage["id"],
        "quote": "It was 12.",
        "quote_found": True,
        "boxes": boxes if boxes is not None else [[0.1, 0.5, 0.9, 0.52]],
    }
    return Cited(citation, passage, sentence, str(uuid.uuid4()))


def shapes(*pages: int, height: float = 842.0) -> dict[Any, PageShape]:
    return {(DOCUMENT, 1, n): PageShape(595.0, height, 17, f"/p/{n}.png") for n in pages}


def test_one_exhibit_a_page_in_order_of_first_citation() -> None:
    found = exhibits([cited(2, page=7), cited(1, page=3), cited(5, page=7)], shapes(3, 7))
    assert [(e.page, e.markers) for e in found] == [(7, [2, 5]), (3, [1])]


def test_the_first_page_is_whole_and_the_others_are_crops_that_hold_their_marks() -> None:
    whole, crop = exhibits([cited(1, page=1), cited(2, page=2)], shapes(1, 2))
    assert whole.view == f"0 0 1000 {whole.height}"
    x, y, width, height = (int(part) for part in crop.view.split())
    mark = crop.marks[0].bounds
    assert x <= mark.x
    assert y <= mark.y
    assert mark.right <= x + width
    assert mark.bottom <= y + height
    assert height < whole.height / 2


def test_the_drawing_has_the_shape_of_the_page() -> None:
    (wide,) = exhibits([cited(1)], shapes(1, height=297.5))
    assert wide.height == 500


def test_numbers_beside_the_same_line_do_not_cover_each_other() -> None:
    (page,) = exhibits([cited(1), cited(2)], shapes(1))
    first, second = (mark.pin for mark in page.marks)
    assert abs(first.y - second.y) >= first.height


def test_a_document_that_may_no_longer_be_read_shows_the_kept_words_only() -> None:
    (gone,) = exhibits([cited(1)], {})
    assert gone.gone
    assert gone.picture == ""
    assert gone.excerpts[0].quote == "It was 12."


def test_formats_without_pages_show_the_passage_with_the_quote_apart() -> None:
    (text,) = exhibits([cited(1, page=None, boxes=[])], {(DOCUMENT, 1, 1): PageShape(1, 1, 1, "")})
    assert not text.gone
    assert (text.excerpts[0].before, text.excerpts[0].quote, text.excerpts[0].after) == (
        "Net debt rose. ",
        "It was 12.",
        "",
    )


def test_a_passage_of_a_sheet_is_text_under_the_name_of_its_sheet() -> None:
    sheet = {(DOCUMENT, 1, 2): PageShape(0, 0, 3, "", "sheet", "Costs")}
    one = cited(1, page=2, boxes=[])
    (exhibit,) = exhibits([one], sheet)
    assert (exhibit.where, exhibit.picture) == ("Sheet “Costs”, 2 of 3", "")
    assert exhibit.excerpts[0].quote == "It was 12."
    assert place_of(one.passage, sheet) == "Annual report, “Costs”"


def test_the_bar_names_page_heading_and_the_place_to_open() -> None:
    (place,) = places([cited(4, page=7)], shapes(7))
    assert (place.where, place.heading) == ("Page 7 of 17", "Debt")
    assert place.open_href.startswith(f"/documents/{DOCUMENT}/?page=7&answer=")
    assert place.open_href.endswith("&marker=4")


def test_lines_under_each_other_share_an_outline_and_cells_beside_each_other_do_not() -> None:
    lines = [Rect(100, 100, 300, 20), Rect(50, 124, 350, 20), Rect(50, 148, 80, 20)]
    assert outline_of(lines).count("M") == 1
    assert outline_of([Rect(600, 10, 80, 20), Rect(700, 10, 80, 20)]).count("M") == 2
    assert outline_of([Rect(50, 10, 80, 20), Rect(50, 300, 80, 20)]).count("M") == 2
