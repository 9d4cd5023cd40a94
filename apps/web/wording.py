"""Numbers, times and codes as a reader reads them. Whole sentences are the caller's; these are their parts."""

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from django.template.defaultfilters import date
from django.utils.dateparse import parse_datetime
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.reasoning.models import CandidateReason, Effort, Outcome

_NO_BREAK = "\u00a0"
_SIGNS = {"GBP": "£", "EUR": "€", "USD": "$", "JPY": "¥", "INR": "₹"}
_WITHOUT_FRACTION = {"JPY", "KRW"}


def count(number: int) -> str:
    """Return a whole number grouped as the reader's language does."""
    return number_format(number, use_l10n=True, force_grouping=True)


def decimal(number: float, places: int) -> str:
    """Return a number with so many decimals, as the reader's language writes it."""
    return number_format(number, decimal_pos=places, use_l10n=True)


def seconds(value: float) -> str:
    """Return a duration with its unit: tenths under a minute, minutes and seconds above."""
    if value < 60:
        return number_format(round(value, 1), decimal_pos=1, use_l10n=True) + _NO_BREAK + _("s")
    minutes, rest = divmod(round(value), 60)
    return _("%(minutes)d min %(seconds)d s") % {"minutes": minutes, "seconds": rest}


def about_seconds(value: float) -> str:
    """Return a duration that is only an estimate: two figures are enough."""
    if value < 10:
        return decimal(max(round(value), 1), 0) + _NO_BREAK + _("s")
    if value < 90:
        return decimal(5 * round(value / 5), 0) + _NO_BREAK + _("s")
    return decimal(round(value / 60, 0 if value >= 300 else 1), 0 if value >= 300 else 1) + _NO_BREAK + _("min")


def money(amount: Decimal | float | str, currency: str) -> str:
    """Return a sum: whole units of large ones, two decimals of small ones, two significant figures of what is less than ten cents.

    A currency without a sign of its own is named by its ISO 4217 code.
    """
    value = Decimal(str(amount))
    value = round(value, _decimals(abs(value), currency))
    number = number_format(value, decimal_pos=_decimals(abs(value), currency), use_l10n=True, force_grouping=True)
    if sign := _SIGNS.get(currency):
        return _("%(sign)s%(number)s") % {"sign": sign, "number": number}
    return f"{currency}{_NO_BREAK}{number}"


def _decimals(size: Decimal, currency: str) -> int:
    if size == size.to_integral_value() or size >= 1000 or (currency in _WITHOUT_FRACTION and size >= 1):
        return 0
    if size >= Decimal("0.1"):
        return 2
    places = min(1 - math.floor(math.log10(size)), 9)
    return places - 1 if places > 2 and round(size, places - 1) == size else places


def share(part: float, places: int = 0) -> str:
    """Return a share of one as per cent."""
    return decimal(100 * part, places) + _NO_BREAK + "%"


def many(number: float) -> str:
    """Return a large number in thousands or millions, a small one as it is."""
    for size, word in ((1e9, _("bn")), (1e6, _("m")), (1e4, _("k"))):
        if number >= size:
            divisor = 1e3 if size == 1e4 else size
            shown = number / divisor
            return decimal(shown, 0 if shown >= 100 or shown == round(shown) else 1) + _NO_BREAK + word
    return count(round(number))


def energy(watt_hours: float) -> str:
    if watt_hours >= 1000:
        return decimal(watt_hours / 1000, 1) + _NO_BREAK + "kWh"
    return decimal(watt_hours, 0 if watt_hours >= 100 else 2 if watt_hours < 1 else 1) + _NO_BREAK + "Wh"


def place_in_line(place: int) -> str:
    """Return where a question stands in the queue, first being asked next."""
    if place <= 1:
        return _("next in line")
    return _("number %(place)s in line") % {"place": count(place)}


def tokens(number: int) -> str:
    return ngettext("%(count)s token", "%(count)s tokens", number) % {"count": count(number)}


def passages(number: int) -> str:
    return ngettext("%(count)s passage", "%(count)s passages", number) % {"count": count(number)}


def moment(text: str | None) -> datetime | None:
    """Return the time that the interface writes as ISO 8601."""
    return parse_datetime(text) if text else None


def utc_moment(moment: datetime) -> str:
    """Return a moment as records give it: to the second, in UTC, and saying so."""
    return date(moment.astimezone(UTC), _("j F Y, H:i:s")) + " UTC"


def place(passage: Mapping[str, Any], part: str = "page", label: str = "") -> str:
    """Return document and page of a passage, as in “Annual Report 2025, p. 84”; or its slide, sheet or chapter."""
    values = {"title": str(passage["document"]["title"]), "page": passage["page"], "label": label}
    if not passage["page"]:
        return str(values["title"])
    if part == "slide":
        return _("%(title)s, slide %(page)s") % values
    if part in ("sheet", "chapter") and label:
        return _("%(title)s, “%(label)s”") % values
    return _("%(title)s, p. %(page)s") % values


def heading(passage: Mapping[str, Any]) -> str:
    """Return the nearest heading over a passage, without those over it."""
    return str(passage.get("heading") or "").rsplit(" › ", 1)[-1]


def reason(code: str) -> str:
    """Return the word for what became of a candidate."""
    return str(CandidateReason(code).label)


def outcome(code: str) -> str:
    return str(Outcome(code).label)


def effort(code: str) -> str:
    return str(Effort(code).label)


def short_hash(value: str) -> str:
    """Return the first and last digits of a hash, in groups of four."""
    return f"{value[:4]} {value[4:8]} … {value[-8:-4]} {value[-4:]}" if len(value) >= 16 else value


def grouped_hash(value: str) -> str:
    """Return a whole hash in groups of four."""
    return " ".join(value[at : at + 4] for at in range(0, len(value), 4))
