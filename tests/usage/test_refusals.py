"""What a person sees whose question is refused."""

import pytest
from django.test import RequestFactory

from apps.usage.budgets import BudgetExceeded
from apps.web.views.errors import error_page


@pytest.mark.django_db
def test_a_refusal_is_a_page_that_says_it_is_about_a_budget_and_when_to_come_back() -> None:
    refused = BudgetExceeded("The budget of the day of Legal, 5.00 EUR, has 0.10 EUR left.", retry_after=90)
    response = error_page(RequestFactory().get("/", headers={"HX-Request": "true"}), refused)
    shown = response.content.decode()
    assert (response.status_code, response["Retry-After"]) == (429, "90")
    assert "There is not enough left of a budget" in shown
    assert "has 0.10 EUR left" in shown
