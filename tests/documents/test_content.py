"""What is kept of a reading, and the objects of the REST contract."""

from dataclasses import replace
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.core.errors import NotFound
from apps.documents.content import document_object, load_content
from apps.documents.models import Block, Document, Version
from apps.documents.parsing import Block as ParsedBlock
from apps.documents.parsing import BlockKind, Cell, Line, Page, Parsed, Quality, ReadingNote
from apps.documents.saving import PageSaver, copy_pages
from tests.factories import AttachmentFactory, DocumentFactory, VersionFactory

pytestmark = pytest.mark.django_db

BOX = (0.1, 0.2, 0.5, 0.25)
SENTENCE = "The company sells pumps and valves to water utilities in nine countries of the north."


def parsed(*, paged: bool = True) -> Parsed:
    text = ParsedBlock(
        BlockKind.TEXT,
        SENTENCE,
        boxes=(BOX,) if paged else (),
        lines=(Line(SENTENCE, BOX),) if paged else (),
        span=None if paged else (0, len(SENTENCE)),
    )
    table = ParsedBlock(BlockKind.TABLE, "Net debt  1,204", boxes=(BOX,), cells=(Cell(0, 1, "1,204", box=BOX),))
    heading = ParsedBlock(BlockKind.HEADING, "Debt", level=2, boxes=(BOX,))
    first = Page(1, 595.0, 842.0, (heading, text))
    second = Page(2, 595.0, 842.0, (table,), Quality.POOR, 0.71, recognised=True)
    return Parsed(paged, (first, second) if paged else (first,), warnings=(ReadingNote("page_poor", "Compare.", 2),))


def save_parsed(version: Version, read: Parsed) -> None:
    saver = PageSaver(version)
    saver.begin(read)
    saver.add(read.pages)
    saver.finish(read)


def test_content_comes_back_in_order_with_places() -> None:
    version = VersionFactory()
    save_parsed(version, parsed())
    content = load_content(version)
    assert content["paged"]
    assert content["pages"][0]["blocks"] == [
        {"kind": "heading", "text": "Debt", "boxes": [list(BOX)], "level": 2},
        {"kind": "text", "text": SENTENCE, "boxes": [list(BOX)]},
    ]
    second = content["pages"][1]
    assert (second["number"], second["quality"], second["confidence"], second["recognised"]) == (2, "poor", 0.71, True)
    assert second["blocks"][0]["cells"] == [{"row": 0, "column": 1, "text": "1,204", "header": False, "box": list(BOX)}]


def test_one_page_can_be_had_alone() -> None:
    version = VersionFactory()
    save_parsed(version, parsed())
    assert [page["number"] for page in load_content(version, page=2)["pages"]] == [2]
    with pytest.raises(NotFound):
        load_content(version, page=3)


def test_reading_again_replaces_what_was_read() -> None:
    version = VersionFactory()
    save_parsed(version, parsed())
    save_parsed(version, parsed())
    assert Block.objects.filter(version=version).count() == 3
    assert version.page_count == 2
    assert version.warnings == [{"page": 2, "code": "page_poor", "detail": "Compare."}]


def test_a_format_without_pages_has_spans_and_counts_none() -> None:
    version = VersionFactory(page_count=0)
    save_parsed(version, parsed(paged=False))
    assert version.page_count == 0
    assert load_content(version)["pages"][0]["blocks"][1]["span"] == [0, len(SENTENCE)]


def test_pages_come_a_few_at_a_time_and_a_very_full_one_in_parts() -> None:
    version, read = VersionFactory(), parsed()
    first, second = read.pages
    saver = PageSaver(version)
    saver.begin(read)
    saver.add([replace(first, blocks=first.blocks[:1], share=0.5)])
    saver.add([replace(first, blocks=first.blocks[1:], share=0.5), second])
    saver.finish(read)
    assert [len(page["blocks"]) for page in load_content(version)["pages"]] == [2, 1]
    assert (version.page_count, version.poor_pages) == (2, 1)


def test_what_was_read_is_copied_with_its_places() -> None:
    source, target = VersionFactory(), VersionFactory()
    save_parsed(source, parsed())
    copy_pages(source, target)
    assert load_content(target)["pages"] == load_content(source)["pages"]
    assert (target.page_count, target.poor_pages, target.warnings) == (2, 1, source.warnings)
    assert Block.objects.filter(version=source).count() == 3


def test_a_document_is_shown_as_the_contract_says() -> None:
    document = DocumentFactory(
        version__status="failed", version__error_code="encrypted", version__error_detail="Protected."
    )
    shown = document_object(document)
    assert set(shown) == {
        "id", "title", "collection", "filename", "media_type", "bytes", "sha256", "language", "status", "stage", "progress",
        "error", "pages", "passages", "warnings", "version", "versions", "created_at", "ready_at", "folder", "attached_to",
        "in_force", "metadata", "attachments", "reading", "effective_from", "outdated",
    }  # fmt: skip
    assert shown["error"] == {"code": "encrypted", "detail": "Protected."}
    assert "error" not in document_object(DocumentFactory())


def test_where_a_document_waits_is_shown() -> None:
    document = DocumentFactory(version__status="queued")
    assert document_object(document, ahead=3)["queue"] == {"ahead": 3}
    assert "queue" not in document_object(DocumentFactory(), ahead=3)


def test_what_was_found_in_a_document_is_shown_with_what_became_of_it() -> None:
    document = DocumentFactory()
    inside = DocumentFactory(attached_to=document)
    AttachmentFactory(version=document.latest, ordinal=0, name="annex.pdf", bytes=12, document=inside)
    AttachmentFactory(version=document.latest, ordinal=1, name="tool.exe", bytes=9, detail="It cannot be read.")
    assert document_object(document, readable={inside.pk})["attachments"] == [
        {"name": "annex.pdf", "bytes": 12, "document": str(inside.pk), "detail": ""},
        {"name": "tool.exe", "bytes": 9, "document": None, "detail": "It cannot be read."},
    ]
    assert document_object(document)["attachments"][0]["document"] is None, "named only for those who may read it"
    assert document_object(inside)["attached_to"] == str(document.pk)


def test_a_list_of_documents_costs_the_same_however_long() -> None:
    def queries(count: int) -> int:
        for document in DocumentFactory.create_batch(count):
            AttachmentFactory(version=document.latest)
        with CaptureQueriesContext(
            connection,
        ) as captured:
            shown: list[Any] = [document_object(document) for document in Document.objects.with_versions()]
        assert len(shown) >= count
        return len(captured)

    assert queries(1) == queries(5) == 3
