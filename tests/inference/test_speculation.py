"""A small model guesses ahead only where that is expected to pay and where vLLM takes the pair."""

import json
from dataclasses import replace

import pytest

from inference.catalogue import load_catalogue
from inference.speculation import drafting_for, expected_gain, with_drafter

CATALOGUE = load_catalogue()
LARGE = CATALOGUE["deepseek-r1-distill-llama-70b"]


def test_nothing_kept_gains_nothing_and_costs_the_drafter() -> None:
    assert expected_gain(0.0, 4, 0.1) == pytest.approx(1 / 1.4)


def test_a_free_drafter_gains_the_words_that_are_kept() -> None:
    assert expected_gain(0.5, 3, 0.0) == pytest.approx(1 + 0.5 + 0.25 + 0.125)


def test_the_largest_distillation_is_guessed_for_by_its_small_sister() -> None:
    drafting = drafting_for(LARGE, CATALOGUE)
    assert drafting is not None
    assert drafting.drafter == CATALOGUE["deepseek-r1-distill-llama-8b"]
    assert drafting.gain > 1.3
    assert json.loads(drafting.config("/weights/small")) == {
        "method": "draft_model",
        "num_speculative_tokens": 4,
        "model": "/weights/small",
    }


def test_the_whole_model_guesses_for_itself_and_needs_no_other_weights() -> None:
    drafting = drafting_for(CATALOGUE["deepseek-r1"], CATALOGUE)
    assert drafting is not None
    assert drafting.drafter is None
    assert json.loads(drafting.config()) == {"method": "mtp", "num_speculative_tokens": 1}


@pytest.mark.parametrize("key", ["deepseek-r1-distill-qwen-32b", "deepseek-r1-distill-qwen-1.5b"])
def test_where_the_drafter_is_too_large_or_missing_nothing_guesses(key: str) -> None:
    assert drafting_for(CATALOGUE[key], CATALOGUE) is None


def test_a_drafter_with_another_table_of_words_is_refused() -> None:
    unlike = replace(CATALOGUE["deepseek-r1-distill-qwen-32b"], drafter="deepseek-r1-distill-qwen-1.5b")
    assert drafting_for(unlike, CATALOGUE) is None


def test_memory_has_to_hold_both() -> None:
    drafting = drafting_for(LARGE, CATALOGUE)
    assert drafting is not None
    both = with_drafter(LARGE, drafting)
    assert both.memory_gb == pytest.approx(141.2 + 16.1)
    assert both.cache_kb == 320 + 128
