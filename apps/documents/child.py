"""The process that touches the bytes of documents: it reads one document, or draws one page, and ends.

Started by `apps.documents.reading` and `apps.documents.pictures` as `python -m apps.documents.child`, with limits on memory,
time and files, with no secrets in its environment, and without Django. Whatever a document does to a parser happens here.
"""

import ctypes
import os
import resource
import signal
import sys
from pathlib import Path
from typing import BinaryIO

from apps.documents.formats import parser_for
from apps.documents.parsing import Source, Unreadable
from apps.documents.wire import Advanced, Finished, Message, PageRead, Refused, encode

_PR_SET_PDEATHSIG = 1
_LARGEST_FILE = 1 << 20  # a reader has nothing to write; this is room for what libraries print


def main(arguments: list[str]) -> int:
    """Read (`read MEGABYTES SECONDS PARENT PATH MEDIA_TYPE`) or draw (`draw … PATH PAGE WIDTH`)."""
    verb, megabytes, seconds, parent, path, *rest = arguments
    _limit(int(megabytes), int(seconds), int(parent))
    # Libraries that print must not be able to disturb what goes to the parent.
    out = os.fdopen(os.dup(1), "wb", buffering=1 << 16)
    os.dup2(2, 1)
    with out:
        if verb == "read":
            _read(Path(path), rest[0], out)
        elif verb == "draw":
            from apps.documents.parsers.pdf import draw_page

            out.write(draw_page(Path(path), int(rest[0]), width=int(rest[1])))
    return 0


def _read(path: Path, media_type: str, out: BinaryIO) -> None:
    def send(message: Message) -> None:
        out.write(encode(message))

    def progress(done: int, total: int) -> None:
        send(Advanced(done, total))
        out.flush()

    try:
        parsed = parser_for(media_type).parse(Source(path), progress=progress)
        for page in parsed.pages:
            send(PageRead(page))
        send(
            Finished(
                parsed.paged,
                parsed.title[:300],
                parsed.language[:12],
                parsed.warnings,
                parsed.metadata,
                parsed.attachments,
            )
        )
    except Unreadable as error:
        send(Refused(error.code, error.detail))
    except MemoryError:
        send(Refused("too_much_memory", TOO_MUCH_MEMORY))


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
