"""The kinds of file that an answer is exported as."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.reasoning.exports.ledger import ledger_workbook
from apps.reasoning.exports.links import Links
from apps.reasoning.exports.pdf import pdf_document
from apps.reasoning.exports.sheet import sheet_of
from apps.reasoning.exports.text import plain_text
from apps.reasoning.exports.word import word_document

_OFFICE = "application/vnd.openxmlformats-officedocument"
_UNNAMEABLE = re.compile(r"[^\w -]+")
_LONGEST_NAME = 60


class ExportFormat(models.TextChoices):
    DOCX = "docx", _("Word, with footnotes")
    PDF = "pdf", _("PDF, with footnotes")
    XLSX = "xlsx", _("Workbook of the figures")
    TXT = "txt", _("Plain text")


MEDIA_TYPES = {
    ExportFormat.DOCX: f"{_OFFICE}.wordprocessingml.document",
    ExportFormat.PDF: "application/pdf",
    ExportFormat.XLSX: f"{_OFFICE}.spreadsheetml.sheet",
    ExportFormat.TXT: "text/plain; charset=utf-8",
}


@dataclass(frozen=True, slots=True)
class ExportedFile:
    content: bytes
    media_type: str
    filename: str


def export_file(answer: Mapping[str, Any], format: ExportFormat, *, site: str) -> ExportedFile:
    """Return an Answer object as a file. `site` is the address under which its reader reaches the installation."""
    links = Links(site, str(answer["id"]))
    content = ledger_workbook(answer, links) if format is ExportFormat.XLSX else _document(answer, format, links)
    name = " ".join(_UNNAMEABLE.sub(" ", answer["question"]).split())[:_LONGEST_NAME].strip() or str(answer["id"])
    return ExportedFile(content, MEDIA_TYPES[format], f"{name}.{format.value}")


def _document(answer: Mapping[str, Any], format: ExportFormat, links: Links) -> bytes:
    sheet = sheet_of(answer, links)
    if format is ExportFormat.DOCX:
        return word_document(sheet)
    return pdf_document(sheet) if format is ExportFormat.PDF else plain_text(sheet).encode()
