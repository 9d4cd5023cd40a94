"""Everything that people do with documents and with who may read them, beside a model in memory of who may.

A check is one look of one person through one door: what they get must be what the model says, and nothing that they get may
hold a word of a document that they may not read.
"""

import hashlib
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import hypothesis.strategies as st
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, multiple, rule

from apps.accounts.models import Group, User
from apps.accounts.services import change_group
from apps.documents import storage
from apps.documents.models import Collection, Document, Role
from apps.documents.services import delete_document, grant_role, revoke_role
from apps.ingestion.services import change_document, narrow_document, open_document, upload_document
from apps.reasoning.absence import certify_absence
from apps.retrieval.search import search
from tests.factories import (
    BlockFactory,
    GroupFactory,
    PageFactory,
    UserFactory,
    answer_with_grounds,
    owned_by,
    passage_json,
    scope_of,
    token_for,
)
from tests.retrieval.indexing import indexed

PEOPLE, GROUPS, COLLECTIONS = 3, 2, 2
person_number, group_number = st.integers(0, PEOPLE - 1), st.integers(0, GROUPS - 1)
collection_number = st.integers(0, COLLECTIONS - 1)
principals = st.one_of(st.tuples(st.just("user"), person_number), st.tuples(st.just("group"), group_number))
Principal = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Held:
    """A document as the model knows it; `secret` stands in its title and its text, and nowhere else."""

    collection: int
    secret: str
    content: bytes
    searchable: bool = True
    named: frozenset[Principal] | None = None
    gone: bool = False


