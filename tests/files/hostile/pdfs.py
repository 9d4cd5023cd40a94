"""PDFs that are cut off, contradict themselves, or promise more than anyone can read."""

import zlib

from tests.documents import papers
from tests.files.hostile.kinds import READ, hostile

_UNREAD = (READ, "no_text", "damaged", "too_slow", "too_much_memory")


def raw(*objects: bytes) -> bytes:
    """A PDF of these objects, numbered from one, of which the first is its root."""
    out, places = bytearray(b"%PDF-1.7\n"), []
    for number, content in enumerate(objects, start=1):
        places.append(len(out))
        out += b"%d 0 obj\n%b\nendobj\n" % (number, content)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    return bytes(out) + b"trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)


def stream(content: bytes, entries: bytes = b"", *, packed: bool = True) -> bytes:
    data = zlib.compress(content, 9) if packed else content
    kind = b"/Filter/FlateDecode" if packed else b""
    return b"<</Length %d%b%b>>\nstream\n%b\nendstream" % (len(data), kind, entries, data)


def page(
    content: bytes, *more: bytes, resources: bytes = b"", box: bytes = b"0 0 595 842", words: bool = False
) -> bytes:
    """A PDF of one page with this content stream (object 4), and more objects from number 5 on; 'Words' in front if asked."""
    shown = b"BT /F 12 Tf 72 700 Td (Words before it.) Tj ET\n" if words else b""
    fonts = b"/Font<</F<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>" if words else b""
    return raw(
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[%b]/Contents 4 0 R/Resources<<%b%b>>>>" % (box, fonts, resources),
        stream(shown + content),
        *more,
    )


def _whole() -> bytes:
    return papers.bytes_of(papers.report)


def _many_pages() -> bytes:
    kids = b" ".join(b"%d 0 R" % number for number in range(3, 100_003))
    return raw(
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[%b]/Count 100000/MediaBox[0 0 9 9]>>" % kids,
        *[b"<</Type/Page/Parent 2 0 R>>"] * 100_000,
    )


