"""What a number in a cell shows, and what it is."""

from dataclasses import dataclass, field

from apps.documents.parsers.sheets.date_formats import iso
from apps.documents.parsers.sheets.number_formats import NumberFormat
from apps.documents.parsers.sheets.number_patterns import exact
from apps.documents.parsers.sheets.regions import Entry, Means

_LOGICAL = {"1": "TRUE", "0": "FALSE"}


@dataclass(frozen=True, slots=True)
class Look:
    """How a cell shows its content: the format of its numbers, and whether its letters are bold."""

    format: NumberFormat = field(default_factory=NumberFormat)
    strong: bool = False


def logical(value: str) -> str:
    """Return a truth value as spreadsheets show it."""
    return _LOGICAL.get(value, value)


def number_entry(column: int, number: float, look: Look, *, from_1904: bool) -> Entry:
    """Return the entry of a number: what it shows in this look, and the exact decimal or moment behind it."""
    shown = look.format.shown(number, from_1904=from_1904)
    if look.format.is_date and not look.format.is_duration:
        moment = iso(number, from_1904=from_1904)
        if moment:
            return Entry(column, shown or moment, moment, Means.DATE, look.strong)
    decimal = exact(number)
    return Entry(column, shown or decimal, decimal, Means.PLAIN if look.format.is_plain else Means.NUMBER, look.strong)
