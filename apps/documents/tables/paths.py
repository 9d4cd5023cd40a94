"""The labels that lead to each row and column of a table, outermost first."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from apps.documents.parsing import Cell
from apps.documents.tables.grid import Grid
from apps.documents.tables.words import TOTAL

Path = tuple[str, ...]

_DEEPEST = 6
_LONGEST_HEADING = 160
_SAME_INDENT = 0.004
_NAMED = 0.5
"""A total names a section if it has this share of its words."""
_CLOSE = 0.9
"""Lines of one heading are nearer to each other than this many of their heights."""


@dataclass(frozen=True, slots=True)
class Section:
    """A label that leads to the rows below it; `inner` is where those begin, once there is one.

    One that has figures of its own, as a sum before its parts, leads only to rows set in deeper; one that `has_sections` is divided
    into further ones.
    """

    label: str
    indent: float
    has_figures: bool = False
    inner: float | None = None
    has_sections: bool = False

    @property
    def style(self) -> tuple[bool, bool]:
        return self.label.endswith(":"), self.label.isupper()


def column_paths(grid: Grid) -> tuple[Path, ...]:
    """Return the headings over each column; over a column of labels none."""
    return tuple(
        _folded(_stacked(grid, column)) if column >= grid.header_columns else () for column in range(grid.columns)
    )


def _stacked(grid: Grid, column: int) -> list[str]:
    """Return the headings of a column from the top; lines printed under each other without a span are one heading."""
    texts: list[str] = []
    above: Cell | None = None
    for row in range(grid.header_rows):
        cell = grid.cells.get((row, column))
        if cell is None or cell is above or _is_title(cell, grid):
            continue
        if above is not None and _is_same_heading(above, cell):
            texts[-1] = f"{texts[-1]} {cell.text}"
        else:
            texts.append(cell.text)
        above = cell
    return texts


def _is_title(cell: Cell, grid: Grid) -> bool:
    return cell.column == 0 and cell.column_span >= grid.columns > 1


def _is_same_heading(above: Cell, below: Cell) -> bool:
    if above.column_span != 1 or below.column_span != 1 or above.box is None or below.box is None:
        return False
    return below.box[1] - above.box[3] < _CLOSE * (below.box[3] - below.box[1])


def _folded(labels: Sequence[str]) -> Path:
    """Return the labels without empty ones and without one that repeats the one before."""
    folded: list[str] = []
    for label in labels:
        plain = _plain(label)
        if plain and plain not in folded[-1:]:
            folded.append(plain)
    return tuple(folded)


def row_paths(grid: Grid, opened: Sequence[Section] = ()) -> tuple[tuple[Path, ...], tuple[Section, ...]]:
    """Return the labels that lead to each row, and the sections still open at the end; `opened` were so at the beginning."""
    reader = _Rows(grid, list(opened))
    paths = [reader.path(row) if row >= grid.header_rows else () for row in range(grid.rows)]
    return tuple(paths), tuple(section for section in reader.open if not section.has_figures)


def is_heading_again(grid: Grid, row: int) -> bool:
    """Return whether a row below the top repeats a heading, or gives the years of the columns anew."""
    texts = grid.row_texts(row)
    if not any(texts[grid.header_columns :]):
        return False
    if any(texts == grid.row_texts(heading) for heading in range(grid.header_rows)):
        return True
    figures = [grid.figures.get((row, column)) for column in grid.value_columns if texts[column]]
    return not any(texts[: grid.header_columns]) and all(f is not None and f.may_be_year for f in figures)


class _Rows:
    """Walks down the rows with the sections that are open at each."""

    def __init__(self, grid: Grid, opened: list[Section]) -> None:
        self.grid = grid
        self.open = opened
        pictured = grid.is_pictured()
        numeric = any(grid.amounts(row) for row in grid.body)
        self.has_sections = grid.columns > 1 and (numeric or not pictured)
        self.above: list[str] = []

    def path(self, row: int) -> Path:
        if is_heading_again(self.grid, row):
            return ()
        labels = self._labels(row)
        if not any(labels):
            return self._unlabelled()
        label, indent = " ".join(filter(None, labels)), self._indent(row)
        if self.has_sections and self._is_section(row, label):
            return self._enter(label, indent)
        if TOTAL.search(label):
            return self._total(labels, indent)
        self._leave(indent)
        self._note_inner(indent)
        path = _led_to(self.open, labels)
        if self.grid.amounts(row):
            self.open.append(Section(label, indent, has_figures=True))
        return path

    def _unlabelled(self) -> Path:
        """Figures right under a label without any are its own: the label took more than one line."""
        path = _led_to(self.open)
        if self.open and self.open[-1].inner is None and not self.open[-1].has_figures:
            self.open.pop()
        return path

    def _labels(self, row: int) -> list[str]:
        """Return the row's labels; an outer one that is left out because it is the same as above is put in."""
        labels = list(self.grid.labels(row))
        if len(labels) > 1 and not labels[0] and self.above and any(labels) and not self.grid.is_pictured():
            labels[0] = self.above[0]
        self.above = labels
        return labels

    def _indent(self, row: int) -> float:
        cell = next((c for n in range(self.grid.header_columns) if (c := self.grid.cells.get((row, n)))), None)
        if cell is None:
            return 0.0
        if cell.box is None:
            return 0.01 * (len(cell.text) - len(cell.text.lstrip()))
        return cell.box[0]

    def _is_section(self, row: int, label: str) -> bool:
        own = {
            id(cell)
            for column in range(self.grid.columns)
            if (cell := self.grid.cells.get((row, column))) and cell.text.strip()
        }
        leads = self.grid.cells.get((row, 0))
        return len(own) == 1 and leads is not None and id(leads) in own and len(label) <= _LONGEST_HEADING

    def _enter(self, label: str, indent: float) -> Path:
        entered = Section(label, indent)
        self._leave(indent)
        while self.open and (self.open[-1].has_figures or self._replaces(entered, self.open[-1])):
            self.open.pop()
        self._note_inner(indent, has_sections=True)
        self.open = [*self.open, entered][-_DEEPEST:]
        return _led_to(self.open)

    def _replaces(self, entered: Section, last: Section) -> bool:
        """Whether a new heading ends the one before: it stands no deeper, looks the same or like one further out."""
        if last.inner is None or entered.indent > last.indent + _SAME_INDENT:
            return False
        if last.has_sections and entered.indent >= last.inner - _SAME_INDENT:
            return False
        return any(entered.style == section.style for section in self.open)

    def _leave(self, indent: float) -> None:
        """Close what a row that stands this far in does not belong to."""
        while self.open:
            last = self.open[-1]
            if last.has_figures:
                stays = indent > last.indent + _SAME_INDENT
            else:
                stays = last.inner is None or indent >= last.inner - _SAME_INDENT
            if stays:
                return
            self.open.pop()

    def _note_inner(self, indent: float, *, has_sections: bool = False) -> None:
        if self.open and self.open[-1].inner is None:
            self.open[-1] = replace(self.open[-1], inner=indent, has_sections=has_sections)

    def _total(self, labels: Sequence[str], indent: float) -> Path:
        """A total belongs to the section that it adds up, and ends it."""
        while self.open and self.open[-1].has_figures:
            self.open.pop()
        rest = _words(TOTAL.sub(" ", " ".join(labels)))
        outer = sum(section.indent <= indent + _SAME_INDENT for section in self.open)
        depth = (self._named(rest) if rest else 0) or outer
        if not depth:
            self._leave(indent)
            return _led_to(self.open, labels)
        within = self.open[:depth]
        self.open = within[:-1]
        return _led_to(within, labels)

    def _named(self, words: set[str]) -> int:
        """Return how many sections lead to the one that a total names in these words; 0 if it names none."""
        best, depth = (0.0, 0), 0
        for index, section in enumerate(self.open):
            own = _words(section.label)
            shared = len(words & own)
            if shared and shared >= _NAMED * len(own) and (shared / len(own), shared) >= best:
                best, depth = (shared / len(own), shared), index + 1
        return depth


def _led_to(sections: Sequence[Section], labels: Sequence[str] = ()) -> Path:
    """Return the labels that lead to a row; those of its own columns may well be the same."""
    outer = _folded([section.label for section in sections])
    own = tuple(label for text in labels if (label := _plain(text)))
    return (*outer[:-1], *own) if outer and own and outer[-1] == own[0] else (*outer, *own)


def _plain(label: str) -> str:
    return " ".join(label.split()).rstrip(":").rstrip()


def _words(label: str) -> set[str]:
    return {word for word in re.findall(r"\w{3,}", label.casefold()) if word not in _COMMON}


_COMMON = frozenset(
    ["and", "the", "for", "from", "net", "other", "of", "der", "die", "das", "und", "des", "les", "del", "della", "per"]
)
