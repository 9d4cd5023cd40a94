"""Messages as read, however badly they keep to the rules."""

import io
from email.message import EmailMessage
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.documents.parsers.mail.eml import EmlParser, WebArchiveParser, read_eml
from apps.documents.parsers.mail.message import as_eml, parsed_mail
from apps.documents.parsing import BlockKind, Parsed, Source, Unreadable
from tests.documents import letters
from tests.documents.conftest import blocks_of, text_of


def read(data: bytes) -> Parsed:
    return parsed_mail(read_eml(data)).whole()


def png(side: int) -> bytes:
    out = io.BytesIO()
    letters.picture("x", size=(side, side)).save(out, "PNG")
    return out.getvalue() + bytes(9000)


def test_a_message_says_who_wrote_to_whom_and_when() -> None:
    parsed = read(letters.message().as_bytes())
    assert parsed.title == "Übergabe der Pumpen"
    assert dict(parsed.metadata) == {
        "subject": "Übergabe der Pumpen",
        "from": "Ann Müller <ann@example.org>",
        "to": "bob@example.org, carol@example.org",
        "cc": "dan@example.org",
        "date": "2024-05-06T10:00:00+02:00",
    }
    assert [(block.kind, block.text) for block in blocks_of(parsed)][1:] == [
        (BlockKind.FIELD, "From: Ann Müller <ann@example.org>"),
        (BlockKind.FIELD, "To: bob@example.org, carol@example.org"),
        (BlockKind.FIELD, "Cc: dan@example.org"),
        (BlockKind.FIELD, "Date: Mon, 06 May 2024 10:00:00 +0200"),
        (BlockKind.TEXT, "The pumps arrive on Monday."),
        (BlockKind.TEXT, "Please sign for them."),
    ]


def test_of_two_forms_of_a_text_the_richer_is_read_unless_it_says_nothing() -> None:
    rich = "<p>Agreed.</p><blockquote>Shall we?</blockquote><table><tr><th>a</th><th>b</th></tr><tr><td>1</td><td>2</td></tr></table>"
    texts = [block.text for block in blocks_of(read(letters.message(html=rich).as_bytes()))]
    assert texts[-3:] == ["Agreed.", "> Shall we?", "a  b\n1  2"]
    assert "Please sign" in text_of(read(letters.message(html="<style>p{}</style><p>&nbsp;</p>").as_bytes()))


def test_files_are_attached_with_their_names_and_bytes(tmp_path: Path) -> None:
    path = tmp_path / "a.eml"
    path.write_bytes(letters.message(attached={"Lieferschein №1.pdf": b"%PDF-1.4", "b.txt": b"words"}).as_bytes())
    parsed = EmlParser().parse(Source(path), progress=lambda *at: None)
    assert [(file.name, file.bytes) for file in parsed.attachments] == [("Lieferschein №1.pdf", 8), ("b.txt", 5)]
    assert EmlParser().attachment(Source(path), 0) == b"%PDF-1.4"
    with pytest.raises(Unreadable):
        EmlParser().attachment(Source(path), 2)


def test_a_message_in_a_message_is_a_file_of_its_own() -> None:
    outer = EmailMessage()
    outer["Subject"] = "Fwd"
    outer.set_content("See below.")
    outer.add_attachment(letters.message())
    mail = read_eml(outer.as_bytes())
    assert [part.name for part in mail.attached] == ["Übergabe der Pumpen.eml"]
    assert "The pumps arrive" in text_of(read(mail.attached[0].content))
    assert "The pumps arrive" not in text_of(parsed_mail(mail).whole())


def test_pictures_that_only_decorate_the_text_are_left_out() -> None:
    message = letters.message(html="<p>Hello <img src=cid:logo> <img src=cid:shot></p>")
    page = message.get_payload()[1]  # type: ignore[index]
    page.add_related(png(100), "image", "png", cid="<logo>", filename="logo.png")  # type: ignore[union-attr]
    page.add_related(png(600), "image", "png", cid="<shot>", filename="shot.png")  # type: ignore[union-attr]
    assert [part.name for part in read_eml(message.as_bytes()).attached] == ["shot.png"]


@pytest.mark.parametrize(
    ("raw", "subject"),
    [
        (b"Subject: =?iso-8859-1?q?Gr=FC=DFe?= aus =?utf-8?b?V2llbg==?=\n\nx", "Grüße aus Wien"),
        (b"Subject: =?utf-8?q?Gr=C3=BC?=\n =?utf-8?q?=C3=9Fe?=\n\nx", "Grüße"),
        ("Subject: Grüße\n\nx".encode(), "Grüße"),
        (b"Subject: =?nonsense?q?abc?=\n\nx", "abc"),
        (b"Subject: =?utf-8?b?!!!?=\n\nx", "=?utf-8?b?!!!?="),
        (b"Subject: one\n\ttwo\n\nx", "one two"),
    ],
)
def test_subjects_are_decoded_whatever_was_done_to_them(raw: bytes, subject: str) -> None:
    assert dict(read(raw).metadata)["subject"] == subject


