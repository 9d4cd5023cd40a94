"""A ledger as a workbook: every source a cell with a link to its page, every computed figure a live formula over those cells."""

import io
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from typing import Any

import xlsxwriter
from django.utils.translation import gettext as _

from apps.verification.figures.expressions import Expression, Operand, computed
from apps.verification.figures.grounds import Place
from apps.verification.figures.lineage import Figure, Input, Source, Verdict

Link = Callable[[Place], str]
"""Return the address of the page on which a place lies; empty if there is none to give."""

_SYMBOLS = {"+": "+", "-": "-", "*": "*", "/": "/", "^": "^"}
_SHARES = {
    "%": Decimal(100),
    "percentage points": Decimal(100),
    "permille": Decimal(1000),
    "basis points": Decimal(10_000),
}
"""How many of each unit make a whole: rates stand in the workbook as shares."""
_WIDTHS = {"figures": (22, 16, 18, 18, 18, 46, 40), "sources": (18, 18, 12, 10, 44, 30, 44)}


def workbook_of(figures: Sequence[Figure], link: Link) -> bytes:
    """Return the ledger as an XLSX file. Nothing that was read or written by a model becomes a formula or a link in it."""
    target = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(target, options) as book:
        shown, used = book.add_worksheet(_("Figures")), book.add_worksheet(_("Sources"))
        sources = _Sources(book, used, link)
        _write_figures(book, shown, figures, sources)
    return target.getvalue()


class _Sources:
    """The sheet of sources: each figure of a passage once, in the row in which it was first used."""

    def __init__(self, book: Any, sheet: Any, link: Link) -> None:
        self.sheet, self.link = sheet, link
        self.rows: dict[tuple[Place, Decimal], int] = {}
        self.rate, self.amount = (
            book.add_format({"num_format": "0.00####%"}),
            book.add_format({"num_format": "#,##0.######"}),
        )
        _head(
            book,
            sheet,
            "sources",
            (_("As printed"), _("Value"), _("Unit"), _("Passage"), _("Row"), _("Column"), _("Page")),
        )

    def cell(self, text: str, value: Decimal, unit: str, place: Place, *, is_rate: bool) -> str:
        """Return the address of the cell that holds a figure, for use in a formula."""
        key = (place, value)
        if key not in self.rows:
            row = len(self.rows) + 1
            self.rows[key] = row
            self.sheet.write_string(row, 0, text)
            self.sheet.write_number(row, 1, float(value), self.rate if is_rate else self.amount)
            self.sheet.write_string(row, 2, unit)
            self.sheet.write_number(row, 3, place.marker)
            self.sheet.write_string(row, 4, " › ".join(place.row_path))
            self.sheet.write_string(row, 5, " › ".join(place.column_path))
            address = self.link(place)
            if address.startswith(("https://", "http://")):
                self.sheet.write_url(row, 6, address)
        name = self.sheet.get_name().replace("'", "''")
        return f"'{name}'!$B${self.rows[key] + 1}"


def _head(book: Any, sheet: Any, name: str, titles: Iterable[str]) -> None:
    bold = book.add_format({"bold": True, "bottom": 1})
    for column, (title, width) in enumerate(zip(titles, _WIDTHS[name], strict=True)):
        sheet.write_string(0, column, title, bold)
        sheet.set_column(column, column, width)
    sheet.freeze_panes(1, 0)


def _write_figures(book: Any, sheet: Any, figures: Sequence[Figure], sources: _Sources) -> None:
    titles = (
        _("Figure"), _("Verdict"), _("As written"), _("From the sources"), _("Should read"), _("Calculation"), _("Row and column"),
    )  # fmt: skip
    _head(book, sheet, "figures", titles)
    for row, figure in enumerate(figures, start=1):
        share = _SHARES.get(figure.unit)
        form = sources.rate if share else sources.amount
        sheet.write_string(row, 0, figure.text)
        sheet.write_string(row, 1, _verdicts()[figure.verdict])
        sheet.write_number(row, 2, float(figure.value / share if share else figure.value), form)
        formula = _formula(figure, sources)
        if formula:
            sheet.write_formula(row, 3, f"={formula}", form, float(_result(figure)))
        sheet.write_string(row, 4, figure.corrected)
        sheet.write_string(row, 5, figure.expression)
        sheet.write_string(row, 6, "; ".join(filter(None, map(_where, figure.inputs))))


def _verdicts() -> dict[Verdict, str]:
    return {
        Verdict.TRACED: _("Traced"),
        Verdict.COMPUTED: _("Recomputed"),
        Verdict.WRONG: _("Wrong"),
        Verdict.UNFOUND: _("No source"),
        Verdict.GIVEN: _("In the question"),
        Verdict.UNCHECKED: _("Not checked"),
    }


def _where(source: Input) -> str:
    if source.place is None:
        return ""
    return " / ".join(filter(None, (" › ".join(source.place.row_path), " › ".join(source.place.column_path))))


def _formula(figure: Figure, sources: _Sources) -> str:
    """Return the formula of a figure over the cells of its sources; empty where it has no whole source."""
    if figure.tree is not None and figure.source is Source.COMPUTED:
        return _written(figure.tree, sources) + ("/100" if _is_in_hundreds(figure.tree) else "")
    if figure.source in (Source.CELL, Source.SPAN) and figure.inputs and figure.inputs[0].place:
        found = figure.inputs[0]
        share = _SHARES.get(found.unit)
        value = found.value / share if share else found.value
        return sources.cell(found.text, value, found.unit, figure.inputs[0].place, is_rate=share is not None)
    return ""


def _is_in_hundreds(tree: Expression) -> bool:
    """Whether a calculation itself multiplies by a hundred, so that its result is in per cent already."""
    if isinstance(tree, Operand) or tree.operator != "*":
        return False
    last = tree.parts[-1]
    return (
        isinstance(last, Operand)
        and last.quantity.is_constant
        and last.quantity.value == 100
        and computed(tree).is_rate
    )


def _result(figure: Figure) -> Decimal:
    """Return what the formula gives, for programs that do not compute."""
    if figure.tree is not None:
        return computed(figure.tree).as_factor
    found = figure.inputs[0]
    return found.value / _SHARES.get(found.unit, Decimal(1))


def _written(expression: Expression, sources: _Sources) -> str:
    if isinstance(expression, Operand):
        quantity = expression.quantity
        if expression.fact is None:
            return f"({quantity.as_factor})" if quantity.value < 0 else str(quantity.as_factor)
        unit = "%" if quantity.is_rate else quantity.currency
        return sources.cell(expression.text, quantity.as_factor, unit, expression.fact.place, is_rate=quantity.is_rate)
    if expression.operator == "abs":
        return f"ABS({_written(expression.parts[0], sources)})"
    if len(expression.parts) == 1:
        return f"(-{_written(expression.parts[0], sources)})"
    return f"({_SYMBOLS[expression.operator].join(_written(part, sources) for part in expression.parts)})"
