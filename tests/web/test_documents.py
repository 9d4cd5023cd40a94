"""The page of a document: its pages, the place that is lit, and what can be done."""

import uuid
from pathlib import Path
from typing import Any

import pytest

from apps.accounts.models import User
from apps.audit.models import Record
from apps.documents import storage
from apps.documents.models import Document, Role, Status
from apps.reasoning.models import Answer, Candidate, Citation
from tests.factories import (
    AnswerFactory,
    BlockFactory,
    CollectionFactory,
    DocumentFactory,
    IndexedPassageFactory,
    PageFactory,
    grant,
    owned_by,
    passage_json,
)
from tests.web.conftest import SignedIn

pytestmark = pytest.mark.django_db


@pytest.fixture
def report(reader: User) -> Document:
    """A report of three pages, the second read poorly, with a heading, a text and a table."""
    document = DocumentFactory(collection=owned_by(reader, name="Halden"), title="Annual Report", version__page_count=3)
    for number, quality in ((1, "read"), (2, "poor"), (3, "read")):
        page = PageFactory(version=document.latest, number=number, width=500.0, height=1000.0, quality=quality)
        BlockFactory(
            page=page,
            ordinal=10 * number,
            kind="heading",
            level=1,
            text=f"Part {number}",
            boxes=[[0.1, 0.05, 0.9, 0.1]],
        )
        BlockFactory(
            page=page,
            ordinal=10 * number + 1,
            text=f"Net debt on page {number} was £1,204 million.",
            boxes=[[0.1, 0.2, 0.5, 0.25]],
        )
    BlockFactory(
        page=page,
        ordinal=32,
        kind="table",
        text="Net debt 1,204",
        boxes=[[0.1, 0.5, 0.9, 0.6]],
        cells=[
            {"row": 0, "column": 0, "text": "Net debt", "header": True, "box": [0.1, 0.5, 0.5, 0.6]},
            {"row": 0, "column": 1, "text": "1,204", "header": False, "box": [0.5, 0.5, 0.9, 0.6]},
        ],
    )
    return document


def cite(answer: Answer, document: Document, *, page: int | None, boxes: list[list[float]], **more: Any) -> None:
    """Give an answer its citation [1], of a passage of this document."""
    passage = passage_json(document, page=page, boxes=boxes, span=more.get("span"))
    candidate = Candidate.objects.create(
        answer=answer,
        rank=1,
        marker=1,
        stage="prompt",
        reason="used",
        passage_id=passage["id"],
        document_id=document.pk,
        collection_id=document.collection_id,
        version_id=passage["version_id"],
        passage=passage,
    )
    quote = more.get("quote", "")
    Citation.objects.create(
        answer=answer, candidate=candidate, marker=1, quote=quote, quote_found=bool(quote), boxes=boxes
    )


def test_a_page_stands_with_its_blocks_and_its_neighbours(visitor: SignedIn, report: Document) -> None:
    page = visitor.get(f"/documents/{report.pk}/?page=2").content.decode()
    assert "Net debt on page 2" in page
    assert "Net debt on page 1" not in page
    assert f'href="/documents/{report.pk}/pages/2.png"' in page
    assert 'href="?page=1" rel="prev"' in page
    assert 'href="?page=3" rel="next"' in page
    assert '<rect x="100" y="400" width="400" height="100" rx="3"/>' in page
    assert "Poorly read" in page
    assert "1 poorly" in page


def test_contents_name_the_heading_in_hand(visitor: SignedIn, report: Document) -> None:
    page = visitor.get(f"/documents/{report.pk}/?page=3").content.decode()
    assert page.count('aria-current="location"') == 1
    assert page.index('aria-current="location"') > page.index("Part 2")


def test_a_table_is_shown_as_read(visitor: SignedIn, report: Document) -> None:
    page = visitor.get(f"/documents/{report.pk}/?page=3").content.decode()
    assert ">Net debt</th>" in page
    assert '<td class="num" dir="auto" data-at="0,1" data-box="500 1000 400 200">1,204</td>' in page


