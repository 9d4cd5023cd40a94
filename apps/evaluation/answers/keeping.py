"""What was observed, kept question by question in a file of JSON Lines, so that a run goes on where it was."""

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from apps.core.errors import Invalid
from apps.evaluation.answers.observing import Observed

KIND = "answers"


@dataclass(frozen=True, slots=True)
class How:
    """What was asked and how: two runs compare on their questions whatever this says, one run goes on only where it is the same."""

    name: str
    effort: str
    of_grounds_only: bool = False
    judge: str = ""

    def as_json(self) -> dict[str, Any]:
        return {"kind": KIND, **asdict(self)}


@dataclass(slots=True)
class Kept:
    """The rows of a run by question. With a path each new row is written at once; without one they are only held."""

    how: How
    path: Path | None = None
    rows: dict[str, Observed] = field(default_factory=dict)

    @classmethod
    def opened(cls, how: How, path: Path | None) -> "Kept":
        """Return what a file has of a run, or a new one. Raises `Invalid` where it is of another run."""
        if path is None or not path.is_file() or not path.stat().st_size:
            kept = cls(how, path)
            kept._write(how.as_json())
            return kept
        kept = cls.read(path)
        if kept.how != how:
            raise Invalid(
                f"{path} was kept of “{kept.how.name}” asked otherwise ({kept.how}). Name another file with --results."
            )
        kept.path = path
        if not path.read_bytes().endswith(b"\n"):
            with path.open("a", encoding="utf-8") as out:
                out.write("\n")
        return kept

    @classmethod
    def read(cls, path: Path) -> "Kept":
        """Return what a file has. Raises `Invalid` where it is none of these. The last of several rows of a question counts."""
        lines = _lines(path)
        head = next(lines, {})
        if head.pop("kind", "") != KIND:
            raise Invalid(f"{path} is not what evaluate --answers --results kept.")
        try:
            kept = cls(How(**head))
        except TypeError as error:
            raise Invalid(f"{path} is not what evaluate --answers --results kept.") from error
        for line in lines:
            row = Observed.from_json(line)
            kept.rows[row.key] = row
        return kept

    @property
    def whole(self) -> dict[str, Observed]:
        """The questions that were answered; those that failed are asked again."""
        return {key: row for key, row in self.rows.items() if not row.error}

    def add(self, row: Observed) -> None:
        self.rows[row.key] = row
        self._write(row.as_json())

    def _write(self, row: Mapping[str, Any]) -> None:
        if self.path is not None:
            with self.path.open("a", encoding="utf-8") as out:
                out.write(json.dumps(row, ensure_ascii=False) + "\n")


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the rows of a file; lines that were cut off when a process died are left out."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise Invalid(f"{path} cannot be read.") from error
    for line in lines:
        with suppress(ValueError):
            yield json.loads(line)
