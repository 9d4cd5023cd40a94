"""The process that touches the bytes of documents: it reads one, draws one page or takes one file out, and ends.

Started by `apps.documents.reading` as `python -m apps.documents.child`, with limits on memory, time and files, with no
secrets in its environment, and without Django. Whatever a document does to a parser happens here. Every file pays for
what is imported here, so what only some need is imported when they do.
"""

import ctypes
import json
import os
import resource
import signal
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, BinaryIO, cast

from apps.documents.formats import parser_for
from apps.documents.parsing import BlockKind, Container, Page, Pictured, Source, Unreadable
from apps.documents.wire import Advanced, Began, Extracted, Finished, Message, PageRead, Refused, encode, parts_of

_PR_SET_PDEATHSIG = 1
_LARGEST_FILE = 1 << 20  # a reader has nothing to write; this is room for what libraries print


def main(arguments: list[str]) -> int:
    """Do `VERB MEGABYTES SECONDS PARENT PATH MEDIA_TYPE …`: `read`, `draw … PAGE WIDTH` or `extract … NUMBER`.

    How the file was called and what opens it comes in over the standard input, where nobody else sees it.
    """
    verb, megabytes, seconds, parent, path, media_type, *rest = arguments
    _limit(int(megabytes), int(seconds), int(parent))
    source = Source(Path(path), **json.load(sys.stdin))
    # Libraries that print must not be able to disturb what goes to the parent.
    out = os.fdopen(os.dup(1), "wb", buffering=1 << 16)
    os.dup2(2, 1)
    with out:
        try:
            parser: Any = parser_for(media_type)
            if verb == "read":
                _read(parser, source, out)
            elif verb == "draw":
                out.write(cast(Pictured, parser).draw(source, int(rest[0]), int(rest[1])))
            elif verb == "extract":
                content = cast(Container, parser).attachment(source, int(rest[0]))
                out.write(encode(Extracted(len(content))))
                out.write(content)
        except Unreadable as error:
            out.write(encode(Refused(error.code, error.detail)))
        except MemoryError:
            out.write(encode(Refused("too_much_memory", TOO_MUCH_MEMORY)))
    return 0


def _read(parser: Any, source: Source, out: BinaryIO) -> None:
    def send(message: Message) -> None:
        out.write(encode(message))
        out.flush()

    parsed = parser.parse(source, progress=lambda done, total: send(Advanced(done, total)))
    send(
        Began(
            parsed.paged,
            parsed.title[:300],
            parsed.language[:12],
            parsed.page_count,
            parsed.warnings,
            parsed.metadata,
            parsed.attachments,
        )
    )
    for page in _described(parsed.pages):
        for part in parts_of(page):
            send(PageRead(part))
    send(Finished())


def _described(pages: Iterable[Page]) -> Iterator[Page]:
    """Yield the pages with their tables described; until the first table there is nothing to carry from page to page."""
    carried = None
    for page in pages:
        if carried is None and not any(block.kind is BlockKind.TABLE for block in page.blocks):
            yield page
            continue
        from apps.documents.tables import Carried, describe_tables

        described, carried = describe_tables(page, carried or Carried())
        yield described


TOO_MUCH_MEMORY = (
    "Reading this document needs more memory than one document may take. Split it into smaller parts and send those."
)


def _limit(megabytes: int, seconds: int, parent: int) -> None:
    memory = megabytes * 1024 * 1024
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 5))
    resource.setrlimit(resource.RLIMIT_FSIZE, (_LARGEST_FILE, _LARGEST_FILE))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL))
        if os.getppid() != parent:
            os._exit(1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
