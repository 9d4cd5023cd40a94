"""A new index is built beside the one that answers, and takes its place at once and whole."""

import json
from collections.abc import Iterator, Sequence

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from apps.accounts.models import User
from apps.accounts.scope import Scope
from apps.audit.actions import Action
from apps.audit.models import Record
from apps.core.errors import Conflict, NotAllowed, NotFound
from apps.documents.models import Document
from apps.documents.saving import PageSaver
from apps.retrieval import building, generations
from apps.retrieval.building import Turn, bring_up_to_date, outstanding
from apps.retrieval.embedding import Vectors, get_embedder
from apps.retrieval.generations import begin, drop, previous, standings, switch
from apps.retrieval.graph import has_graph
from apps.retrieval.index import live_embedder, live_generation
from apps.retrieval.models import IndexedPassage, IndexGeneration
from apps.retrieval.search import search
from tests.factories import DocumentFactory, UserFactory, owned_by, scope_of
from tests.fakes import FakeEmbedder
from tests.retrieval.documents import paged, table, text
from tests.retrieval.indexing import index_parsed

pytestmark = pytest.mark.django_db

SYSTEM = Scope.of_system()


@pytest.fixture
def person() -> User:
    made: User = UserFactory()
    return made


@pytest.fixture
def documents(person: User) -> list[Document]:
    collection = owned_by(person)
    return [
        read(
            DocumentFactory(collection=collection, title=f"Report {n}"),
            f"Net debt of part {n} fell.",
            f"Rent rose {n}.",
        )
        for n in range(3)
    ]


def read(document: Document, *pages: str) -> Document:
    """Have a document read as a worker does: pages stored, passages written into the live generation, ready."""
    version = document.latest
    assert version is not None
    parsed = paged(*[[text(page), table(("", "2024"), ("Debt", "4,120"))] for page in pages])
    saver = PageSaver(version)
    saver.begin(parsed)
    saver.add(parsed.pages)
    saver.finish(parsed)
    version.passage_count = index_parsed(document, parsed, live_embedder())
    version.ready_at = _later()
    version.save()
    return document


def _later() -> object:
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        return cursor.fetchone()[0]


class Interrupted(FakeEmbedder):
    """Is killed at its second batch."""

    calls = 0

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        self.calls += 1
        if self.calls == 2:
            raise KeyboardInterrupt
        return super().embed_passages(texts)


def built() -> IndexGeneration:
    generation = begin(SYSTEM, model="fake-next")
    assert bring_up_to_date(generation, seconds=60) is Turn.COMPLETE
    return generation


def texts_of(generation: IndexGeneration) -> set[tuple[object, str, str]]:
    rows = IndexedPassage.objects.filter(generation=generation, in_force=True)
    return set(rows.values_list("document", "context", "text"))


def found_by(person: User, question: str = "net debt") -> tuple[str, set[str]]:
    found = search(scope_of(person), question)
    assert "vector" in found.legs
    return found.generation, {passage.text.partition("\n")[0] for passage in found.passages}


def test_the_next_index_holds_the_same_passages_with_other_vectors(documents: list[Document]) -> None:
    before = live_generation()
    assert before is not None
    after = built()
    assert texts_of(after) == texts_of(before)
    assert (after.embedder, after.dimensions) == ("fake-next", 256)
    assert has_graph(after)
    assert {len(row.embedding) for row in IndexedPassage.objects.filter(generation=after)} == {256}


def test_an_index_that_is_being_built_is_not_searched(person: User, documents: list[Document]) -> None:
    before = found_by(person)
    generation = begin(SYSTEM, model="fake-next")
    assert found_by(person) == before
    for version in outstanding(generation)[:2]:
        building.build_version(generation, version, get_embedder("fake-next"))
    assert outstanding(generation).count() == 1
    assert found_by(person) == before


def test_after_the_switch_searches_read_the_new_one_with_its_own_embedder(
    person: User, documents: list[Document]
) -> None:
    _, texts = found_by(person)
    switch(SYSTEM, built().number)
    assert found_by(person) == ("2:fake-next", texts)


def test_half_an_index_cannot_be_switched_to(documents: list[Document]) -> None:
    generation = begin(SYSTEM, model="fake-next")
    with pytest.raises(Conflict, match="3 documents are outstanding"):
        switch(SYSTEM, generation.number)
    assert str(live_generation()) == "1:fake"


def test_what_was_embedded_is_not_embedded_again_after_an_interruption(
    documents: list[Document], monkeypatch: pytest.MonkeyPatch
) -> None:
    generation = begin(SYSTEM, model="fake-next")
    embedder = Interrupted("fake-next")
    monkeypatch.setattr(building, "embedder_of", lambda _: embedder)
    monkeypatch.setattr(building, "_AT_ONCE", 1)
    with pytest.raises(KeyboardInterrupt):
        bring_up_to_date(generation, seconds=60)
    assert IndexedPassage.objects.filter(generation=generation).count() == len(embedder.embedded) == 1
    assert bring_up_to_date(generation, seconds=60) is Turn.COMPLETE
    assert len(embedder.embedded) == IndexedPassage.objects.filter(generation=generation).count() == 6


