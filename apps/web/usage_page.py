"""What the usage page shows: figures, plots over time, costs by whom and by what, budgets. From a report; no query of its own."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.reasoning.models import Effort
from apps.usage.periods import Period, renews, today
from apps.usage.reports import OVERLAPPING, Report
from apps.usage.sums import Row, Sums
from apps.web import plots, wording
from apps.web.budget_page import BudgetBar, bar_of
from apps.web.plots import Limit, Plot, Series

_MOST_ROWS = 20
_MOST_DAYS, _MOST_WEEKS = 62, 400


@dataclass(frozen=True, slots=True)
class Figure:
    label: str
    value: str
    addition: str


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the costs by something. `href` shows only it, empty for the rest that belongs to none. `width` is its share of the costliest, in per cent."""

    label: str
    href: str
    width: float
    answers: str
    tokens: str
    cost: str
    per_million: str
    reasoning: str
    cached: str
    supported: str
    per_accepted: str


@dataclass(frozen=True, slots=True)
class Lines:
    """`more` is how many there are beyond those listed. `overlap`: an answer may count in several of them."""

    rows: Sequence[Line]
    more: int
    overlap: bool


@dataclass(frozen=True, slots=True)
class StageBar:
    """Seconds of a stage: a bar to the median and a whisker to what one in twenty takes longer than; 1000 units wide."""

    label: str
    style: str
    median: float
    p95: float
    said: str
    said_p95: str


@dataclass(frozen=True, slots=True)
class UsagePage:
    """`cost` and `per_accepted` are None where nothing has a price, `shares` where nothing was reasoned."""

    figures: Sequence[Figure]
    cost: Plot | None
    tokens: Plot
    shares: Plot | None
    per_accepted: Plot | None
    stages: Sequence[StageBar]
    lines: Lines
    budgets: Sequence[BudgetBar]
    unpriced: int
    currencies: Sequence[str]


def usage_page(report: Report, by: str, link: Callable[[str], str]) -> UsagePage:
    """Return the page; `link` gives the address that shows only one line of the costs. Plots of money are in the currency that most answers cost something in."""
    currencies = [each.currency for each in report.spreads]
    currency = currencies[0] if currencies else ""
    moments, sums = _over_time(report.period, report.by["day"])
    total = report.total
    return UsagePage(
        figures=_figures(report, currency),
        cost=_cost_plot(report, moments, sums, currency) if currency else None,
        tokens=_token_plot(moments, sums),
        shares=_share_plot(moments, sums) if total.reasoning_share is not None or total.cached_share else None,
        per_accepted=_accepted_plot(moments, sums, currency) if currency and total.accepted else None,
        stages=_stages(report),
        lines=_lines(report.by[by], by, currency, link),
        budgets=[bar_of(state) for state in report.budgets],
        unpriced=total.answers - total.priced if total.priced else 0,
        currencies=currencies,
    )


def costs(sums: Mapping[str, Decimal]) -> str:
    """Return sums in their currencies, the largest first; a dash for none."""
    ordered = sorted(sums.items(), key=lambda item: -item[1])
    return " + ".join(wording.money(amount, currency) for currency, amount in ordered) or "–"


def _figures(report: Report, currency: str) -> list[Figure]:
    total = report.total
    accepted = (
        _("%(cost)s for each that was called right") % {"cost": costs(total.cost_per_accepted)}
        if total.cost_per_accepted
        else _("called right by their askers")
    )
    spread = next((each for each in report.spreads if each.currency == currency), None)
    return [
        Figure(_("Spent"), costs(total.costs), _course(report, currency)),
        Figure(_("Answers"), wording.count(total.answers), _askers(report)),
        Figure(
            _("Cost of an answer"),
            wording.money(spread.median, currency) if spread else "–",
            _("median; one in 20 above %(cost)s") % {"cost": wording.money(spread.p95, currency)}
            if spread
            else _("no price is set"),
        ),
        Figure(_("Tokens"), wording.many(total.tokens), _token_shares(total)),
        Figure(_("Called right"), wording.count(total.accepted), accepted),
    ]