def _tree_in_itself() -> bytes:
    return raw(b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[2 0 R 2 0 R]/Count 9/Parent 2 0 R>>")


def _form_in_itself() -> bytes:
    form = stream(b"/X Do /X Do", b"/Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</X 5 0 R>>>>")
    return page(b"/X Do", form, resources=b"/XObject<</X 5 0 R>>", words=True)


def _forms_that_double() -> bytes:
    """Each of thirty forms draws the next one ten times."""
    forms = [
        stream(
            b"/X Do " * 10,
            b"/Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</X %d 0 R>>>>" % (number + 1),
        )
        for number in range(5, 35)
    ]
    last = stream(b"0 0 1 1 re f", b"/Type/XObject/Subtype/Form/BBox[0 0 9 9]")
    return page(b"/X Do", *forms, last, resources=b"/XObject<</X 5 0 R>>", words=True)


def _glyph_in_itself() -> bytes:
    font = (
        b"<</Type/Font/Subtype/Type3/FontBBox[0 0 9 9]/FontMatrix[1 0 0 1 0 0]/CharProcs<</a 6 0 R>>/FirstChar 97/LastChar 97"
        b"/Widths[9]/Encoding<</Type/Encoding/Differences[97/a]>>/Resources<</Font<</G 5 0 R>>>>>>"
    )
    return page(
        b"BT /G 9 Tf (aaaa) Tj ET", font, stream(b"9 0 d0 BT /G 9 Tf (aaaa) Tj ET"), resources=b"/Font<</G 5 0 R>>"
    )


def _code_map() -> bytes:
    text = b"begincmap\n" + b"1 beginbfrange <0000> <FFFFFFFF> <0000> endbfrange\n" * 50_000 + b"endcmap"
    font = (
        b"<</Type/Font/Subtype/Type0/BaseFont/A/Encoding/Identity-H/ToUnicode 6 0 R/DescendantFonts[<</Type/Font"
        b"/Subtype/CIDFontType2/BaseFont/A/CIDSystemInfo<</Registry(A)/Ordering(I)/Supplement 0>>>>]>>"
    )
    return page(b"BT /G 9 Tf 72 700 Td <00410042> Tj ET", font, stream(text), resources=b"/Font<</G 5 0 R>>")


def _font_file() -> bytes:
    font = b"<</Type/Font/Subtype/TrueType/BaseFont/A/FirstChar 65/LastChar 66/Widths[600 600]/FontDescriptor 6 0 R>>"
    descriptor = b"<</Type/FontDescriptor/FontName/A/Flags 4/FontBBox[0 0 9 9]/FontFile2 7 0 R>>"
    rubbish = b"\0\1\0\0\xff\xff" + b"glyf\xff\xff\xff\xff\xff\xff\xff\xff\x7f\xff\xff\xff" * 4000 + bytes(4 << 20)
    return page(b"BT /G 9 Tf 72 700 Td (AB) Tj ET", font, descriptor, stream(rubbish), resources=b"/Font<</G 5 0 R>>")


def _rubbish_picture(kind: bytes) -> bytes:
    entries = (
        b"/Type/XObject/Subtype/Image/Width 60000/Height 60000/BitsPerComponent 8/ColorSpace/DeviceGray/Filter/%b"
        % kind
    )
    picture = stream(bytes(range(256)) * 400, entries, packed=False)
    return page(b"q 500 0 0 500 0 0 cm /X Do Q", picture, resources=b"/XObject<</X 5 0 R>>")


def _giant_picture() -> bytes:
    entries = b"/Type/XObject/Subtype/Image/Width 60000/Height 60000/BitsPerComponent 1/ColorSpace/DeviceGray"
    return page(b"q 500 0 0 500 0 0 cm /X Do Q", stream(bytes(1000), entries), resources=b"/XObject<</X 5 0 R>>")


def _many_words() -> bytes:
    return page(b"BT /F 1 Tf 1 1 Td " + b"(word word word word) Tj 0 .01 Td " * 60_000 + b"ET", words=True)


def _many_lines() -> bytes:
    return page(b"0 0 m 9 9 l S " * 1_500_000, words=True)


def _deep_arrays() -> bytes:
    return raw(
        b"<</Type/Catalog/Pages 2 0 R/X " + b"[" * 200_000 + b"]" * 200_000 + b">>", b"<</Type/Pages/Kids[]/Count 0>>"
    )


def _table_of_places_in_itself() -> bytes:
    start = b"%PDF-1.4\n"
    return (
        start
        + b"xref\n0 1\n0000000000 65535 f \ntrailer\n<</Size 1/Prev %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF"
        % (
            len(start),
            len(start),
        )
    )


def _cut(content: bytes, share: float) -> bytes:
    return content[: int(len(content) * share)]


def _filters() -> bytes:
    """A stream packed three times, of zeros."""
    data = zlib.compress(zlib.compress(zlib.compress(bytes(600 << 20), 9), 9), 9)
    packed = b"<</Length %d/Filter[/FlateDecode/FlateDecode/FlateDecode]>>\nstream\n%b\nendstream" % (len(data), data)
    return raw(
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R>>",
        packed,
    )


PDFS = (
    hostile("pdf cut in the middle", "a.pdf", lambda: _cut(_whole(), 0.5), READ, "damaged", "no_text"),
    hostile("pdf of its first bytes", "a.pdf", lambda: b"%PDF-1.7\n", "damaged"),
    hostile("pdf of 100,000 pages", "a.pdf", _many_pages, "too_many_pages"),
    hostile("pdf whose page tree holds itself", "a.pdf", _tree_in_itself, "damaged", "no_text", READ),
    hostile("pdf whose form draws itself", "a.pdf", _form_in_itself, *_UNREAD),
    hostile("pdf whose forms double without end", "a.pdf", _forms_that_double, *_UNREAD),
    hostile("pdf whose glyph shows itself", "a.pdf", _glyph_in_itself, *_UNREAD),
    hostile(
        "pdf with a page of a billion points",
        "a.pdf",
        lambda: page(b"", box=b"0 0 1000000000 1000000000", words=True),
        *_UNREAD,
    ),
    hostile("pdf with a page without size", "a.pdf", lambda: page(b"", box=b"0 0 0 0", words=True), *_UNREAD),
    hostile("pdf with a code map of all codes", "a.pdf", _code_map, *_UNREAD),
    hostile("pdf with a font of rubbish", "a.pdf", _font_file, *_UNREAD),
    hostile("pdf with a JBIG2 of rubbish", "a.pdf", lambda: _rubbish_picture(b"JBIG2Decode"), *_UNREAD),
    hostile("pdf with a JPX of rubbish", "a.pdf", lambda: _rubbish_picture(b"JPXDecode"), *_UNREAD),
    hostile("pdf with a picture of 60,000 by 60,000", "a.pdf", _giant_picture, *_UNREAD),
    hostile(
        "pdf with a page of endless words", "a.pdf", _many_words, READ, "too_slow", "too_much_memory", "too_much_text"
    ),
    hostile("pdf with a page of endless lines", "a.pdf", _many_lines, *_UNREAD),
    hostile("pdf with arrays of endless depth", "a.pdf", _deep_arrays, "damaged", "no_text"),
    hostile("pdf whose table of places leads to itself", "a.pdf", _table_of_places_in_itself, "damaged"),
    hostile("pdf with a stream packed three times", "a.pdf", _filters, *_UNREAD),
    hostile("pdf with bytes of another kind", "a.pdf", lambda: b"%PDF-1.7\n" + bytes(range(256)) * 4000, "damaged"),
)
