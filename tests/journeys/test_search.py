"""Searching as one types, going back, narrowing, opening; turning pages by keys; narrowing a document to a few."""

import re
from urllib.parse import quote

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.accessibility import findings
from tests.journeys.stack import EMAIL, Stack

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]


@pytest.fixture(scope="module")
def samples(stack: Stack) -> dict[str, str]:
    """Return the ids of the samples by file name, read; and of their collection."""
    stack.manage("load_samples", "--owner", EMAIL, "--once")
    collection = next(
        c["id"] for c in stack.api("GET", "/collections").json()["items"] if c["name"].startswith("Samples")
    )
    documents = stack.api("GET", f"/documents?collection={collection}").json()["items"]
    for document in documents:
        stack.wait_for(f"/documents/{document['id']}", values=("ready",), seconds=120)
    return {"collection": collection} | {document["filename"]: document["id"] for document in documents}


def searched(page: Page, words: str) -> None:
    page.goto(f"/search/?q={quote(words)}")
    expect(page.locator(".hit").first).to_be_visible()


def test_results_come_while_typing_and_the_address_keeps_in_step(page: Page, samples: dict[str, str]) -> None:
    page.goto("/search/")
    page.keyboard.type("lease liabilities", delay=30)
    expect(page.locator(".hit mark").first).to_be_visible()
    expect(page).to_have_url(re.compile(r"\?q=lease\+liabilities$"))
    page.reload()
    expect(page.locator("#q")).to_have_value("lease liabilities")


def test_back_returns_to_the_search_before(page: Page, samples: dict[str, str]) -> None:
    searched(page, "net debt")
    page.locator("#q").fill("dividends")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("q=dividends"))
    page.go_back()
    expect(page.locator("#q")).to_have_value("net debt")
    expect(page.locator(".hit").first).to_contain_text(re.compile("net debt", re.IGNORECASE))


def test_keys_move_through_the_results_and_open_one_lit(page: Page, samples: dict[str, str]) -> None:
    searched(page, "leverage covenant")
    page.keyboard.press("j")
    expect(page.locator(".hit__open").first).to_be_focused()
    page.keyboard.press("j")
    page.keyboard.press("k")
    expect(page.locator(".hit__open").first).to_be_focused()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/documents/.+passage="))
    expect(page.locator(".mark.is-active, .sheet mark, .is-lit").first).to_be_visible()


def test_a_slash_comes_to_the_search_and_a_question_mark_shows_the_keys(page: Page, samples: dict[str, str]) -> None:
    page.goto("/library/")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    assert findings(page) == []
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    expect(page.locator("#q")).to_be_focused()


def test_limits_are_set_in_a_menu_and_taken_away_as_chips(page: Page, samples: dict[str, str]) -> None:
    searched(page, "Reisekosten")
    page.get_by_role("button", name="Narrow").click()
    page.get_by_label("PDF").check()
    expect(page.locator("#chips")).to_contain_text("PDF")
    expect(page).to_have_url(re.compile("kind=pdf"))
    page.keyboard.press("Escape")
    page.locator("#chips a").click()
    expect(page).not_to_have_url(re.compile("kind=pdf"))
    expect(page.get_by_label("PDF")).not_to_be_checked()


def test_why_a_passage_stands_there_is_told(page: Page, samples: dict[str, str]) -> None:
    searched(page, "net debt")
    page.get_by_text("Why this rank").first.click()
    expect(page.locator(".rank__stages").first).to_contain_text("Meaning")
    assert findings(page) == []


@pytest.mark.parametrize("address", ["/search/", "/search/?q=zzzz&kind=slides", "/search/?q=net+debt&language=en"])
def test_the_search_page_is_accessible(page: Page, samples: dict[str, str], address: str) -> None:
    page.goto(address)
    assert findings(page) == []


def test_arrow_keys_turn_the_pages(page: Page, samples: dict[str, str]) -> None:
    page.goto(f"/documents/{samples['annual-report-2024.pdf']}/?page=3")
    for key, shown in (("ArrowRight", "Page 4"), ("ArrowRight", "Page 5"), ("ArrowLeft", "Page 4")):
        page.keyboard.press(key)
        expect(page.get_by_role("heading", name=shown, exact=True)).to_be_visible()
        page.wait_for_load_state()  # the keys act once the page's script runs


def test_a_document_is_narrowed_to_a_few(page: Page, stack: Stack, samples: dict[str, str]) -> None:
    person = stack.api("POST", "/users", json={"email": "marta@example.org", "name": "Marta Oyelaran"}).json()
    group = stack.api("POST", "/groups", json={"name": "Credit", "members": [person["id"]]}).json()
    page.goto(f"/collections/{samples['collection']}/access/")
    field = page.get_by_role("combobox", name="Person or group")
    field.press_sequentially("cre")
    expect(page.get_by_role("option", name="Credit")).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(field).to_have_value("Credit")
    assert findings(page) == []
    page.get_by_role("button", name="Grant", exact=True).click()

    page.goto(f"/documents/{samples['reisekostenrichtlinie-2024.html']}/")
    page.locator(".panel a[href$='/access/']").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Only some of them, and its managers").check()
    assert findings(page) == []
    dialog.get_by_role("combobox").press_sequentially("marta")
    page.get_by_role("option", name="Marta Oyelaran").click()
    dialog.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Narrowed", exact=True)).to_be_visible()
    assert stack.api("GET", f"/documents/{samples['reisekostenrichtlinie-2024.html']}/access").json()["narrowed"]

    page.goto(f"/people/{person['id']}/")
    page.get_by_text("1 narrowed document").click()
    assert findings(page) == []
    for address in (f"/groups/{group['id']}/", "/people/", "/groups/"):
        page.goto(address)
        assert findings(page) == []
    stack.api("DELETE", f"/documents/{samples['reisekostenrichtlinie-2024.html']}/access")
