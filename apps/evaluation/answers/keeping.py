"""What was observed, kept question by question, so that a run goes on where it was."""

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from apps.core.errors import Invalid
from apps.evaluation.answers.observing import Observed
from apps.evaluation.lines import add_line, begin_lines, read_lines

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
    """The rows of a run by question, the last of several of one. With a path each new row is written at once."""

    how: How
    path: Path | None = None
    rows: dict[str, Observed] = field(default_factory=dict)

    @classmethod
    def opened(cls, how: How, path: Path | None) -> "Kept":
        """Return what a file has of a run, or a new one. Raises `Invalid` where it is of another run."""
        kept = cls(how, path)
        for line in begin_lines(path, KIND, asdict(how)) if path is not None else ():
            kept._hold(line)
        return kept

    @classmethod
    def read(cls, path: Path) -> "Kept":
        """Return what a file has. Raises `Invalid` where it is none of these."""
        head, lines = read_lines(path, KIND)
        try:
            kept = cls(How(**head))
        except TypeError as error:
            raise Invalid(f"{path} is of another release, and cannot be compared.") from error
        for line in lines:
            kept._hold(line)
        return kept

    @property
    def whole(self) -> dict[str, Observed]:
        """The questions that were answered; those that failed are asked again."""
        return {key: row for key, row in self.rows.items() if not row.error}

    def add(self, row: Observed) -> None:
        self.rows[row.key] = row
        if self.path is not None:
            add_line(self.path, row.as_json())

    def _hold(self, line: dict[str, Any]) -> None:
        row = Observed.from_json(line)
        self.rows[row.key] = row
