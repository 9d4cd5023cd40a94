"""Office documents, e-books and messages in containers: cut off, full of what unpacks without end, or leading to themselves."""

import io
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

from msoffcrypto.format.ooxml import OOXMLFile

from tests.documents import books, decks, papers, spreadsheets
from tests.documents.compound import compound
from tests.files.hostile.kinds import READ, hostile

_LAUGHS = "".join(f"<!ENTITY l{n} '{f'&l{n - 1};' * 10}'>" for n in range(1, 12))
_BOMB = f"<!DOCTYPE x [<!ENTITY l0 'ha'>{_LAUGHS}]>"
_LEAK = "<!DOCTYPE x [<!ENTITY l11 SYSTEM 'file:///etc/passwd'>]>"
_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_TEXT = "urn:oasis:names:tc:opendocument:xmlns:text:1.0"
_OFFICE = "urn:oasis:names:tc:opendocument:xmlns:office:1.0"
_TABLE = "urn:oasis:names:tc:opendocument:xmlns:table:1.0"
_REFUSED = ("damaged", "archive_too_large", "too_much_memory", "too_slow", "too_much_text")


def made(make: Callable[[Path], object]) -> bytes:
    """The bytes of what is made at a path."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a"
        make(path)
        return path.read_bytes()


def docx() -> bytes:
    return made(lambda path: papers.word(path, papers.agreement))


def xlsx() -> bytes:
    return made(lambda path: spreadsheets.xlsx(path, spreadsheets.results))


def with_part(package: bytes, name: str, content: str) -> bytes:
    """The package with other content in one of its parts."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(package)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.infolist():
            new.writestr(part.filename, content if part.filename == name else old.read(part))
        if name not in old.namelist():
            new.writestr(name, content)
    return out.getvalue()


