"""Messages of Outlook as read."""

import struct
from contextlib import suppress
from pathlib import Path

import pytest

from apps.documents.parsers.mail.msg import MsgParser
from apps.documents.parsing import Parsed, Source, Unreadable
from tests.documents.compound import Tree, compound
from tests.documents.conftest import text_of


def read(path: Path) -> Parsed:
    return MsgParser().parse(Source(path), progress=lambda *at: None).whole()


def wide(**properties: str) -> Tree:
    return {f"__substg1.0_{tag[1:]}001F": value.encode("utf-16-le") for tag, value in properties.items()}


def numbers(header: int, **properties: tuple[int, int]) -> Tree:
    packed = (struct.pack("<HHLQ", kind, int(tag[1:], 16), 6, value) for tag, (kind, value) in properties.items())
    return {"__properties_version1.0": bytes(header) + b"".join(packed)}


def message(header: int = 32, **texts: str) -> Tree:
    return {
        **numbers(header, x0039=(0x40, 133_594_560_000_000_000)),
        **wide(x0037="Übergabe", x0C1A="Ann Müller", x5D01="ann@example.org", **texts),
        "__recip_version1.0_#00000000": {
            **numbers(8, x0C15=(3, 1)),
            **wide(x3001="Bob", x39FE="bob@example.org"),
        },
        "__recip_version1.0_#00000001": {**numbers(8, x0C15=(3, 2)), **wide(x3001="Carol", x3003="/O=ORG/CN=CAROL")},
    }


def attachment(name: str, content: bytes) -> Tree:
    return {**numbers(8), **wide(x3707=name, x370E="text/plain"), "__substg1.0_37010102": content}


def test_a_message_says_who_wrote_to_whom_and_when(tmp_path: Path) -> None:
    parsed = read(compound(tmp_path / "a.msg", message(x1000="The pumps arrive on Monday.\r\n\r\nSign.")))
    assert parsed.title == "Übergabe"
    assert dict(parsed.metadata) == {
        "subject": "Übergabe",
        "from": "Ann Müller <ann@example.org>",
        "to": "Bob <bob@example.org>",
        "cc": "Carol",
        "date": "2024-05-06T08:00:00+00:00",
    }
    assert text_of(parsed).endswith("The pumps arrive on Monday.\nSign.")


def test_html_and_rich_text_are_read_before_plain_text(tmp_path: Path) -> None:
    tree = message(x1000="plain") | {"__substg1.0_10130102": "<p>Grüße</p>".encode()}
    assert text_of(read(compound(tmp_path / "a.msg", tree))).endswith("\nGrüße")
    packed = bytes(4) + struct.pack("<L", 99) + b"MELA" + bytes(4) + rb"{\rtf1\ansi rich \'e9t\'e9\par}"
    assert text_of(read(compound(tmp_path / "b.msg", message() | {"__substg1.0_10090102": packed}))).endswith(
        "rich été"
    )


def test_text_in_a_code_page_is_decoded(tmp_path: Path) -> None:
    tree: Tree = numbers(32, x3FFD=(3, 1251)) | {"__substg1.0_0037001E": "Насосы".encode("cp1251")}
    assert read(compound(tmp_path / "a.msg", tree)).title == "Насосы"


def test_files_and_messages_are_attached(tmp_path: Path) -> None:
    inner: Tree = {**numbers(8), "__substg1.0_3701000D": message(24, x1000="Inner words.")}
    tree = message(x1000="Outer words.") | {
        "__attach_version1.0_#00000000": attachment("Angebot.txt", b"words" * 2000),
        "__attach_version1.0_#00000001": inner,
    }
    path = compound(tmp_path / "a.msg", tree)
    assert [(file.name, file.media_type) for file in read(path).attachments] == [
        ("Angebot.txt", "text/plain"),
        ("Übergabe.eml", "message/rfc822"),
    ]
    assert MsgParser().attachment(Source(path), 0) == b"words" * 2000
    assert b"Inner words." in MsgParser().attachment(Source(path), 1)
    with pytest.raises(Unreadable):
        MsgParser().attachment(Source(path), 2)


def test_a_damaged_message_ends_in_no_other_error(tmp_path: Path) -> None:
    path = compound(
        tmp_path / "a.msg", message(x1000="words") | {"__attach_version1.0_#00000000": attachment("a", b"b")}
    )
    content = path.read_bytes()
    for length in range(0, len(content), 300):
        path.write_bytes(content[:length])
        with suppress(Unreadable):
            read(path)
    for place in range(0, len(content), 97):
        path.write_bytes(content[:place] + b"\xff\x00\xff\x41" + content[place + 4 :])
        with suppress(Unreadable):
            read(path)