def test_what_is_uploaded_read_again_or_deleted_meanwhile_is_right_at_the_switch(
    person: User, documents: list[Document]
) -> None:
    generation = begin(SYSTEM, model="fake-next")
    assert bring_up_to_date(generation, seconds=60) is Turn.COMPLETE
    documents[0].delete()
    read(documents[1], "Net debt stood still.")
    read(DocumentFactory(collection=documents[1].collection, title="New"), "Net debt of the new part fell.")
    with pytest.raises(Conflict, match="2 documents are outstanding"):
        switch(SYSTEM, generation.number)
    assert bring_up_to_date(generation, seconds=60) is Turn.COMPLETE
    _, texts = found_by(person)
    switch(SYSTEM, generation.number)
    assert found_by(person) == ("2:fake-next", texts)
    assert {"Net debt stood still.", "Net debt of the new part fell."} <= texts
    assert not {"Net debt of part 0 fell.", "Net debt of part 1 fell."} & texts


def test_a_reading_that_ends_in_the_old_index_after_the_switch_is_brought_over(
    person: User, documents: list[Document], monkeypatch: pytest.MonkeyPatch
) -> None:
    old, new = live_generation(), built()
    switch(SYSTEM, new.number)
    monkeypatch.setattr("tests.retrieval.indexing.open_generation", lambda _: old)
    monkeypatch.setattr("tests.retrieval.test_generations.live_embedder", FakeEmbedder)
    read(documents[0], "Net debt stood still.")
    assert "Net debt stood still." not in found_by(person)[1]
    new.refresh_from_db()
    assert bring_up_to_date(new, seconds=60) is Turn.COMPLETE
    assert "Net debt stood still." in found_by(person)[1]


def test_one_can_go_back_and_finds_what_came_meanwhile(person: User, documents: list[Document]) -> None:
    switch(SYSTEM, built().number)
    read(documents[0], "Net debt stood still.")
    old = previous()
    assert outstanding(old).count() == 1
    assert bring_up_to_date(old, seconds=60) is Turn.COMPLETE
    switch(SYSTEM, old.number)
    generation, texts = found_by(person)
    assert generation == "1:fake"
    assert "Net debt stood still." in texts
    assert "Net debt of part 0 fell." not in texts


def test_readings_go_into_the_index_that_is_live(person: User, documents: list[Document]) -> None:
    switch(SYSTEM, built().number)
    read(documents[0], "Net debt stood still.")
    assert "Net debt stood still." in found_by(person)[1]
    live = live_generation()
    assert live is not None
    assert not outstanding(live).exists()


def test_what_is_dropped_is_gone_with_its_graph(documents: list[Document]) -> None:
    switch(SYSTEM, built().number)
    old = previous()
    assert drop(SYSTEM, old.number) > 0
    assert not IndexedPassage.objects.filter(generation_id=old.pk).exists()
    assert not has_graph(old)
    assert [one.generation.number for one in standings()] == [2]
    with pytest.raises(NotFound):
        previous()


def test_what_answers_cannot_be_dropped(documents: list[Document]) -> None:
    with pytest.raises(Conflict, match="answers searches"):
        drop(SYSTEM, 1)


def test_one_is_built_at_a_time(documents: list[Document]) -> None:
    begin(SYSTEM, model="fake-next")
    with pytest.raises(Conflict, match="Generation 2 is being built"):
        begin(SYSTEM, model="fake-other")


def test_only_who_administers_changes_indexes(person: User) -> None:
    for change in (
        lambda: begin(scope_of(person)),
        lambda: switch(scope_of(person), 1),
        lambda: drop(scope_of(person), 1),
    ):
        with pytest.raises(NotAllowed):
            change()


@pytest.fixture
def _below_the_bar(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(generations, "_bars", [])
    generations.before_switch(lambda generation: f"{generation.embedder} finds less.")
    return


@pytest.mark.usefixtures("_below_the_bar")
def test_what_is_below_a_bar_goes_live_only_with_a_recorded_reason(documents: list[Document]) -> None:
    generation = built()
    with pytest.raises(Conflict, match="fake-next finds less"):
        switch(SYSTEM, generation.number)
    switch(SYSTEM, generation.number, override="The old model is not to be had any more.")
    data = json.loads(bytes(Record.objects.get(action=Action.INDEX_SWITCHED).body))["data"]
    assert (data["generation"], data["before"], data["back"]) == ("2:fake-next", "1:fake", False)
    assert data["objections"] == ["fake-next finds less."]
    assert data["override"] == "The old model is not to be had any more."


def test_every_change_is_recorded(documents: list[Document]) -> None:
    generation = built()
    switch(SYSTEM, generation.number)
    switch(SYSTEM, 1)
    drop(SYSTEM, generation.number)
    actions = Record.objects.filter(action__startswith="index.").order_by("sequence").values_list("action", flat=True)
    assert list(actions) == ["index.built", "index.switched", "index.switched", "index.dropped"]


def test_the_command_says_how_it_is_and_does_all_of_it(
    documents: list[Document], capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("index", "build", "--model", "fake-next", "--here")
    call_command("index", "switch", "2", "--unasked")
    call_command("index", "rollback", "--unasked")
    call_command("index", "drop", "2")
    call_command("index", "status")
    said = capsys.readouterr().out
    assert "3 of 3 documents" in said
    assert "Searches read generation 2:fake-next." in said
    assert "Searches read generation 1:fake." in said
    assert said.splitlines()[-1].startswith("1  live")


def test_the_command_refuses_with_a_sentence(documents: list[Document]) -> None:
    with pytest.raises(CommandError, match="no generation to go back to"):
        call_command("index", "rollback")
    with pytest.raises(CommandError, match="There is no generation 7"):
        call_command("index", "switch", "7")
