"""What is found inside a document becomes a document, once, within limits."""

from collections.abc import Callable
from email.message import EmailMessage

import pytest

from apps.accounts.scope import Scope
from apps.documents.models import Document, Status
from apps.ingestion import attachments, runs
from apps.ingestion.models import IngestRun
from apps.ingestion.services import cancel_reading, reprocess_document
from apps.ingestion.tasks import ingest_version
from apps.retrieval.search import search
from tests.ingestion.conftest import REPORT, Bells, run_of

pytestmark = pytest.mark.django_db
Upload = Callable[..., Document]


def mail(
    *files: tuple[str, bytes], body: str = "Dear all, the figures for the year are attached to this letter."
) -> bytes:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "a@example.org", "b@example.org", "Figures"
    message["Date"] = "Tue, 05 Mar 2024 10:00:00 +0000"
    message.set_content(body)
    for name, content in files:
        message.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
    return message.as_bytes()


def _read_all() -> None:
    """Read whatever waits, and what comes of it."""
    while (run := IngestRun.objects.filter(state=IngestRun.State.QUEUED).first()) is not None:
        ingest_version(str(run.pk))


def test_an_attachment_is_read_as_a_document_of_its_own(scope: Scope, upload: Upload, bells: Bells) -> None:
    letter = upload(mail(("report.txt", REPORT)), filename="letter.eml")
    _read_all()
    inside = Document.objects.get(attached_to=letter)
    assert (inside.title, inside.collection_id) == ("report.txt", letter.collection_id)
    assert inside.latest is not None
    assert inside.latest.status == Status.READY
    assert search(scope, "How high was net debt?").passages[0].document_id == inside.pk
    assert letter.latest is not None
    (row,) = letter.latest.attachments.all()
    assert (row.name, row.document_id, row.bytes, row.detail) == ("report.txt", inside.pk, len(REPORT), "")


def test_an_attachment_is_rung_for_when_its_letter_has_been_read(upload: Upload, bells: Bells) -> None:
    letter = upload(mail(("report.txt", REPORT)), filename="letter.eml")
    bells.clear()
    ingest_version(str(run_of(letter).pk))
    assert len(bells) == 1


def test_a_kind_that_cannot_be_read_is_noted_with_the_reason(upload: Upload) -> None:
    letter = upload(mail(("tool.exe", b"MZ" + b"\x00" * 60), ("empty.txt", b" ")), filename="letter.eml")
    _read_all()
    assert letter.latest is not None
    assert [(row.name, row.document) for row in letter.latest.attachments.all()] == [
        ("tool.exe", None), ("empty.txt", None),
    ]  # fmt: skip
    assert all(row.detail.endswith(".") for row in letter.latest.attachments.all())
    letter.latest.refresh_from_db()
    assert letter.latest.status == Status.READY


def test_reading_again_makes_no_second_document(scope: Scope, upload: Upload) -> None:
    letter = upload(mail(("report.txt", REPORT)), filename="letter.eml")
    _read_all()
    reprocess_document(scope, letter)
    _read_all()
    assert Document.objects.count() == 2
    assert letter.latest is not None
    assert letter.latest.attachments.count() == 1


def test_letters_within_letters_end_at_the_third(upload: Upload) -> None:
    innermost = mail(("report.txt", REPORT), body="The innermost letter, which lies in three others.")
    letter = innermost
    for depth in (3, 2, 1):
        letter = mail((f"letter{depth}.eml", letter), body=f"A letter at depth {depth}, with another letter in it.")
    upload(letter, filename="letter0.eml")
    _read_all()
    assert set(Document.objects.values_list("title", flat=True)) == {
        "letter0", "letter1.eml", "letter2.eml", "letter3.eml",
    }  # fmt: skip
    last = Document.objects.select_related("latest").get(title="letter3.eml").latest
    assert last is not None
    (row,) = last.attachments.all()
    assert (row.document, "lies in a file" in row.detail) == (None, True)


def test_attachments_beyond_the_number_or_the_size_allowed_are_noted(
    upload: Upload, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attachments, "MOST", 2)
    monkeypatch.setattr(attachments, "_NEVER_ALLOWED", 150)
    files = [(f"{n}.txt", f"Report number {n}. ".encode() * 6) for n in range(3)]
    letter = upload(mail(*files), filename="letter.eml")
    _read_all()
    assert letter.latest is not None
    rows = list(letter.latest.attachments.all())
    assert [row.document is not None for row in rows] == [True, False, False]
    assert "at most" in rows[1].detail or "larger" in rows[1].detail
    assert "at most" in rows[2].detail or "may have 2" in rows[2].detail


def test_a_letter_stopped_meanwhile_leaves_no_attachment(
    scope: Scope, upload: Upload, monkeypatch: pytest.MonkeyPatch
) -> None:
    letter = upload(mail(("report.txt", REPORT)), filename="letter.eml")
    renew = runs.renew

    def cancelling(hold: runs.Hold, **fields: object) -> None:
        cancel_reading(scope, letter)
        renew(hold, **fields)

    monkeypatch.setattr(attachments.runs, "renew", cancelling)
    ingest_version(str(run_of(letter).pk))
    assert list(Document.objects.all()) == [letter]
