"""A collection, somebody who may add to it, and an empty queue."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import redis
from django.conf import settings as django_settings

from apps.accounts.models import User
from apps.accounts.scope import Scope
from apps.documents.models import Collection, Document
from apps.ingestion.models import IngestRun
from apps.ingestion.services import upload_document
from apps.ingestion.tasks import QUEUE
from tests.factories import UserFactory, owned_by, scope_of

REPORT = b"Funding\n\nNet debt fell to 4,120 million at the end of the year.\n\nStaff costs rose by a tenth in the same time.\n"


class Bells:
    """What was rung for, in order."""

    def __init__(self) -> None:
        self.client = redis.Redis.from_url(django_settings.REDIS_URL)

    def clear(self) -> None:
        self.client.delete(QUEUE)

    def __len__(self) -> int:
        return int(self.client.llen(QUEUE))


@pytest.fixture
def bells() -> Iterator[Bells]:
    waiting = Bells()
    waiting.clear()
    yield waiting
    waiting.clear()


@pytest.fixture(autouse=True)
def _files(settings: Any, tmp_path: Path, bells: Bells) -> None:
    settings.DATA_DIR = tmp_path


@pytest.fixture
def person() -> User:
    made: User = UserFactory()
    return made


@pytest.fixture
def scope(person: User) -> Scope:
    return scope_of(person)


@pytest.fixture
def collection(person: User) -> Collection:
    return owned_by(person)


@pytest.fixture
def upload(scope: Scope, collection: Collection) -> Callable[..., Document]:
    def add(content: bytes = REPORT, *, filename: str = "report.txt", **options: Any) -> Document:
        return upload_document(scope, collection, [content], filename=filename, **options)[0]

    return add


def run_of(document: Document) -> IngestRun:
    """Return the newest run of a document's latest version."""
    return IngestRun.objects.filter(version=document.latest_id).latest("created_at")
