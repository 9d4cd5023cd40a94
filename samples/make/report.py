"""The annual report as a PDF."""

from pathlib import Path

from samples.make.front import front
from samples.make.layout import Report, register_fonts
from samples.make.statements import statements


def make_report(path: Path) -> None:
    """Write the annual report."""
    register_fonts()
    Report(path).build([*front(), *statements()])
