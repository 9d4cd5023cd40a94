"""The usage page: one's own, everybody's for those who may, filters in the address, and states without prices or answers."""

import re
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.accounts.models import User
from apps.usage.charges import Named
from apps.usage.models import Spending
from tests.factories import GroupFactory, UserFactory, scope_of
from tests.usage.conftest import budget, charged, days_ago
from tests.web.conftest import SignedIn

pytestmark = pytest.mark.django_db


@pytest.fixture
def administrator() -> SignedIn:
    return SignedIn(UserFactory(name="Marta Oyelaran", is_administrator=True))


def opened(visitor: SignedIn, query: str = "") -> str:
    response = visitor.get(f"/usage/{query}")
    assert response.status_code == 200
    return response.content.decode()


def figure(html: str, label: str) -> str:
    found = re.search(rf'<p class="stat__l">{label}</p><p class="stat__n">(.*?)</p>', html)
    assert found is not None
    return found[1]


def test_people_see_only_what_their_own_answers_cost(visitor: SignedIn, reader: User) -> None:
    charged(scope_of(reader), "0.25")
    charged(scope_of(UserFactory(name="Per Lindqvist")), "9.00")
    html = opened(visitor)
    assert figure(html, "Spent") == "€0.25"
    assert figure(html, "Answers") == "1"
    assert "Per Lindqvist" not in html
    assert "by=user" not in html
    assert 'href="/budgets/"' not in html


def test_administrators_and_auditors_see_what_everybody_spent(administrator: SignedIn, reader: User) -> None:
    charged(scope_of(reader), "0.25")
    charged(scope_of(UserFactory(name="Per Lindqvist")), "9.00")
    for one in (administrator, SignedIn(UserFactory(is_auditor=True))):
        html = opened(one, "?by=user")
        assert figure(html, "Spent") == "€9.25"
        assert "Per Lindqvist" in html


def test_a_line_leads_to_a_page_of_only_that_and_back(administrator: SignedIn, reader: User) -> None:
    group = GroupFactory(name="Credit")
    charged(scope_of(reader), "0.25", groups=(Named(str(group.pk), "Credit"),))
    charged(scope_of(reader), "4.00")
    html = opened(administrator, "?by=group")
    link = re.search(r'<a class="main" href="([^"]+)">Credit</a>', html)
    assert link is not None
    narrowed = administrator.get(link[1].replace("&amp;", "&")).content.decode()
    assert figure(narrowed, "Spent") == "€0.25"
    assert 'aria-label="Show more than Credit"' in narrowed


def test_every_plot_is_also_a_table(visitor: SignedIn, reader: User) -> None:
    charged(scope_of(reader), "0.25")
    html = opened(visitor)
    assert html.count('<div class="plotted" role="img"') == html.count("As a table") >= 3
    assert 'aria-label="Table of costs over time"' in html
    assert re.search(r'<td class="num tnum">€0\.25</td>', html)


def test_without_a_price_tokens_are_shown_and_it_is_said_who_sets_prices(
    visitor: SignedIn, administrator: SignedIn, reader: User
) -> None:
    charged(scope_of(reader), None)
    html = opened(visitor)
    assert "No price is set, so nothing has a cost." in html
    assert "Administrators set prices." in html
    assert figure(html, "Spent") == "–"
    assert figure(html, "Tokens") == "1,400"
    assert 'href="/models/"' in opened(administrator)


def test_a_period_without_answers_says_so_and_leads_back(visitor: SignedIn, reader: User) -> None:
    assert "No answers in this period" in opened(visitor)
    charged(scope_of(reader), "0.25")
    assert "Nothing matches" in opened(visitor, "?effort=deep")


def test_the_period_is_in_the_address(visitor: SignedIn, reader: User) -> None:
    charged(scope_of(reader), "0.25", at=days_ago(20))
    charged(scope_of(reader), "0.50", at=days_ago(200))
    assert figure(opened(visitor, "?period=30_days"), "Spent") == "€0.25"
    assert figure(opened(visitor, "?period=year"), "Spent") == "€0.75"
    day = days_ago(200).date().isoformat()
    assert figure(opened(visitor, f"?period=own&from={day}&to={day}"), "Spent") == "€0.50"


@pytest.mark.parametrize("query", ["?period=never", "?from=yesterday", "?by=colour", "?period=own&from=2026-13-40"])
def test_an_address_that_makes_no_sense_still_opens(visitor: SignedIn, query: str) -> None:
    assert "Usage and cost" in opened(visitor, query)


def test_the_same_figures_can_be_had_as_csv(visitor: SignedIn, reader: User) -> None:
    charged(scope_of(reader), "0.25")
    link = re.search(r'href="(/api/v1/usage[^"]+)"', opened(visitor, "?by=effort&period=30_days"))
    assert link is not None
    response = visitor.get(link[1].replace("&amp;", "&"))
    text = response.getvalue().decode()
    assert response.headers["Content-Type"].startswith("text/csv")
    assert "standard" in text
    assert "0.25" in text


def test_budgets_are_bars_that_warn_and_say_when_they_renew(visitor: SignedIn, reader: User) -> None:
    limit = budget("10", principal="user", principal_id=reader.pk)
    Spending.objects.filter(budget=limit).update(spent=Decimal("8.2"), reserved=Decimal("0.5"))
    html = opened(visitor)
    assert "€8.20 of €10" in html
    assert "82 % spent, 5 % set aside for answers being written; it warns at 80 %" in html
    assert "€1.30 left until it renews on" in html
    Spending.objects.filter(budget=limit).update(spent=Decimal(10), reserved=Decimal(0))
    assert "Spent. Questions are refused until it renews on" in opened(visitor)


def test_the_page_takes_as_many_queries_for_many_charges_as_for_few(administrator: SignedIn, reader: User) -> None:
    charged(scope_of(reader), "0.25")
    opened(administrator)
    with CaptureQueriesContext(connection) as few:
        opened(administrator)
    for _ in range(12):
        charged(scope_of(UserFactory()), "0.25", matter="A-1")
    with CaptureQueriesContext(connection) as many:
        opened(administrator)
    assert len(many) == len(few) <= 24
