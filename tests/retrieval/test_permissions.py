"""Whatever is granted, revoked, indexed and deleted, in whatever order: search returns what may be read, and only that."""

import hypothesis.strategies as st
from hypothesis import HealthCheck, settings
from hypothesis.extra.django import TestCase
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule

from apps.accounts.models import Group, User
from apps.documents.models import Collection, Document, Grant
from apps.retrieval.search import search
from tests.factories import CollectionFactory, GroupFactory, UserFactory, grant, scope_of
from tests.retrieval.indexing import indexed


class Permissions(RuleBasedStateMachine):
    """An in-memory model of who may read what, beside the real thing."""

    collections = Bundle("collections")
    documents = Bundle("documents")

    def __init__(self) -> None:
        super().__init__()
        self.people: list[User] = UserFactory.create_batch(2)
        self.group: Group = GroupFactory(members=[self.people[1]])
        self.granted: set[tuple[object, object]] = set()
        self.held: dict[object, object] = {}

    @rule(target=collections)
    def make_collection(self) -> Collection:
        made: Collection = CollectionFactory()
        return made

    @rule(target=documents, collection=collections, pages=st.integers(1, 2))
    def add(self, collection: Collection, pages: int) -> Document:
        document = indexed(collection, *[f"Net debt of part {n} fell." for n in range(pages)])
        self.held[document.pk] = collection.pk
        return document

    @rule(document=consumes(documents))
    def delete(self, document: Document) -> None:
        Document.objects.filter(pk=document.pk).delete()
        del self.held[document.pk]

    @rule(collection=collections, person=st.sampled_from([0, 1, None]))
    def grant(self, collection: Collection, person: int | None) -> None:
        principal = self.group if person is None else self.people[person]
        grant(collection, principal)
        self.granted.add((collection.pk, principal.pk))

    @rule(collection=collections, person=st.sampled_from([0, 1, None]))
    def revoke(self, collection: Collection, person: int | None) -> None:
        principal = self.group if person is None else self.people[person]
        field = "group" if person is None else "user"
        Grant.objects.filter(collection=collection, **{field: principal}).delete()
        self.granted.discard((collection.pk, principal.pk))

    @invariant()
    def each_finds_exactly_what_they_may_read(self) -> None:
        for person, principals in (
            (self.people[0], [self.people[0].pk]),
            (self.people[1], [p.pk for p in (self.people[1], self.group)]),
        ):
            found = search(scope_of(person), "net debt", limit=100)
            readable = {
                document
                for document, collection in self.held.items()
                if any((collection, principal) in self.granted for principal in principals)
            }
            assert {passage.document_id for passage in found.passages} == readable
            assert found.searched == len(found.passages)


class TestPermissions(Permissions.TestCase, TestCase):  # type: ignore[misc,name-defined]
    settings = settings(max_examples=12, stateful_step_count=15, deadline=None, suppress_health_check=list(HealthCheck))
