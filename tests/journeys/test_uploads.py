"""Adding many files and large ones: a folder goes with its folders, and an upload whose line breaks goes on where it was."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, Request, Route, expect

from tests.journeys.accessibility import findings
from tests.journeys.stack import Stack

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

PIECE = 8 * 1024 * 1024


@pytest.fixture
def collection(stack: Stack, request: pytest.FixtureRequest) -> str:
    """Return the id of a collection of this test's own."""
    return str(stack.api("POST", "/collections", json={"name": request.node.name[:100]}).json()["id"])


@pytest.fixture
def leaving(page: Page) -> Page:
    """Return the page, which may be left while files are on their way."""
    page.on("dialog", lambda dialog: dialog.accept())
    return page


def test_a_folder_is_added_with_its_folders_and_read(page: Page, stack: Stack, collection: str, tmp_path: Path) -> None:
    inside = tmp_path / "Credit" / "Letters"
    inside.mkdir(parents=True)
    for number in range(12):
        (inside / f"letter {number}.txt").write_text(f"Letter {number}: the margin is 1.{number:02} per cent.")
    (inside / ".DS_Store").write_text("litter")
    page.goto(f"/collections/{collection}/")
    page.get_by_label("Choose a folder").set_input_files(tmp_path / "Credit")
    expect(page.locator(".upload__list li")).to_have_count(12)
    expect(page.locator("[data-total]")).to_contain_text("12 of 12 files sent", timeout=30_000)
    # The page shows its table, which it did not have before, and keeps the list.
    expect(page.locator("#rows tr").filter(has_text="Ready")).to_have_count(12, timeout=90_000)
    expect(page.locator("#rows").get_by_text("Credit/Letters").first).to_be_visible()
    expect(page.locator("[data-total]")).to_contain_text("12 read, 0 failed")
    assert findings(page) == []
    page.reload()
    page.get_by_label("Folder", exact=True).select_option("Credit/Letters")
    expect(page).to_have_url(re.compile("folder=Credit%2FLetters"))
    expect(page.locator("#rows tr")).to_have_count(12)


def test_a_large_file_goes_on_where_its_line_broke(
    leaving: Page, stack: Stack, collection: str, tmp_path: Path
) -> None:
    large = tmp_path / "ledger.txt"
    large.write_bytes(b"The margin is 1.40 per cent.\n" * 700_000)
    sent: list[int] = []
    broken = True

    def piece(route: Route, request: Request) -> None:
        offset = int(request.headers.get("upload-offset", "0"))
        if request.method == "PATCH" and broken and offset:
            route.abort()
            return
        if request.method == "PATCH":
            sent.append(offset)
        route.continue_()

    page = leaving
    page.route("**/api/v1/uploads/*", piece)
    page.goto(f"/collections/{collection}/")
    choose = page.get_by_label("Drop documents or folders here")
    choose.set_input_files(large)
    row = page.locator(".upload__list li")
    expect(row).to_contain_text("No connection; goes on by itself", timeout=20_000)
    page.reload()
    expect(page.locator("[data-broken]")).to_contain_text("ledger.txt")
    assert findings(page) == []
    broken = False
    choose.set_input_files(large)
    expect(page.locator("[data-total]")).to_contain_text("1 of 1 files sent", timeout=30_000)
    expect(page.locator("[data-broken]")).to_have_count(0)
    assert sent == [0, PIECE, 2 * PIECE]
    (document,) = stack.api("GET", f"/documents?collection={collection}").json()["items"]
    assert document["bytes"] == large.stat().st_size
    stack.api("POST", f"/documents/{document['id']}/cancel")


def test_a_lost_line_is_tried_again_by_itself(page: Page, stack: Stack, collection: str, tmp_path: Path) -> None:
    large = tmp_path / "ledger.txt"
    large.write_bytes(b"The cap is 3.75 times.\n" * 500_000)
    failures = iter([True, True, False])

    def once(route: Route, request: Request) -> None:
        lost = request.method == "PATCH" and int(request.headers["upload-offset"]) > 0 and next(failures, False)
        if lost:
            route.abort()
        else:
            route.continue_()

    page.route("**/api/v1/uploads/*", once)
    page.goto(f"/collections/{collection}/")
    page.get_by_label("Drop documents or folders here").set_input_files(large)
    expect(page.locator("[data-total]")).to_contain_text("1 of 1 files sent", timeout=30_000)


def test_what_is_on_its_way_can_be_cancelled(page: Page, stack: Stack, collection: str, tmp_path: Path) -> None:
    large = tmp_path / "ledger.txt"
    large.write_bytes(b"The cap is 3.75 times.\n" * 500_000)
    page.route(
        "**/api/v1/uploads/*", lambda route: route.abort() if route.request.method == "PATCH" else route.continue_()
    )
    page.goto(f"/collections/{collection}/")
    page.get_by_label("Drop documents or folders here").set_input_files(large)
    expect(page.locator(".upload__list li")).to_contain_text("No connection", timeout=20_000)
    assert findings(page) == []
    page.get_by_role("button", name="Cancel all").click()
    expect(page.locator(".upload__list li")).to_contain_text("Cancelled")
    page.reload()
    expect(page.locator("[data-broken]")).to_have_count(0)
    assert stack.api("GET", f"/documents?collection={collection}").json()["items"] == []


def test_five_hundred_files_do_not_stop_the_page(leaving: Page, collection: str, tmp_path: Path) -> None:
    folder = tmp_path / "Archive"
    folder.mkdir()
    for number in range(500):
        (folder / f"note {number:03}.txt").write_text(f"Note {number}.")
    page = leaving
    page.route("**/upload/", lambda route: route.abort())
    page.goto(f"/collections/{collection}/")
    page.get_by_label("Choose a folder").set_input_files(folder)
    expect(page.locator("[data-total]")).to_contain_text("500 failed", timeout=20_000)
    longest = page.evaluate(
        "performance.getEntriesByType('longtask').reduce((most, task) => Math.max(most, task.duration), 0)"
    )
    assert longest < 500
    expect(page.get_by_role("button", name="Send failed ones again")).to_be_visible()
