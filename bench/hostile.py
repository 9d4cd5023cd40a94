"""What hostile files cost everybody else: ordinary documents one after another through a real worker, without and with them.

    .venv/bin/python -m standalone.testbed -- .venv/bin/python -m bench.hostile

Every hostile file of the tests is sent while letters are, one at a time; each must end, and the letters' usual time until they
are ready is compared with what it is without them: some letters are sent alone before every few files.
"""

import os
import sys
import threading
import time
from collections import Counter
from dataclasses import dataclass
from statistics import mean, median

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

import django

django.setup()

from django.core.management import call_command
from django.db import connection

from apps.accounts.models import User
from apps.accounts.scope import Scope
from apps.core.errors import ToulminError
from apps.documents.models import Collection, Document, Version
from apps.documents.services import create_collection
from bench.ingestion import unfinished, upload, worker
from tests.files.hostile import KINDS, Hostile

FILES = 8
LETTERS = 3
PARAGRAPHS = 60
PAUSE = 0.5


@dataclass(frozen=True, slots=True)
class Taken:
    """A document and the moments between which it was read."""

    document: Document
    begun: float
    ended: float

    @property
    def seconds(self) -> float:
        return self.ended - self.begun


def main() -> int:
    call_command("migrate", verbosity=0)
    scope = Scope.of_user(User.objects.create_user(email="bench@example.org", name="Bench"))
    letters, hostile = (create_collection(scope, name=name) for name in ("Letters", "Hostile"))
    files = [(kind, kind.make()) for kind in KINDS]
    with worker(scope) as (memory, _):
        send_letters(scope, letters, "warm", 2)
        alone: list[Taken] = []
        beside: list[Taken] = []
        read: list[Taken] = []
        refused: Counter[str] = Counter()
        for start in range(0, len(files), FILES):
            alone += send_letters(scope, letters, f"alone-{start}", LETTERS)
            some = files[start : start + FILES]
            sender = threading.Thread(target=send_hostile, args=[scope, hostile, some, read, refused])
            sender.start()
            while sender.is_alive():
                beside += send_letters(scope, letters, f"beside-{len(beside)}", 1)
    ends = dict(Version.objects.filter(document__in=[t.document for t in read]).values_list("document", "error_code"))
    print(f"hostile files: {len(read)} taken in, {refused.total()} refused when sent")
    print(f"  refused: {_counted(refused)}")
    print(f"  ended: {_counted(Counter(code or 'ready' for code in ends.values()))}")
    print(f"letters alone: {_usual(alone)}")
    for name, of_these in (
        ("in error", [taken for taken in read if ends[taken.document.pk]]),
        ("as documents", [taken for taken in read if not ends[taken.document.pk]]),
    ):
        met = [letter for letter in beside if any(t.begun < letter.ended and letter.begun < t.ended for t in of_these)]
        if met:
            delay = median(t.seconds for t in met) / median(t.seconds for t in alone) - 1
            print(f"letters beside those that end {name}: {_usual(met)}; delay of the median {delay:+.1%}")
    print(f"most memory: worker {memory['worker']:.0f} MB, child {memory['child']:.0f} MB")
    return 0


def send_letters(scope: Scope, collection: Collection, name: str, count: int) -> list[Taken]:
    """Send letters one after another, and return when each was sent and could be searched."""
    taken = []
    for number in range(count):
        words = f"Letter {name} {number}: the pumps of this order are to be delivered to the site named in it. " * 4
        content = "\n\n".join(f"Paragraph {place}. {words}" for place in range(PARAGRAPHS)).encode()
        begun = time.monotonic()
        document = upload(scope, collection, content, f"{name}-{number}.txt")
        while unfinished([document]):
            time.sleep(0.05)
        taken.append(Taken(document, begun, time.monotonic()))
        time.sleep(PAUSE)
    return taken


def send_hostile(
    scope: Scope, collection: Collection, files: list[tuple[Hostile, bytes]], read: list[Taken], refused: Counter[str]
) -> None:
    """Send the files so that there always is one to be read, and wait for each to end."""
    try:
        for kind, content in files:
            begun = time.monotonic()
            try:
                document = upload(scope, collection, content, kind.filename)
            except ToulminError as error:
                refused[error.code] += 1
                continue
            while unfinished([document]):
                time.sleep(0.2)
            read.append(Taken(document, begun, time.monotonic()))
    finally:
        connection.close()


def _counted(codes: Counter[str]) -> str:
    return ", ".join(f"{code} {count}" for code, count in codes.most_common())


def _usual(taken: list[Taken]) -> str:
    seconds = [each.seconds for each in taken]
    return f"{len(seconds)}, median {median(seconds):.2f} s, mean {mean(seconds):.2f} s, longest {max(seconds):.2f} s"


if __name__ == "__main__":
    sys.exit(main())
