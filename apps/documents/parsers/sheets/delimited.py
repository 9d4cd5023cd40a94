"""Tables in text (CSV, TSV): encoding, delimiter and kind of number are found from the beginning; rows are read one by one."""

import codecs
import csv
import io
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from itertools import islice
from pathlib import Path, PurePath
from statistics import median

from apps.documents.parsers.encodings import guessed_encoding
from apps.documents.parsers.flow import turning
from apps.documents.parsers.sheets.blocks import sheet_pages
from apps.documents.parsers.sheets.regions import MOST_ROWS, Entry, Means, Row, Sheet, refuse_too_wide
from apps.documents.parsers.text import tidy
from apps.documents.parsing import Block, Parsed, Progress, ReadingNote, Source, Unreadable

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SAMPLE = 1 << 18
_SAMPLE_ROWS = 200
_DELIMITERS = (",", ";", "\t", "|")
_LONGEST_FIELD = 10 << 20
_PLAIN = re.compile(r"-?(?:0|[1-9]\d*)")
_WITH_POINT = re.compile(r"-?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?")
_WITH_COMMA = re.compile(r"-?(?:\d{1,3}(?:\.\d{3})+|\d+)(?:,\d+)?")
_DECORATED = re.compile(r"[-(+]?\s*[$€£¥]?\s*-?\d[\d.,'’ ]*\s*[%€$£¥]?\)?")
_DAY = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?")
_DOTTED_DAY = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})")
_OTHER_DAY = re.compile(r"\d{1,4}/\d{1,2}/\d{1,4}(?: \d{1,2}:\d\d(?::\d\d)?)?")
_DECIMAL_COMMA = re.compile(r"-?\d+(?:\.\d{3})*,(?:\d{1,2}|\d{4,})")
_DECIMAL_POINT = re.compile(r"-?\d+(?:,\d{3})*\.(?:\d{1,2}|\d{4,})")


