"""Postings follow passages, however these are written, moved, put in force or deleted; scores are those of BM25."""

import math
import random
import threading
from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from apps.accounts.models import User
from apps.documents.models import Access, Collection, Document
from apps.documents.purging import Deleted, check_deleted
from apps.documents.services import delete_collection, delete_document
from apps.retrieval.analysis import question_words, term_key, terms_of
from apps.retrieval.bm25 import CONTEXT_WEIGHT, K1, B
from apps.retrieval.index import (
    forget_pending,
    hide_reading,
    live_generation,
    move_documents,
    put_in_force,
    remove_version,
)
from apps.retrieval.keyword import by_words
from apps.retrieval.models import IndexedPassage, PostedPassages, Posting
from apps.retrieval.within import Filters, Within, within
from tests.factories import UserFactory, VersionFactory, owned_by, scope_of
from tests.retrieval.documents import paged, text
from tests.retrieval.indexing import index_parsed, indexed

VOCABULARY = [f"{first}{second}" for first in "bcdfgklmnprst" for second in ("anka", "olmet", "ural", "iden")]

Key = tuple[int, int, bool]


@pytest.fixture
def person() -> User:
    made: User = UserFactory()
    return made


def _sentence(rng: random.Random) -> str:
    """Words of which some are in half of all sentences and most in few."""
    return " ".join(rng.choice(VOCABULARY[: rng.choice([3, 10, 52])]) for _ in range(rng.randint(3, 40)))


def _pages(rng: random.Random) -> list[str]:
    return [_sentence(rng) for _ in range(rng.randint(1, 4))]


def _posted() -> tuple[dict[tuple[Key, int], list[tuple[int, int, int, int]]], dict[Key, tuple[int, int]]]:
    """Return every entry as the tables have it, and the totals that are not of nothing."""
    entries = defaultdict(list)
    for row in Posting.objects.all():
        packed = bytes(row.entries)
        assert packed, "an empty row was left"
        assert len(packed) <= 2000, "a row does not fit beside others on its page"
        for start in range(0, len(packed), 8):
            value = int.from_bytes(packed[start : start + 8])
            number = value >> 32
            assert row.first <= number <= row.last
            entry = (number, value >> 16 & 0xFFFF, value >> 8 & 0xFF, value & 0xFF)
            entries[(row.access_id, row.generation_id, row.in_force), row.term].append(entry)
    totals = {
        (row.access_id, row.generation_id, row.in_force): (row.passages, row.length)
        for row in PostedPassages.objects.all()
        if row.passages or row.length
    }
    return {key: sorted(value) for key, value in entries.items()}, totals


def _written_anew() -> tuple[dict[tuple[Key, int], list[tuple[int, int, int, int]]], dict[Key, tuple[int, int]]]:
    """Return what the tables should hold, from the texts of the passages that there are."""
    entries, totals = defaultdict(list), defaultdict(lambda: (0, 0))
    for row in IndexedPassage.objects.filter(pending=False).select_related("generation"):
        key = (row.access_id, row.generation.number, row.in_force)
        in_text, in_context = terms_of(row.text, row.language), terms_of(row.context, row.language)
        length = in_text.total() + in_context.total()
        passages, lengths = totals[key]
        totals[key] = passages + 1, lengths + length
        for term in in_text | in_context:
            entries[key, term_key(term)].append((row.number, length, in_text[term], in_context[term]))
    return {key: sorted(value) for key, value in entries.items()}, dict(totals)


def _change(rng: random.Random, shelves: list[Collection]) -> None:
    """Do one of what happens to documents."""
    documents = list(Document.objects.all())
    document = rng.choice(documents) if documents else None
    choice = rng.randrange(9)
    if document is None or choice < 3:
        indexed(rng.choice(shelves), *_pages(rng), language=rng.choice(["en", "de", ""]))
        return
    versions = list(document.versions.order_by("number"))
    match choice:
        case 3:
            document.latest = VersionFactory(document=document, number=versions[-1].number + 1, language="en")
            document.save()
            index_parsed(document, paged(*([text(page)] for page in _pages(rng))))
        case 4:
            put_in_force(document.pk, rng.choice([*(version.pk for version in versions), None]))
        case 5:
            shelf = rng.choice(shelves)
            access = rng.choice([Access.objects.open_in(shelf.pk), Access.objects.narrowed_in(shelf.pk, [], [])])
            Document.objects.filter(pk=document.pk).update(collection=shelf, access=access)
            move_documents([document.pk], access)
        case 6:
            rng.choice([hide_reading, forget_pending, remove_version])(rng.choice(versions))
        case 7:
            Document.objects.filter(pk=document.pk).delete()
        case 8:
            index_parsed(document, paged(*([text(page)] for page in _pages(rng))))


