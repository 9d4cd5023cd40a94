"""From a question to the lit passage: ask, watch it being written, take citations in hand; stop, lose the line, no script."""

import re
import threading
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.journeys.accessibility import findings
from tests.journeys.stack import QUESTION, Stack

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

OF_PAGES = "How did the group's revenue, operating profit and net debt change in 2024?"
"""Answered from the annual report, whose pages are pictures."""


class Play(Sequence[Mapping[str, Any]]):
    """A model that says its lines when it is told to, so that no test depends on how fast the machine is. The first one
    waits for nobody: it is what whoever looks whether the model is well gets to hear."""

    LINES = (
        {"delta": {"reasoning": "The question is what net debt was. Passage 1 speaks of it."}},
        {"delta": {"content": "Net debt is told here [1]."}},
        {"delta": {"content": "\n\n- And here [2].\n- So it is."}},
    )

    def __init__(self) -> None:
        self.told = [threading.Event() for _ in self.LINES]
        self.go_on(1)

    def go_on(self, until: int = len(LINES)) -> None:
        for event in self.told[:until]:
            event.set()

    def __len__(self) -> int:
        return len(self.LINES)

    def __getitem__(self, at: Any) -> Any:
        return self.LINES[at]

    def __iter__(self) -> Iterator[Mapping[str, Any]]:
        for event, line in zip(self.told, self.LINES, strict=True):
            event.wait(90)
            yield line


@pytest.fixture
def play(stack: Stack, samples: str) -> Iterator[Play]:
    """Return a play of which the model has said the first line."""
    one = Play()
    stack.model.scripts["stub-reasoner"] = [one]
    yield one
    one.go_on()
    del stack.model.scripts["stub-reasoner"]


def ask(page: Page, question: str = QUESTION) -> None:
    page.goto("/")
    page.get_by_label("Your question").fill(question)
    page.keyboard.press("Control+Enter")
    page.wait_for_url(re.compile(r"/answers/"))


def in_hand(page: Page) -> list[str | None]:
    """Return the citation in hand in the text, on the page picture and in the bar above it."""
    chip = page.locator(".prose .cite[aria-current]").first
    mark = page.locator(".source .is-active").first
    bar = page.locator(".source__quote:visible")
    return [part.get_attribute("data-marker") for part in (chip, mark, bar)]


def test_a_question_is_reasoned_answered_and_its_citation_lit(page: Page, play: Play) -> None:
    ask(page, OF_PAGES)
    trace = page.locator("#trace")
    expect(trace).to_contain_text("The question is", timeout=30_000)
    expect(page.locator("#lost")).to_be_hidden()
    expect(page.locator("#steps")).to_contain_text("passages in")
    # When the answer begins, the reasoning closes to one line, and citations are chips at once.
    play.go_on(2)
    expect(page.locator("#written .cite")).to_have_count(1)
    expect(trace).to_be_hidden()
    play.go_on()
    expect(page.locator(".record")).to_be_visible(timeout=30_000)
    expect(page.locator("#health")).to_contain_text("1 of 3 claims supported, 1 not supported, 1 not checked")
    expect(
        page.get_by_role("status").filter(has_text="1 of 3 claims supported, 1 not supported, 1 not checked")
    ).to_have_count(1)

    chip = page.locator(".prose .cite").last
    chip.click()
    assert in_hand(page) == ["2", "2", "2"]
    expect(page.locator(".source .mark.is-active path.hit")).to_be_in_viewport()


def test_a_reload_and_a_second_tab_show_the_same_answer_being_written(
    page: Page, signed_in: BrowserContext, play: Play
) -> None:
    ask(page)
    expect(page.locator("#trace")).to_contain_text("The question is", timeout=30_000)
    page.reload()
    second = signed_in.new_page()
    second.goto(page.url)
    for tab in (page, second):
        expect(tab.locator("#trace")).to_contain_text("The question is")
    play.go_on()
    for tab in (page, second):
        expect(tab.locator(".record")).to_be_visible(timeout=30_000)
    assert page.locator(".prose").inner_text() == second.locator(".prose").inner_text()
    second.close()


def test_stopping_keeps_what_there_is(page: Page, play: Play) -> None:
    play.go_on(2)
    ask(page)
    expect(page.locator("#written .cite")).to_have_count(1, timeout=30_000)
    page.get_by_role("button", name="Stop, and keep what there is").click()
    expect(page.get_by_text("You stopped this answer.")).to_be_visible(timeout=20_000)
    expect(page.locator(".prose")).to_contain_text("Net debt is told here")
    expect(page.get_by_role("button", name="Ask again")).to_be_visible()


