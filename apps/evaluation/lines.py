"""A file of JSON Lines that a run writes as it goes: its first line says of what run it is, each further one is a question's."""

import json
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from apps.core.errors import Invalid

Line = dict[str, Any]


def read_lines(path: Path, kind: str) -> tuple[Line, list[Line]]:
    """Return what the file says of its run, and its rows; lines that were cut off when a process died are left out.

    Raises `Invalid` where it is no file of this kind.
    """
    try:
        texts = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise Invalid(f"{path} cannot be read.") from error
    found: list[Line] = []
    for text in texts:
        with suppress(ValueError):
            found.append(json.loads(text))
    if not found or found[0].pop("kind", "") != kind:
        raise Invalid(f"{path} is not what a run of {kind} kept with --results.")
    return found[0], found[1:]


def begin_lines(path: Path, kind: str, head: Mapping[str, Any]) -> list[Line]:
    """Return the rows that a file has of this run, and make it ready for more. Raises `Invalid` where it is of another run."""
    if not path.is_file() or not path.stat().st_size:
        add_line(path, {"kind": kind, **head})
        return []
    there, rows = read_lines(path, kind)
    if there != head:
        raise Invalid(f"{path} is of a run that was asked otherwise ({there}). Name another file with --results.")
    if not path.read_bytes().endswith(b"\n"):
        with path.open("a", encoding="utf-8") as out:
            out.write("\n")
    return rows


def add_line(path: Path, row: Mapping[str, Any]) -> None:
    with path.open("a", encoding="utf-8") as out:
        out.write(json.dumps(row, ensure_ascii=False) + "\n")
