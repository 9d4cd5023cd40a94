"""Take the pictures of the documentation from a running installation with the sample collection.

    bin/setup dev && .venv/bin/python -m standalone.testbed -- .venv/bin/python -m docs.pictures.make

The pages, places and records are real. The words of the answer are given to the test server that stands in for a model, since
no model runs where pictures are made.
"""

import tempfile
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Page, sync_playwright

from tests.journeys.stack import EMAIL, PASSWORD, Stack, running_stack

FOLDER = Path(__file__).parent
CHROMIUM = "/usr/bin/chromium"
QUESTION = "Why is leverage under the facilities agreement lower than the 2.61 times in the annual report?"
REASONING = (
    "The annual report gives net debt of £194.9 million and 2.61 times adjusted EBITDA. Net debt there includes lease "
    "liabilities of £21.3 million. The agreement defines Leverage over Consolidated Total Net Debt, which is Borrowings less "
    "cash, and Borrowings exclude any Lease Liability. So 197.5 − 23.9 = 173.6. Adjusted EBITDA is 43.6 + 31.2 = 74.8. "
    "173.6 ÷ 74.8 = 2.32. The limit is 3.25. The difference is the leases: 21.3 ÷ 74.8 = 0.28, and 2.61 − 0.28 is about 2.32."
)
ANSWER = (
    "The two figures count debt differently. The annual report adds lease liabilities of £21.3 million to borrowings of "
    "£197.5 million and deducts cash of £23.9 million, which gives 2.61 times adjusted EBITDA [{report}]. The facilities "
    "agreement measures Leverage over Consolidated Total Net Debt and disregards leases [{agreement}].\n\n"
    "Without the leases, net debt is £173.6 million and leverage about 2.32 times. The limit is 3.25 times, and 3.75 times at "
    "30 June and 31 December 2025 [{covenants}]."
)


def main() -> None:
    """Write the pictures beside this file."""
    with tempfile.TemporaryDirectory() as folder, running_stack(Path(folder)) as stack:
        _load(stack)
        markers = _markers(_answered(stack))
        words = [{"delta": {"reasoning": REASONING}}, {"delta": {"content": ANSWER.format(**markers)}}]
        stack.model.scripts[stack.model.models[0]] = [words]
        answer = _answered(stack)
        with sync_playwright() as browsers:
            browser = browsers.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
            for scheme, name in (("light", "answer.png"), ("dark", "answer-dark.png")):
                page = browser.new_page(viewport={"width": 1440, "height": 900}, color_scheme=scheme)
                _sign_in(page, stack)
                page.goto(f"{stack.url}/answers/{answer['id']}/")
                page.locator(".prose .cite").first.click()
                page.wait_for_load_state("networkidle")
                page.screenshot(path=FOLDER / name)
                _shrink(FOLDER / name)
            browser.close()


def _load(stack: Stack) -> None:
    stack.manage("load_samples", "--owner", EMAIL)
    for document in stack.api("GET", "/documents").json()["items"]:
        stack.wait_for(f"/documents/{document['id']}", values=("ready",), seconds=300)


def _answered(stack: Stack) -> dict[str, Any]:
    asked = stack.api("POST", "/answers", json={"question": QUESTION}).json()
    return stack.wait_for(f"/answers/{asked['id']}", values=("done",))


def _markers(answer: dict[str, Any]) -> dict[str, int]:
    """Return the numbers under which the model was given the three passages that the words rest on."""
    wanted = {
        "report": "Net debt was £194.9 million",
        "agreement": "“Leverage” means",
        "covenants": "Covenants. The facilities agreement limits",
    }
    read = {
        candidate["marker"]: candidate["passage"]["text"] for candidate in answer["candidates"] if candidate["marker"]
    }
    return {name: next(number for number, text in read.items() if words in text) for name, words in wanted.items()}


def _sign_in(page: Page, stack: Stack) -> None:
    page.goto(stack.url)
    page.fill("input[name=login]", EMAIL)
    page.fill("input[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_load_state("networkidle")


def _shrink(path: Path) -> None:
    """Keep 128 colours: a third of the size, and no difference that a reader would see."""
    Image.open(path).convert("RGB").quantize(128, dither=Image.Dither.NONE).save(path, optimize=True)


if __name__ == "__main__":
    main()