@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(6))
def test_after_any_changes_postings_are_as_if_written_anew(seed: int) -> None:
    rng = random.Random(seed)
    shelves = [owned_by(UserFactory()) for _ in range(2)]
    for _ in range(40):
        _change(rng, shelves)
    assert _posted() == _written_anew()
    assert IndexedPassage.objects.exists()


@pytest.mark.django_db
def test_a_word_that_is_everywhere_fills_several_parts_and_leaves_all_of_them(person: User) -> None:
    shelf = owned_by(person)
    documents = [indexed(shelf, *["debt rose"] * 40, title=f"Report {number}") for number in range(8)]
    assert Posting.objects.filter(term=term_key("debt")).count() > 1
    assert _posted() == _written_anew()
    for document in documents:
        hide_reading(document.latest)
    assert not Posting.objects.exists()
    IndexedPassage.objects.update(pending=False)
    assert _posted() == _written_anew()
    for document in documents[::2]:
        document.delete()
    assert _posted() == _written_anew()
    for document in documents[1::2]:
        document.delete()
    assert not Posting.objects.exists()


def _plain_scores(rows: list[IndexedPassage], question: str) -> dict[int, float]:
    """Score passages by BM25 as it stands in books."""
    held = {
        row.number: (terms_of(row.text, row.language), terms_of(row.context, row.language), row.language)
        for row in rows
    }
    lengths = {number: text.total() + context.total() for number, (text, context, _) in held.items()}
    average = sum(lengths.values()) / len(lengths)
    scores: Counter[int] = Counter()
    for word in question_words(question, {row.language for row in rows}):
        counts = {
            number: sum(text[term] + CONTEXT_WEIGHT * context[term] for term in word.terms)
            for number, (text, context, _) in held.items()
        }
        holding = [number for number, count in counts.items() if count]
        rarity = math.log(1 + (len(rows) - len(holding) + 0.5) / (len(holding) + 0.5))
        for number in holding:
            saturation = K1 * (1 - B + B * lengths[number] / average)
            scores[number] += rarity * counts[number] / (counts[number] + saturation)
    return scores


def _searched(person: User) -> Within:
    found = within(scope_of(person))
    assert found is not None
    return found


@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(3))
def test_scores_are_those_of_bm25_among_what_may_be_read(person: User, seed: int) -> None:
    rng = random.Random(seed)
    mine, narrowed, other = owned_by(person), owned_by(person), owned_by(UserFactory())
    for shelf in (mine, narrowed, other):
        for _ in range(12):
            indexed(shelf, *_pages(rng), title=_sentence(rng), language=rng.choice(["en", "de"]))
    searched = _searched(person)
    for _ in range(5):
        question = _sentence(rng)
        hits = by_words(searched, question, searched.languages())
        plain = _plain_scores(list(searched.passages()), question)
        best = sorted(plain.items(), key=lambda hit: (-hit[1], hit[0]))[: len(hits)]
        assert [number for number, _ in hits] == [number for number, _ in best]
        assert [score for _, score in hits] == pytest.approx([score for _, score in best])


@pytest.mark.django_db
def test_what_may_not_be_read_changes_no_score(person: User) -> None:
    indexed(owned_by(person), "The covenant was waived.", "Rent rose.")
    searched = _searched(person)
    before = by_words(searched, "Was a covenant waived?", searched.languages())
    indexed(owned_by(UserFactory()), *["The covenant was waived."] * 30)
    assert by_words(searched, "Was a covenant waived?", searched.languages()) == before


