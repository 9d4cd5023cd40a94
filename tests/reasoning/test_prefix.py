"""Prompts begin alike where questions are about the same document; the cache of the server is salted by what may be read."""

import uuid
from dataclasses import replace

from apps.reasoning.effort import limits_for
from apps.reasoning.prompts import answer_prompt
from apps.reasoning.prompts.salt import cache_salt
from apps.reasoning.selection import passages_read, select
from apps.retrieval.passages import Passage
from tests.reasoning.conftest import make_passage

LIMITS = limits_for("standard", context=32768)
REPORT, MEMO = uuid.uuid4(), uuid.uuid4()


def place(document: uuid.UUID, at: int) -> Passage:
    return replace(make_passage(f"Paragraph {at} of {document}."), document_id=document, span=(at, at + 10), page=None)


def read(*passages: Passage) -> list[Passage]:
    return passages_read(select("What is said?", passages, LIMITS))


def test_the_document_that_most_is_read_of_comes_first_and_runs_as_its_pages_do() -> None:
    memo, end, beginning = place(MEMO, 0), place(REPORT, 20), place(REPORT, 0)
    assert read(memo, end, beginning) == [beginning, end, memo]


def test_two_questions_about_a_document_share_their_prompt_up_to_where_they_part() -> None:
    one, two, memo = place(REPORT, 0), place(REPORT, 20), place(MEMO, 0)
    first, second = (
        answer_prompt(question, read(*found), system_prompt="fold_into_user").messages[0]["content"]
        for question, found in (("Who signs?", [two, memo, one]), ("Who pays?", [one, two]))
    )
    shared = next(at for at, (left, right) in enumerate(zip(first, second, strict=False)) if left != right)
    assert one.text in first[:shared]
    assert two.text in first[:shared]


def test_rank_is_kept_though_another_passage_is_read_first() -> None:
    considered = select("What is said?", [place(MEMO, 0), place(REPORT, 20), place(REPORT, 0)], LIMITS)
    assert [(one.rank, one.marker) for one in considered] == [(1, 3), (2, 2), (3, 1)]


def test_the_salt_is_one_for_the_same_accesses_in_any_order() -> None:
    assert cache_salt([3, 1, 2]) == cache_salt((1, 2, 3))
    assert cache_salt([1, 2]) != cache_salt([1, 2, 3])
    assert cache_salt([12]) != cache_salt([1, 2])
    assert len(cache_salt([1])) == 43


def test_the_salt_rests_on_the_secret_of_the_installation(settings: object) -> None:
    before = cache_salt([1])
    settings.SECRET_KEY = "another secret of another installation"  # type: ignore[attr-defined]
    assert cache_salt([1]) != before