class Leaks(RuleBasedStateMachine):
    """People, groups, two collections of one manager, documents and answers."""

    checks: ClassVar[int] = 0
    remembers_the_gone: ClassVar[bool] = True

    documents = Bundle("documents")

    def __init__(self) -> None:
        super().__init__()
        self._example = transaction.atomic()
        self._example.__enter__()
        self.manager: User = UserFactory()
        self.people: list[User] = UserFactory.create_batch(PEOPLE)
        self.groups: list[Group] = GroupFactory.create_batch(GROUPS)
        self.collections: list[Collection] = [owned_by(self.manager) for _ in range(COLLECTIONS)]
        self.granted: dict[tuple[int, Principal], Role] = {}
        self.members: set[tuple[int, int]] = set()
        self.held: dict[Any, Held] = {}
        self.asked: dict[Any, tuple[int, Any, Any]] = {}
        self.clients = [_Caller(person) for person in self.people]
        self._turn = 0

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self._example.__exit__(None, None, None)

    @initialize(target=documents)
    def begin(self) -> Any:
        """Begin where everybody reads something, so that there is something to lose."""
        for collection, to in ((0, ("user", 0)), (1, ("user", 1)), (0, ("group", 0))):
            self.grant(collection, to, Role.READER)
        self.join_or_leave(0, 2)
        return multiple(self._add(0), self._add(1))

    # What is done

    @rule(target=documents, collection=collection_number)
    def upload(self, collection: int) -> Any:
        return self._add(collection)

    @rule(document=consumes(documents))
    def delete(self, document: Any) -> None:
        delete_document(self._managing(), Document.objects.get(pk=document))
        self.held[document] = replace(self.held[document], gone=True)

    @rule(collection=collection_number, to=principals, role=st.sampled_from(Role))
    def grant(self, collection: int, to: Principal, role: Role) -> None:
        grant_role(self._managing(), self.collections[collection], **self._principal(to), role=role)
        self.granted[collection, to] = role

    @rule(collection=collection_number, to=principals)
    def revoke(self, collection: int, to: Principal) -> None:
        revoke_role(self._managing(), self.collections[collection], **self._principal(to))
        self.granted.pop((collection, to), None)

    @rule(group=group_number, person=person_number)
    def join_or_leave(self, group: int, person: int) -> None:
        self.members ^= {(group, person)}
        inside = [self.people[member] for where, member in self.members if where == group]
        self.groups[group] = change_group(_administrator(), self.groups[group], members=inside)

    @rule(document=documents, named=st.frozensets(principals, max_size=2))
    def narrow(self, document: Any, named: frozenset[Principal]) -> None:
        users = [self.people[number] for kind, number in named if kind == "user"]
        groups = [self.groups[number] for kind, number in named if kind == "group"]
        narrow_document(self._managing(), Document.objects.get(pk=document), users, groups)
        self.held[document] = replace(self.held[document], named=named)

    @rule(document=documents)
    def open(self, document: Any) -> None:
        open_document(self._managing(), Document.objects.get(pk=document))
        self.held[document] = replace(self.held[document], named=None)

    @rule(document=documents, collection=collection_number)
    def move(self, document: Any, collection: int) -> None:
        change_document(self._managing(), Document.objects.get(pk=document), collection=self.collections[collection])
        self.held[document] = replace(self.held[document], collection=collection)

    @rule(document=documents)
    def supersede(self, document: Any) -> None:
        held = self.held[document]
        content = held.content + b"\nLater."
        upload_document(
            self._managing(),
            self.collections[held.collection],
            [content],
            filename="later.txt",
            supersedes=Document.objects.get(pk=document),
        )
        self.held[document] = replace(held, content=content)

    @rule(person=person_number, document=documents, considered=documents)
    def ask(self, person: int, document: Any, considered: Any) -> None:
        if not self.may_read(person, document) or not self.may_read(person, considered):
            return
        secret = self.held[document].secret
        answer = answer_with_grounds(
            self.people[person], Document.objects.get(pk=document), text=f"It says {secret}.", reasoning=secret
        )
        other = passage_json(Document.objects.get(pk=considered), text=self.held[considered].secret)
        answer.candidates.filter(marker=None).update(document_id=considered, passage=other)
        self.asked[answer.pk] = (person, document, considered)

    # What is looked at

    @invariant()
    def somebody_looks(self) -> None:
        """After each step one person looks: at everything, at one document, at one answer, in turns."""
        self._turn += 1
        turn, person = divmod(self._turn, PEOPLE)
        documents, answers = list(self.held), list(self.asked)
        if turn % 3 == 0:
            self.look_at_everything(person)
        elif turn % 3 == 1 and documents:
            self.open_each_door(person, documents[self._turn % len(documents)])
        elif answers:
            self.open_an_answer(answers[self._turn % len(answers)])

    def look_at_everything(self, person: int) -> None:
        """Search, list, count, and have it certified that nothing is there."""
        scope = scope_of(self.people[person])
        readable = {document for document in self.held if self.may_read(person, document)}
        found = search(scope, "net debt", limit=100)
        searchable = {document for document in readable if self.held[document].searchable}
        self._check({passage.document_id for passage in found.passages} == searchable)
        self._check(found.searched == len(searchable))
        listed = self._get(person, "/documents", limit=200)
        self._check({item["id"] for item in listed.json()["items"]} == {str(document) for document in readable})
        counted = self._get(person, "/collections").json()["items"]
        self._check(sum(item["documents"] for item in counted) == len(readable))
        certified = certify_absence(scope, "net debt", found, collections=[], documents=[])
        self._check(certified["searched"]["documents"] == len(readable))
        self._check(not self._hidden_words(person, str(certified)))

    def open_each_door(self, person: int, document: Any) -> None:
        may = self.may_read(person, document)
        for path in ("", "/content", "/pages/1.png", "/original", "/events"):
            answered = self._get(person, f"/documents/{document}{path}")
            self._check((answered.status_code == 200) is may, path)
        page = self.clients[person].browser.get(f"/documents/{document}/")
        self._check((page.status_code == 200) is may, "page")
        self._check(not self._hidden_words(person, page.content.decode()), "page")

    def open_an_answer(self, answer: Any) -> None:
        person, document, considered = self.asked[answer]
        if not self.remembers_the_gone and (self.held[document].gone or self.held[considered].gone):
            return
        shown = self._get(person, f"/answers/{answer}").json()
        self._check(shown["withheld"] is not self.may_read(person, document, though_gone=True))
        page = self.clients[person].browser.get(f"/answers/{answer}/").content.decode()
        self._check(not self._hidden_words(person, page, though_gone=True), "answer")
        cited = self.clients[person].browser.get(f"/documents/{document}/?answer={answer}&marker=1")
        self._check((cited.status_code == 200) is self.may_read(person, document), "cited")
        others = [number for number in range(PEOPLE) if number != person]
        self._check(self._get(others[0], f"/answers/{answer}").status_code == 404)

    @rule(person=person_number, document=documents)
    def send_the_same_bytes(self, person: int, document: Any) -> None:
        """Whoever sees the document is told of it, and nobody else."""
        held = self.held[document]
        role = self.role(person, held.collection)
        if not self.remembers_the_gone or role not in (Role.CONTRIBUTOR, Role.MANAGER):
            return
        with transaction.atomic():
            _, duplicate = upload_document(
                scope_of(self.people[person]), self.collections[held.collection], [held.content], filename="mine.txt"
            )
            transaction.set_rollback(True)
        self._check(duplicate is self.may_read(person, document), "same bytes")

    # The model

    def role(self, person: int, collection: int) -> Role | None:
        held = {role for (where, to), role in self.granted.items() if where == collection and self._is(person, to)}
        return next((role for role in (Role.MANAGER, Role.CONTRIBUTOR, Role.READER) if role in held), None)

    def may_read(self, person: int, document: Any, *, though_gone: bool = False) -> bool:
        held = self.held[document]
        role = self.role(person, held.collection)
        if role is None or (held.gone and not though_gone):
            return False
        return held.named is None or role == Role.MANAGER or any(self._is(person, to) for to in held.named)

    def _is(self, person: int, to: Principal) -> bool:
        kind, number = to
        return number == person if kind == "user" else (number, person) in self.members

    # The rest

    def _add(self, collection: int) -> Any:
        secret = f"Secret{len(self.held)}x{hashlib.sha256(str(id(self)).encode()).hexdigest()[:6]}"
        content = f"Net debt of {secret} fell.".encode()
        document = indexed(self.collections[collection], content.decode(), title=secret)
        version = document.latest
        assert version is not None
        version.sha256 = storage.store([content], limit=1000).sha256
        version.bytes = len(content)
        version.save(update_fields=["sha256", "bytes"])
        BlockFactory(page=PageFactory(version=version, number=1), text=content.decode())
        self.held[document.pk] = Held(collection, secret, content)
        return document.pk

    def _managing(self) -> Any:
        return scope_of(self.manager)

    def _principal(self, to: Principal) -> dict[str, Any]:
        kind, number = to
        return {"user": self.people[number]} if kind == "user" else {"group": self.groups[number]}

    def _get(self, person: int, path: str, **query: Any) -> HttpResponse:
        answered = self.clients[person].get(path, **query)
        if not answered.streaming:
            self._check(not self._hidden_words(person, answered.content.decode(errors="replace"), True), path)
        return answered

    def _hidden_words(self, person: int, text: str, though_gone: bool = False) -> list[str]:
        return [
            held.secret
            for document, held in self.held.items()
            if held.secret in text and not self.may_read(person, document, though_gone=though_gone)
        ]

    def _check(self, holds: bool, door: str = "") -> None:
        type(self).checks += 1
        assert holds, door


class _Caller:
    """One person, with a token and with a browser."""

    def __init__(self, user: User) -> None:
        self._headers = {"Authorization": f"Bearer {token_for(user)}"}
        self._client, self.browser = Client(raise_request_exception=True), Client()
        self.browser.force_login(user, backend="django.contrib.auth.backends.ModelBackend")

    def get(self, path: str, **query: Any) -> HttpResponse:
        answered: HttpResponse = self._client.get(f"/api/v1{path}", headers=self._headers, query_params=query)
        return answered


def _administrator() -> Any:
    return scope_of(UserFactory(is_administrator=True))
