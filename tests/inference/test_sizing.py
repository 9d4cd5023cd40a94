"""What is computed of a machine follows from what is stated, and the document shows what the command prints."""

from pathlib import Path

import pytest

from inference.catalogue import load_catalogue
from inference.sizing import CARDS, CONTEXT, LEAST_RATE, REACHED, size, table

CATALOGUE = load_catalogue()
CARD = {card.name: card for card in CARDS}
DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "operations.md"


def test_one_stream_is_as_fast_as_weights_and_cache_are_read() -> None:
    entry, card = CATALOGUE["deepseek-r1-distill-qwen-7b"], CARD["L4"]
    sized = size(entry, card, 1)
    assert sized is not None
    read_gb = entry.memory_gb + CONTEXT * entry.cache_kb * 1024 / 1e9
    assert sized.alone == pytest.approx(REACHED * card.bandwidth_gb_s / read_gb)


def test_what_does_not_fit_is_not_sized() -> None:
    assert size(CATALOGUE["deepseek-r1-distill-llama-70b"], CARD["L4"], 1) is None


def test_copies_answer_twice_as_many() -> None:
    entry = CATALOGUE["deepseek-r1-distill-qwen-14b"]
    one, two = size(entry, CARD["H100 80 GB"], 1), size(entry, CARD["H100 80 GB"], 2)
    assert one is not None
    assert two is not None
    assert two.at_once == 2 * one.at_once
    assert two.in_all == pytest.approx(2 * one.in_all)
    assert two.alone == pytest.approx(one.alone)


@pytest.mark.parametrize("key", ["deepseek-r1-distill-qwen-14b", "deepseek-r1-distill-qwen-32b-fp8"])
def test_no_more_are_answered_at_once_than_can_be_read_along(key: str) -> None:
    sized = size(CATALOGUE[key], CARD["H200"], 1)
    assert sized is not None
    assert sized.in_all / sized.at_once >= LEAST_RATE


def test_the_document_shows_what_is_computed() -> None:
    assert table() in DOCUMENT.read_text(encoding="utf-8")
