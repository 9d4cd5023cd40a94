"""Plain text in every encoding that people send."""

from pathlib import Path

import pytest

from apps.documents.language import detect_language
from apps.documents.parsing import BlockKind
from tests.documents.conftest import Parse, blocks_of, text_of

LETTER = "Sehr geehrte Frau Müller,\n\nwir bestätigen Ihre Kündigung zum 31. März. Über die Höhe der Abfindung schreiben wir Ihnen."


@pytest.mark.parametrize(
    ("encoding", "mark"),
    [
        ("utf-8", b""),
        ("utf-8", b"\xef\xbb\xbf"),
        ("utf-16-le", b"\xff\xfe"),
        ("utf-16-be", b"\xfe\xff"),
        ("utf-16-le", b""),
        ("utf-16-be", b""),
        ("cp1252", b""),
    ],
)
def test_text_is_decoded(tmp_path: Path, parse: Parse, encoding: str, mark: bytes) -> None:
    path = tmp_path / "brief.txt"
    path.write_bytes(mark + LETTER.replace("\n", "\r\n").encode(encoding))
    assert [block.text for block in blocks_of(parse(path))] == LETTER.split("\n\n")


def test_paragraphs_are_parted_by_empty_lines_and_lists_known(tmp_path: Path, parse: Parse) -> None:
    path = tmp_path / "a.txt"
    path.write_text("One line\nand its next.\n \n- first\n- second\n\f\nOn a new page.")
    assert [(block.kind, block.text) for block in blocks_of(parse(path))] == [
        (BlockKind.TEXT, "One line\nand its next."),
        (BlockKind.LIST, "- first\n- second"),
        (BlockKind.TEXT, "On a new page."),
    ]


def test_control_characters_are_dropped(tmp_path: Path, parse: Parse) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"What stands before\x07 and what stands after\x7f the bell are one sentence to a reader.")
    assert text_of(parse(path)) == "What stands before and what stands after the bell are one sentence to a reader."


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("The company sells pumps and valves to water utilities in nine countries.", "en"),
        ("Belege werden binnen vierzehn Tagen nach dem Ende der Reise eingereicht.", "de"),
        ("Les factures sont payées dans un délai de trente jours après réception.", "fr"),
        ("会社は水道事業者にポンプとバルブを販売しています。", "ja"),
        ("1,204 1,087 (842) (771)", ""),
        ("", ""),
    ],
)
def test_the_language_of_a_text_is_found(text: str, language: str) -> None:
    assert detect_language(text) == language
