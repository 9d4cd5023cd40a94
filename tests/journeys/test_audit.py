"""What an auditor does: look through the records, open one, follow it to the page, verify the chain."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.accessibility import findings
from tests.journeys.stack import EMAIL, Stack

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

QUESTION = "How much revenue did Skerrivane have in 2024?"


@pytest.fixture(scope="module")
def sequence(stack: Stack) -> int:
    """Return the number of the record of a finished answer."""
    stack.manage("load_samples", "--owner", EMAIL, "--once")
    for document in stack.api("GET", "/documents").json()["items"]:
        stack.wait_for(f"/documents/{document['id']}", values=("ready", "failed", "cancelled"), seconds=120)
    made = stack.api("POST", "/answers", json={"question": QUESTION}).json()
    done = stack.wait_for(f"/answers/{made['id']}", values=("done",))
    number: int = done["record"]["sequence"]
    return number


def test_an_auditor_finds_reads_and_verifies_the_record_of_an_answer(page: Page, sequence: int) -> None:
    page.goto("/")
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Audit").click()
    page.get_by_label("Action").select_option(label="Was answered")
    page.get_by_role("button", name="Filter").click()
    expect(page).to_have_url(re.compile("action=answer.finished"))
    row = page.locator(".audit tbody tr").filter(has_text=QUESTION[:40]).first
    row.get_by_role("link").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Record {sequence:,}")
    expect(page.locator(".rec__sum")).to_contain_text("asked one question")
    expect(page.get_by_role("heading", name="The seal holds")).to_be_visible()
    expect(page.locator(".prompt .ev").first).to_contain_text("[passage 1 begin]")
    expect(page.locator(".since")).to_contain_text("This reading")

    page.get_by_role("link", name=re.compile("^See")).first.click()
    expect(page.locator(".mark.is-active, .is-lit").first).to_be_attached()

    page.goto("/audit/")
    page.get_by_role("button", name="Verify the chain").click()
    expect(page.get_by_role("heading", name="The chain is whole")).to_be_visible()


@pytest.mark.parametrize("name", ["list", "nothing found", "answer", "other"])
def test_a_page_is_accessible(page: Page, sequence: int, name: str) -> None:
    addresses = {
        "list": "/audit/",
        "nothing found": "/audit/?actor=zzzz",
        "answer": f"/audit/records/{sequence}/",
        "other": "/audit/records/2/",
    }
    page.goto(addresses[name])
    assert findings(page) == []
