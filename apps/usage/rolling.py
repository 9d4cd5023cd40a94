"""Rollups: the sums of whole days and months, so that a report over years reads thousands of rows instead of millions.

They are derived, and can be thrown away. A day is rolled up once it is over; a charge or an opinion that comes later takes the
day, and its month, out again (`stale`), and until it is rolled up anew its charges are read themselves. Rolling waits for those
who charge, as making a budget does, so that nothing is charged between the sum and the mark that it is complete.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Min

from apps.usage.budgets import hold_budgets_alone
from apps.usage.models import Charge, RolledPeriod
from apps.usage.periods import Period, renews, today
from apps.usage.sums import DIMENSIONS, TOTAL, select

_COLUMNS = """answers, accepted, failed, prompt_tokens, cached_tokens, cached_of, reasoning_tokens, answer_tokens, seconds,
    energy_wh, claims, claims_supported, claims_unchecked, priced, amount"""
_ADDED = ", ".join(f"sum({name.strip()})" for name in _COLUMNS.split(","))


@dataclass(frozen=True, slots=True)
class Rolled:
    """Which days of a period are rolled up, and of them whole months as one."""

    days: frozenset[date] = frozenset()
    months: tuple[date, ...] = ()
    loose: tuple[date, ...] = field(default=())

    def rows(self, dimensions: Iterable[str]) -> list[tuple[Any, ...]]:
        """Return dimension, key, label, currency and sums of the days. Two queries; none where nothing is rolled up."""
        if not self.days:
            return []
        wanted = [name for name in dimensions if name != "day"]
        of = "SELECT * FROM usage_rolledsum WHERE every = %s AND dimension = ANY(%s) AND begins = ANY(%s)"
        found = _fetch(
            f"""SELECT dimension, key, max(label), currency, {_ADDED} FROM ({of} UNION ALL {of}) AS either
            GROUP BY dimension, key, currency""",  # noqa: S608
            ["month", wanted, list(self.months), "day", wanted, list(self.loose)],
        )
        if "day" not in dimensions:
            return found
        return found + _fetch(
            f"""SELECT 'day', begins::text, '', currency, {_COLUMNS} FROM usage_rolledsum
            WHERE dimension = %s AND every = 'day' AND begins = ANY(%s)""",  # noqa: S608
            [TOTAL, list(self.days)],
        )


def rolled_in(period: Period) -> Rolled:
    """Return what of a period is rolled up. One query."""
    marks = RolledPeriod.objects.filter(begins__gte=period.first.replace(day=1), begins__lte=period.last)
    found = set(marks.values_list("every", "begins"))
    days = [day for day in period.days if ("day", day) in found]
    months = tuple(
        first
        for every, first in sorted(found)
        if every == "month" and first >= period.first and renews("month", first) <= period.last + timedelta(days=1)
    )
    loose = tuple(day for day in days if day.replace(day=1) not in months)
    return Rolled(frozenset(days), months, loose)


def roll_up(*, most: int = 400) -> int:
    """Roll up days, and then months, that are over; return how many periods. At most so many days at a time, the latest first."""
    first = Charge.objects.aggregate(first=Min("day"))["first"]
    if first is None:
        return 0
    last = today() - timedelta(days=1)
    done = set(RolledPeriod.objects.values_list("every", "begins"))
    over = Period(first, last).days if first <= last else []
    days = [day for day in reversed(over) if ("day", day) not in done][:most]
    for day in days:
        _roll_day(day)
    rolled = {begins for every, begins in done if every == "day"} | set(days)
    months = sorted({day.replace(day=1) for day in over})
    # Of the month in which charges begin, the days before the first have none.
    whole = [
        month
        for month in months
        if ("month", month) not in done
        and renews("month", month) <= today()
        and all(day in rolled for day in Period(max(month, first), renews("month", month) - timedelta(days=1)).days)
    ]
    for month in whole:
        _roll_month(month, first)
    return len(days) + len(whole)


def stale(day: date) -> None:
    """Take a day and its month out of the rollups, in the transaction that changes a charge of that day."""
    RolledPeriod.objects.filter(every="day", begins=day).delete()
    RolledPeriod.objects.filter(every="month", begins=day.replace(day=1)).delete()


def _roll_day(day: date) -> None:
    with transaction.atomic():
        _begin("day", day)
        for name in (TOTAL, *DIMENSIONS):
            if name == "day":
                continue
            _execute(
                f"""INSERT INTO usage_rolledsum (key, label, currency, {_COLUMNS}, every, begins, dimension)
                SELECT found.*, 'day', %s, %s FROM ({select(name, "c.day = %s")}) AS found""",  # noqa: S608
                [day, name, day],
            )
        RolledPeriod.objects.create(every="day", begins=day)


def _roll_month(month: date, first: date) -> None:
    """Add up the days of a month, unless one of them, from the first charge on, has become stale in the meantime."""
    days = Period(max(month, first), renews("month", month) - timedelta(days=1)).days
    with transaction.atomic():
        _begin("month", month)
        if RolledPeriod.objects.filter(every="day", begins__in=days).count() < len(days):
            return
        _execute(
            f"""INSERT INTO usage_rolledsum (every, begins, dimension, key, label, currency, {_COLUMNS})
            SELECT 'month', %s, dimension, key, max(label), currency, {_ADDED} FROM usage_rolledsum
            WHERE every = 'day' AND begins >= %s AND begins < %s GROUP BY dimension, key, currency""",  # noqa: S608
            [month, month, renews("month", month)],
        )
        RolledPeriod.objects.create(every="month", begins=month)


def _begin(every: str, begins: date) -> None:
    """Keep those who charge away, and remove what was rolled up of this period before."""
    hold_budgets_alone()
    RolledPeriod.objects.filter(every=every, begins=begins).delete()
    _execute("DELETE FROM usage_rolledsum WHERE every = %s AND begins = %s", [every, begins])


def _execute(sql: str, params: list[Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)


def _fetch(sql: str, params: list[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return list(cursor.fetchall())
