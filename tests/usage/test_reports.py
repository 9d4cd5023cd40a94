"""What was spent on what: sums, shares, and rollups that say the same as the charges."""

import uuid
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from apps.accounts.scope import Scope
from apps.usage.charges import Named, note_opinion
from apps.usage.models import RolledPeriod
from apps.usage.periods import Period, today
from apps.usage.reports import DIMENSIONS, Filters, Report, breakdown, report
from apps.usage.rolling import roll_up
from tests.factories import UserFactory, scope_of
from tests.usage.conftest import administrator, charged, days_ago

pytestmark = pytest.mark.django_db

LEGAL, BOARD = Named(str(uuid.uuid4()), "Legal"), Named(str(uuid.uuid4()), "Board")


@pytest.fixture
def everything() -> Scope:
    return administrator()


@pytest.fixture
def asker() -> Scope:
    return scope_of(UserFactory(name="Ingrid Falk"))


def last(days: int) -> Period:
    return Period(today() - timedelta(days=days), today())


def test_a_report_adds_up_what_answers_took(everything: Scope, asker: Scope) -> None:
    charged(asker, "0.02", groups=(LEGAL, BOARD), effort="deep", claims={"supported": 3, "partly": 1, "unchecked": 4})
    charged(asker, "0.04", groups=(LEGAL,), status="failed")
    charged(everything, "1", currency="USD")
    charged(everything, None, model="", endpoint=None, usage={})
    found = report(everything, last(3))
    total = found.total
    assert (total.answers, total.failed, total.priced, total.tokens) == (4, 1, 3, 4200)
    assert total.costs == {"EUR": Decimal("0.06"), "USD": Decimal(1)}
    assert (total.reasoning_share, total.cached_share, total.supported_share) == (0.75, 0.4, 0.75)
    assert {row.label: row.sums.answers for row in found.by["group"]} == {"Legal": 2, "Board": 1}
    assert {row.key: row.sums.answers for row in found.by["effort"]} == {"standard": 3, "deep": 1}
    assert {row.key: row.sums.answers for row in found.by["model"]} == {"r1": 3, "": 1}
    assert (found.people, found.callers) == (2, 0)
    assert [row.key for row in found.by["day"]] == [day.isoformat() for day in last(3).days]
    assert [row.sums.answers for row in found.by["day"]] == [0, 0, 0, 4]
    stages = {stage.name: (stage.median, stage.p95) for stage in found.stages}
    assert stages["total"] == (12.0, 12.0)
    assert stages["prefill"] == (None, None)
    assert next((spread.currency, spread.median) for spread in found.spreads) == ("EUR", Decimal("0.02"))


def test_what_was_spent_by_others_is_not_in_a_report(asker: Scope) -> None:
    charged(scope_of(UserFactory()), 5)
    charged(asker, "0.01")
    found = report(asker, last(1))
    assert found.total.costs == {"EUR": Decimal("0.01")}
    assert [row.label for row in found.by["user"]] == ["Ingrid Falk"]
    assert not found.of_all


def test_an_accepted_answer_costs_what_all_the_others_cost_too(everything: Scope, asker: Scope) -> None:
    first = charged(asker, "0.30")
    charged(asker, "0.10")
    assert report(everything, last(1)).total.cost_per_accepted == {}
    with transaction.atomic():
        note_opinion(first.answer, accepted=True)
    assert report(everything, last(1)).total.cost_per_accepted == {"EUR": Decimal("0.40")}


@pytest.mark.parametrize("name", [field for field in DIMENSIONS if field != "day"])
def test_every_row_can_be_looked_at_alone(name: str, everything: Scope, asker: Scope) -> None:
    fields = {"groups": (LEGAL,), "collections": (BOARD,), "matter": "A-1"}
    charged(asker, "0.02", **fields)
    charged(everything, "0.05", effort="quick", model="v3", endpoint=Named("other", "Another"))
    keys = [row.key for row in breakdown(everything, last(1), name)[0] if row.key]
    for key in keys:
        rows, total = breakdown(everything, last(1), name, Filters(**{name: key}))
        assert [row.sums for row in rows if row.key == key] == [total]


def test_rollups_say_what_the_charges_say(everything: Scope, asker: Scope) -> None:
    for days in (0, 1, 2, 40, 41, 75, 100):
        charged(asker, "0.02", at=days_ago(days), groups=(LEGAL, BOARD), matter="A-1")
        charged(everything, "0.5", at=days_ago(days), currency="USD", effort="quick")
        charged(everything, None, at=days_ago(days), model="")
    periods = [last(120), last(90), last(1), Period(today() - timedelta(days=80), today() - timedelta(days=30))]
    before = [report(everything, period) for period in periods]
    assert roll_up() > 100
    assert RolledPeriod.objects.filter(every="month").exists()
    assert roll_up() == 0
    for period, live in zip(periods, before, strict=True):
        assert _comparable(report(everything, period)) == _comparable(live)


def test_what_comes_late_is_in_the_report_all_the_same(everything: Scope, asker: Scope) -> None:
    late = charged(asker, "0.02", at=days_ago(50))
    roll_up()
    charged(asker, "0.03", at=days_ago(50))
    with transaction.atomic():
        note_opinion(late.answer, accepted=True)
    assert report(everything, last(90)).total.costs == {"EUR": Decimal("0.05")}
    assert report(everything, last(90)).total.accepted == 1
    assert roll_up() >= 1
    assert report(everything, last(90)).total.costs == {"EUR": Decimal("0.05")}


def test_a_report_asks_the_database_as_often_for_much_as_for_little(everything: Scope, asker: Scope) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            report(everything, last(90))
        return len(asked)

    charged(asker, "0.02")
    few = queries()
    for days in range(20):
        charged(scope_of(UserFactory()), "0.02", at=days_ago(days), groups=(LEGAL,), collections=(BOARD,))
    assert queries() == few <= 12


def _comparable(found: Report) -> tuple[object, ...]:
    by = {name: {row.key: (row.label, row.sums) for row in rows} for name, rows in found.by.items()}
    return found.total, by, found.people, found.callers
