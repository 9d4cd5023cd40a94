"""A ledger as JSON: what answers keep, and what REST and the page show."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from apps.verification.figures.grounds import Place
from apps.verification.figures.lineage import Figure, Input


def figure_objects(figures: Sequence[Figure]) -> list[dict[str, Any]]:
    """Return the figures as the REST contract shows them; numbers are decimal strings, ranges half-open."""
    return [_figure(figure) for figure in figures]


def _figure(figure: Figure) -> dict[str, Any]:
    return {
        "text": figure.text,
        "span": [figure.start, figure.end],
        "value": _decimal(figure.value),
        "unit": figure.unit,
        "source": figure.source.value,
        "verdict": figure.verdict.value,
        "flaws": [flaw.value for flaw in figure.flaws],
        "corrected": figure.corrected or None,
        "expression": figure.expression or None,
        "exact": None if figure.exact is None else _decimal(figure.exact),
        "by": figure.by.value if figure.by else None,
        "inputs": [_input(source) for source in figure.inputs],
        "years": list(figure.years),
        "scale_said": figure.scale_said,
    }


def _input(source: Input) -> dict[str, Any]:
    return {
        "text": source.text,
        "value": _decimal(source.value),
        "unit": source.unit,
        "at": list(source.at),
        "constant": source.is_constant,
        "place": None if source.place is None else _place(source.place),
    }


def _place(place: Place) -> dict[str, Any]:
    if not place.is_cell:
        return {"marker": place.marker, "span": [place.start, place.end]}
    return {
        "marker": place.marker,
        "table": place.table,
        "row": place.row,
        "column": place.column,
        "row_path": list(place.row_path),
        "column_path": list(place.column_path),
    }


def _decimal(value: Decimal) -> str:
    """Return a number in plain digits, without noughts at the end of its decimals."""
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
