"""What journeys share: one running installation, one Chromium a module, a page that is signed in."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.journeys.stack import EMAIL, PASSWORD, QUESTION, Stack, running_stack

SCREENS = Path(__file__).resolve().parent.parent / ".screens"


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Return the installation. It starts once; journeys make what they need in it and leave the rest alone."""
    with running_stack(tmp_path_factory.mktemp("journeys")) as running:
        yield running


@pytest.fixture(scope="module")
def samples(stack: Stack) -> str:
    """Return the id of the sample collection, read."""
    stack.manage("load_samples", "--owner", EMAIL, "--once")
    collections = stack.api("GET", "/collections").json()["items"]
    found: str = next(c["id"] for c in collections if c["name"].startswith("Samples"))
    for document in stack.api("GET", f"/documents?collection={found}").json()["items"]:
        stack.wait_for(f"/documents/{document['id']}", values=("ready",), seconds=120)
    return found


@pytest.fixture(scope="module")
def answered(stack: Stack, samples: str) -> str:
    """Return the address of a finished answer."""
    made = stack.api("POST", "/answers", json={"question": QUESTION, "collections": [samples]}).json()
    stack.wait_for(f"/answers/{made['id']}", values=("done",))
    return f"/answers/{made['id']}/"


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Return a browser. It goes with its module, as the driver's event loop would disturb tests after it."""
    executable = shutil.which("chromium") or shutil.which("chromium-browser")
    if executable is None:
        if os.environ.get("CI"):
            pytest.fail("There is no Chromium.")
        pytest.skip("There is no Chromium.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=executable, args=["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
        )
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def signed_in(chromium: Browser, stack: Stack) -> Iterator[BrowserContext]:
    """Return a browser profile in which the administrator has signed in through the page."""
    context = chromium.new_context(base_url=stack.url, viewport={"width": 1440, "height": 900}, locale="en-GB")
    page = context.new_page()
    page.goto("/")
    page.get_by_label("Email").fill(EMAIL)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"{stack.url}/")
    page.close()
    yield context
    context.close()


@pytest.fixture
def page(signed_in: BrowserContext) -> Iterator[Page]:
    """Return a page of the signed-in profile. What its console complains of fails the test, but for refused requests."""
    page = signed_in.new_page()
    complaints: list[str] = []

    def note(kind: str, text: str) -> None:
        if kind == "error" and not text.startswith("Failed to load resource"):
            complaints.append(text)

    page.on("console", lambda message: note(message.type, message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    page.close()
    assert complaints == []
