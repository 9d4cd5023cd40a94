"""What an administrator does about models and money: adds one, tests it, sets a budget, asks, and reads what it cost. Every page
of usage, models, budgets and evaluation is judged by axe."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from inference.stub import StubServer
from tests.journeys.accessibility import findings
from tests.journeys.stack import EMAIL, Stack

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

QUESTION = "What was net debt at the end of 2024?"


@pytest.fixture
def second_model() -> Iterator[StubServer]:
    with StubServer(models=["second-reasoner"]) as server:
        yield server


def test_a_model_is_added_tested_put_first_and_removed(page: Page, second_model: StubServer) -> None:
    page.goto("/usage/")
    page.get_by_role("link", name="Models", exact=True).click()
    page.get_by_role("link", name="Add a model").click()
    page.get_by_role("link", name="vLLM of your own").click()
    page.get_by_label("Name").fill("Second server")
    page.get_by_label("Address").fill(second_model.url)
    expect(page.get_by_label("One GPU for an hour")).to_be_hidden()
    page.get_by_label("So much for an hour of own hardware").check()
    page.get_by_label("One GPU for an hour").fill("2.10")
    page.get_by_label("Currency").select_option("GBP")
    page.get_by_role("button", name="Add", exact=True).click()
    card = page.get_by_role("listitem", name="Second server")
    expect(card).to_contain_text("Own hardware, 1 GPU: £2.10 an hour")

    card.get_by_role("button", name="Test connection").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Test of Second server")
    expect(page.locator(".findings li").nth(4)).to_be_visible()
    expect(page.locator(".findings")).to_contain_text("The model answers.")
    assert findings(page) == []

    page.set_viewport_size({"width": 1440, "height": 900})
    page.get_by_role("link", name="Back to the models").click()
    card.get_by_role("button", name="Turn off").click()
    expect(card).to_contain_text("Turned off")
    card.get_by_role("link", name="Remove").click()
    page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    expect(page.get_by_role("listitem", name="Second server")).to_have_count(0)


def test_a_budget_is_set_and_stops_who_has_spent_it(page: Page, samples: str) -> None:
    page.goto("/budgets/")
    page.get_by_role("link", name="New budget").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Whose").select_option("user")
    dialog.get_by_role("combobox", name="Which person").fill(EMAIL)
    dialog.get_by_label("At most").fill("10")
    dialog.get_by_label("Counted in").select_option("tokens")
    dialog.get_by_role("button", name="Set").click()
    expect(page.locator(".budgets")).to_contain_text("of 10 tokens")

    page.goto("/")
    page.get_by_label("Your question").fill(QUESTION)
    page.get_by_role("button", name=re.compile("^Ask")).click()
    expect(page.get_by_role("alert")).to_contain_text("a budget has no room for it")
    expect(page.get_by_label("Your question")).to_have_value(QUESTION)
    assert findings(page) == []

    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto("/budgets/")
    page.locator(".budgets").get_by_role("link", name="Remove").click()
    page.get_by_role("dialog").get_by_role("button", name="Remove budget").click()
    expect(page.get_by_role("heading", name="No budgets yet")).to_be_visible()


def test_the_effort_is_proposed_while_one_types_and_the_answer_says_what_it_took(page: Page, samples: str) -> None:
    page.goto("/")
    page.get_by_label("Your question").fill("By how much did net debt fall from 2023 to 2024?")
    expect(page.locator("#expected")).to_contain_text("fits.")
    page.locator("[name=effort][value=quick]").check(force=True)
    expect(page.locator("#expected")).not_to_contain_text("fits.")
    page.get_by_role("button", name=re.compile("^Ask")).click()
    page.locator("summary", has_text="Cost").click()
    expect(page.locator(".counts")).to_contain_text("Prompt")
    expect(page.get_by_role("button", name=re.compile("Ask again with Deep effort, about"))).to_be_visible()


ADDRESSES = {
    "usage": "/usage/",
    "usage by effort": "/usage/?by=effort&period=own&from=2024-01-01&effort=quick",
    "usage of everybody": "/usage/?by=user&period=year",
    "budgets": "/budgets/",
    "a new budget": "/budgets/new/",
    "matters": "/matters/",
    "models": "/models/",
    "choosing": "/models/new/",
    "Azure": "/models/new/azure/",
    "hardware": "/models/new/vllm/",
}


@pytest.mark.parametrize("name", ADDRESSES)
def test_a_page_is_accessible(page: Page, answered: str, name: str) -> None:
    page.goto(ADDRESSES[name])
    for table in page.locator(".asdata > summary").all():
        table.click()
    assert findings(page) == []


def test_the_pages_of_evaluation_are_accessible(page: Page, stack: Stack, samples: str) -> None:
    title = stack.api("GET", f"/documents?collection={samples}").json()["items"][0]["title"]
    page.goto(f"/collections/{samples}/evaluation/")
    page.get_by_label("Name").fill("Sample questions")
    page.get_by_role("button", name="Make").click()
    found = [*findings(page)]
    page.set_viewport_size({"width": 1440, "height": 900})
    address = page.url
    page.goto(f"{address}new/")
    page.get_by_label("Question").fill(QUESTION)
    found += findings(page)
    page.set_viewport_size({"width": 1440, "height": 900})
    page.get_by_role("combobox", name="Document that answers it").fill(title)
    page.get_by_role("button", name="Keep").click()
    page.goto(f"{address}measure/")
    found += findings(page)
    page.set_viewport_size({"width": 1440, "height": 900})
    page.get_by_role("button", name="Measure").click()
    expect(page.get_by_role("heading", name=re.compile("What was found"))).to_be_visible(timeout=60_000)
    found += findings(page)
    page.goto(f"/collections/{samples}/evaluation/")
    found += findings(page)
    assert found == []