class DelimitedParser:
    """Pages are portions of rows; a short table has one."""

    def parse(self, source: Source, *, progress: Progress) -> Parsed:
        progress(0, 1)
        with source.path.open("rb") as file:
            sample = file.read(_SAMPLE)
        encoding = _encoding(source.path)
        delimiter, first = _stated_delimiter(sample, encoding)
        rows = _sample_rows(sample.decode(encoding, "replace"), delimiter)
        sheet = Sheet(
            name=PurePath(source.filename).stem,
            rows=_rows(source, encoding, delimiter, first, comma=_has_decimal_commas(rows, delimiter)),
            solid=True,
        )
        total = max(1, source.path.stat().st_size // max(1, _bytes_a_page(sample)))
        parsed = turning(_told(sheet_pages(sheet), total, progress))
        return replace(parsed, warnings=tuple(_notes(rows)))


def _encoding(path: Path) -> str:
    """Return the encoding of the whole file: as marked, else UTF-8 if all of it is, else what it most looks like."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    with path.open("rb") as file:
        piece = file.read(_SAMPLE)
        for mark, marked in _MARKS:
            if piece.startswith(mark):
                return marked
        try:
            while piece:
                if "\0" in decoder.decode(piece):
                    return "utf-16-le" if piece[1:2] == b"\0" else "utf-16-be"
                piece = file.read(_SAMPLE)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return guessed_encoding(piece) or "cp1252"
    return "utf-8"


def _told(
    parts: Iterator[tuple[str, list[Block]]], total: int, progress: Progress
) -> Iterator[tuple[str, list[Block]]]:
    for done, part in enumerate(parts, start=1):
        progress(min(done, total), total)
        yield part


def _bytes_a_page(sample: bytes) -> int:
    return len(sample) * MOST_ROWS // max(1, sample.count(b"\n"))


def _notes(rows: list[list[str]]) -> Iterator[ReadingNote]:
    widths = {len(row) for row in rows if any(field.strip() for field in row)}
    if len(widths) > 1:
        yield ReadingNote(
            "uneven_rows", "Not all rows have the same number of fields. Each was read as it stands, from the left."
        )


def _stated_delimiter(sample: bytes, encoding: str) -> tuple[str, int]:
    """Return the delimiter and the number of the first line of data; Excel lets a first line `sep=;` say it."""
    text = sample.decode(encoding, "replace").lstrip("\ufeff")
    stated = re.match(r'"?sep=(.)"?\r?\n', text)
    return (stated[1], 1) if stated else (_delimiter(text), 0)


def _delimiter(text: str) -> str:
    """Return the delimiter that gives most rows of one width, and of those the one that gives the widest rows."""

    def worth(delimiter: str) -> tuple[float, float]:
        widths = [len(row) for row in _sample_rows(text, delimiter) if any(row)]
        usual = median(widths) if widths else 0
        return (sum(width == usual for width in widths) / len(widths) if usual > 1 else 0.0), usual

    return max(_DELIMITERS, key=worth)


def _sample_rows(text: str, delimiter: str) -> list[list[str]]:
    """Return the first rows of a sample, without the last, which may be cut."""
    try:
        rows = list(islice(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), _SAMPLE_ROWS + 1))
    except csv.Error:
        return []
    return rows[:-1] if len(rows) > 1 and not text.endswith("\n") else rows[:_SAMPLE_ROWS]


def _has_decimal_commas(rows: list[list[str]], delimiter: str) -> bool | None:
    """Return whether decimals are written with a comma; None where the numbers do not tell."""
    fields = [field.strip() for row in rows for field in row]
    commas = sum(bool(_DECIMAL_COMMA.fullmatch(field)) for field in fields) if delimiter != "," else 0
    points = sum(bool(_DECIMAL_POINT.fullmatch(field)) for field in fields)
    return None if commas == points else commas > points


def _rows(source: Source, encoding: str, delimiter: str, first: int, *, comma: bool | None) -> Iterator[Row]:
    csv.field_size_limit(_LONGEST_FIELD)
    with source.path.open(encoding=encoding, errors="replace", newline="") as file:
        lines = (line.replace("\0", "") for line in file)
        reader = csv.reader(lines, delimiter=delimiter)
        try:
            for number, fields in enumerate(reader):
                refuse_too_wide(len(fields))
                if number >= first:
                    yield Row(number, tuple(_entries(fields, comma=comma)))
        except csv.Error as error:
            raise Unreadable(
                "A field of this table has no end: a quotation mark is missing. Save the table again and send that.",
                code="damaged",
            ) from error


def _entries(fields: list[str], *, comma: bool | None) -> Iterator[Entry]:
    for column, field in enumerate(fields):
        text = " ".join(tidy(field).split())
        if text:
            yield _entry(column, text, comma=comma)


def _entry(column: int, text: str, *, comma: bool | None) -> Entry:
    """Return what a field is; the exact value is given only where it can be read in one way."""
    if text[0] > "9" or not any(character.isdigit() for character in text):
        return Entry(column, text)
    if _PLAIN.fullmatch(text):
        return Entry(column, text, text, Means.PLAIN)
    if comma is not True and _WITH_POINT.fullmatch(text):
        clear = comma is False or "." in text or text.count(",") > 1
        return _number(column, text, text.replace(",", "") if clear else "")
    if comma is not False and _WITH_COMMA.fullmatch(text):
        clear = comma is True or text.count(".") > 1
        return _number(column, text, text.replace(".", "").replace(",", ".") if clear else "")
    day = _day_of(text)
    if day is not None:
        return Entry(column, text, day, Means.DATE)
    return Entry(column, text, "", Means.NUMBER if _DECORATED.fullmatch(text) else Means.TEXT)


def _number(column: int, text: str, value: str) -> Entry:
    """A number with zeros before it is the name of something."""
    named = re.match(r"-?0\d", text)
    return Entry(column, text) if named else Entry(column, text, value, Means.NUMBER)


def _day_of(text: str) -> str | None:
    """Return a date in ISO form, "" for one that can be read in several ways, None for what is no date."""
    if _DAY.fullmatch(text):
        return text.replace(" ", "T", 1)
    dotted = _DOTTED_DAY.fullmatch(text)
    if dotted:
        try:
            return date(int(dotted[3]), int(dotted[2]), int(dotted[1])).isoformat()
        except ValueError:
            return None
    return "" if _OTHER_DAY.fullmatch(text) else None