def _askers(report: Report) -> str:
    people = ngettext("by %(n)s person", "by %(n)s people", report.people) % {"n": wording.count(report.people)}
    if not report.callers:
        return people
    return ngettext("%(people)s and %(n)s token", "%(people)s and %(n)s tokens", report.callers) % {
        "people": people,
        "n": wording.count(report.callers),
    }


def _token_shares(total: Sums) -> str:
    if total.reasoning_share is None:
        return _("no model was asked")
    if total.cached_share is None:
        return _("%(share)s of what was written is reasoning") % {"share": wording.share(total.reasoning_share)}
    return _("%(share)s of the written is reasoning, %(cached)s of the read from the cache") % {
        "share": wording.share(total.reasoning_share),
        "cached": wording.share(total.cached_share),
    }


def _course(report: Report, currency: str) -> str:
    """Return of how much that is and where it leads, for the month that runs; else the period in words."""
    first, last = report.period.first, report.period.last
    if not currency or first.day != 1 or last != today() or last.month != first.month or last.year != first.year:
        return _("%(first)s to %(last)s") % {"first": date_format(first, "j M Y"), "last": date_format(last, "j M Y")}
    days = (renews("month", first) - first).days
    course = report.total.costs[currency] * days / last.day
    limit = _month_limit(report, currency)
    if limit is None:
        return _("on course for %(course)s") % {"course": wording.money(_rounded(course), currency)}
    return _("of %(limit)s; on course for %(course)s") % {
        "limit": wording.money(limit, currency),
        "course": wording.money(_rounded(course), currency),
    }


def _rounded(amount: Decimal) -> Decimal:
    return amount.quantize(Decimal(1)) if amount >= 10 else amount


def _month_limit(report: Report, currency: str) -> Decimal | None:
    """Return the organisation's budget of the month, where the report is of everything."""
    if not report.of_all or report.filters != type(report.filters)():
        return None
    return next(
        (
            state.budget.limit
            for state in report.budgets
            if (state.budget.principal, state.budget.period, state.budget.currency)
            == ("organisation", "month", currency)
        ),
        None,
    )


def _over_time(period: Period, days: Sequence[Row]) -> tuple[list[str], list[Sums]]:
    """Return moments and what was spent in each: days, or weeks or months where there are many days."""
    length = len(days)
    grouped: dict[date, Sums] = {}
    for row in days:
        first = _first_of(date.fromisoformat(row.key), length)
        grouped[first] = grouped.get(first, Sums()).plus(row.sums)
    form = "M Y" if length > _MOST_WEEKS else "j M"
    return [date_format(max(first, period.first), form) for first in grouped], list(grouped.values())


def _first_of(day: date, length: int) -> date:
    if length <= _MOST_DAYS:
        return day
    return day - timedelta(days=day.weekday()) if length <= _MOST_WEEKS else day.replace(day=1)


def _cost_plot(report: Report, moments: list[str], sums: list[Sums], currency: str) -> Plot:
    values = [float(each.costs.get(currency, 0)) for each in sums]
    limit = _month_limit(report, currency)
    even = None
    if limit is not None and len(moments) == len(report.period.days) and report.period.first.day == 1:
        days = (renews("month", report.period.first) - report.period.first).days
        text = _("even share of %(limit)s") % {"limit": wording.money(limit, currency)}
        even = Limit(float(limit) / days, text)
    label = _("Cost from %(first)s to %(last)s, at most %(most)s at a time") % {
        "first": moments[0],
        "last": moments[-1],
        "most": wording.money(max(values), currency),
    }
    return plots.stacked(
        moments,
        [Series(_("Cost"), values)],
        label=label,
        head=_("When"),
        say=lambda value: wording.money(value, currency),
        limit=even,
    )


def _token_plot(moments: list[str], sums: list[Sums]) -> Plot:
    series = [
        Series(_("prompt"), [each.prompt_tokens - each.cached_tokens for each in sums], "fill-3"),
        Series(_("prompt, from the cache"), [each.cached_tokens for each in sums], "fill-4"),
        Series(_("reasoning"), [each.reasoning_tokens for each in sums], "fill-1"),
        Series(_("answer"), [each.answer_tokens for each in sums], "fill-2"),
    ]
    label = _("Tokens from %(first)s to %(last)s, at most %(most)s at a time") % {
        "first": moments[0],
        "last": moments[-1],
        "most": wording.many(max(each.tokens for each in sums)),
    }
    return plots.stacked(
        moments,
        series,
        label=label,
        head=_("When"),
        say=lambda value: wording.count(round(value)),
        scale_say=wording.many,
        total=_("Together"),
    )


