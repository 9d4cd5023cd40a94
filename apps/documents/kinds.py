"""Kinds of documents as people tell them apart, each a group of the formats that can be read."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.documents import formats


class Kind(models.TextChoices):
    PDF = "pdf", _("PDF")
    TEXT = "text", _("Text")
    SHEET = "sheet", _("Spreadsheet")
    SLIDES = "slides", _("Slides")
    MAIL = "mail", _("E-mail")
    WEB = "web", _("Web page")
    PICTURE = "picture", _("Picture")


_FORMATS = {
    Kind.PDF: (formats.PDF,),
    Kind.TEXT: (formats.DOCX, formats.ODT, formats.RTF, formats.MARKDOWN, formats.TEXT, formats.EPUB),
    Kind.SHEET: (formats.XLSX, formats.XLS, formats.ODS, formats.CSV),
    Kind.SLIDES: (formats.PPTX, formats.ODP),
    Kind.MAIL: (formats.EML, formats.MSG),
    Kind.WEB: (formats.HTML, formats.WEB_ARCHIVE),
    Kind.PICTURE: formats.PICTURES,
}


def media_types(kind: str) -> tuple[str, ...]:
    """Return the media types of a kind. Raises `ValueError` for a kind that there is not."""
    return tuple(each.media_type for each in _FORMATS[Kind(kind)])
