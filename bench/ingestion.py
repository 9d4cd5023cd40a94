"""Ingestion through Celery and PostgreSQL: its speed beside that of parsing and encoding alone, memory, and what people see.

    TOULMIN_EVAL_DIR=… .venv/bin/python -m standalone.testbed -- .venv/bin/python -m bench.ingestion raw reports long uploads

`raw` reads some annual reports without anything else and then through the whole, `reports` all of them, `long` one PDF of a
thousand pages with a letter sent after it, `uploads` one file fifty times at once. Each prints a line or a few.
"""

import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

import django

django.setup()

import pypdfium2
from django.conf import settings
from django.core.management import call_command
from django.db import connection

from apps.accounts.models import User
from apps.accounts.scope import Scope
from apps.documents.models import UNFINISHED, Collection, Document, Status, Version
from apps.documents.parsers.pdf.parser import PdfParser
from apps.documents.parsing import Source
from apps.documents.services import create_collection
from apps.documents.tables import Carried, describe_tables
from apps.ingestion.models import IngestRun
from apps.ingestion.services import upload_document
from apps.retrieval.chunking import Chunker
from apps.retrieval.embedding import get_embedder
from apps.retrieval.index import embedded_text
from apps.retrieval.models import IndexedPassage

SOME = 1
LONG = 1000
TIMES = 50
LETTER = b"Dear Sir or Madam,\n\nthe lease of the warehouse ends on 31 March and is not renewed.\n"


def main(names: list[str]) -> int:
    call_command("migrate", verbosity=0)
    person = User.objects.create_user(email="bench@example.org", name="Bench")
    scope = Scope.of_user(person)
    reports = sorted((Path(os.environ["TOULMIN_EVAL_DIR"]) / "financebench" / "pdfs").glob("*.pdf"))
    benches: dict[str, Callable[[], None]] = {
        "raw": lambda: beside_raw(scope, reports[:SOME]),
        "reports": lambda: whole(scope, reports),
        "long": lambda: long_document(scope, reports),
        "uploads": lambda: many_uploads(scope, reports[-1]),
    }
    for name in names or benches:
        benches[name]()
    return 0


def beside_raw(scope: Scope, reports: list[Path]) -> None:
    """Parse, cut and encode in this process, each by itself; then the same files through the whole."""
    texts, pages = [], 0
    begun, cpu = time.monotonic(), time.process_time()
    for path in reports:
        parsed = PdfParser().parse(Source(path), progress=lambda done, total: None)
        chunker, carried = Chunker(title=path.stem, language="en", paged=True), Carried()
        for page in parsed.pages:
            described, carried = describe_tables(page, carried)
            texts += [embedded_text(chunk) for chunk in chunker.cut(described)]
            pages += 1
    parse, parse_cpu = time.monotonic() - begun, time.process_time() - cpu
    embedder = get_embedder()
    embedder.warm_up()
    embedder.embed_passages(texts[:64])
    begun, cpu = time.monotonic(), time.process_time()
    embedder.embed_passages(texts)
    encode, encode_cpu = time.monotonic() - begun, time.process_time() - cpu
    print(
        f"raw: {pages} pages, {len(texts)} chunks; parse {parse:.1f} s, encode {encode:.1f} s ({len(texts) / encode:.0f}/s)"
    )
    print(f"  processor time: parse {parse_cpu:.1f} s, encode {encode_cpu:.1f} s")
    seconds, cpu = ingest(scope, reports)
    print(f"through Celery and PostgreSQL: {seconds:.1f} s, {(parse + encode) / seconds:.0%} of raw speed; ", end="")
    print(f"processor time {cpu:.1f} s, of which {(parse_cpu + encode_cpu) / cpu:.0%} is what raw took", flush=True)


def whole(scope: Scope, reports: list[Path]) -> None:
    seconds, cpu = ingest(scope, reports)
    print(f"{len(reports)} reports: {seconds:.1f} s, processor time {cpu:.1f} s", flush=True)


def ingest(scope: Scope, reports: list[Path]) -> tuple[float, float]:
    """Upload files, and return how long it took until all could be searched, and the processor time of all that took part."""
    collection = create_collection(scope, name=f"Reports {time.monotonic()}")
    with worker(scope) as (memory, used):
        begun, cpu = time.monotonic(), used()
        documents = [upload(scope, collection, path.read_bytes(), path.name) for path in reports]
        until(lambda: not unfinished(documents))
        seconds, cpu = time.monotonic() - begun, used() - cpu
    versions = Version.objects.filter(document__in=documents)
    pages = sum(versions.values_list("page_count", flat=True))
    passages = sum(versions.values_list("passage_count", flat=True))
    print(f"  {pages} pages, {passages} passages, {pages / seconds:.1f} pages/s, {passages / seconds:.0f} passages/s")
    stages: dict[str, float] = {}
    for taken in IngestRun.objects.filter(version__in=versions).values_list("seconds", flat=True):
        for stage, each in taken.items():
            stages[stage] = stages.get(stage, 0) + each
    print("  " + ", ".join(f"{stage} {each:.1f} s" for stage, each in stages.items()))
    print(f"  most memory: worker {memory['worker']:.0f} MB, child {memory['child']:.0f} MB")
    failed = versions.exclude(status=Status.READY).values_list("filename", "error_code")
    print(*(f"  NOT READ: {name}: {code}" for name, code in failed), sep="\n", end="")
    return seconds, cpu