def test_a_citation_of_ones_own_answer_lights_its_box(visitor: SignedIn, reader: User, report: Document) -> None:
    answer = AnswerFactory(asker=reader)
    cite(answer, report, page=2, boxes=[[0.1, 0.2, 0.5, 0.25]])
    page = visitor.get(f"/documents/{report.pk}/?answer={answer.pk}&marker=1").content.decode()
    assert "Page 2 with the cited place marked" in page
    assert '<rect class="hit" x="100" y="400" width="400" height="100" rx="2"/>' in page
    assert '<p id="b21" class="read read--text is-lit"' in page


def test_a_passage_lights_its_boxes_on_its_page(visitor: SignedIn, report: Document) -> None:
    passage = IndexedPassageFactory(document=report, page=3, boxes=[[0.5, 0.5, 1.0, 0.6]])
    page = visitor.get(f"/documents/{report.pk}/?passage={passage.pk}").content.decode()
    assert '<rect class="hit" x="500" y="1000" width="500" height="200" rx="2"/>' in page
    assert '<td class="num" dir="auto" aria-current="true" data-at="0,1" data-box="500 1000 400 200">1,204</td>' in page


def test_a_table_that_is_lit_as_a_whole_lights_no_cell(visitor: SignedIn, report: Document) -> None:
    passage = IndexedPassageFactory(document=report, page=3, boxes=[[0.0, 0.5, 1.0, 0.6]])
    page = visitor.get(f"/documents/{report.pk}/?passage={passage.pk}").content.decode()
    assert 'class="readtable is-lit"' in page
    assert 'aria-current="true" data-at' not in page


def test_answers_that_rest_on_a_page_are_named_if_ones_own(visitor: SignedIn, reader: User, report: Document) -> None:
    cite(AnswerFactory(asker=reader, question="What was net debt?"), report, page=2, boxes=[])
    cite(AnswerFactory(question="A secret question"), report, page=2, boxes=[])
    page = visitor.get(f"/documents/{report.pk}/?page=2").content.decode()
    assert "What was net debt?" in page
    assert "1 answer of another person." in page
    assert "A secret question" not in page


def test_a_citation_of_somebody_else_is_not_there(visitor: SignedIn, report: Document) -> None:
    answer = AnswerFactory()
    cite(answer, report, page=2, boxes=[[0.1, 0.2, 0.5, 0.25]])
    assert visitor.get(f"/documents/{report.pk}/?answer={answer.pk}&marker=1").status_code == 404


def test_a_citation_of_another_document_is_not_there(visitor: SignedIn, reader: User, report: Document) -> None:
    answer = AnswerFactory(asker=reader)
    cite(answer, DocumentFactory(collection=report.collection), page=1, boxes=[])
    assert visitor.get(f"/documents/{report.pk}/?answer={answer.pk}&marker=1").status_code == 404


def test_text_without_pages_marks_the_quoted_words(visitor: SignedIn, reader: User) -> None:
    document = DocumentFactory(collection=owned_by(reader), version__paged=False, version__page_count=0)
    container = PageFactory(version=document.latest, number=1)
    text = "The margin is 1.40 per cent. It rises later."
    BlockFactory(page=container, ordinal=0, text=text, boxes=[], span_start=100, span_end=100 + len(text))
    answer = AnswerFactory(asker=reader)
    cite(answer, document, page=None, boxes=[], span=[100, 100 + len(text)], quote="The margin is 1.40 per cent.")
    page = visitor.get(f"/documents/{document.pk}/?answer={answer.pk}&marker=1").content.decode()
    assert "<mark>The margin is 1.40 per cent.</mark> It rises later." in page


@pytest.mark.parametrize("query", ["?page=0", "?page=99", "?page=x", "?page=-1", "?page=²"])
def test_an_odd_page_number_still_shows_a_page(visitor: SignedIn, report: Document, query: str) -> None:
    assert visitor.get(f"/documents/{report.pk}/{query}").status_code == 200


@pytest.mark.parametrize("query", [f"?passage={uuid.uuid4()}", "?passage=x", f"?answer={uuid.uuid4()}&marker=1"])
def test_a_place_that_is_nowhere_is_not_there(visitor: SignedIn, report: Document, query: str) -> None:
    assert visitor.get(f"/documents/{report.pk}/{query}").status_code == 404


@pytest.mark.parametrize(
    "rest", ["", "pages/1.png", "original", "details/", "move/", "version/", "password/", "delete/"]
)
def test_a_document_of_others_is_not_there(visitor: SignedIn, rest: str) -> None:
    other = DocumentFactory()
    assert visitor.get(f"/documents/{other.pk}/{rest}").status_code == 404


