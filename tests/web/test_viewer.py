"""The page of a document for each kind of format, its versions, and what is attached to it."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from apps.accounts.models import User
from apps.documents.models import Attachment, Document, Status
from tests.factories import BlockFactory, DocumentFactory, IndexedPassageFactory, PageFactory, VersionFactory, owned_by
from tests.web.conftest import SignedIn

pytestmark = pytest.mark.django_db

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def document(reader: User, **version: Any) -> Document:
    return DocumentFactory(
        collection=owned_by(reader), **{f"version__{name}": value for name, value in version.items()}
    )


def flow(reader: User, blocks: list[tuple[str, str]], **version: Any) -> Document:
    """Return a document without pages that holds these blocks, spans counting through them."""
    made = document(reader, paged=False, page_count=0, media_type="text/html", **version)
    page, position = PageFactory(version=made.latest, number=1, width=0.0, height=0.0), 0
    for ordinal, (kind, text) in enumerate(blocks):
        place = {"span_start": position, "span_end": position + len(text), "boxes": [], "lines": []}
        BlockFactory(page=page, ordinal=ordinal, kind=kind, level=2 if kind == "heading" else 0, text=text, **place)
        position += len(text) + 2
    return made


@pytest.fixture
def workbook(reader: User) -> Document:
    """A workbook of two sheets; the second holds a table whose cells have addresses."""
    made = document(reader, media_type=XLSX, page_count=2)
    PageFactory(version=made.latest, number=1, width=0.0, height=0.0, label="Cover")
    costs = PageFactory(version=made.latest, number=2, width=0.0, height=0.0, label="Costs")
    texts = [["Year", "Cost"], ["2024", "17"], ["2025", "19"]]
    cells = [
        {"row": row, "column": column, "text": text, "header": row == 0, "address": f"{'BC'[column]}{row + 4}"}
        for row, line in enumerate(texts)
        for column, text in enumerate(line)
    ]
    text = "\n".join("  ".join(line) for line in texts)
    BlockFactory(
        page=costs, ordinal=7, kind="table", text=text, cells=cells, boxes=[], lines=[], span_start=50, span_end=50 + len(text)
    )  # fmt: skip
    return made


def test_a_sheet_goes_by_its_name_and_its_cells_by_theirs(visitor: SignedIn, workbook: Document) -> None:
    page = visitor.get(f"/documents/{workbook.pk}/?page=2").content.decode()
    assert "Sheet “Costs”" in page
    assert "<b>2 sheets</b>" in page
    assert "<td>B</td><td>C</td>" in page
    assert '<td class="asread__n" aria-hidden="true">5</td>' in page
    assert "/pages/2.png" not in page
    assert '<b dir="auto">Cover</b><span>1</span>' in page


@pytest.mark.parametrize("query", ["?page=2&cell=C5", "?block=7&cell=1,1", "?page=2&cell=c5"])
def test_a_cell_is_lit_by_its_address_or_its_place(visitor: SignedIn, workbook: Document, query: str) -> None:
    page = visitor.get(f"/documents/{workbook.pk}/{query}").content.decode()
    assert "Sheet “Costs”" in page
    assert 'aria-current="true" data-at="1,1" title="C5"' in page
    assert page.count('aria-current="true" data-at') == 1


@pytest.mark.parametrize("query", ["?page=2&cell=Z99", "?block=7&cell=9,9", "?block=99&cell=1,1", "?block=99"])
def test_a_cell_that_is_nowhere_is_not_there(visitor: SignedIn, workbook: Document, query: str) -> None:
    assert visitor.get(f"/documents/{workbook.pk}/{query}").status_code == 404


def test_a_passage_of_a_sheet_lights_its_rows(visitor: SignedIn, workbook: Document) -> None:
    start = 50 + len("Year  Cost\n")
    passage = IndexedPassageFactory(
        document=workbook, page=2, boxes=[], span_start=start, span_end=start + len("2024  17"), text="2024  17"
    )
    page = visitor.get(f"/documents/{workbook.pk}/?passage={passage.pk}").content.decode()
    assert page.count('<tr class="is-lit">') == 1
    assert page.index('<tr class="is-lit">') < page.index(">2024<")


def test_lines_of_a_page_can_be_selected_where_they_are_printed(visitor: SignedIn, reader: User) -> None:
    made = document(reader)
    page = PageFactory(version=made.latest, number=1, width=500.0, height=1000.0)
    line = {"text": "Net debt fell.", "box": [0.1, 0.2, 0.5, 0.22]}
    BlockFactory(page=page, ordinal=3, text=line["text"], boxes=[line["box"]], lines=[line])
    html = visitor.get(f"/documents/{made.pk}/").content.decode()
    assert '<text x="100" y="431.2" font-size="36" textLength="400"' in html
    assert 'data-block="b3"' in html


def test_headings_lists_and_notes_of_a_text_are_what_they_are(visitor: SignedIn, reader: User) -> None:
    made = flow(reader, [("heading", "Terms"), ("list", "• One"), ("note", "Agreed by Ola."), ("field", "Name: Per")])
    page = visitor.get(f"/documents/{made.pk}/").content.decode()
    assert '<h3 id="b0" class="read read--heading"' in page
    assert "This format has no pages." in page
    assert '<span class="read__kind">Note</span><p dir="auto">Agreed by Ola.</p>' in page
    assert '<span class="read__kind">Form field</span>' in page


def test_a_very_long_text_is_shown_by_windows(visitor: SignedIn, reader: User) -> None:
    blocks = [("heading" if n % 10 == 0 else "text", f"Block {n} " + "x" * 1500) for n in range(100)]
    made = flow(reader, blocks)
    first = visitor.get(f"/documents/{made.pk}/").content.decode()
    assert "Part 1 of 4" in first
    assert "Block 3 " in first
    assert "Block 99 " not in first
    assert 'href="?window=4#b90"' in first
    last = visitor.get(f"/documents/{made.pk}/?page=1&window=4").content.decode()
    assert "Block 99 " in last
    assert len(last) < 100_000


def test_a_link_into_a_long_text_opens_the_window_with_its_place(visitor: SignedIn, reader: User) -> None:
    made = flow(reader, [("text", f"Block {n} " + "x" * 1500) for n in range(100)])
    place = made.latest.blocks.get(ordinal=80)
    passage = IndexedPassageFactory(
        document=made, page=None, boxes=[], span_start=place.span_start, span_end=place.span_start + 8
    )
    page = visitor.get(f"/documents/{made.pk}/?passage={passage.pk}").content.decode()
    assert "<mark>Block 80</mark>" in page


def test_a_letter_shows_its_head_and_what_was_attached(visitor: SignedIn, reader: User) -> None:
    said = {
        "subject": "Covenant test",
        "from": "Per <per@example.org>",
        "date": "2025-07-03T08:12:00+00:00",
        "x-mailer": "M",
    }
    made = document(reader, media_type="message/rfc822", paged=False, page_count=0, metadata=said)
    leaf = PageFactory(version=made.latest, number=1)
    BlockFactory(page=leaf, kind="field", text="From: Per <per@example.org>")
    sheet = DocumentFactory(collection=made.collection, attached_to=made, title="covenants.xlsx")
    Attachment.objects.create(version=made.latest, ordinal=0, name="covenants.xlsx", document=sheet)
    Attachment.objects.create(
        version=made.latest, ordinal=1, name="logo.wmf", detail="Files of this kind cannot be read."
    )
    page = visitor.get(f"/documents/{made.pk}/").content.decode()
    assert page.count("From: Per &lt;per@example.org&gt;") == 1
    assert "Form field" not in page
    assert "3 July 2025, 08:12" in page
    assert "<dt>x-mailer</dt>" in page
    assert f'href="/documents/{sheet.pk}/"' in page
    assert "Files of this kind cannot be read." in page
    of_sheet = visitor.get(f"/documents/{sheet.pk}/").content.decode()
    assert f'href="/documents/{made.pk}/"' in of_sheet
    assert "/move/" not in of_sheet


def test_an_earlier_version_says_so_and_keeps_to_itself(visitor: SignedIn, reader: User) -> None:
    made = document(reader, page_count=3)
    first = made.latest
    for number in (1, 2, 3):
        PageFactory(version=first, number=number)
    made.latest = made.in_force = VersionFactory(document=made, number=2)
    made.save()
    page = visitor.get(f"/documents/{made.pk}/?version=1&page=2").content.decode()
    assert "This is version 1, which is no longer in force." in page
    assert f"/documents/{made.pk}/pages/2.png?version=1" in page
    assert 'href="?version=1&amp;page=3" rel="next"' in page
    now = visitor.get(f"/documents/{made.pk}/").content.decode()
    assert "Version 2, in force since" in now
    assert "no longer in force" not in now


def test_a_version_whose_day_has_not_come_waits_for_it(visitor: SignedIn, reader: User) -> None:
    made = document(reader)
    day = timezone.localdate() + timedelta(days=30)
    made.latest = VersionFactory(document=made, number=2, effective_from=day)
    made.save()
    assert "Version 2 comes into force on" in visitor.get(f"/documents/{made.pk}/").content.decode()
    assert "which is not yet in force." in visitor.get(f"/documents/{made.pk}/?version=2").content.decode()


def test_a_version_that_failed_leaves_the_one_before_answering(visitor: SignedIn, reader: User) -> None:
    made = document(reader)
    failed = {"status": Status.FAILED, "error_code": "encrypted", "error_detail": "Protected.", "ready_at": None}
    made.latest = VersionFactory(document=made, number=2, **failed)
    made.save()
    page = visitor.get(f"/documents/{made.pk}/").content.decode()
    assert "Version 2 could not be read, so this version goes on answering." in page
    assert f"/documents/{made.pk}/password/" in page


def test_a_document_of_an_earlier_reader_says_so(visitor: SignedIn, reader: User) -> None:
    made = document(reader, parser_version=1)
    assert "read by an earlier version" in visitor.get(f"/documents/{made.pk}/").content.decode()


def test_all_pages_that_need_a_look_are_listed(visitor: SignedIn, reader: User) -> None:
    made = document(reader, page_count=40)
    for number in range(1, 41):
        PageFactory(version=made.latest, number=number, quality="poor" if number % 2 else "read")
    page = visitor.get(f"/documents/{made.pk}/").content.decode()
    assert "All 20 that need a look" in page
    assert 'href="?page=39" aria-label="Page 39"' in page
