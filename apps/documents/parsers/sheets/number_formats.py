"""What a spreadsheet shows for a number: 0.107 as "10.7%", 45306 as "2024-01-15", -5 as "(5.00)".

The format codes are those of Excel, which OLE workbooks share. Where Excel leaves it to the reader's system (the short date)
the shown value is the ISO one. Names of months and days are English.
"""

from dataclasses import dataclass
from functools import lru_cache

from apps.documents.parsers.sheets.date_formats import date_text, moment_of
from apps.documents.parsers.sheets.format_codes import Section, sections_of
from apps.documents.parsers.sheets.number_patterns import general, number_text

_LONGEST_CODE = 500


@dataclass(frozen=True, slots=True)
class NumberFormat:
    """A code made ready for use.

    `is_duration` is a date's format that counts hours beyond a day; `is_plain` says nothing of what the number means, so that
    a year may look like this.
    """

    sections: tuple[Section, ...] = ()
    is_date: bool = False
    is_duration: bool = False
    is_plain: bool = True
    is_conditional: bool = False

    def shown(self, number: float, *, from_1904: bool = False) -> str:
        """Return the number as the program shows it; in General where the code makes no sense of it."""
        section, signed = self._section_for(number)
        if section is None:
            return general(number)
        if section.of_dates:
            moment = moment_of(number, from_1904=from_1904)
            return date_text(section, moment, number) if moment is not None else general(number)
        return " ".join(number_text(section, number, signed=signed).split())

    def _section_for(self, number: float) -> tuple[Section | None, bool]:
        """Return the section and whether the number keeps its own minus sign in it."""
        if not self.sections:
            return None, True
        numeric = self.sections[:3]
        if self.is_conditional:
            for section in numeric:
                if section.condition is None or _holds(section.condition, number):
                    return section, True
            return None, True
        if number < 0 and len(numeric) > 1:
            return numeric[1], False
        if number == 0 and len(numeric) > 2:
            return numeric[2], False
        return numeric[0], True


@lru_cache(maxsize=2000)
def number_format(code: str) -> NumberFormat:
    """Return the format that a code stands for."""
    if not code or len(code) > _LONGEST_CODE or code.strip().lower() in ("general", "standard"):
        return NumberFormat()
    sections = sections_of(code)
    first = sections[0]
    return NumberFormat(
        sections,
        is_date=first.of_dates,
        is_duration=first.of_dates and any(token.kind == "elapsed" for token in first.tokens),
        is_plain=all(token.kind == "general" or token.text == "0" for token in first.tokens),
        is_conditional=any(section.condition for section in sections[:3]),
    )


def _holds(condition: tuple[str, float], number: float) -> bool:
    operator, bound = condition
    return {
        "<": number < bound, "<=": number <= bound, ">": number > bound, ">=": number >= bound,
        "=": number == bound, "<>": number != bound,
    }[operator]  # fmt: skip
