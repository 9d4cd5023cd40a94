"""The main job as a stranger would do it, timed: upload a folder in the browser, ask in the browser and over REST, and
check that citations drawn at random are where they say.

    bin/manage bootstrap --email admin@localhost --password … --token
    .venv/bin/python bench/main_job.py --url http://localhost:8000 --email admin@localhost --password … --token … \
        --files FOLDER_OF_PDFS --questions QUESTIONS.jsonl --shots FOLDER

QUESTIONS.jsonl has a line `{"question": …}` each. Prints a report; exits 1 if anything is not as it must be.
"""

import argparse
import json
import random
import re
import sys
import time
import unicodedata
from pathlib import Path
from typing import Any

import httpx
import pypdfium2 as pdfium
from playwright.sync_api import Page, sync_playwright

CHROMIUM = "/usr/bin/chromium"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
DRAWN = 10


def main() -> int:
    options = arguments()
    rest = httpx.Client(
        base_url=f"{options.url}/api/v1", headers={"Authorization": f"Bearer {options.token}"}, timeout=60
    )
    questions = [json.loads(line)["question"] for line in options.questions.read_text().splitlines() if line.strip()]
    options.shots.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as browsers:
        browser = browsers.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_context(viewport={"width": 1440, "height": 1000}).new_page()
        sign_in(page, options)
        collection = upload(page, rest, options)
        asked = [ask_in_browser(page, rest, collection, text, options, n) for n, text in enumerate(questions[:3], 1)]
        asked += [ask_over_rest(rest, collection, text) for text in questions[3:]]
        browser.close()
    wrong = [] if all(answer["status"] == "done" for answer in asked) else ["an answer did not end as done"]
    wrong += check_citations(rest, asked)
    for line in wrong:
        print("WRONG:", line)
    return 1 if wrong else 0


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--url", required=True)
    parser.add_argument("--email", required=True)
    parser.add_argument("--password", required=True)
    parser.add_argument("--token", required=True)
    parser.add_argument("--files", type=Path, required=True)
    parser.add_argument("--questions", type=Path, required=True)
    parser.add_argument("--shots", type=Path, required=True)
    return parser.parse_args()


def sign_in(page: Page, options: argparse.Namespace) -> None:
    page.goto(f"{options.url}/accounts/login/")
    page.fill("input[name=login]", options.email)
    page.fill("input[name=password]", options.password)
    page.press("input[name=password]", "Enter")
    page.wait_for_url(f"{options.url}/")


def upload(page: Page, rest: httpx.Client, options: argparse.Namespace) -> str:
    """Make a collection, drop every PDF of the folder into it, wait until all are read; print what that took."""
    page.goto(f"{options.url}/collections/new/")
    page.fill("main input[name=name]", f"Main job {time.strftime('%H:%M:%S')}")
    page.press("main input[name=name]", "Enter")
    page.wait_for_selector("input[type=file]", state="attached")
    collection = page.url.rstrip("/").split("/")[-1]
    files = sorted(options.files.glob("*.pdf"))
    started = time.monotonic()
    page.set_input_files("input[type=file]", [str(path) for path in files])
    documents: list[dict[str, Any]] = []
    while len(documents) < len(files) or any(d["status"] not in {"ready", "failed", "cancelled"} for d in documents):
        time.sleep(1)
        documents = rest.get("/documents", params={"collection": collection, "limit": 100}).json()["items"]
        if len(documents) == len(files) // 2:
            page.screenshot(path=options.shots / "uploading.png")
    seconds = time.monotonic() - started
    page.wait_for_timeout(1500)
    page.screenshot(path=options.shots / "uploaded.png", full_page=True)
    pages, passages = sum(d["pages"] for d in documents), sum(d["passages"] for d in documents)
    failed = [f"{d['filename']}: {d['error']}" for d in documents if d["status"] != "ready"]
    print(
        f"{len(documents)} documents, {pages} pages, {passages} passages in {seconds:.1f} s: {pages / seconds:.1f} pages/s"
    )
    print(f"failed: {failed or 'none'}")
    return collection