@pytest.mark.parametrize(
    ("header", "body", "text"),
    [
        ("text/plain; charset=koi8-r", "Привет".encode("koi8-r"), "Привет"),
        ("text/plain; charset=iso-2022-jp", "供給者".encode("iso2022_jp"), "供給者"),
        ("text/plain; charset=nonsense", "Grüße an alle".encode(), "Grüße an alle"),
        ("text/plain; charset=us-ascii", "Gr\xfc\xdfe".encode("latin-1"), "Grüße"),
        ("text/plain; format=flowed", b"one line \nthat goes on\n> quoted", "one line that goes on\n> quoted"),
        ("text/html; charset=utf-8", "<p>Grüße</p>".encode(), "Grüße"),
        ("nonsense", b"words", "words"),
    ],
)
def test_bodies_survive_what_is_wrong_with_them(header: str, body: bytes, text: str) -> None:
    raw = b"Subject: s\nContent-Type: " + header.encode() + b"\nContent-Transfer-Encoding: 8bit\n\n" + body
    assert blocks_of(read(raw))[-1].text == text


def test_signatures_and_the_wrapping_of_signed_mail_are_not_attachments() -> None:
    raw = (
        b"Subject: s\nContent-Type: multipart/signed; boundary=b\n\n--b\n\nSigned words.\n--b\n"
        b"Content-Type: application/pkcs7-signature; name=smime.p7s\n\nxx\n--b--\n"
    )
    parsed = read(raw)
    assert text_of(parsed).endswith("Signed words.")
    assert parsed.attachments == ()


def test_a_message_made_from_another_format_reads_the_same() -> None:
    mail = read_eml(letters.message(html="<p>Agreed.</p>", attached={"a.txt": b"words"}).as_bytes())
    again = read_eml(as_eml(mail))
    assert (again.subject, again.sender, again.to, again.sent) == (mail.subject, mail.sender, mail.to, mail.sent)
    assert [part.name for part in again.attached] == ["a.txt"]
    assert "Agreed." in text_of(parsed_mail(again).whole())


def test_parts_nested_without_measure_are_refused_with_a_sentence() -> None:
    raw = b"Subject: s\n" + b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(400)
    )
    with pytest.raises(Unreadable) as caught:
        read(raw + b"\nx")
    assert caught.value.code == "too_deep"


def test_a_web_archive_is_read_as_its_page(tmp_path: Path) -> None:
    path = tmp_path / "a.mhtml"
    path.write_bytes(letters.web_archive("<html><title>Pumps</title><body><h1>Pumps run</h1></body></html>"))
    parsed = WebArchiveParser().parse(Source(path), progress=lambda *at: None).whole()
    assert (parsed.title, text_of(parsed)) == ("Pumps", "Pumps run")


_HEADERS = st.sampled_from(
    [
        b"Content-Type: multipart/mixed; boundary=b",
        b'Content-Type: multipart/alternative; boundary="b"',
        b"Content-Type: multipart/related; boundary=c",
        b"Content-Type: message/rfc822",
        b"Content-Type: text/html; charset=\xff\xfe",
        b"Content-Type: text/plain; charset*=utf-8''%ff; name*0*=x",
        b"Content-Transfer-Encoding: base64",
        b"Content-Transfer-Encoding: x-uuencode",
        b"Content-Disposition: attachment; filename*=nonsense''%zz",
        b"Content-Disposition: inline; filename==?utf-8?b?x?=",
        b"Content-ID: <x>",
        b"Subject: =?utf-7?q?+AAA-?=",
        b'From: <<<@>,;:"',
        b"Date: Mon, 99 Foo 20244 99:99:99 +9999999",
        b": nameless",
        b"\xff\xfe: bytes",
    ]
)
_LINES = st.one_of(
    _HEADERS,
    st.sampled_from([b"", b"--b", b"--c", b"--b--", b"begin 644 x", b"words", b"\t", b"==="]),
    st.binary(max_size=20),
)


@settings(max_examples=300)
@given(st.lists(_LINES, max_size=40))
def test_no_message_ends_in_another_error(lines: list[bytes]) -> None:
    try:
        parsed = read(b"\n".join(lines))
    except Unreadable:
        return
    assert all(file.name for file in parsed.attachments)
