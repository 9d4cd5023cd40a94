"""What hostile files cost everybody else: ordinary documents one after another through a real worker, without and with them.

    .venv/bin/python -m standalone.testbed -- .venv/bin/python -m bench.hostile

Every hostile file of the tests is sent while letters are, one at a time; each must end, and the letters' usual time until they
are ready is compared with what it is without them.
"""

import os
import sys
import threading
import time
from collections import Counter
from statistics import mean, median

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

import django

django.setup()

from django.core.management import call_command
from django.db import connection

from apps.accounts.models import User
from apps.accounts.scope import Scope
from apps.core.errors import ToulminError
from apps.documents.models import Collection, Document, Status, Version
from apps.documents.services import create_collection
from bench.ingestion import unfinished, until, upload, worker
from tests.files.hostile import KINDS, Hostile

LETTERS = 20
PARAGRAPHS = 60
PAUSE = 1.0


def main() -> int:
    call_command("migrate", verbosity=0)
    scope = Scope.of_user(User.objects.create_user(email="bench@example.org", name="Bench"))
    letters = create_collection(scope, name="Letters")
    hostile = create_collection(scope, name="Hostile")
    files = [(kind, kind.make()) for kind in KINDS]
    with worker(scope) as (memory, _):
        send_letters(scope, letters, "warm", 2)
        alone = send_letters(scope, letters, "alone", LETTERS)
        passed = threading.Event()
        sent: list[Document] = []
        refused: Counter[str] = Counter()
        sender = threading.Thread(target=send_hostile, args=[scope, hostile, files, sent, refused, passed])
        sender.start()
        beside: list[float] = []
        while not passed.is_set():
            beside += send_letters(scope, letters, f"beside-{len(beside)}", 1)
        sender.join()
    ends = Counter(
        Version.objects.filter(document__in=sent).exclude(status=Status.READY).values_list("error_code", flat=True)
    )
    print(f"hostile files: {len(sent)} taken in, {refused.total()} refused when sent")
    print("  refused: " + ", ".join(f"{code} {count}" for code, count in refused.most_common()))
    print(
        "  ended: "
        + ", ".join(f"{code} {count}" for code, count in ends.most_common())
        + f", ready {len(sent) - ends.total()}"
    )
    print(f"letters alone: median {median(alone):.2f} s, mean {mean(alone):.2f} s, longest {max(alone):.2f} s")
    print(f"letters beside them: median {median(beside):.2f} s, mean {mean(beside):.2f} s, longest {max(beside):.2f} s")
    print(
        f"delay: {median(beside) / median(alone) - 1:+.1%} of the median, {mean(beside) / mean(alone) - 1:+.1%} of the mean"
    )
    print(f"most memory: worker {memory['worker']:.0f} MB, child {memory['child']:.0f} MB")
    return 0


def send_letters(scope: Scope, collection: Collection, name: str, count: int) -> list[float]:
    """Send letters one after another, and return how many seconds each took until it could be searched."""
    taken = []
    for number in range(count):
        words = f"Letter {name} {number}: the pumps of this order are to be delivered to the site named in it. " * 4
        content = "\n\n".join(f"Paragraph {place}. {words}" for place in range(PARAGRAPHS)).encode()
        begun = time.monotonic()
        document = upload(scope, collection, content, f"{name}-{number}.txt")
        while unfinished([document]):
            time.sleep(0.05)
        taken.append(time.monotonic() - begun)
        time.sleep(PAUSE)
    return taken


def send_hostile(
    scope: Scope,
    collection: Collection,
    files: list[tuple[Hostile, bytes]],
    sent: list[Document],
    refused: Counter[str],
    passed: threading.Event,
) -> None:
    """Send the files so that there always is one to be read, and wait for each to end."""
    try:
        for kind, content in files:
            try:
                sent.append(upload(scope, collection, content, kind.filename))
            except ToulminError as error:
                refused[error.code] += 1
                continue
            until(lambda: not unfinished(sent[-1:]))
    finally:
        connection.close()
        passed.set()


if __name__ == "__main__":
    sys.exit(main())
