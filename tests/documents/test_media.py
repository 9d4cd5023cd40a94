"""What a file is, whatever its name says."""

import struct
import zipfile
from pathlib import Path

import pytest

from apps.documents.formats import DOCX, HTML, MARKDOWN, PDF, TEXT, format_of
from apps.documents.media import detect
from apps.documents.parsing import Unreadable
from tests.documents import papers
from tests.documents.compound import compound

JUNK = bytes(range(256)) * 40
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
LETTER = b"From: Ann <ann@example.org>\r\nTo: bob@example.org\r\nSubject: Pumps\r\nDate: Mon, 6 May 2024 10:00:00 +0200\r\n\r\nHello\r\n"


def of(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def archive(path: Path, **parts: str) -> Path:
    with zipfile.ZipFile(path, "w") as file:
        for name, content in parts.items():
            file.writestr(name, content)
    return path


def ole(path: Path, *streams: str) -> Path:
    return compound(path, {name: bytes(100) for name in streams})


def refused(path: Path, name: str) -> Unreadable:
    with pytest.raises(Unreadable) as caught:
        detect(path, name)
    return caught.value


def test_content_decides_over_the_name(tmp_path: Path) -> None:
    assert detect(papers.pdf(tmp_path / "a", papers.report), "letter.docx") == PDF.media_type
    assert detect(papers.word(tmp_path / "b", papers.agreement), "letter.pdf") == DOCX.media_type
    assert detect(of(tmp_path / "c", b"<!DOCTYPE html><html></html>"), "page.txt") == HTML.media_type
    assert detect(of(tmp_path / "d", b"<html><table></table></html>"), "export.xls") == HTML.media_type
    assert detect(of(tmp_path / "e", b"Only words."), "letter.docx") == TEXT.media_type


@pytest.mark.parametrize(
    ("name", "media_type"),
    [
        ("a.md", MARKDOWN),
        ("a.txt", TEXT),
        ("README", TEXT),
        ("a.json", TEXT),
        ("a.html", HTML),
        ("a.htm", HTML),
        ("A.MD", MARKDOWN),
    ],
)
def test_the_name_tells_kinds_of_text_apart(tmp_path: Path, name: str, media_type: object) -> None:
    assert detect(of(tmp_path / "x", b"# Title\n\nSome words."), name) == media_type.media_type  # type: ignore[attr-defined]


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be", "utf-16", "utf-32"])
def test_wide_encodings_are_text(tmp_path: Path, encoding: str) -> None:
    assert detect(of(tmp_path / "x", ("Grüße aus Wien, " * 5).encode(encoding)), "a.txt") == TEXT.media_type


@pytest.mark.parametrize(
    ("content", "name", "code"),
    [
        (b"", "a.pdf", "empty"),
        (b"\0\0\0\0 \n", "a.txt", "empty"),
        (b"\xef\xbb\xbf", "a.txt", "empty"),
        (JUNK, "a.bin", "unsupported"),
        (JUNK, "a.pdf", "damaged"),
        (bytes(range(1, 256)) * 40, "a.txt", "unsupported"),
        (b"PK\x03\x04 cut off", "a.docx", "damaged"),
        (b"PK\x03\x04 cut off", "a.zip", "damaged"),
        (OLE + bytes(600), "a.doc", "damaged"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "a.svg", "unsupported"),
        (b"<?xml version='1.0'?><orders/>", "a.xml", "unsupported"),
    ],
)
def test_what_cannot_be_read_is_refused_with_a_reason(tmp_path: Path, content: bytes, name: str, code: str) -> None:
    assert refused(of(tmp_path / "x", content), name).code == code


@pytest.mark.parametrize(
    ("stream", "advice"),
    [
        ("WordDocument", "Word document from before 2007 (DOC)) cannot be read. Open it in Word, save it as DOCX"),
        ("PowerPoint Document", "PowerPoint from before 2007 (PPT)) cannot be read. Open it in PowerPoint"),
        ("VisioDocument", "Visio drawing"),
    ],
)
def test_old_office_documents_are_refused_with_what_to_do(tmp_path: Path, stream: str, advice: str) -> None:
    assert advice in refused(ole(tmp_path / "a", "Other", stream), "a.doc").detail


def test_a_file_inside_an_old_document_does_not_decide(tmp_path: Path) -> None:
    path = compound(tmp_path / "a", {"WordDocument": bytes(100), "ObjectPool": {"_1": {"Workbook": bytes(100)}}})
    assert "Word document" in refused(path, "a.xls").detail


def test_an_encrypted_document_is_taken_for_what_its_name_says(tmp_path: Path) -> None:
    assert detect(ole(tmp_path / "a", "EncryptionInfo", "EncryptedPackage"), "report.docx") == DOCX.media_type
    assert detect(ole(tmp_path / "a", "EncryptionInfo", "EncryptedPackage"), "report") == DOCX.media_type


@pytest.mark.parametrize(
    ("parts", "label"),
    [
        ({"a.txt": "x"}, "ZIP archive"),
        ({"mimetype": "application/vnd.oasis.opendocument.graphics"}, "OpenDocument drawing"),
        ({"visio/document.xml": "<x/>"}, "Visio drawing"),
        ({"Index/Document.iwa": ""}, "Pages, Numbers or Keynote"),
    ],
)
def test_archives_are_named_by_what_is_in_them(tmp_path: Path, parts: dict[str, str], label: str) -> None:
    assert label in refused(archive(tmp_path / "a", **parts), "a.zip").detail


def test_an_archive_with_a_gigantic_directory_is_not_opened(tmp_path: Path) -> None:
    end = b"PK\x05\x06" + struct.pack("<HHHHLLH", 0, 0, 65535, 65535, 1 << 30, 4, 0)
    assert refused(of(tmp_path / "a", b"PK\x03\x04" + bytes(100) + end), "a.docx").code == "damaged"


@pytest.mark.parametrize(
    ("content", "label"),
    [
        (b"\x00\x00\x00\x18ftypheic" + bytes(40), "HEIC picture"),
        (b"\x1f\x8b" + bytes(40), "gzip archive"),
        (b"7z\xbc\xaf\x27\x1c" + bytes(40), "7-Zip archive"),
        (b"!BDN" + bytes(40), "Outlook data file"),
        (b"ID3" + bytes(40), "sound"),
        (b"MZ\x90" + bytes(60), "Windows program"),
    ],
)
def test_other_kinds_are_refused_by_name(tmp_path: Path, content: bytes, label: str) -> None:
    assert label in refused(of(tmp_path / "a", content), "a.dat").detail


def test_words_that_begin_like_another_format_are_words(tmp_path: Path) -> None:
    for words in (b"BM is short for bench mark.", b"MZ stands for money.", b"ID3 is the third identity."):
        assert detect(of(tmp_path / "a", words), "a.txt") == TEXT.media_type


def test_a_refusal_without_advice_names_what_is_accepted(tmp_path: Path) -> None:
    detail = refused(of(tmp_path / "a", b"\x7fELF" + bytes(60)), "a").detail
    assert "Send one of these instead: PDF, " in detail


@pytest.mark.parametrize(
    ("content", "name", "media_type"),
    [
        (LETTER, "a.eml", "message/rfc822"),
        (LETTER, "a.txt", "message/rfc822"),
        (b"Subject: x\n\nwords", "a.eml", "message/rfc822"),
        (b"{\\rtf1 hello}", "a.doc", "application/rtf"),
        (b"a;b\n1;2\n", "a.csv", "text/csv"),
        (b"a;b\n1;2\n3;4\n5;6\n", "export.xls", "text/csv"),
        (b"\x89PNG\r\n\x1a\n" + b"x" * 99, "a.jpg", "image/png"),
        (b"RIFF\x10\0\0\0WEBPVP8 ", "a.png", "image/webp"),
    ],
)
def test_formats_are_known_by_their_content(tmp_path: Path, content: bytes, name: str, media_type: str) -> None:
    path = of(tmp_path / "a", content)
    if format_of(media_type):
        assert detect(path, name) == media_type


def test_a_note_with_one_header_like_line_is_text(tmp_path: Path) -> None:
    assert detect(of(tmp_path / "a", b"Subject: what we said\n\nNothing was said."), "a.txt") == TEXT.media_type
    assert detect(of(tmp_path / "b", b"To: do\nNote: nothing\n"), "b.txt") == TEXT.media_type