def _share_plot(moments: list[str], sums: list[Sums]) -> Plot:
    series = [
        Series(_("reasoning, of what was written"), [_percent(each.reasoning_share) for each in sums], "fill-1"),
        Series(_("from the cache, of what was read"), [_percent(each.cached_share) for each in sums], "fill-3"),
    ]
    label = _(
        "Share of reasoning in what models wrote, and of cached tokens in what they read, from %(first)s to %(last)s"
    )
    return plots.lines(
        moments,
        series,
        label=label % {"first": moments[0], "last": moments[-1]},
        head=_("When"),
        say=lambda value: wording.share(value / 100),
        top=100.0,
    )


def _percent(share: float | None) -> float | None:
    return None if share is None else 100 * share


def _accepted_plot(moments: list[str], sums: list[Sums], currency: str) -> Plot:
    found = [each.cost_per_accepted.get(currency) for each in sums]
    label = _("What was spent for each answer that was called right, from %(first)s to %(last)s")
    return plots.lines(
        moments,
        [Series(_("Cost for each"), [None if each is None else float(each) for each in found])],
        label=label % {"first": moments[0], "last": moments[-1]},
        head=_("When"),
        say=lambda value: wording.money(value, currency),
    )


def _stages(report: Report) -> list[StageBar]:
    words = {
        "queue": (_("Waiting"), "fill-4"),
        "retrieve": (_("Retrieving"), "fill-3"),
        "prefill": (_("Reading the prompt"), "fill-5"),
        "decode": (_("Reasoning and answer"), "fill-1"),
        "verify": (_("Checking"), "fill-2"),
    }
    known = [
        (each.name, each.median, each.p95)
        for each in report.stages
        if each.name in words and each.median is not None and each.p95 is not None
    ]
    most = max((p95 for _name, _median, p95 in known), default=0) or 1
    return [
        StageBar(
            *words[name],
            median=round(max(1000 * median / most, 3), 1),
            p95=round(996 * p95 / most, 1),
            said=wording.seconds(median),
            said_p95=wording.seconds(p95),
        )
        for name, median, p95 in known
    ]


def _lines(rows: Sequence[Row], by: str, currency: str, link: Callable[[str], str]) -> Lines:
    size: Callable[[Sums], float] = (
        (lambda sums: float(sums.costs.get(currency, 0))) if currency else (lambda sums: float(sums.tokens))
    )
    most = max((size(row.sums) for row in rows), default=0) or 1
    made = [_line(row, by, round(100 * size(row.sums) / most, 1), link) for row in rows[:_MOST_ROWS]]
    return Lines(made, max(len(rows) - _MOST_ROWS, 0), by in OVERLAPPING)


def _line(row: Row, by: str, width: float, link: Callable[[str], str]) -> Line:
    sums = row.sums
    million = {name: 1_000_000 * cost / sums.tokens for name, cost in sums.costs.items()} if sums.tokens else {}
    return Line(
        label=_named(row, by),
        href=link(row.key) if row.key else "",
        width=width,
        answers=wording.count(sums.answers),
        tokens=wording.many(sums.tokens),
        cost=costs(sums.costs),
        per_million=costs(million),
        reasoning=_shared(sums.reasoning_share),
        cached=_shared(sums.cached_share),
        supported=_shared(sums.supported_share),
        per_accepted=costs(sums.cost_per_accepted),
    )


def _shared(share: float | None) -> str:
    return "–" if share is None else wording.share(share)


def _named(row: Row, by: str) -> str:
    if not row.key:
        return {
            "model": _("No model: passages only"),
            "endpoint": _("No model: passages only"),
            "matter": _("No matter"),
            "token": _("In the browser"),
            "group": _("In no group"),
        }.get(by, _("Unknown"))
    return wording.effort(row.key) if by == "effort" and row.key in Effort.values else row.label
