"""Dates in any notation brought to one form, so that `5 March 2024`, `05.03.2024` and `2024年3月5日` meet. Pure."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from apps.verification.figures.numbering import years_in

_NAMES = {
    1: "january jan januar jänner janvier janv enero ene gennaio gen janeiro januari",
    2: "february feb februar février févr febrero febbraio febr fevereiro fev februari",
    3: "march mar märz mrz mars marzo março maart mrt",
    4: "april apr avril avr abril abr aprile",
    5: "may mai mayo maggio mag maio mei maj",
    6: "june jun juni juin junio giugno giu junho",
    7: "july jul juli juillet juil julio luglio lug julho",
    8: "august aug août agosto ago augustus augusti",
    9: "september sep sept septembre septiembre settembre set setembro",
    10: "october oct oktober okt octobre octubre ottobre ott outubro out",
    11: "november nov novembre noviembre novembro",
    12: "december dec dezember dez décembre déc diciembre dic dicembre dezembro december",
}
_MONTHS = {name: month for month, names in _NAMES.items() for name in names.split()}
_MONTH = rf"(?P<month>{'|'.join(sorted(map(re.escape, _MONTHS), key=len, reverse=True))})(?![^\W\d_])\.?"
_YEAR = r"(?P<year>(?:1[5-9]|20)\d\d)(?!\d)"
_DAY = r"(?P<day>[0-3]?\d)"
_PATTERNS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"(?<!\w)(?P<year>(?:1[5-9]|20)\d\d)[-/.](?P<mm>[01]?\d)[-/.]{_DAY}(?!\w)",
        r"(?<!\w)(?P<one>[0-3]?\d)[-/.](?P<two>[0-3]?\d)[-/.](?P<year>(?:1[5-9]|20)\d\d|\d\d)(?!\w)",
        rf"(?P<year>(?:1[5-9]|20)\d\d)\s?[年년]\s?(?P<mm>[01]?\d)\s?[月월](?:\s?{_DAY}\s?[日일])?",
        rf"(?<![\w.,]){_DAY}(?:st|nd|rd|th|er|º|\.)?\s+(?:day\s+of\s+|of\s+|de\s+|d[’'])?{_MONTH}(?:,?\s+(?:de\s+|del\s+|do\s+)?{_YEAR})?",
        rf"(?<![^\W\d_]){_MONTH}\s+{_DAY}(?:st|nd|rd|th)?(?!\d|[.,]\d|\s?%)(?:\s?,?\s+{_YEAR})?",
        rf"(?<![^\W\d_]){_MONTH},?\s+(?:of\s+|de\s+|del\s+)?{_YEAR}",
    )
)
_CENTURY_TURNS = 70  # 69 is 2069, 70 is 1970, as POSIX has it


@dataclass(frozen=True, slots=True)
class Date:
    """A date and its half-open range; parts that are not named are 0. `swapped`: day and month may be the other way round."""

    start: int
    end: int
    year: int
    month: int
    day: int
    swapped: bool = False

    def agrees(self, other: "Date") -> bool:
        """Return whether the other names the same day or month, as far as both name it; this one's day must be named there."""
        if self.year and other.year and self.year != other.year:
            return False
        if self.day and not other.day:
            return False
        mine = {(self.month, self.day)} | ({(self.day, self.month)} if self.swapped else set())
        theirs = {(other.month, other.day)} | ({(other.day, other.month)} if other.swapped else set())
        if not self.day:
            return bool({month for month, _ in mine} & {month for month, _ in theirs})
        return bool(mine & theirs)


@lru_cache(maxsize=512)
def dates_in(text: str) -> tuple[Date, ...]:
    """Return the dates of a text that name at least a month, in order. Years alone are none: see `years_named`."""
    found: list[Date] = []
    for pattern in _PATTERNS:
        for match in pattern.finditer(text):
            if any(date.start < match.end() and match.start() < date.end for date in found):
                continue
            if date := _date(match):
                found.append(date)
    return tuple(sorted(found, key=lambda date: date.start))


def years_named(text: str) -> frozenset[int]:
    """Return the years of a text, those of its dates among them."""
    old = {int(year) for year in re.findall(r"(?<![\d.,])1[5-8]\d\d(?![\d]|[.,]\d)", text)}
    return years_in(text) | old | {date.year for date in dates_in(text) if date.year}


def stands_among(date: Date, others: Iterable[Date], years: frozenset[int]) -> bool:
    """Return whether a date is one of the others; one that names no year there may be of any of the `years` named near."""
    return any(date.agrees(other) and (not date.year or other.year > 0 or date.year in years) for other in others)


def _date(match: re.Match[str]) -> Date | None:
    groups = match.groupdict()
    year = int(groups.get("year") or 0)
    if 0 < year < 100:
        year += 1900 if year >= _CENTURY_TURNS else 2000
    if groups.get("one"):
        day, month = int(groups["one"]), int(groups["two"])
        if month > 12:
            day, month = month, day
        swapped = day <= 12 and day != month
    else:
        month = int(groups["mm"]) if groups.get("mm") else _MONTHS[groups["month"].casefold().rstrip(".")]
        day, swapped = int(groups.get("day") or 0), False
    if not 1 <= month <= 12 or day > 31:
        return None
    return Date(match.start(), match.end(), year, month, day, swapped)
