"""Every page of the library and the account, judged by axe in both schemes and at both widths."""

import io

import pytest
import xlsxwriter
from playwright.sync_api import Browser, Page

from tests.journeys.accessibility import findings
from tests.journeys.conftest import SCREENS
from tests.journeys.stack import EMAIL, Stack, second_web

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]


@pytest.fixture(scope="module")
def shelf(stack: Stack) -> dict[str, str]:
    """Return addresses of pages that have something on them: the samples, loaded and read."""
    stack.manage("load_samples", "--owner", EMAIL, "--once")
    collections = stack.api("GET", "/collections").json()["items"]
    samples = next(c["id"] for c in collections if c["name"].startswith("Samples"))
    documents = stack.api("GET", f"/documents?collection={samples}").json()["items"]
    for document in documents:
        stack.wait_for(f"/documents/{document['id']}", values=("ready",), seconds=120)
    by_name = {document["filename"]: document["id"] for document in documents}
    sheet, letter = (
        _added(stack, samples, name, data) for name, data in (("costs.xlsx", _workbook()), ("letter.eml", _LETTER))
    )
    return {
        "library": "/library/",
        "new": "/collections/new/",
        "collection": f"/collections/{samples}/",
        "nothing found": f"/collections/{samples}/?q=zzzz",
        "access": f"/collections/{samples}/access/",
        "settings": f"/collections/{samples}/settings/",
        "delete": f"/collections/{samples}/delete/",
        "page": f"/documents/{by_name['annual-report-2024.pdf']}/?page=3",
        "text": f"/documents/{by_name['reisekostenrichtlinie-2024.html']}/",
        "sheet": f"/documents/{sheet}/?page=1&cell=C3",
        "letter": f"/documents/{letter}/",
        "versions": f"/documents/{letter}/version/",
        "account": "/account/",
        "status": "/status/",
        "second factor": "/accounts/2fa/",
        "password": "/accounts/password/change/",
        "sign out": "/accounts/logout/",
    }


_LETTER = b"From: per@example.org\nTo: ingrid@example.org\nSubject: Covenants\nDate: Thu, 03 Jul 2025 08:12:00 +0000\n\nThe test passed.\n"


def _workbook() -> bytes:
    """Return a workbook whose one sheet has a table with a total."""
    data = io.BytesIO()
    with xlsxwriter.Workbook(data, {"in_memory": True}) as book:
        sheet, bold = book.add_worksheet("Costs"), book.add_format({"bold": True})
        sheet.write_row(0, 0, ["Item", "2024", "2025"], bold)
        for row, line in enumerate((["Fuel", 52, 58], ["Crew", 84, 80], ["Total", 136, 139]), start=1):
            sheet.write_row(row, 0, line)
    return data.getvalue()


def _added(stack: Stack, collection: str, name: str, data: bytes) -> str:
    """Return the id of a document that has been added and read."""
    document = stack.api("POST", "/documents", data={"collection": collection}, files={"file": (name, data)}).json()
    stack.wait_for(f"/documents/{document['id']}", values=("ready",), seconds=120)
    return str(document["id"])


NAMES = (
    *(
        "library",
        "new",
        "collection",
        "nothing found",
        "access",
        "settings",
        "delete",
        "page",
        "text",
        "sheet",
        "letter",
        "versions",
    ),
    *("account", "status", "second factor", "password", "sign out"),
)


@pytest.mark.parametrize("name", NAMES)
def test_a_page_is_accessible(page: Page, shelf: dict[str, str], name: str) -> None:
    page.goto(shelf[name])
    assert findings(page) == []


def test_the_sign_in_page_is_accessible(chromium: Browser, stack: Stack) -> None:
    page = chromium.new_page(base_url=stack.url)
    page.goto("/")
    assert findings(page) == []
    page.close()


def test_menus_and_dialogs_are_accessible(page: Page, shelf: dict[str, str]) -> None:
    page.goto("/library/")
    page.get_by_role("button", name="Ingrid Falk, account").click()
    assert findings(page) == []
    page.keyboard.press("Escape")
    page.set_viewport_size({"width": 1440, "height": 900})
    page.get_by_role("link", name="New collection").click()
    page.get_by_role("dialog").get_by_label("Name").wait_for()
    assert findings(page) == []


def test_every_component_in_every_state_is_accessible(chromium: Browser, stack: Stack) -> None:
    with second_web(stack, TOULMIN_DEBUG="true") as url:
        page = chromium.new_page()
        page.goto(f"{url}/components/")
        assert findings(page) == []
        page.set_viewport_size({"width": 1440, "height": 900})
        page.emulate_media(color_scheme="light")
        SCREENS.mkdir(exist_ok=True)
        page.screenshot(path=SCREENS / "components.png", full_page=True)
        page.close()
