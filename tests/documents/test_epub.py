"""E-books as read."""

import zipfile
from pathlib import Path

import pytest

from apps.documents.parsing import Unreadable
from tests.documents import books
from tests.documents.conftest import Parse, blocks_of


def test_chapters_are_pages_with_the_names_of_the_table_of_contents(tmp_path: Path, parse: Parse) -> None:
    parsed = parse(books.epub(tmp_path / "a.epub"))
    assert (parsed.title, parsed.language, dict(parsed.metadata)) == (
        "On pumps",
        "en",
        {"author": "Ann Müller", "date": "2024"},
    )
    assert [(page.label, [block.text for block in page.blocks]) for page in parsed.pages] == [
        ("First chapter", ["Pumps", "They run at night."]),
        ("Valves", ["Valves", "They are shut by day."]),
    ]


def test_places_count_through_all_chapters(tmp_path: Path, parse: Parse) -> None:
    blocks = blocks_of(parse(books.epub(tmp_path / "a.epub")))
    whole = "\n\n".join(block.text for block in blocks)
    assert all(block.span and whole[slice(*block.span)] == block.text for block in blocks)


def test_an_older_table_of_contents_names_chapters_too(tmp_path: Path, parse: Parse) -> None:
    parsed = parse(books.epub(tmp_path / "a.epub", ncx=True))
    assert [page.label for page in parsed.pages] == ["Chapter of the NCX", "Valves"]


def test_a_locked_book_is_refused_and_one_with_hidden_fonts_is_not(tmp_path: Path, parse: Parse) -> None:
    with pytest.raises(Unreadable, match="locked"):
        parse(books.epub(tmp_path / "a.epub", encrypted="OEBPS/one.xhtml"))
    assert parse(books.epub(tmp_path / "b.epub", encrypted="OEBPS/font.otf")).pages


def test_a_book_without_a_list_of_pages_is_refused(tmp_path: Path, parse: Parse) -> None:
    path = tmp_path / "a.epub"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/epub+zip")
    with pytest.raises(Unreadable, match="list of pages"):
        parse(path)
