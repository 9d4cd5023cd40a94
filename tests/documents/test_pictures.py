"""Pictures of pages."""

import io
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from apps.core.errors import NotFound, Unavailable
from apps.core.sealing import seal
from apps.documents import pictures, storage
from apps.documents.models import Version
from apps.documents.pictures import page_png
from tests.documents import papers
from tests.factories import VersionFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def version(settings: Any, tmp_path: Path) -> Version:
    settings.DATA_DIR = tmp_path
    stored = storage.store([papers.bytes_of(papers.report)], limit=1 << 20)
    return VersionFactory(sha256=stored.sha256, bytes=stored.bytes, page_count=1)


def test_a_page_is_drawn_at_the_width_asked_for(version: Version) -> None:
    picture = Image.open(io.BytesIO(page_png(version, 1, width=800)))
    assert (picture.format, picture.width) == ("PNG", 800)
    assert picture.height == pytest.approx(800 * papers.HEIGHT / papers.WIDTH, abs=2)
    assert picture.convert("L").getextrema()[0] < 60


def test_a_page_is_drawn_once(version: Version, monkeypatch: pytest.MonkeyPatch) -> None:
    first = page_png(version, 1)
    monkeypatch.setattr(pictures, "_draw", lambda *_: pytest.fail("drawn again"))
    assert page_png(version, 1) == first


def test_sizes_are_few(version: Version) -> None:
    for width in (1, 390, 400):
        page_png(version, 1, width=width)
    assert [path.name for path in storage.pictures_of(version.sha256).iterdir()] == ["1-400.png"]


@pytest.mark.parametrize("number", [0, -1, 2, 10**9])
def test_a_page_that_is_not_there_is_not_found(version: Version, number: int) -> None:
    with pytest.raises(NotFound):
        page_png(version, number)


def test_a_format_without_pages_has_no_pictures(version: Version) -> None:
    version.media_type = "text/plain"
    with pytest.raises(NotFound):
        page_png(version, 1)


def test_a_file_that_cannot_be_drawn_says_so_and_is_not_kept(settings: Any, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path
    stored = storage.store([b"%PDF-1.7 cut off"], limit=100)
    version = VersionFactory(sha256=stored.sha256)
    with pytest.raises(Unavailable):
        page_png(version, 1)
    assert not storage.pictures_of(stored.sha256).exists()


def test_a_picture_that_is_drawn_while_its_document_is_deleted_is_not_kept(
    version: Version, monkeypatch: pytest.MonkeyPatch
) -> None:
    draw = pictures._draw

    def deleted_meanwhile(*args: Any) -> bytes:
        picture = draw(*args)
        version.document.delete()
        storage.discard_unreferenced(version.sha256)
        return picture

    monkeypatch.setattr(pictures, "_draw", deleted_meanwhile)
    page_png(version, 1)
    assert not storage.pictures_of(version.sha256).exists()


def test_a_protected_page_is_shown_only_to_whom_the_password_has_opened_it(version: Version) -> None:
    version.password = seal("secret")
    opened = page_png(version, 1)
    with_a_guess = VersionFactory(sha256=version.sha256, password=seal("guess"), ready_at=None, status="queued")
    with pytest.raises(NotFound):
        page_png(with_a_guess, 1)
    without = VersionFactory(sha256=version.sha256, ready_at=None, page_count=0, status="failed")
    kept = [path.relative_to(storage.pictures_of(version.sha256)) for path in (opened_folder(version)).iterdir()]
    assert kept == [Path("opened/1-1200.png")]
    assert opened.startswith(b"\x89PNG")
    assert pictures._folder(without) != opened_folder(version)


def opened_folder(version: Version) -> Path:
    return storage.pictures_of(version.sha256) / "opened"
