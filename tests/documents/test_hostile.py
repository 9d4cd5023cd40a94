"""Files that are damaged or made to harm: each ends in a clear sentence within its limits, and whoever reads them lives."""

import time
from pathlib import Path
from typing import Any

import pytest

from apps.documents.filenames import clean_filename, clean_folder
from apps.documents.media import detect
from apps.documents.parsing import Source, Unreadable
from apps.documents.reading import opened_document
from tests.documents import papers
from tests.files.hostile import KINDS, READ, Hostile

SECONDS, MEGABYTES = 10, 2048
NAMES = (
    "../../etc/passwd.pdf",
    "..\\..\\boot.pdf",
    "/etc/passwd",
    "..",
    ".",
    "",
    " ",
    "CON",
    "nul.pdf",
    "a" * 300 + ".pdf",
    "a\0b.pdf",
    "a\r\nSet-Cookie: x.pdf",
    "invoice\u202efdp.exe",
    "\ufeff\u200b.pdf",
    "😀 Bericht №1.pdf",
    "<img src=x onerror=alert(1)>.pdf",
    "'; DROP TABLE documents; --.pdf",
    "%00%2e%2e%2f.pdf",
    "\ud800.pdf",
    "-rf.pdf",
)


@pytest.fixture(autouse=True)
def _limits(settings: Any) -> None:
    settings.ENV = settings.ENV.model_copy(update={"parse_timeout": SECONDS, "parse_memory_mb": MEGABYTES})


def end_of(path: Path, filename: str) -> tuple[str, str]:
    """Return how reading a file ends, as its code and its sentence."""
    try:
        media_type = detect(path, filename)
        with opened_document(Source(path, filename), media_type, progress=lambda done, total: None) as parsed:
            for page in parsed.pages:
                for block in page.blocks:
                    assert "root:" not in block.text
    except Unreadable as error:
        return error.code, error.detail
    return READ, ""


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_it_ends_as_it_may_within_its_limits(kind: Hostile, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(kind.make())
    begun = time.monotonic()
    code, detail = end_of(path, kind.filename)
    assert time.monotonic() - begun < SECONDS + 10
    assert code in kind.ends
    assert code == READ or (detail.endswith(".") and len(detail) > 40)


def test_there_are_many_kinds() -> None:
    assert len({kind.name for kind in KINDS}) == len(KINDS) > 80


@pytest.mark.parametrize("name", NAMES)
def test_a_name_can_hold_anything_and_is_never_a_path(name: str, tmp_path: Path) -> None:
    path = papers.pdf(tmp_path / "file", papers.report)
    assert end_of(path, name) == (READ, "")
    for cleaned in (clean_filename(name), clean_folder(name) or "folder"):
        assert cleaned
        assert cleaned.encode()
        assert not {"..", "."} & set(cleaned.split("/"))
        assert cleaned.isprintable()
