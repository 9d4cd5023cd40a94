"""Text that is none, has no end, or is nested without measure."""

from tests.documents import letters, papers
from tests.files.hostile.kinds import READ, hostile

_SLOW = ("too_slow", "too_much_memory", "too_much_text", "too_deep", "damaged")


def _nested_parts() -> bytes:
    parts = (b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (number, number) for number in range(5000))
    return b"From: a@b.org\nTo: c@d.org\nSubject: s\nMIME-Version: 1.0\n" + b"".join(parts) + b"\nwords"


def _many_parts() -> bytes:
    head = b"From: a@b.org\nTo: c@d.org\nSubject: s\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n"
    return head + b"--b\n\nwords\n" * 20_000 + b"--b--\n"


def _messages_in_messages() -> bytes:
    content = letters.message().as_bytes()
    for number in range(60):
        head = (
            b"From: a@b.org\nTo: c@d.org\nSubject: %d\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=m%d\n\n"
            % (
                number,
                number,
            )
        )
        content = head + b"--m%d\n\nsee below\n--m%d\nContent-Type: message/rfc822\n\n%b\n--m%d--\n" % (
            number,
            number,
            content,
            number,
        )
    return content


def _spans() -> bytes:
    row = b"<tr>" + b"<td colspan=1000 rowspan=1000>a</td>" * 50 + b"</tr>"
    return b"<html><body><table>" + row * 300 + b"</table></body></html>"


TEXTS = (
    hostile("nothing", "a.pdf", lambda: b"", "empty"),
    hostile("blanks", "a.txt", lambda: b" \r\n\t" * 10_000, "empty"),
    hostile("zeros", "a.docx", lambda: bytes(1 << 20), "empty"),
    hostile("noise", "a.txt", lambda: bytes(range(1, 256)) * 4000, "unsupported"),
    hostile("a pdf called a word document", "a.docx", lambda: papers.bytes_of(papers.report), READ),
    hostile("a line of ten million characters", "a.txt", lambda: b"word " * 2_000_000, READ, *_SLOW),
    hostile("text with zeros in it", "a.txt", lambda: b"words\0and\0more " * 2000, READ, "unsupported"),
    hostile("html of endless depth", "a.html", lambda: b"<html><body>" + b"<div>" * 100_000 + b"words", READ, *_SLOW),
    hostile("html of endless lists", "a.html", lambda: b"<html><body>" + b"<ul><li>a" * 30_000, READ, *_SLOW),
    hostile("html of endless inline depth", "a.html", lambda: b"<html><body>" + b"<b><i>a" * 20_000, READ, *_SLOW),
    hostile("html whose cells span everything", "a.html", _spans, READ, *_SLOW),
    hostile("html of tables in tables", "a.html", lambda: b"<html><body>" + b"<table><tr><td>a" * 10_000, READ, *_SLOW),
    hostile("markdown of endless brackets", "a.md", lambda: b"[" * 100_000 + b"](" * 100_000, READ, *_SLOW),
    hostile("markdown of endless quotations", "a.md", lambda: b"> " * 100_000 + b"words", READ, "no_text", *_SLOW),
    hostile("rich text of endless groups", "a.rtf", lambda: b"{\\rtf1 " + b"{" * 500_000 + b"words", READ, *_SLOW),
    hostile("rich text cut in the middle", "a.rtf", lambda: letters.RICH[: len(letters.RICH) // 2], READ),
    hostile("rich text with endless bytes", "a.rtf", lambda: b"{\\rtf1 words \\bin2147483647 x", READ),
    hostile("mail of endless parts in parts", "a.eml", _nested_parts, "too_deep", "damaged"),
    hostile("mail of 20,000 parts", "a.eml", _many_parts, "too_deep"),
    hostile("mail in mail in mail", "a.eml", _messages_in_messages, READ, "too_deep"),
    hostile("mail of endless headers", "a.eml", lambda: b"From: a@b.org\nTo: c@d.org\nSubject: x\n" + b"X-A: b\n" * 100_000 + b"\nwords", READ, *_SLOW),
    hostile("a table of a million columns", "a.csv", lambda: b",".join(b"%d" % n for n in range(1_000_000)) + b"\n", "too_many_columns"),
    hostile("a table that opens a quotation for ever", "a.csv", lambda: b'a,b\n1,"' + b"word,\n" * 100_000, READ, *_SLOW),
    hostile("brackets without end", "a.json", lambda: b"[" * 500_000, READ, *_SLOW),
    hostile("a drawing with entities that grow", "a.svg", lambda: b"<?xml version='1.0'?><!DOCTYPE svg [<!ENTITY a 'b'>]><svg>&a;</svg>", "unsupported"),
)  # fmt: skip
