"""Files inside a PDF."""

from pathlib import Path

import pypdfium2
import pytest

from apps.documents.parsers.pdf.parser import PdfParser
from apps.documents.parsing import Parsed, Source, Unreadable
from tests.documents import papers


def with_files(path: Path, **files: bytes) -> Path:
    document = pypdfium2.PdfDocument(papers.pdf(path, papers.report).read_bytes())
    for name, content in files.items():
        document.new_attachment(name).set_data(content)
    document.save(path)
    return path


def read(path: Path) -> Parsed:
    return PdfParser().parse(Source(path), progress=lambda *at: None)


def test_files_belong_to_the_document_with_their_names_and_bytes(tmp_path: Path) -> None:
    path = with_files(tmp_path / "a.pdf", invoice=b"<xml/>", Übersicht=b"words" * 100)
    assert {(file.name, file.bytes) for file in read(path).attachments} == {("invoice", 6), ("Übersicht", 500)}
    names = [file.name for file in read(path).attachments]
    assert PdfParser().attachment(Source(path), names.index("Übersicht")) == b"words" * 100


def test_a_file_that_is_not_there_is_an_error_with_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="cannot be taken out"):
        PdfParser().attachment(Source(with_files(tmp_path / "a.pdf")), 0)


def test_a_password_opens_a_pdf_and_another_one_does_not(tmp_path: Path) -> None:
    path = papers.pdf(tmp_path / "a.pdf", papers.report, password="open sesame")
    assert PdfParser().parse(Source(path, password="open sesame"), progress=lambda *at: None).page_count == 1
    for password, code in (("", "encrypted"), ("barley", "wrong_password")):
        with pytest.raises(Unreadable) as caught:
            PdfParser().parse(Source(path, password=password), progress=lambda *at: None)
        assert caught.value.code == code