def archive(**parts: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name, content in parts.items():
            new.writestr(name, content)
    return out.getvalue()


def _word(body: str, preamble: str = "") -> bytes:
    return with_part(
        docx(), "word/document.xml", f'{preamble}<w:document xmlns:w="{_W}"><w:body>{body}</w:body></w:document>'
    )


def _sheet(content: str, preamble: str = "") -> bytes:
    return with_part(xlsx(), "xl/worksheets/sheet1.xml", f'{preamble}<worksheet xmlns="{_MAIN}">{content}</worksheet>')


def _odt(body: str, preamble: str = "", kind: str = "text") -> bytes:
    content = (
        f'{preamble}<office:document-content xmlns:office="{_OFFICE}" xmlns:text="{_TEXT}" xmlns:table="{_TABLE}"><office:body>'
        f"<office:{kind}>{body}</office:{kind}></office:body></office:document-content>"
    )
    return archive(mimetype=f"application/vnd.oasis.opendocument.{kind}", **{"content.xml": content})


def _overlapping() -> bytes:
    """A thousand entries of the directory lead to the same ten million zeros."""
    data = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = data.compress(bytes(10_000_000)) + data.flush()
    name, check = b"word/document.xml", zlib.crc32(bytes(10_000_000))
    sizes = struct.pack("<LLL", check, len(packed), 10_000_000)
    local = (
        struct.pack("<LHHHHH", 0x04034B50, 20, 0, 8, 0, 0) + sizes + struct.pack("<HH", len(name), 0) + name + packed
    )
    directory = b""
    for number in range(1000):
        other = name if not number else b"word/%07d.x.xml" % number
        directory += struct.pack("<LHHHHHH", 0x02014B50, 20, 20, 0, 8, 0, 0) + sizes
        directory += struct.pack("<HHHHHLL", len(other), 0, 0, 0, 0, 0, 0) + other
    return local + directory + struct.pack("<LHHHHLLH", 0x06054B50, 0, 0, 1000, 1000, len(directory), len(local), 0)


def _in_each_other() -> bytes:
    inner = archive(**{"a.txt": "x" * 10_000_000})
    for _ in range(6):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
            for number in range(10):
                new.writestr(f"{number}.zip", inner)
        inner = out.getvalue()
    return inner


def _repeated_string() -> bytes:
    """One string of a megabyte, shown in twenty thousand cells."""
    strings = f'<sst xmlns="{_MAIN}" count="1" uniqueCount="1"><si><t>{"word " * 200_000}</t></si></sst>'
    rows = "".join(f'<row r="{n}"><c r="A{n}" t="s"><v>0</v></c></row>' for n in range(1, 20_001))
    return with_part(_sheet(f"<sheetData>{rows}</sheetData>"), "xl/sharedStrings.xml", strings)


def _last_cell() -> bytes:
    return _sheet(
        '<dimension ref="A1:XFD1048576"/><sheetData><row r="1"><c r="A1"><v>1</v></c></row>'
        '<row r="1048576"><c r="XFD1048576"><v>2</v></c></row></sheetData>'
        '<mergeCells count="1"><mergeCell ref="A1:XFD1048576"/></mergeCells>'
    )


def _spine() -> bytes:
    """A book whose list of pages names one page a hundred thousand times."""
    book = made(books.epub)
    with zipfile.ZipFile(io.BytesIO(book)) as old:
        opf = old.read("OEBPS/book.opf").decode()
    return with_part(book, "OEBPS/book.opf", opf.replace("<itemref idref='a'/>", "<itemref idref='a'/>" * 100_000))


def _protected() -> bytes:
    out = io.BytesIO()
    OOXMLFile(io.BytesIO(docx())).encrypt("open sesame", out)
    return out.getvalue()


def _ole_in_itself() -> bytes:
    """Sectors of which each leads to itself."""
    message = bytearray(made(lambda path: compound(path, {"__properties_version1.0": bytes(32)})))
    for at in range(len(message) - 512, len(message), 4):
        message[at : at + 4] = struct.pack("<L", (at - (len(message) - 512)) // 4)
    return bytes(message)


def _cut(content: bytes) -> bytes:
    return content[: len(content) // 2]


ARCHIVES = (
    hostile("docx cut in the middle", "a.docx", lambda: _cut(docx()), "damaged"),
    hostile("xlsx cut in the middle", "a.xlsx", lambda: _cut(xlsx()), "damaged"),
    hostile("pptx cut in the middle", "a.pptx", lambda: _cut(made(lambda p: decks.deck(p, decks.review))), "damaged", "unsupported"),
    hostile("epub cut in the middle", "a.epub", lambda: _cut(made(books.epub)), "damaged"),
    hostile("docx that unpacks to a quarter of a gigabyte", "a.docx", lambda: made(lambda p: papers.zip_bomb(p, megabytes=250)), "archive_too_large"),
    hostile("docx whose parts lie over each other", "a.docx", _overlapping, "archive_too_large", "damaged"),
    hostile("archives in archives", "a.zip", _in_each_other, "unsupported"),
    hostile("archives in archives, called a document", "a.docx", _in_each_other, "unsupported", "damaged"),
    hostile("docx with entities that grow", "a.docx", lambda: _word("<w:p><w:r><w:t>&l11;</w:t></w:r></w:p>", _BOMB), *_REFUSED, "no_text", READ),
    hostile("docx that asks for a file of the house", "a.docx", lambda: _word("<w:p><w:r><w:t>&l11;</w:t></w:r></w:p>", _LEAK), "damaged", "no_text", READ),
    hostile("xlsx with entities that grow", "a.xlsx", lambda: _sheet('<sheetData><row r="1"><c r="A1" t="str"><v>&l11;</v></c></row></sheetData>', _BOMB), *_REFUSED, "no_text", READ),
    hostile("xlsx that asks for a file of the house", "a.xlsx", lambda: _sheet('<sheetData><row r="1"><c r="A1" t="str"><v>&l11;</v></c></row></sheetData>', _LEAK), "damaged", "no_text", READ),
    hostile("pptx with entities that grow", "a.pptx", lambda: with_part(made(lambda p: decks.deck(p, decks.review)), "ppt/slides/slide1.xml", f"{_BOMB}<x>&l11;</x>"), *_REFUSED, "unsupported", "no_text", READ),
    hostile("odt with entities that grow", "a.odt", lambda: _odt("<text:p>&l11;</text:p>", _BOMB), *_REFUSED, "unsupported", "no_text", READ),
    hostile("epub with entities that grow", "a.epub", lambda: with_part(made(books.epub), "META-INF/container.xml", f"{_BOMB}<x>&l11;</x>"), *_REFUSED),
    hostile("docx of endless depth", "a.docx", lambda: _word("<w:sdt><w:sdtContent>" * 100_000 + "</w:sdtContent></w:sdt>" * 100_000), *_REFUSED, "no_text"),
    hostile("docx with a cell over a billion columns", "a.docx", lambda: _word(
        "<w:tbl>" + '<w:tr><w:tc><w:tcPr><w:gridSpan w:val="1000000000"/></w:tcPr><w:p><w:r><w:t>a</w:t></w:r></w:p></w:tc>'
        "<w:tc><w:p><w:r><w:t>b</w:t></w:r></w:p></w:tc></w:tr>" * 2 + "</w:tbl>"), READ, *_REFUSED),
    hostile("xlsx that uses its first and its last cell", "a.xlsx", _last_cell, READ, *_REFUSED),
    hostile("xlsx that shows one long string everywhere", "a.xlsx", _repeated_string, READ, *_REFUSED),
    hostile("ods that repeats a cell without end", "a.ods", lambda: _odt(
        '<table:table table:name="A"><table:table-row table:number-rows-repeated="1048576"><table:table-cell '
        'table:number-columns-repeated="16384" office:value-type="string"><text:p>word</text:p></table:table-cell></table:table-row>'
        "</table:table>", kind="spreadsheet"), READ, *_REFUSED),
    hostile("odt that repeats a blank without end", "a.odt", lambda: _odt('<text:p>a<text:s text:c="2000000000"/>b</text:p>'), READ, "unsupported", *_REFUSED),
    hostile("epub whose spine names one page for ever", "a.epub", _spine, READ),
    hostile("docx with a password", "a.docx", _protected, "encrypted"),
    hostile("docx with a password, cut in the middle", "a.docx", lambda: _cut(_protected()), "encrypted", "damaged"),
    hostile("msg whose sectors lead to themselves", "a.msg", _ole_in_itself, "damaged", "no_text", READ),
    hostile("archive without entries", "a.docx", lambda: b"PK\x05\x06" + bytes(18), "damaged", "unsupported"),
    hostile("old word document", "a.doc", lambda: made(lambda p: compound(p, {"WordDocument": bytes(5000)})), "unsupported"),
)  # fmt: skip
