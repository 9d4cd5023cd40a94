"""The committed sample files are what the generators make, and say what the questions need."""

import tomllib
from pathlib import Path

import docx
import pypdfium2
import pytest

from samples.make import figures as f
from samples.make.__main__ import FILES, make_all

COLLECTION = tomllib.loads((FILES.parent / "collection.toml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("samples")
    make_all(folder)
    return folder


def pages(path: Path) -> list[str]:
    document = pypdfium2.PdfDocument(path)
    return [page.get_textpage().get_text_bounded() for page in document]


def test_every_document_of_the_collection_is_there() -> None:
    assert {entry["file"] for entry in COLLECTION["documents"]} == {path.name for path in FILES.iterdir()}


def test_all_samples_together_stay_small() -> None:
    assert sum(path.stat().st_size for path in FILES.iterdir()) < 1_000_000


def test_the_committed_report_is_what_its_generator_makes(made: Path) -> None:
    assert pages(FILES / "annual-report-2024.pdf") == pages(made / "annual-report-2024.pdf")


def test_the_committed_agreement_is_what_its_generator_makes(made: Path) -> None:
    committed, fresh = (docx.Document(str(folder / "facilities-agreement-2022.docx")) for folder in (FILES, made))
    assert [p.text for p in committed.paragraphs] == [p.text for p in fresh.paragraphs]
    assert len(committed.tables) == 4


def test_contents_name_the_pages_on_which_sections_begin() -> None:
    text = pages(FILES / "annual-report-2024.pdf")
    for title, page in (
        ("Key performance indicators", 7),
        ("Principal risks", 9),
        ("Consolidated income statement", 11),
        ("Consolidated cash flow statement", 13),
        ("Five-year summary", 17),
    ):
        assert title in text[page - 1]


def test_the_report_states_net_debt_and_both_years() -> None:
    text = "\n".join(pages(FILES / "annual-report-2024.pdf"))
    assert f.money(f.NET_DEBT.now) in text
    assert f.money(f.NET_DEBT.before) in text


def test_the_letter_is_a_picture_without_text() -> None:
    assert [text.strip() for text in pages(FILES / "agent-letter-2025-03-10.pdf")] == [""]


def test_every_question_names_documents_of_the_collection() -> None:
    names = {entry["file"] for entry in COLLECTION["documents"]}
    assert all(set(question["documents"]) <= names for question in COLLECTION["questions"])
