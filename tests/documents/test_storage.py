"""Files by content."""

import hashlib
import threading
from pathlib import Path
from typing import Any

import pytest

from apps.core.errors import TooLarge
from apps.documents import storage
from tests.factories import VersionFactory

CONTENT = b"%PDF-1.7 something"
SHA = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture(autouse=True)
def data_dir(settings: Any, tmp_path: Path) -> Path:
    settings.DATA_DIR = tmp_path
    return tmp_path


def test_bytes_are_kept_under_their_hash(data_dir: Path) -> None:
    stored = storage.store([CONTENT[:5], CONTENT[5:]], limit=100)
    assert (stored.sha256, stored.bytes) == (SHA, len(CONTENT))
    assert storage.path_of(SHA) == data_dir / "files" / SHA[:2] / SHA[2:4] / SHA
    assert storage.path_of(SHA).read_bytes() == CONTENT


def test_the_same_bytes_are_kept_once(data_dir: Path) -> None:
    first, second = storage.store([CONTENT], limit=100), storage.store([CONTENT], limit=100)
    assert first == second
    assert sum(path.is_file() for path in data_dir.rglob("*")) == 1


def test_too_large_a_file_leaves_nothing_behind(data_dir: Path) -> None:
    def endless() -> Any:
        while True:
            yield b"x" * 1000

    with pytest.raises(TooLarge):
        storage.store(endless(), limit=10_000)
    assert not [path for path in data_dir.rglob("*") if path.is_file()]


def test_an_upload_that_breaks_off_leaves_nothing_behind(data_dir: Path) -> None:
    def broken() -> Any:
        yield b"half"
        raise ConnectionError

    with pytest.raises(ConnectionError):
        storage.store(broken(), limit=100)
    assert not [path for path in data_dir.rglob("*") if path.is_file()]


def test_many_at_once_store_the_same_bytes(data_dir: Path) -> None:
    threads = [threading.Thread(target=storage.store, args=([CONTENT],), kwargs={"limit": 100}) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert storage.path_of(SHA).read_bytes() == CONTENT


@pytest.mark.parametrize("name", ["", "../../etc/passwd", "A" * 64, "a" * 63, "g" * 64])
def test_only_hashes_name_files(name: str) -> None:
    with pytest.raises(ValueError, match="SHA-256"):
        storage.path_of(name)


@pytest.mark.django_db
def test_bytes_that_a_version_still_has_are_not_discarded() -> None:
    storage.store([CONTENT], limit=100)
    version = VersionFactory(sha256=SHA)
    storage.discard_unreferenced(SHA)
    assert storage.path_of(SHA).exists()
    version.delete()
    storage.discard_unreferenced(SHA)
    assert not storage.path_of(SHA).exists()


@pytest.mark.django_db
def test_pictures_go_with_the_bytes_they_were_made_from(data_dir: Path) -> None:
    storage.store([CONTENT], limit=100)
    folder = storage.pictures_of(SHA)
    folder.mkdir(parents=True)
    (folder / "1-1200.png").write_bytes(b"picture")
    storage.discard_unreferenced(SHA)
    assert not folder.exists()


@pytest.mark.django_db
def test_discarding_what_is_gone_succeeds() -> None:
    storage.discard_unreferenced(SHA)
    assert not storage.path_of(SHA).exists()
