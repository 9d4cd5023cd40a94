"""Into which searches a question is taken apart, and what its steps find together."""

import uuid
from collections.abc import Sequence
from dataclasses import replace

import pytest

from apps.reasoning.names import names_in
from apps.reasoning.planning import first_searches, sides_of
from apps.reasoning.steps import Step, merged, step_objects, take_steps
from apps.retrieval.passages import Passage, SearchResult
from tests.reasoning.conftest import found, make_passage

FACILITY = make_passage(
    "The Meridian facility of 2021 was arranged by Hollis Brandt LLP for the Borrower.",
    document_title="Meridian facility agreement",
)
ARRANGER = make_passage("Hollis Brandt LLP has its registered office in Leith.", document_title="Register of firms")
OTHER = make_passage("The pension scheme closed to new members in 2011.", document_title="Annual report")


class Shelf:
    """A search that returns those of its passages that name a word of what is looked for, and OTHER after them."""

    def __init__(self, *passages: Passage) -> None:
        self.passages, self.asked = passages, list[tuple[str, tuple[uuid.UUID, ...]]]()

    def __call__(self, words: str, documents: Sequence[uuid.UUID], limit: int) -> SearchResult:
        self.asked.append((words, tuple(documents)))
        capitals = {word.strip("?,.") for word in words.split() if word[0].isupper()}
        inside = [p for p in self.passages if not documents or p.document_id in documents]
        hits = [p for p in inside if documents or capitals & set(p.text.split())]
        return found(*[replace(p, rank=rank) for rank, p in enumerate([*hits, OTHER][:limit], start=1)])


def steps_of(question: str, shelf: Shelf, *, rounds: int = 2, documents: Sequence[uuid.UUID] = ()) -> list[Step]:
    return list(take_steps(question, shelf, found=40, rounds=rounds, documents=documents))


def test_a_lookup_is_one_search() -> None:
    shelf = Shelf(FACILITY, ARRANGER)
    steps = steps_of("What is the registered office of Hollis Brandt LLP?", shelf)
    assert len(shelf.asked) == 1
    assert step_objects(steps, merged(steps)) == []


@pytest.mark.parametrize(
    ("question", "things"),
    [
        ("Who is older, Anna Berg or Jorge Ledezma?", ["Anna Berg", "Jorge Ledezma"]),
        ("Was Jorge Ledezma or Yuliya Baraley born first?", ["Jorge Ledezma", "Yuliya Baraley"]),
        ("Which of Siemens, Bosch and SAP had the higher margin?", ["Siemens", "Bosch", "SAP"]),
        ("Are Gare De Lyon and Gare Du Nord in the same city?", ["Gare De Lyon", "Gare Du Nord"]),
        (
            "Which film ended later, Love, Honor And Oh-Baby! or I Cover The City?",
            ["Love, Honor And Oh-Baby", "I Cover The City"],
        ),
        ("Wer ist älter, Anna Berg oder Jürgen Österle?", ["Anna Berg", "Jürgen Österle"]),
        ("What does the covenant allow and when is it tested?", []),
    ],
)
def test_things_held_against_each_other_are_told_apart(question: str, things: list[str]) -> None:
    assert [thing.rstrip("!") for thing, _asked in sides_of(question)] == things


def test_each_thing_is_asked_for_without_the_others() -> None:
    searches = first_searches("Who is older, Anna Berg or Jorge Ledezma?")
    assert [each.question for each in searches] == ["Who is older, Anna Berg?", "Who is older, Jorge Ledezma?"]


def test_each_year_is_asked_for_without_the_others() -> None:
    searches = first_searches("How did net debt change from 2021 to 2023?")
    assert [each.why for each in searches] == ["Looks for 2021 by itself.", "Looks for 2023 by itself."]
    assert all(("2021" in each.question) != ("2023" in each.question) for each in searches)


def test_what_stands_on_the_way_is_looked_for_in_a_second_round() -> None:
    shelf = Shelf(FACILITY, ARRANGER)
    steps = steps_of("Where is the head office of the arranger of the Meridian facility?", shelf)
    assert [step.search.about for step in steps] == ["", "Hollis Brandt LLP"]
    assert "Meridian facility agreement" in steps[1].search.why
    together = merged(steps)
    assert [p.id for p in together.passages[:3]] == [FACILITY.id, OTHER.id, ARRANGER.id]
    assert [(one["ordinal"], one["passages"]) for one in step_objects(steps, together)] == [(1, [1, 2]), (2, [1, 3])]


def test_with_one_round_nothing_builds_on_another() -> None:
    shelf = Shelf(FACILITY, ARRANGER)
    assert len(steps_of("Where is the head office of the arranger of the Meridian facility?", shelf, rounds=1)) == 1


def test_a_question_about_each_document_is_asked_of_each() -> None:
    contracts = [make_passage(f"Contract {n} ends in May.", document_title=f"Contract {n}") for n in range(3)]
    shelf = Shelf(*contracts)
    steps = steps_of("Which of these Contract documents end in May?", shelf)
    assert [documents for _words, documents in shelf.asked] == [
        (), *[(each.document_id,) for each in contracts], (OTHER.document_id,),
    ]  # fmt: skip
    assert {each.id for each in contracts} <= {passage.id for passage in merged(steps).passages}


def test_documents_asked_of_are_the_only_ones_looked_into() -> None:
    contracts = [make_passage(f"Contract {n} ends in May.", document_title=f"Contract {n}") for n in range(3)]
    shelf = Shelf(*contracts)
    asked = [contracts[2].document_id, contracts[0].document_id]
    steps_of("Which of these contracts ends first?", shelf, documents=asked)
    assert {documents for _words, documents in shelf.asked[1:]} == {(document,) for document in asked}


def test_what_two_steps_find_stands_once_and_twins_stay_twins() -> None:
    twin = make_passage("Net debt again.", rank=2, duplicate_of=1)
    first, other = make_passage(rank=1), make_passage("Leverage.", rank=1)
    search = first_searches("Who is older, Anna Berg or Jorge Ledezma?")[0]
    own = SearchResult((first,), ("vector",), "1:test", 40, 0.1, folded=(twin,))
    steps = [Step(search, own, 0.1), Step(search, found(other, first), 0.2)]
    together = merged(steps)
    assert [p.id for p in together.ranked] == [first.id, twin.id, other.id]
    assert [p.rank for p in together.ranked] == [1, 2, 3]
    assert together.folded[0].duplicate_of == 1


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("It is run by S. R. Kanagal. It was written by Ada Krull.", ["S. R. Kanagal", "Ada Krull"]),
        ("The younger son of the Earl of Portsmouth died on 14 May 1792.", ["Earl of Portsmouth"]),
        ("『戦争』の監督は誰ですか", ["戦争"]),
        ("nothing here", []),
    ],
)
def test_names_are_found(text: str, names: list[str]) -> None:
    assert [name.text for name in names_in(text)] == names
