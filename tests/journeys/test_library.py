"""From nothing to a document that can be searched: make a collection, upload, watch it being read, open a page."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.stack import Stack

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]
SAMPLES = Path("samples/files")


def test_a_report_is_uploaded_read_and_opened(page: Page, stack: Stack) -> None:
    page.goto("/library/")
    page.get_by_role("link", name="New collection").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Create").click()
    dialog.get_by_label("Name").fill("Ferries")
    dialog.get_by_role("button", name="Create").click()
    expect(page.get_by_role("heading", level=1, name="Ferries")).to_be_visible()
    expect(page.get_by_role("heading", name="No documents yet")).to_be_visible()

    page.get_by_label("Drop documents or folders here").set_input_files(
        [SAMPLES / "annual-report-2024.pdf", SAMPLES / "reisekostenrichtlinie-2024.html"]
    )
    rows = page.locator("#rows tr")
    expect(rows).to_have_count(2, timeout=20_000)
    # The rows refresh themselves: nothing is reloaded here.
    expect(rows.filter(has_text="Ready")).to_have_count(2, timeout=90_000)
    expect(page.locator("#watch")).not_to_have_attribute("hx-get", re.compile(".*"))

    page.locator("#rows").get_by_role("link", name=re.compile("annual.report", re.IGNORECASE)).click()
    page.get_by_label("Page", exact=True).fill("3")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Page 3")).to_be_visible()
    picture = page.locator(".pagepic image")
    drawn = page.evaluate(
        "address => fetch(address).then(r => r.headers.get('content-type'))", picture.get_attribute("href")
    )
    assert drawn == "image/png"
    box = page.locator(".blk rect").first
    expect(box).to_have_css("stroke", "none")
    page.get_by_label("Blocks").check()
    expect(box).not_to_have_css("stroke", "none")
    page.get_by_role("link", name="Next page").click()
    expect(page.get_by_role("heading", name="Page 4")).to_be_visible()


def test_what_cannot_be_read_says_why_at_once(page: Page, stack: Stack, tmp_path: Path) -> None:
    collection = stack.api("POST", "/collections", json={"name": "Odd files"}).json()
    page.goto(f"/collections/{collection['id']}/")
    (tmp_path / "program.bin").write_bytes(b"\x7fELF" + bytes(500))
    (tmp_path / "broken.pdf").write_bytes(b"%PDF-1.7\n" + b"nothing of a PDF follows " * 20)
    add = page.get_by_label("Drop documents or folders here")
    add.set_input_files([tmp_path / "program.bin"])
    refused = page.locator(".upload__list li").first
    expect(refused).to_contain_text("cannot be read")
    expect(refused.get_by_role("button", name="Send again")).to_be_hidden()
    add.set_input_files([tmp_path / "broken.pdf"])
    # Sent, and then read without success: the list says so by itself.
    expect(page.locator(".upload__list li").nth(1)).to_contain_text("Failed", timeout=60_000)
    expect(page.locator("[data-total]")).to_contain_text("1 of 2 files sent")
    page.reload()
    expect(page.locator("#rows .docs__fail")).to_contain_text("Failed", timeout=60_000)


def test_a_document_is_renamed_and_deleted_in_dialogs(page: Page, stack: Stack) -> None:
    collection = stack.api("POST", "/collections", json={"name": "Notes"}).json()
    stack.api(
        "POST", "/documents", data={"collection": collection["id"]}, files={"file": ("note.txt", b"A first note.")}
    )
    page.goto(f"/collections/{collection['id']}/")
    expect(page.locator("#rows")).to_contain_text("Ready", timeout=60_000)
    page.get_by_role("button", name="More for note").click()
    page.get_by_role("link", name="Title and date").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("Title")).to_be_focused()
    dialog.get_by_label("Title").fill("Minutes")
    dialog.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", level=1, name="Minutes")).to_be_visible()
    page.get_by_role("button", name="More actions").click()
    page.get_by_role("link", name="Delete").click()
    expect(dialog.get_by_role("button", name="Delete document")).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    page.get_by_role("button", name="More actions").click()
    page.get_by_role("link", name="Delete").click()
    dialog.get_by_role("button", name="Delete document").click()
    expect(page.locator("#toasts")).to_contain_text("“Minutes” was deleted.", timeout=15_000)


def test_the_theme_is_kept_and_does_not_flash(page: Page) -> None:
    page.goto("/account/")
    page.get_by_role("radio", name="Dark").check()
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    page.goto("/library/")
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    page.goto("/account/")
    page.get_by_role("radio", name="System").check()
    assert page.evaluate("document.documentElement.dataset.theme") is None
