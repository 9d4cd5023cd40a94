"""The formats that can be read: one entry each, from which detection, messages and the choice of parser follow.

A parser is named, not imported, so that knowing what is accepted costs nothing and only a reading child loads libraries.
"""

from dataclasses import dataclass
from importlib import import_module

from apps.documents.parsing import Parser, Unreadable


@dataclass(frozen=True, slots=True)
class Format:
    """`endings` are file name endings, the usual one first; `parser` is `module:class`.

    `part` is what one turns in it: `page`, `slide`, `sheet`, `chapter`; empty where there is nothing to turn. The pages of a
    `pictured` format can be drawn, so that its blocks have boxes on them.
    """

    label: str
    media_type: str
    endings: tuple[str, ...]
    parser: str
    part: str = ""
    pictured: bool = False


PDF = Format("PDF", "application/pdf", ("pdf",), "apps.documents.parsers.pdf.parser:PdfParser", "page", pictured=True)
DOCX = Format(
    "Word (DOCX)",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ("docx", "docm", "dotx"),
    "apps.documents.parsers.word.docx:DocxParser",
)
XLSX = Format(
    "Excel (XLSX)",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ("xlsx", "xlsm"),
    "apps.documents.parsers.sheets.workbook:WorkbookParser",
    "sheet",
)
XLS = Format(
    "Excel of before 2007 (XLS)",
    "application/vnd.ms-excel",
    ("xls",),
    "apps.documents.parsers.sheets.xls:OldWorkbookParser",
    "sheet",
)
ODS = Format(
    "OpenDocument spreadsheet (ODS)",
    "application/vnd.oasis.opendocument.spreadsheet",
    ("ods",),
    "apps.documents.parsers.sheets.ods:OdsParser",
    "sheet",
)
CSV = Format("CSV", "text/csv", ("csv", "tsv"), "apps.documents.parsers.sheets.delimited:DelimitedParser", "sheet")
PPTX = Format(
    "PowerPoint (PPTX)",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    ("pptx", "ppsx", "pptm"),
    "apps.documents.parsers.slides.pptx:SlidesParser",
    "slide",
)
ODT = Format(
    "OpenDocument text (ODT)",
    "application/vnd.oasis.opendocument.text",
    ("odt",),
    "apps.documents.parsers.opendocument.odt:OdtParser",
)
ODP = Format(
    "OpenDocument presentation (ODP)",
    "application/vnd.oasis.opendocument.presentation",
    ("odp",),
    "apps.documents.parsers.opendocument.odt:OdpParser",
    "slide",
)
MARKDOWN = Format(
    "Markdown", "text/markdown", ("md", "markdown"), "apps.documents.parsers.markup.parsers:MarkdownParser"
)
HTML = Format("HTML", "text/html", ("html", "htm", "xhtml"), "apps.documents.parsers.markup.parsers:HtmlParser")
TEXT = Format("plain text", "text/plain", ("txt", "text", "log"), "apps.documents.parsers.text:TextParser")
RTF = Format("Rich Text (RTF)", "application/rtf", ("rtf",), "apps.documents.parsers.rtf.parser:RtfParser")
EML = Format("e-mail (EML)", "message/rfc822", ("eml",), "apps.documents.parsers.mail.eml:EmlParser")
MSG = Format(
    "Outlook message (MSG)", "application/vnd.ms-outlook", ("msg",), "apps.documents.parsers.mail.msg:MsgParser"
)
EPUB = Format(
    "e-book (EPUB)", "application/epub+zip", ("epub",), "apps.documents.parsers.markup.epub:EpubParser", "chapter"
)
WEB_ARCHIVE = Format(
    "web archive", "multipart/related", ("mhtml", "mht"), "apps.documents.parsers.mail.eml:WebArchiveParser"
)
PICTURES = tuple(
    Format(label, f"image/{name}", endings, "apps.documents.parsers.picture:PictureParser", "page", pictured=True)
    for label, name, endings in (
        ("JPEG", "jpeg", ("jpg", "jpeg", "jpe")),
        ("PNG", "png", ("png",)),
        ("TIFF", "tiff", ("tif", "tiff")),
        ("WebP", "webp", ("webp",)),
        ("GIF", "gif", ("gif",)),
        ("BMP", "bmp", ("bmp", "dib")),
    )
)

FORMATS = (
    PDF, DOCX, PPTX, XLSX, XLS, ODT, ODP, ODS, CSV, RTF, EML, MSG, EPUB, MARKDOWN, HTML, WEB_ARCHIVE, TEXT, *PICTURES,
)  # fmt: skip


def accepted() -> str:
    """Return what is accepted, in words."""
    labels = [known.label for known in FORMATS]
    return f"{', '.join(labels[:-1])} and {labels[-1]}"


def accepted_endings() -> str:
    """Return the endings for a file chooser: `.pdf,.docx,…`."""
    return ",".join(f".{ending}" for known in FORMATS for ending in known.endings)


def parser_for(media_type: str) -> Parser:
    """Return the parser of a media type; raises `Unreadable` where there is none."""
    known = format_of(media_type)
    if known is None:
        raise unsupported(media_type)
    module, name = known.parser.split(":")
    parser: Parser = getattr(import_module(module), name)()
    return parser


def format_of(media_type: str) -> Format | None:
    """Return the format with this media type; None for one that cannot be read."""
    return next((known for known in FORMATS if known.media_type == media_type), None)


def unsupported(what: str, advice: str = "") -> Unreadable:
    """Return the error for a kind of file that cannot be read, with what its owner can do: as advised, else what is accepted."""
    advice = advice or f"Send one of these instead: {accepted()}."
    return Unreadable(f"Files of this kind ({what}) cannot be read. {advice}", code="unsupported")