@pytest.mark.django_db
@pytest.mark.parametrize("few", [0, 20_000])
def test_a_narrowed_search_finds_as_many_as_there_are(person: User, monkeypatch: pytest.MonkeyPatch, few: int) -> None:
    monkeypatch.setattr("apps.retrieval.keyword.FEW", few)
    shelf = owned_by(person)
    for _ in range(8):
        indexed(shelf, *["Net debt fell again, net debt."] * 40, title="Debt")
    wanted = indexed(shelf, *["In a long sentence of other things the debt is named once."] * 3, title="Minutes")
    searched = within(scope_of(person), documents=[wanted.pk])
    assert searched is not None
    hits = by_words(searched, "net debt", searched.languages())
    assert {number for number, _ in hits} == set(searched.passages().values_list("number", flat=True))
    assert len(hits) == 3


@pytest.mark.django_db
def test_what_was_in_force_on_another_day_is_scored_among_itself(person: User) -> None:
    document = indexed(owned_by(person), "The limit is 40 million.", "Rent rose.")
    first = document.latest
    assert first is not None
    today = timezone.localdate()
    type(first).objects.filter(pk=first.pk).update(effective_from=today - timedelta(days=30), ready_at=timezone.now())
    second = VersionFactory(document=document, number=2, effective_from=today, ready_at=timezone.now(), language="en")
    document.latest = second
    document.save()
    index_parsed(document, paged([text("The limit is 60 million.")], [text("Rent fell.")]))
    put_in_force(document.pk, second.pk)
    earlier = within(scope_of(person), filters=Filters(as_of=today - timedelta(days=7)))
    assert earlier is not None
    hits = by_words(earlier, "limit of 40 million", earlier.languages())
    plain = _plain_scores(list(IndexedPassage.objects.filter(version=first)), "limit of 40 million")
    assert {number for number, _ in hits} == plain.keys()
    now = _searched(person)
    (hit,) = by_words(now, "limit of 40 million", now.languages())
    assert IndexedPassage.objects.get(number=hit[0]).version_id == second.pk


@pytest.mark.django_db(transaction=True)
def test_many_write_and_delete_at_once_and_nobody_waits_for_ever(person: User) -> None:
    shelf = owned_by(person)
    doomed = iter([indexed(shelf, *_pages(random.Random(seed)), title=f"Old {seed}") for seed in range(8)])

    def write(seed: int) -> None:
        for _ in range(4):
            with transaction.atomic():
                indexed(shelf, *_pages(random.Random(seed)), title=f"New {seed}")

    def delete(_: int) -> None:
        for _ in range(4):
            delete_document(scope_of(person), next(doomed))

    _together([write, write, write, write, delete, delete])
    assert Document.objects.count() == 16
    assert _posted() == _written_anew()


def _together(works: list[Callable[[int], None]]) -> None:
    errors: list[Exception] = []

    def go(place: int, work: Callable[[int], None]) -> None:
        try:
            work(place)
        except Exception as error:  # noqa: BLE001  # told in the main thread
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=go, args=each) for each in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors


@pytest.mark.django_db(transaction=True)
def test_of_a_deleted_document_and_of_a_deleted_collection_no_word_remains(person: User) -> None:
    shelf = owned_by(person)
    indexed(shelf, "Net debt fell.")
    delete_document(scope_of(person), indexed(shelf, "The covenant was waived."))
    assert not Posting.objects.filter(term__in=[term_key(term) for term in terms_of("covenant waived", "en")]).exists()
    assert check_deleted(Deleted(frozenset(), frozenset(), frozenset())).found["retrieval.posting"] == 0
    delete_collection(scope_of(person), shelf)
    assert not Posting.objects.exists()
    assert not PostedPassages.objects.exists()


@pytest.mark.django_db
def test_a_posting_of_a_passage_that_is_gone_is_found(person: User) -> None:
    document = indexed(owned_by(person), "Net debt fell.")
    kept = Posting.objects.get(term=term_key("debt"))
    document.delete()
    kept.save(force_insert=True)
    assert check_deleted(Deleted(frozenset(), frozenset(), frozenset())).found["retrieval.posting"] == 1


@pytest.mark.django_db
def test_a_dropped_generation_leaves_no_postings(person: User) -> None:
    indexed(owned_by(person), "Net debt fell.")
    generation = live_generation()
    assert generation is not None
    generation.delete()
    assert not Posting.objects.exists()
    assert not PostedPassages.objects.exists()