def long_document(scope: Scope, reports: list[Path]) -> None:
    """Read a PDF of a thousand pages: when its first page is found, how progress goes, and how long a letter waits behind it."""
    collection = create_collection(scope, name="Long")
    with worker(scope) as (memory, _):
        begun = time.monotonic()
        document = upload(scope, collection, joined(reports, LONG), "long.pdf")
        version = document.latest_id
        passages = IndexedPassage.objects.filter(version=version, in_force=True)
        first, letter, letter_ready, seen = 0.0, None, 0.0, []
        while unfinished([document]):
            seen.append(Version.objects.values_list("progress", flat=True).get(pk=version))
            if not first and passages.filter(page=1).exists():
                first = time.monotonic() - begun
                letter, sent = upload(scope, collection, LETTER, "letter.txt"), time.monotonic()
            if letter and not letter_ready and not unfinished([letter]):
                letter_ready = time.monotonic() - sent
            time.sleep(0.1)
        seconds = time.monotonic() - begun
    steps = [after - before for before, after in pairwise(seen)]
    print(f"{LONG} pages in one PDF: {seconds:.1f} s, first page found after {first:.1f} s")
    print(f"  progress: {len(set(seen))} values, largest step {max(steps):.3f}, never back: {min(steps) >= 0}")
    print(
        f"  a letter sent meanwhile: ready after {letter_ready:.1f} s" if letter_ready else "  a letter waited for it"
    )
    print(f"  most memory: worker {memory['worker']:.0f} MB, child {memory['child']:.0f} MB", flush=True)


def many_uploads(scope: Scope, path: Path) -> None:
    """Send one file fifty times at once into fifty collections."""
    content = path.read_bytes()
    shelves = [create_collection(scope, name=f"Shelf {number}") for number in range(TIMES)]
    documents: list[Document] = []
    with worker(scope):
        begun = time.monotonic()
        threads = [
            threading.Thread(target=lambda shelf=shelf: documents.append(upload(scope, shelf, content, path.name)))  # type: ignore[misc]
            for shelf in shelves
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        until(lambda: not unfinished(documents))
        seconds = time.monotonic() - begun
    taken = IngestRun.objects.filter(version__document__in=documents).values_list("seconds", flat=True)
    copied = sum("copy" in each for each in taken)
    counts = set(Version.objects.filter(document__in=documents).values_list("passage_count", flat=True))
    print(
        f"{TIMES} uploads of one file: {seconds:.1f} s, read {TIMES - copied} times, copied {copied} times, {counts} passages"
    )


def upload(scope: Scope, collection: Collection, content: bytes, name: str) -> Document:
    try:
        return upload_document(scope, collection, [content], filename=name)[0]
    finally:
        if threading.current_thread() is not threading.main_thread():
            connection.close()


def unfinished(documents: list[Document]) -> bool:
    return Version.objects.filter(document__in=documents, status__in=UNFINISHED).exists()


def until(holds: Callable[[], bool]) -> None:
    while not holds():
        time.sleep(0.2)


def joined(reports: list[Path], count: int) -> bytes:
    """Return a PDF of so many pages, all different, from the reports."""
    whole = pypdfium2.PdfDocument.new()
    for path in reports:
        part = pypdfium2.PdfDocument(path)
        whole.import_pages(part, list(range(min(len(part), count - len(whole)))))
        if len(whole) >= count:
            break
    with tempfile.TemporaryFile() as file:
        whole.save(file)
        file.seek(0)
        return file.read()


@contextmanager
def worker(scope: Scope) -> Iterator[tuple[dict[str, float], Callable[[], float]]]:
    """Run the reading worker as an installation does.

    Gives the most memory that its processes and their children had, in MB, and what tells the processor time of these and of
    PostgreSQL until now.
    """
    from standalone.parts import READ_AT_ONCE

    command = [sys.executable, "-m", "celery", "-A", "config", "worker", "-Q", "ingestion", "--pool=threads"]
    with tempfile.TemporaryFile() as log:
        running = subprocess.Popen(
            [*command, f"--concurrency={READ_AT_ONCE}", "--loglevel=INFO"],
            cwd=settings.BASE_DIR,
            stdout=log,
            stderr=log,
        )
        done, most = threading.Event(), {"worker": 0.0, "child": 0.0}
        watch = threading.Thread(target=_watch, args=[running.pid, done, most])
        watch.start()
        try:
            _read_something(scope)  # so that the model is loaded
            yield most, lambda: _processor_time(running.pid) + _processor_time(_postmaster())
        finally:
            done.set()
            watch.join()
            running.terminate()
            running.wait()


def _read_something(scope: Scope) -> None:
    collection = create_collection(scope, name="Before")
    content = f"{time.time()} is when this was written.".encode()
    document = upload(scope, collection, content, "note.txt")
    until(lambda: not unfinished([document]))


def _watch(root: int, done: threading.Event, most: dict[str, float]) -> None:
    while not done.wait(0.3):
        for pid in _descendants(root):
            try:
                is_child = b"apps.documents.child" in Path(f"/proc/{pid}/cmdline").read_bytes()
                resident = int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20
            except OSError:
                continue
            kind = "child" if is_child else "worker"
            most[kind] = max(most[kind], resident)


def _postmaster() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_read_file('postmaster.pid')")
        return int(cursor.fetchone()[0].split()[0])


def _processor_time(root: int) -> float:
    """Return the seconds that a process, its children and those of them that have ended have used."""
    ticks = 0
    for pid in _descendants(root):
        try:
            ticks += sum(map(int, Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:15]))
        except OSError:
            continue
    return ticks / os.sysconf("SC_CLK_TCK")


def _descendants(root: int) -> list[int]:
    found, layer = [], [root]
    while layer:
        found += layer
        below: list[int] = []
        for pid in layer:
            try:
                for task in Path(f"/proc/{pid}/task").iterdir():
                    below += map(int, (task / "children").read_text().split())
            except OSError:
                continue
        layer = below
    return found


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
