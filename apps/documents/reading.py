"""Read a document in a child process, so that no document can take the worker's memory, time or life.

The child and what it is denied: `apps.documents.child`. This side keeps the clock, checks what comes back, and turns
every way of failing into a sentence for the document's owner.
"""

import os
import selectors
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import structlog
from django.conf import settings

from apps.documents.child import TOO_MUCH_MEMORY
from apps.documents.parsing import Page, Parsed, Progress, Unreadable
from apps.documents.wire import Advanced, Finished, PageRead, Refused, decode

log = structlog.get_logger(__name__)

OUTPUT_LIMIT = 512 * 1024 * 1024
_HEARTBEAT = 1.0
_SHARE_FOR_RECOGNITION = 0.8
_COMMAND = (sys.executable, "-m", "apps.documents.child")
_ENVIRONMENT = {
    "PATH": "/usr/bin:/bin",
    "LANG": "C.UTF-8",
    "PYTHONPATH": str(settings.BASE_DIR),
    "PYTHONDONTWRITEBYTECODE": "1",
    # Address space is what the memory limit counts, and every thread and arena reserves some.
    "MALLOC_ARENA_MAX": "2",
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "2",
}


def read_document(path: Path, media_type: str, *, progress: Progress) -> Parsed:
    """Return the document as read. Raises `Unreadable` with a sentence for its owner.

    `progress` is called at least once a second; if it raises, the child is stopped and the error goes on.
    """
    with child_process("read", path, media_type, seconds=settings.ENV.parse_timeout) as child:
        parsed = _collect(child, progress, deadline=time.monotonic() + settings.ENV.parse_timeout)
    if not any(block.text.strip() for page in parsed.pages for block in page.blocks):
        raise Unreadable(
            "No text was found in this document, nor recognised in its pictures. "
            "If it is a scan, scan it again more sharply and send that.",
            code="no_text",
        )
    return parsed


@contextmanager
def child_process(verb: str, path: Path, *arguments: str, seconds: float) -> Iterator[subprocess.Popen[bytes]]:
    """Start the child, and see to it that it is gone afterwards. What it prints on its error stream is logged if it fails."""
    processors = os.cpu_count() or 1
    limits = (str(settings.ENV.parse_memory_mb), str(int(seconds) * processors + 1), str(os.getpid()))
    with tempfile.TemporaryFile() as errors:
        child = subprocess.Popen(
            [*_COMMAND, verb, *limits, str(path), *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            env=_ENVIRONMENT | {"RECOGNITION_SECONDS": str(_SHARE_FOR_RECOGNITION * seconds)},
            cwd=settings.BASE_DIR,
            start_new_session=True,
        )
        try:
            yield child
        finally:
            if child.poll() is None:
                child.kill()
            child.wait()
            if child.stdout is not None:
                child.stdout.close()
            if child.returncode not in (0, -signal.SIGKILL):
                errors.seek(max(0, errors.tell() - 2000))
                tail = errors.read().decode(errors="replace")
                log.warning("documents.child_failed", verb=verb, status=child.returncode, output=tail)


def _collect(child: subprocess.Popen[bytes], progress: Progress, *, deadline: float) -> Parsed:
    pages: list[Page] = []
    reached = (0, 0)
    for line in _lines(child, deadline=deadline):
        if line:
            match _decoded(line):
                case Advanced(done, total):
                    reached = (done, total)
                case PageRead(page):
                    pages.append(page)
                case Refused(code, detail):
                    raise Unreadable(detail, code=code)
                case Finished(paged, title, language, warnings, metadata, attachments):
                    read = tuple(pages)
                    return Parsed(paged, read, title, language, warnings, len(read), metadata, attachments)
        if not line or not pages:
            progress(*reached)
    raise _died(child.wait())


def _lines(child: subprocess.Popen[bytes], *, deadline: float) -> Iterator[bytes]:
    """Yield whole lines as they come, and an empty one for each second of silence."""
    assert child.stdout is not None  # noqa: S101  # it was opened as a pipe
    received, rest = 0, bytearray()
    with selectors.DefaultSelector() as selector:
        selector.register(child.stdout, selectors.EVENT_READ)
        while True:
            left = deadline - time.monotonic()
            if left <= 0:
                raise Unreadable(
                    f"Reading this document took longer than {settings.ENV.parse_timeout:.0f} seconds and was stopped. "
                    "Split it into smaller parts and send those.",
                    code="too_slow",
                )
            if not selector.select(min(left, _HEARTBEAT)):
                yield b""
                continue
            data = os.read(child.stdout.fileno(), 1 << 16)
            if not data:
                return
            received += len(data)
            if received > OUTPUT_LIMIT:
                raise Unreadable(
                    "This document holds more text than one document may. Split it into smaller parts and send those.",
                    code="too_much_text",
                )
            *whole, last = data.split(b"\n")
            for part in whole:
                yield bytes(rest + part)
                rest.clear()
            rest += last


def _decoded(line: bytes) -> object:
    try:
        return decode(line)
    except ValueError as error:
        log.warning("documents.child_incomprehensible", start=line[:40])
        raise _died(1) from error


def _died(status: int) -> Unreadable:
    if status in (-signal.SIGKILL, -signal.SIGXCPU):
        return Unreadable(TOO_MUCH_MEMORY, code="too_much_memory")
    if status > 0:
        return Unreadable(
            "Reading this document failed through a fault of this installation, not of the file. "
            "Tell whoever runs it; the log has the details.",
            code="reader_fault",
        )
    return Unreadable(
        "Reading this document made the reader stop. The file is damaged, or made so that it cannot be read safely. "
        "Save it again from the program that made it, or print it to PDF, and send that.",
        code="damaged",
    )
