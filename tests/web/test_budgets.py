"""Budgets and matters on screen: set, changed and removed by administrators, and by nobody else."""

from decimal import Decimal

import pytest

from apps.audit.models import Record
from apps.usage.models import Budget, Matter
from tests.factories import GroupFactory, UserFactory, token_for
from tests.usage.conftest import budget
from tests.web.conftest import SignedIn

pytestmark = pytest.mark.django_db

FORM = {
    "principal": "organisation",
    "who": "",
    "period": "month",
    "limit": "400",
    "unit": "GBP",
    "soft": "80",
    "hard": "yes",
}


@pytest.fixture
def administrator() -> SignedIn:
    return SignedIn(UserFactory(name="Marta Oyelaran", is_administrator=True))


def test_a_budget_is_set_for_everybody_together(administrator: SignedIn) -> None:
    assert administrator.post("/budgets/new/", FORM).headers["Location"] == "/budgets/"
    made = Budget.objects.get()
    assert (made.principal, made.period, made.limit, made.currency, made.hard) == (
        "organisation",
        "month",
        Decimal(400),
        "GBP",
        True,
    )
    assert Record.objects.filter(action="budget.created").exists()
    assert "£0 of £400" in administrator.get("/budgets/").content.decode()


def test_a_budget_belongs_to_a_person_a_group_or_a_token_by_name(administrator: SignedIn) -> None:
    user, group = UserFactory(email="ingrid@example.org"), GroupFactory(name="Legal")
    token_for(user, name="Credit workbench")
    token = user.tokens.get()
    for principal, who in (("user", "Ingrid@example.org"), ("group", "legal"), ("token", str(token))):
        form = FORM | {"principal": principal, "who": who, "unit": "tokens", "hard": "no"}
        assert administrator.post("/budgets/new/", form).status_code == 303
    assert set(Budget.objects.values_list("principal_id", flat=True)) == {user.pk, group.pk, token.pk}
    assert not Budget.objects.filter(hard=True).exists()


def test_a_name_that_nobody_has_comes_back_with_what_to_do(administrator: SignedIn) -> None:
    response = administrator.post("/budgets/new/", FORM | {"principal": "group", "who": "Nobody"})
    assert response.status_code == 422
    assert "Nobody and nothing of this sort is called that." in response.content.decode()


def test_a_second_budget_of_the_same_sort_is_refused(administrator: SignedIn) -> None:
    administrator.post("/budgets/new/", FORM)
    response = administrator.post("/budgets/new/", FORM)
    assert response.status_code == 422
    assert "There is such a budget already." in response.content.decode()


def test_a_budget_is_changed_and_removed(administrator: SignedIn) -> None:
    made = budget("10")
    assert 'value="10"' in administrator.get(f"/budgets/{made.pk}/").content.decode()
    administrator.post(f"/budgets/{made.pk}/", {"limit": "20", "soft": "50", "hard": "no"})
    made.refresh_from_db()
    assert (made.limit, made.soft_share, made.hard) == (Decimal(20), Decimal("0.5"), False)
    administrator.post(f"/budgets/{made.pk}/remove/")
    assert not Budget.objects.exists()


def test_matters_are_listed_closed_and_opened_again(administrator: SignedIn) -> None:
    administrator.post("/matters/", {"code": "a-2024/17", "name": "Halden"})
    matter = Matter.objects.get(code="A-2024/17")
    administrator.post(f"/matters/{matter.pk}/open/", {"open": "no"})
    assert "Closed" in administrator.get("/matters/").content.decode()
    administrator.post(f"/matters/{matter.pk}/open/", {"open": "yes"})
    assert "Closed" not in administrator.get("/matters/").content.decode()


def test_holders_of_budgets_are_suggested_to_administrators(administrator: SignedIn, visitor: SignedIn) -> None:
    token_for(UserFactory(), name="Credit workbench")
    GroupFactory(name="Credit")
    html = administrator.get("/suggest/holders/?q=cred").content.decode()
    assert "Credit workbench (…" in html
    assert 'data-value="Credit"' in html
    assert visitor.get("/suggest/holders/?q=cred").status_code == 403


@pytest.mark.parametrize("address", ["/budgets/", "/budgets/new/", "/matters/"])
def test_nobody_else_opens_them(visitor: SignedIn, address: str) -> None:
    assert visitor.get(address).status_code == 403
