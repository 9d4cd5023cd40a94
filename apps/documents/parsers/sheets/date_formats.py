"""Moments as spreadsheets keep them, days since 1900 or 1904, and how they are shown. Names of months and days are English."""

from datetime import datetime, timedelta

from apps.documents.parsers.sheets.format_codes import Section, Token

_MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
_DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
_EPOCH, _EPOCH_1904 = datetime(1899, 12, 30), datetime(1904, 1, 1)
_LAST_DAY = 2_958_465.999


def moment_of(number: float, *, from_1904: bool = False) -> datetime | None:
    """Return the moment that a serial number stands for; None for one that is none."""
    if not 0 <= number <= _LAST_DAY:
        return None
    if from_1904:
        return _EPOCH_1904 + _rounded(number)
    # Excel believes in 29 February 1900, so days before that are one later.
    return _EPOCH + _rounded(number + (1 if 1 <= number < 60 else 0))


def iso(number: float, *, from_1904: bool = False) -> str:
    """Return a serial number as an ISO date, time, or date and time; "" for one that is no moment."""
    moment = moment_of(number, from_1904=from_1904)
    if moment is None:
        return ""
    if number < 1:
        return moment.time().isoformat()
    return moment.date().isoformat() if number == int(number) else moment.isoformat()


def date_text(section: Section, moment: datetime, number: float) -> str:
    """Return the moment as the section shows it."""
    tokens = section.tokens
    halves = any(token.kind == "half" for token in tokens)
    if not any(token.kind == "seconds" for token in tokens):
        moment += timedelta(microseconds=500_000 if any(token.text.lower() == "ss" for token in tokens) else 0)
    shown = []
    for i, token in enumerate(tokens):
        if token.kind == "date":
            text = token.text.lower()
            minutes = text in ("m", "mm") and _means_minutes(tokens, i)
            shown.append(_clock_part(text, moment, halves) if minutes or text[0] in "hs" else _day_part(text, moment))
        elif token.kind == "elapsed":
            shown.append(_elapsed_part(token.text, number))
        elif token.kind == "half":
            shown.append("AM" if moment.hour < 12 else "PM")
        elif token.kind == "seconds":
            shown.append(f".{moment.microsecond:06d}"[: len(token.text)])
        elif (token.kind, token.text) != ("other", "@"):
            shown.append(token.text)
    return "".join(shown).strip()


def _means_minutes(tokens: tuple[Token, ...], at: int) -> bool:
    """Whether an m beside hours or seconds stands for minutes."""
    parts = [(i, token.text.lower()[0]) for i, token in enumerate(tokens) if token.kind in ("date", "elapsed")]
    here = next(position for position, (i, _) in enumerate(parts) if i == at)
    before = parts[here - 1][1] if here else ""
    after = parts[here + 1][1] if here + 1 < len(parts) else ""
    return before == "h" or after == "s"


def _clock_part(text: str, moment: datetime, halves: bool) -> str:
    hour = (moment.hour % 12 or 12) if halves else moment.hour
    value = {"h": hour, "m": moment.minute, "s": moment.second}[text[0]]
    return f"{value:02d}" if len(text) > 1 else str(value)


def _day_part(text: str, moment: datetime) -> str:
    month, day = _MONTHS[moment.month - 1], _DAYS[moment.weekday()]
    match text:
        case "yy" | "y":
            return f"{moment.year % 100:02d}"
        case "m" | "d":
            return str(moment.month if text == "m" else moment.day)
        case "mm" | "dd":
            return f"{moment.month if text == 'mm' else moment.day:02d}"
        case "mmm" | "ddd":
            return month[:3] if text == "mmm" else day[:3]
        case "mmmmm":
            return month[:1]
    if text[0] in "md":
        return month if text[0] == "m" else day
    return "" if text[0] in "gb" else f"{moment.year:04d}"


def _elapsed_part(text: str, number: float) -> str:
    seconds = round(number * 86_400)
    value = {"h": seconds // 3600, "m": seconds // 60, "s": seconds}[text[0]]
    return f"{value:0{len(text)}d}"


def _rounded(days: float) -> timedelta:
    return timedelta(milliseconds=round(days * 86_400_000))
