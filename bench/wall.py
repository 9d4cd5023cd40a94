"""What the second wall costs: `python -m standalone.testbed -- python -m bench.wall`.

Opens and leaves it, opens one document and searches, with the wall and without, over a small library; milliseconds.
"""

import os
import statistics
import time
from collections.abc import Callable
from contextlib import nullcontext
from unittest import mock

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

import django

django.setup()

from django.conf import settings
from django.core.management import call_command

from apps.documents.models import Document
from apps.documents.walls import reading
from apps.retrieval.search import search
from tests.factories import UserFactory, grant, owned_by, scope_of
from tests.retrieval.indexing import indexed

ROUNDS = 400


def main() -> None:
    """Print the median and the 95th percentile of each."""
    settings.EMBEDDER = "tests.fakes.FakeEmbedder"
    call_command("migrate", verbosity=0)
    reader = UserFactory()
    documents = []
    for _ in range(30):
        collection = owned_by(UserFactory())
        grant(collection, reader)
        documents += [indexed(collection, *[f"Net debt of part {n} fell." for n in range(10)]) for _ in range(5)]
    scope = scope_of(reader)

    def enter() -> None:
        with reading(scope):
            pass

    def open_one() -> None:
        Document.objects.get_visible(scope, documents[0].pk)

    def find() -> None:
        search(scope, "net debt")

    _told("enter and leave", enter)
    for name, act in (("open a document", open_one), ("search", find)):
        with (
            mock.patch("apps.documents.models.documents.reading", return_value=nullcontext()),
            mock.patch("apps.retrieval.search.reading", return_value=nullcontext()),
        ):
            _told(f"{name}, no wall", act)
        _told(name, act)


def _told(name: str, act: Callable[[], None]) -> None:
    act()
    spent = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        act()
        spent.append((time.perf_counter() - began) * 1000)
    print(f"{name:28} median {statistics.median(spent):6.2f} ms   p95 {statistics.quantiles(spent, n=20)[-1]:6.2f} ms")


if __name__ == "__main__":
    main()
