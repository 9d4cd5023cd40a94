"""Office documents with a password."""

import io
from contextlib import suppress
from pathlib import Path

import pytest
from msoffcrypto.format.ooxml import OOXMLFile

from apps.documents.formats import DOCX, parser_for
from apps.documents.parsers.protection import unlocked
from apps.documents.parsing import Parsed, Source, Unreadable
from tests.documents import papers
from tests.documents.conftest import text_of


@pytest.fixture
def protected(tmp_path: Path) -> Path:
    plain = papers.word(tmp_path / "plain.docx", papers.agreement)
    path = tmp_path / "agreement.docx"
    with plain.open("rb") as source, path.open("wb") as target:
        OOXMLFile(source).encrypt("open sesame", target)
    return path


def read(path: Path, password: str) -> Parsed:
    return parser_for(DOCX.media_type).parse(Source(path, path.name, password), progress=lambda *at: None).whole()


def test_the_password_opens_the_document(protected: Path, tmp_path: Path) -> None:
    assert text_of(read(protected, "open sesame")) == text_of(read(tmp_path / "plain.docx", ""))


@pytest.mark.parametrize(("password", "code"), [("", "encrypted"), ("open barley", "wrong_password")])
def test_without_it_the_owner_is_asked_for_it(protected: Path, password: str, code: str) -> None:
    with pytest.raises(Unreadable, match="password") as caught:
        read(protected, password)
    assert caught.value.code == code


def test_a_cut_document_ends_in_no_other_error(protected: Path) -> None:
    content = protected.read_bytes()
    for length in range(8, len(content), len(content) // 12):
        with suppress(Unreadable):
            assert unlocked(io.BytesIO(content[:length]), "open sesame").read(2) == b"PK"
