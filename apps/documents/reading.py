"""Read a document in a child process, so that no document can take the worker's memory, time or life.

The child and what it is denied: `apps.documents.child`. This side keeps the clock, checks what comes back, and turns
every way of failing into a sentence for the document's owner.
"""

import fcntl
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import structlog
from django.conf import settings

from apps.core.errors import Invalid
from apps.core.sealing import unseal
from apps.documents import storage
from apps.documents.child import TOO_MUCH_MEMORY
from apps.documents.listening import decode, lines, within
from apps.documents.models import Version
from apps.documents.parsing import Page, Parsed, Progress, Source, Unreadable
from apps.documents.wire import Advanced, Began, Extracted, Finished, Message, PageRead, Refused

log = structlog.get_logger(__name__)

OUTPUT_LIMIT = 512 << 20
_OUTPUT_OF_SMALL_FILES = 16 << 20
_OUTPUT_PER_BYTE = 96  # a workbook packs a cell, which is sent as a hundred bytes, into two or three
_ORDINARY_SECONDS = 2.0
_BYTES_A_SECOND = 200_000  # most files are read faster
_AHEAD = 1 << 20
_LONGEST_MESSAGE = 32 << 20
_EXTRACTION_SECONDS = 60.0
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


@contextmanager
def opened_document(source: Source, media_type: str, *, progress: Progress) -> Iterator[Parsed]:
    """Give the document while the block runs; its pages come as they are read. Both raise `Unreadable` with a sentence.

    A page that holds very much comes in parts, one after the other with one number. While its pages are not asked for, the
    child soon waits. `progress` is called at least once for every second spent here; if it raises, the error goes on.
    However the block ends, the child is gone afterwards.
    """
    with child_process("read", source, media_type, seconds=settings.ENV.parse_timeout) as child:
        messages = _messages(child, source, progress)
        began = next(messages)
        if not isinstance(began, Began):
            raise _died(1)
        yield Parsed(
            paged=began.paged,
            pages=_pages(messages, may_be_empty=bool(began.attachments)),
            title=began.title,
            language=began.language,
            warnings=began.warnings,
            page_count=began.page_count,
            metadata=began.metadata,
            attachments=began.attachments,
        )


def source_of(version: Version) -> Source:
    """Return the bytes of a version and what opens them; raises `Unreadable` if its password can no longer be had."""
    try:
        password = unseal(bytes(version.password)) if version.password else ""
    except Invalid as error:
        raise Unreadable(error.detail, code="encrypted") from error
    return Source(storage.path_of(version.sha256), version.filename, password)


@contextmanager
def extracted_file(source: Source, media_type: str, number: int) -> Iterator[Iterator[bytes]]:
    """Give the bytes of an attachment, by its place in `Parsed.attachments`, while the block runs. Raises `Unreadable`."""
    with child_process("extract", source, media_type, str(number), seconds=_EXTRACTION_SECONDS) as child:
        assert child.stdout is not None  # noqa: S101  # it was opened as a pipe
        clock = threading.Timer(_EXTRACTION_SECONDS, child.kill)
        clock.start()
        try:
            match _decoded(child.stdout.readline(_LONGEST_MESSAGE)):
                case Extracted(size):
                    yield _counted(child, size)
                case Refused(code, detail):
                    raise Unreadable(detail, code=code)
                case _:
                    raise _died(1)
        finally:
            clock.cancel()


@contextmanager
def child_process(
    verb: str, source: Source, media_type: str, *arguments: str, seconds: float
) -> Iterator[subprocess.Popen[bytes]]:
    """Start the child, and see to it that it is gone afterwards. What it prints on its error stream is logged if it fails."""
    processors = os.cpu_count() or 1
    limits = (str(settings.ENV.parse_memory_mb), str(int(seconds) * processors + 1), str(os.getpid()))
    with tempfile.TemporaryFile() as errors:
        child = subprocess.Popen(
            [*_COMMAND, verb, *limits, str(source.path), media_type, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            env=_ENVIRONMENT | {"RECOGNITION_SECONDS": str(_SHARE_FOR_RECOGNITION * seconds)},
            cwd=settings.BASE_DIR,
            # A group of its own, but no session: the scheduler would give each session as much as the whole worker.
            process_group=0,
        )
        try:
            _tell(child, source)
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


def _tell(child: subprocess.Popen[bytes], source: Source) -> None:
    """Hand over what no list of processes shows, and let the child get ahead by as much as a pipe may hold."""
    assert child.stdin is not None  # noqa: S101  # both were opened as pipes
    assert child.stdout is not None  # noqa: S101
    if hasattr(fcntl, "F_SETPIPE_SZ"):
        with suppress(OSError):
            fcntl.fcntl(child.stdout, fcntl.F_SETPIPE_SZ, _AHEAD)
    with suppress(BrokenPipeError):
        child.stdin.write(json.dumps({"filename": source.filename, "password": source.password}).encode())
        child.stdin.close()
    child.stdin = None


def _messages(child: subprocess.Popen[bytes], source: Source, progress: Progress) -> Iterator[Began | PageRead]:
    reached = (0, 0)
    for message in within(settings.ENV.parse_timeout, _heard(child, source.path.stat().st_size)):
        match message:
            case Advanced(done, total):
                reached = (done, total)
            case Refused(code, detail):
                raise Unreadable(detail, code=code)
            case Finished():
                return
            case Began() | PageRead():
                yield message
                continue
            case Extracted():
                raise _died(1)
        progress(*reached)
    raise _died(child.wait())


def _heard(child: subprocess.Popen[bytes], size: int) -> Iterator[Message | None]:
    """Yield what the reader of a file of so many bytes says, and None while it says nothing."""
    most = min(OUTPUT_LIMIT, max(_OUTPUT_OF_SMALL_FILES, _OUTPUT_PER_BYTE * size))
    for line in lines(child, most=most, ordinary=_ORDINARY_SECONDS + size / _BYTES_A_SECOND):
        yield _decoded(line) if line else None


def _pages(messages: Iterator[Began | PageRead], *, may_be_empty: bool) -> Iterator[Page]:
    found = may_be_empty
    for message in messages:
        if not isinstance(message, PageRead):
            raise _died(1)
        found = found or any(block.text.strip() for block in message.page.blocks)
        yield message.page
    if not found:
        raise Unreadable(
            "No text was found in this document, nor recognised in its pictures. "
            "If it is a scan, scan it again more sharply and send that.",
            code="no_text",
        )


def _counted(child: subprocess.Popen[bytes], size: int) -> Iterator[bytes]:
    assert child.stdout is not None  # noqa: S101  # it was opened as a pipe
    left = size
    while left > 0 and (data := child.stdout.read(min(left, 1 << 16))):
        left -= len(data)
        yield data
    if left:
        raise _died(child.wait())


def _decoded(line: bytes) -> Message:
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
