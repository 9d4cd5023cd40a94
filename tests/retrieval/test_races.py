"""A search that begins after a revocation has been committed finds nothing of what was revoked, whoever else searches meanwhile."""

import os
import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from apps.accounts.models import Group, User
from apps.accounts.scope import Scope
from apps.accounts.services import change_group
from apps.documents.models import Collection, Document, Role
from apps.documents.services import grant_role, revoke_role
from apps.ingestion.services import change_document, narrow_document, open_document
from apps.retrieval.search import search
from tests.factories import GroupFactory, UserFactory, owned_by, scope_of
from tests.retrieval.indexing import indexed

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(600)]

RACES, AT_ONCE = 1_000 if os.environ.get("DEEP") else 120, 4


class World:
    """One document, one reader, and every way in which they may lose it and get it back."""

    def __init__(self) -> None:
        self.manager: User = UserFactory()
        self.reader: User = UserFactory()
        self.group: Group = GroupFactory()
        self.administrator: User = UserFactory(is_administrator=True)
        self.here: Collection = owned_by(self.manager)
        self.elsewhere: Collection = owned_by(self.manager)
        self.document: Document = indexed(self.here, "Net debt fell.")
        self.managing: Scope = scope_of(self.manager)
        self.grant()

    def grant(self) -> None:
        grant_role(self.managing, self.here, user=self.reader, role=Role.READER)

    def revoke(self) -> None:
        revoke_role(self.managing, self.here, user=self.reader)

    def narrow(self) -> None:
        narrow_document(self.managing, self.document, [], [])

    def open(self) -> None:
        open_document(self.managing, self.document)

    def move_away(self) -> None:
        change_document(self.managing, self.document, collection=self.elsewhere)

    def move_back(self) -> None:
        change_document(self.managing, self.document, collection=self.here)

    def leave_the_group(self) -> None:
        """Hold it through the group alone, then leave that."""
        self.revoke()
        grant_role(self.managing, self.here, group=self.group, role=Role.READER)
        change_group(scope_of(self.administrator), self.group, members=[self.reader])
        change_group(scope_of(self.administrator), self.group, members=[])

    def hold_it_again(self) -> None:
        revoke_role(self.managing, self.here, group=self.group)
        self.grant()

    def ways(self) -> list[tuple[Callable[[], None], Callable[[], None]]]:
        return [
            (self.revoke, self.grant),
            (self.narrow, self.open),
            (self.move_away, self.move_back),
            (self.leave_the_group, self.hold_it_again),
        ]


def test_no_search_after_a_revocation_finds_what_was_revoked() -> None:
    """In each round one search runs while access is taken, and several more begin, each on a connection of its own, once that
    is committed: those must find nothing."""
    world = World()
    chance = random.Random(0)  # which way is tried next

    def found() -> int:
        try:
            return len(search(scope_of(world.reader), "net debt").passages)
        finally:
            connection.close()

    with ThreadPoolExecutor(AT_ONCE + 1) as pool:
        for _ in range(RACES // AT_ONCE):
            take, give_back = chance.choice(world.ways())
            meanwhile = pool.submit(found)
            take()
            after = [pool.submit(found) for _ in range(AT_ONCE)]
            assert [each.result() for each in after] == [0] * AT_ONCE, take.__name__
            assert meanwhile.result() in (0, 1)
            give_back()
            assert found() == 1, give_back.__name__