def test_a_reader_may_look_but_not_change(visitor: SignedIn, reader: User) -> None:
    collection = CollectionFactory(allow_download=False)
    grant(collection, reader, Role.READER)
    document = DocumentFactory(collection=collection)
    page = visitor.get(f"/documents/{document.pk}/").content.decode()
    assert "/details/" not in page
    assert "/original" not in page
    assert visitor.get(f"/documents/{document.pk}/original").status_code == 403
    for action in ("details/", "move/", "version/", "password/", "delete/", "again/", "stop/"):
        assert visitor.post(f"/documents/{document.pk}/{action}", {"title": "Mine"}).status_code == 403
    document.refresh_from_db()
    assert document.title != "Mine"


def test_what_could_not_be_read_says_why(visitor: SignedIn, reader: User) -> None:
    document = DocumentFactory(
        collection=owned_by(reader),
        version__status=Status.FAILED,
        version__error_detail="Protected by a password.",
        version__page_count=0,
    )
    page = visitor.get(f"/documents/{document.pk}/").content.decode()
    assert "This document could not be read." in page
    assert "Protected by a password." in page


def test_a_document_is_renamed_and_deleted(visitor: SignedIn, report: Document) -> None:
    assert visitor.post(f"/documents/{report.pk}/details/", {"title": "Report 2025"}).status_code == 303
    report.refresh_from_db()
    assert report.title == "Report 2025"
    response = visitor.post(f"/documents/{report.pk}/delete/")
    assert response.headers["Location"] == f"/collections/{report.collection_id}/"
    assert not Document.objects.filter(pk=report.pk).exists()


def test_the_original_is_sent_to_be_saved_and_recorded(visitor: SignedIn, reader: User) -> None:
    stored = storage.store([b"<script>alert(1)</script>"], limit=1000)
    document = DocumentFactory(
        collection=owned_by(reader), version__sha256=stored.sha256, version__filename="page.html"
    )
    response = visitor.get(f"/documents/{document.pk}/original")
    assert b"".join(response.streaming_content) == b"<script>alert(1)</script>"
    assert response.headers["Content-Type"] == "application/octet-stream"
    assert response.headers["Content-Disposition"] == 'attachment; filename="page.html"'
    assert Record.objects.filter(action="document.downloaded", subject_id=str(document.pk)).count() == 1


def test_a_picture_is_private_and_known_by_its_bytes(visitor: SignedIn, reader: User) -> None:
    stored = storage.store([Path("samples/files/annual-report-2024.pdf").read_bytes()], limit=10_000_000)
    document = DocumentFactory(collection=owned_by(reader), version__sha256=stored.sha256, version__page_count=17)
    address = f"/documents/{document.pk}/pages/3.png?width=400"
    response = visitor.get(address)
    assert response.content.startswith(b"\x89PNG")
    assert response.headers["Cache-Control"] == "private, no-cache"
    again = visitor.get(address, headers={"If-None-Match": response.headers["ETag"]})
    assert again.status_code == 304
    assert visitor.get(f"/documents/{document.pk}/pages/99.png").status_code == 404


def test_the_number_of_queries_does_not_grow_with_pages_and_blocks(
    visitor: SignedIn, report: Document, django_assert_max_num_queries: object
) -> None:
    for number in range(4, 30):
        page = PageFactory(version=report.latest, number=number)
        for place in range(5):
            BlockFactory(page=page, ordinal=100 * number + place)
    report.latest.page_count = 29
    report.latest.save()
    with django_assert_max_num_queries(33):  # type: ignore[operator]
        assert visitor.get(f"/documents/{report.pk}/?page=7").status_code == 200


def test_hostile_text_is_never_markup(visitor: SignedIn, reader: User) -> None:
    hostile = '</p><img src=x onerror="alert(1)">'
    document = DocumentFactory(collection=owned_by(reader), title=hostile)
    page = PageFactory(version=document.latest, number=1)
    BlockFactory(page=page, ordinal=0, kind="heading", level=1, text=hostile)
    BlockFactory(page=page, ordinal=1, kind="table", text=hostile, cells=[{"row": 0, "column": 0, "text": hostile}])
    assert "<img" not in visitor.get(f"/documents/{document.pk}/").content.decode()
