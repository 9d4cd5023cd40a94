"""A table as it is drawn: a grid of cells with their scope and spans, what is lit in it, and the checks made on it.

Cells are called by row and column as in the parsed form, so that a link, a check and the number ledger mean the same cell.
"""

from dataclasses import dataclass

from django.utils.translation import ngettext

from apps.web.drawing import Rect


@dataclass(frozen=True, slots=True)
class Check:
    """A sum, difference, share or change that was tested when the table was read."""

    row: int
    column: int
    holds: bool
    label: str
    sentence: str
    inputs: str


@dataclass(frozen=True, slots=True)
class GridCell:
    """One cell. `scope` is empty for a cell that heads nothing; `place` is where it is on the picture."""

    row: int
    column: int
    text: str
    scope: str = ""
    row_span: int = 1
    column_span: int = 1
    numeric: bool = False
    lit: bool = False
    address: str = ""
    value: str = ""
    place: Rect | None = None
    failing: Check | None = None

    @property
    def tag(self) -> str:
        return "th" if self.scope else "td"

    @property
    def hint(self) -> str:
        """Return the cell's own name in a spreadsheet, and the exact value where it is not what is shown."""
        return f"{self.address}: {self.value}" if self.value not in ("", self.text) else self.address


@dataclass(frozen=True, slots=True)
class GridRow:
    """A row; `number` is its own in a spreadsheet, else empty."""

    cells: tuple[GridCell, ...]
    number: str = ""
    lit: bool = False


@dataclass(frozen=True, slots=True)
class CellInHand:
    """The cell that a link asked for, with what leads to it."""

    path: str
    text: str
    value: str
    address: str
    unit: str


@dataclass(frozen=True, slots=True)
class Grid:
    """A table as read. `letters` are the columns' own names in a spreadsheet, else empty."""

    title: str
    unit: str
    continues: bool
    letters: tuple[str, ...]
    head: tuple[GridRow, ...]
    body: tuple[GridRow, ...]
    checks: tuple[Check, ...]
    in_hand: CellInHand | None

    @property
    def failing(self) -> tuple[Check, ...]:
        return tuple(check for check in self.checks if not check.holds)

    @property
    def verdict(self) -> str:
        """Return how many of the checks hold, as a sentence; empty where nothing was checked."""
        if not self.checks:
            return ""
        total, held = len(self.checks), len(self.checks) - len(self.failing)
        return ngettext(
            "%(held)s of %(total)s calculation in this table holds.",
            "%(held)s of %(total)s calculations in this table hold.",
            total,
        ) % {"held": held, "total": total}

    @property
    def first_and_last(self) -> tuple[str, str]:
        """Return the numbers of the first and the last row of a spreadsheet that are shown."""
        numbers = [row.number for row in (*self.head, *self.body) if row.number]
        return (numbers[0], numbers[-1]) if numbers else ("", "")