def test_a_lost_connection_is_said_and_taken_up_again(signed_in: BrowserContext, stack: Stack, play: Play) -> None:
    page = signed_in.new_page()  # its console complains of the lost connection, and rightly
    ask(page)
    expect(page.locator("#trace")).to_contain_text("The question is", timeout=30_000)
    stack.restart("web")
    expect(page.get_by_text("The connection was lost, the answer was not.")).to_be_visible(timeout=20_000)
    expect(page.locator("#lost")).to_be_hidden(timeout=60_000)
    assert page.locator("#trace").inner_text().count("The question is") == 1
    play.go_on()
    expect(page.locator(".record")).to_be_visible(timeout=30_000)
    page.close()


def test_keys_walk_through_the_citations_and_can_be_turned_off(page: Page, answered: str) -> None:
    page.goto(answered)
    at = page.locator("[data-walk-at]")
    expect(at).to_have_text(re.compile(r"^1 of [2-9]"))
    page.keyboard.press("]")
    expect(at).to_have_text(re.compile(r"^2 of"))
    assert len(set(in_hand(page))) == 1
    page.keyboard.press("[")
    expect(at).to_have_text(re.compile(r"^1 of"))
    page.get_by_label(re.compile("move between citations")).uncheck()
    page.keyboard.press("]")
    expect(at).to_have_text(re.compile(r"^1 of"))
    page.get_by_label(re.compile("move between citations")).check()


def test_a_mark_on_the_page_leads_back_to_its_sentence(page: Page, answered: str) -> None:
    page.goto(answered)
    page.locator(".source .mark").first.focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"#k\d+$"))
    expect(page.locator(".claim:target")).to_be_in_viewport()


def test_the_answer_is_copied_with_its_sources(signed_in: BrowserContext, page: Page, answered: str) -> None:
    signed_in.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(answered)
    page.get_by_role("button", name="Copy with citations").click()
    expect(page.get_by_text("Copied with its citations.")).to_be_visible()
    copied: str = page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith(QUESTION)
    assert re.search(r"\[\d+\] Skerrivane plc: Annual Report 2024, p\. \d+: “", copied)


def test_collections_are_chosen_in_the_menu_and_taken_away_as_chips(page: Page, samples: str) -> None:
    page.goto("/")
    page.get_by_role("button", name="Choose collections").click()
    page.get_by_role("checkbox", name=re.compile("Samples")).check()
    page.keyboard.press("Escape")
    expect(page.locator(".ask__scope .chip[aria-current]")).to_contain_text("Samples")
    page.get_by_role("button", name=re.compile("^Remove Samples")).click()
    expect(page.locator(".ask__scope .chip[aria-current]")).to_have_count(0)
    expect(page.locator("[data-all]")).to_be_visible()


def test_feedback_is_given_without_leaving(page: Page, answered: str) -> None:
    page.goto(answered)
    page.get_by_role("button", name="Yes", exact=True).click()
    expect(page.get_by_role("button", name="Yes", exact=True)).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_text("Noted.")).to_be_visible()


def test_without_script_citations_lead_to_the_lit_page(
    chromium: Browser, signed_in: BrowserContext, stack: Stack, answered: str
) -> None:
    plain = chromium.new_context(
        base_url=stack.url, java_script_enabled=False, storage_state=signed_in.storage_state(), locale="en-GB"
    )
    page = plain.new_page()
    page.goto(answered)
    page.locator(".prose .cite").first.click()
    expect(page).to_have_url(re.compile(r"/documents/.*answer=.*&marker=\d+"))
    expect(page.locator(".mark.is-active, .is-lit").first).to_be_attached()
    page.goto("/")
    page.get_by_label("Your question").fill(QUESTION)
    page.get_by_role("button", name="Ask").click()
    expect(page.locator(".record")).to_be_attached(timeout=60_000)  # the page reloads itself
    plain.close()


@pytest.mark.parametrize("name", ["ask", "answer", "running", "questions", "nothing found", "absent"])
def test_a_page_is_accessible(page: Page, stack: Stack, answered: str, samples: str, name: str) -> None:
    addresses = {"ask": "/", "answer": answered, "questions": "/answers/", "nothing found": "/answers/?q=zzzz"}
    page.goto(addresses.get(name) or _made(stack, samples, name))
    if name == "answer":
        for fold in page.locator(".fold > summary").all():
            fold.click()
    assert findings(page) == []


def _made(stack: Stack, samples: str, name: str) -> str:
    """Return the address of an answer that is being made, or of one that the documents do not give."""
    said = {
        "absent": [{"delta": {"content": "NOT IN THE PASSAGES\nNothing is said of fines."}}],
        "running": [{"delta": {"reasoning": "Let me see. "}}, {"sleep": 25}, {"delta": {"content": "So."}}],
    }
    stack.model.scripts["stub-reasoner"] = [said[name]]
    try:
        made = stack.api("POST", "/answers", json={"question": "Was it fined?", "collections": [samples]}).json()
        stack.wait_for(f"/answers/{made['id']}", values=("done",) if name == "absent" else ("reasoning",))
    finally:
        del stack.model.scripts["stub-reasoner"]
    return f"/answers/{made['id']}/"
