"""What a file is, whatever its name says."""

import zipfile
from pathlib import Path

import pytest

from apps.documents.formats import DOCX, HTML, MARKDOWN, PDF, TEXT
from apps.documents.media import detect
from apps.documents.parsing import Unreadable
from tests.documents import papers


def of(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def test_content_decides_over_the_name(tmp_path: Path) -> None:
    assert detect(papers.pdf(tmp_path / "a", papers.report), "letter.docx") == PDF.media_type
    assert detect(papers.word(tmp_path / "b", papers.agreement), "letter.pdf") == DOCX.media_type
    assert detect(of(tmp_path / "c", b"<!DOCTYPE html><html></html>"), "page.txt") == HTML.media_type


@pytest.mark.parametrize(
    ("name", "media_type"),
    [("a.md", MARKDOWN), ("a.txt", TEXT), ("README", TEXT), ("a.html", HTML), ("a.htm", HTML), ("A.MD", MARKDOWN)],
)
def test_the_name_tells_kinds_of_text_apart(tmp_path: Path, name: str, media_type: object) -> None:
    assert detect(of(tmp_path / "x", b"# Title\n\nSome words."), name) == media_type.media_type  # type: ignore[attr-defined]


def test_utf16_is_text(tmp_path: Path) -> None:
    assert detect(of(tmp_path / "x", "Grüße aus Wien, ".encode("utf-16-le") * 5), "a.txt") == TEXT.media_type


@pytest.mark.parametrize(
    ("content", "name", "code"),
    [
        (b"", "a.pdf", "empty"),
        (b"\0\0\0\0 \n", "a.txt", "empty"),
        (bytes(range(256)) * 40, "a.bin", "unsupported"),
        (bytes(range(256)) * 40, "a.pdf", "damaged"),
        (bytes(range(1, 256)) * 40, "a.txt", "unsupported"),
        (b"just text", "a.docx", "damaged"),
        (b"\x89PNG\r\n\x1a\n" + b"x" * 99, "a.png", "unsupported"),
        (b"{\\rtf1 hello}", "a.rtf", "unsupported"),
        (b"PK\x03\x04 cut off", "a.docx", "damaged"),
        (b"a;b\n1;2\n", "a.csv", "unsupported"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "a.doc", "unsupported"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "a.docx", "encrypted"),
    ],
)
def test_what_cannot_be_read_is_refused_with_a_reason(tmp_path: Path, content: bytes, name: str, code: str) -> None:
    with pytest.raises(Unreadable) as caught:
        detect(of(tmp_path / "x", content), name)
    assert caught.value.code == code


def test_a_refusal_names_what_is_accepted(tmp_path: Path) -> None:
    path = tmp_path / "x"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
    with pytest.raises(Unreadable, match=r"Excel workbook.*PDF, Word \(DOCX\), Markdown, HTML and plain text"):
        detect(path, "a.xlsx")
