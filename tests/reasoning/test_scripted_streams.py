"""However a reply arrives and whatever goes wrong with it, the question ends as it must, and nothing is left running."""

import pytest

from bench.streams import Case, Outcome, all_cases, run_all
from inference.scripts import TROUBLES
from inference.shapes import SHAPES

pytestmark = pytest.mark.timeout(180)

CASES = all_cases()


@pytest.fixture(scope="module")
def outcomes() -> dict[str, Outcome]:
    """Return how every case ended; they are run side by side, since many of them wait."""
    return {outcome.case.name: outcome for outcome in run_all(CASES)}


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_it_ends_as_it_must(case: Case, outcomes: dict[str, Outcome]) -> None:
    assert outcomes[case.name].wrongs() == []


def test_there_are_enough_of_them() -> None:
    assert len(SHAPES) >= 7
    assert len(TROUBLES) >= 24
    assert len({case.name for case in CASES}) == len(CASES)


@pytest.mark.parametrize("shape", SHAPES[:-1], ids=[shape.name for shape in SHAPES[:-1]])
def test_reasoning_is_found_wherever_it_is_put(shape: object, outcomes: dict[str, Outcome]) -> None:
    streamed = [one for one in outcomes.values() if one.case.shape is shape and one.case.trouble is TROUBLES[0]]
    assert {one.draft.reasoning_source for one in streamed} <= {"field", "tag"}
    assert all(one.draft.usage["reasoning_tokens"] > 0 for one in streamed)


@pytest.mark.parametrize(
    ("trouble", "source"),
    [("usage only at the end", "server"), ("usage absent", "estimated"), ("usage that is none", "estimated")],
)
def test_each_count_says_whose_it_is(trouble: str, source: str, outcomes: dict[str, Outcome]) -> None:
    got = [
        one.draft.usage
        for one in outcomes.values()
        if one.case.trouble.name == trouble and not one.case.shape.own_fields
    ]
    assert {usage["source"]["answer_tokens"] for usage in got} == {source}
    assert {usage["source"]["prompt_tokens"] for usage in got} == {source}
