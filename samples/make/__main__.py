"""Make every sample document that is generated. The policy in German is written by hand."""

from pathlib import Path

from samples.make.agreement import make_agreement
from samples.make.letter import make_letter
from samples.make.report import make_report

FILES = Path(__file__).parent.parent / "files"


def make_all(folder: Path) -> None:
    """Write the generated documents into a folder."""
    make_report(folder / "annual-report-2024.pdf")
    make_agreement(folder / "facilities-agreement-2022.docx")
    make_letter(folder / "agent-letter-2025-03-10.pdf")


if __name__ == "__main__":
    make_all(FILES)
