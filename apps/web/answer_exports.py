"""What can be taken away from the page of an answer: the files, and the copy with its citations."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from apps.reasoning.exports import text
from apps.reasoning.exports.files import ExportFormat
from apps.reasoning.exports.links import Links
from apps.reasoning.exports.sheet import sheet_of


@dataclass(frozen=True, slots=True)
class Download:
    """A file: its kind in words and where it is had."""

    label: str
    href: str


@dataclass(frozen=True, slots=True)
class Exports:
    """The files, and the answer as it goes to the clipboard: as text, and as HTML for where that is taken."""

    files: tuple[Download, ...]
    plain: str
    html: str


def exports_of(answer: Mapping[str, Any], *, site: str) -> Exports:
    """Return what can be taken away of a finished answer; a workbook only where there are figures to put in it."""
    sheet = sheet_of(answer, Links(site, str(answer["id"])))
    address = reverse("answer-export", args=[answer["id"]])
    files = tuple(
        Download(str(format.label), f"{address}?{urlencode({'format': format.value})}")
        for format in ExportFormat
        if format is not ExportFormat.XLSX or answer["figures"]
    )
    return Exports(files, text.plain_text(sheet), text.html(sheet))