def ask_in_browser(
    page: Page, rest: httpx.Client, collection: str, question: str, options: argparse.Namespace, number: int
) -> dict[str, Any]:
    page.goto(f"{options.url}/?collection={collection}")
    page.fill("textarea[name=question]", question)
    page.press("textarea[name=question]", "Control+Enter")
    page.wait_for_url("**/answers/*/")
    page.wait_for_timeout(3000)
    page.screenshot(path=options.shots / f"answer-{number}-live.png")
    answer = finished(rest, page.url.rstrip("/").split("/")[-1])
    page.wait_for_timeout(2000)
    page.screenshot(path=options.shots / f"answer-{number}.png", full_page=True)
    report("browser", answer)
    return answer


def ask_over_rest(rest: httpx.Client, collection: str, question: str) -> dict[str, Any]:
    made = rest.post("/answers", json={"question": question, "collections": [collection], "effort": "quick"})
    made.raise_for_status()
    answer = finished(rest, made.json()["id"])
    report("REST", answer)
    return answer


def finished(rest: httpx.Client, answer: str, patience: float = 900) -> dict[str, Any]:
    deadline = time.monotonic() + patience
    while True:
        found: dict[str, Any] = rest.get(f"/answers/{answer}").json()
        if found["status"] in {"done", "failed", "cancelled"} or time.monotonic() > deadline:
            return found
        time.sleep(1)


def report(through: str, answer: dict[str, Any]) -> None:
    usage = answer["usage"]
    print(
        f"{through}: {answer['status']}/{answer['outcome']}, {len(answer['claims'])} claims, {len(answer['citations'])} "
        f"citations, {usage['reasoning_tokens']} reasoning and {usage['answer_tokens']} answer tokens, "
        f"{usage['seconds']}: {answer['question'][:70]}"
    )


def check_citations(rest: httpx.Client, answers: list[dict[str, Any]]) -> list[str]:
    """Draw citations, read back with PDFium what stands inside their boxes, and return those whose quote is not there."""
    cited = [(answer, citation) for answer in answers for citation in answer["citations"]]
    drawn = random.Random(1).sample(cited, min(DRAWN, len(cited)))
    originals: dict[str, pdfium.PdfDocument] = {}
    missing = []
    for answer, citation in drawn:
        document, number = citation["document"]["id"], citation["page"]
        if document not in originals:
            originals[document] = pdfium.PdfDocument(rest.get(f"/documents/{document}/original").content)
        inside = words_inside(originals[document][number - 1], citation["boxes"])
        if not citation["quote_found"] or normal(citation["quote"]) not in inside:
            missing.append(
                f"[{citation['marker']}] of {answer['id']}, page {number}: {citation['quote'][:80]!r} not in {inside[:120]!r}"
            )
    print(f"citations: {len(drawn) - len(missing)} of {len(drawn)} drawn have their quote inside their boxes")
    return missing


def words_inside(page: pdfium.PdfPage, boxes: list[list[float]]) -> str:
    """Return the normalised text of the characters whose middle lies in one of the boxes, box by box."""
    width, height = page.get_size()
    text = page.get_textpage()
    placed = []
    for index in range(text.count_chars()):
        left, bottom, right, top = text.get_charbox(index)
        placed.append(((left + right) / 2 / width, 1 - (bottom + top) / 2 / height, text.get_text_range(index, 1)))
    return normal(
        "".join(letter for x0, y0, x1, y1 in boxes for x, y, letter in placed if x0 <= x <= x1 and y0 <= y <= y1)
    )


def normal(text: str) -> str:
    """Return letters and digits only: line ends, spaces and the separators of table cells do not count."""
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", text)).casefold()


if __name__ == "__main__":
    sys.exit(main())
