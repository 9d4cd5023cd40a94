"""The same said twice is read once; a figure, or a name that was asked for, keeps two apart."""

import uuid

import pytest

from apps.retrieval.duplicates import fold
from apps.retrieval.passages import Passage

CLAUSE = (
    "Either party may terminate this agreement by giving the other party ninety days written notice, provided that all "
    "invoices that are due have been paid in full and that the property of the other party has been returned to it."
)


def _passages(*texts: str, titles: tuple[str, ...] = ()) -> list[Passage]:
    names = titles or tuple("Agreement" for _ in texts)
    return [
        Passage(
            id=uuid.uuid4(), document_id=uuid.uuid4(), document_title=title, collection_id=uuid.uuid4(),
            version_id=uuid.uuid4(), version=1, text=text, rank=rank,
        )
        for rank, (text, title) in enumerate(zip(texts, names, strict=True), start=1)
    ]  # fmt: skip


def _folded(passages: list[Passage], question: str = "What is the notice?") -> list[int | None]:
    return [passage.duplicate_of for passage in fold(passages, question)]


def test_the_same_text_is_folded_into_the_first() -> None:
    assert _folded(_passages(CLAUSE, "Rent is due.", CLAUSE, CLAUSE.upper())) == [None, None, 1, 1]


def test_almost_the_same_text_is_folded() -> None:
    assert _folded(_passages(CLAUSE, CLAUSE + " See above.")) == [None, 1]


@pytest.mark.parametrize(
    "other",
    [
        CLAUSE.replace("ninety", "30"),
        CLAUSE + " The fee is 40.",
        "Either party may terminate this agreement.",
        CLAUSE[:150],
    ],
)
def test_another_figure_or_much_other_text_is_not_the_same(other: str) -> None:
    assert _folded(_passages(CLAUSE, other)) == [None, None]


def test_short_texts_must_be_the_same() -> None:
    assert _folded(_passages("Net debt fell.", "Net debt rose.", "net  debt fell")) == [None, None, 1]


def test_a_clause_of_two_contracts_stays_twice_where_the_question_names_one() -> None:
    passages = _passages(CLAUSE, CLAUSE, titles=("Lease of Alder House", "Lease of Birch House"))
    assert _folded(passages) == [None, 1]
    assert _folded(passages, "What is the notice for Birch House?") == [None, None]
