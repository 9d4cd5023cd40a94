"""An answer with all that an export must show, and what opens the files."""

import io
import zipfile
from typing import Any

from lxml import etree

from apps.accounts.models import User
from apps.documents.models import Document
from apps.reasoning.models import Answer, Candidate, Citation, Claim, Figure
from tests.factories import answer_with_grounds

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
TEXT = (
    "Net debt was £1,204 million [1]. It rose by **10.76 %** [1][2].\n\n"
    "## By lender\n\n"
    "- Banks waive the covenant.\n- Bonds do not [2].\n\n"
    "| Year | Net debt |\n|---|---|\n| 2024 | 1,087 [2] |\n| 2025 | 1,204 [1] |\n\n"
    "<script>alert(1)</script> See [the site](https://evil.example)."
)
EXPRESSION = "(1,204 − 1,087) ÷ 1,087 = 10.76 %"


def full_answer(asker: User, document: Document | None = None, **fields: Any) -> Answer:
    """Return a finished answer with two citations, a claim that is not supported, a table and a computed figure."""
    text = fields.pop("text", TEXT)
    answer = answer_with_grounds(asker, document, text=text, record_sequence=41, record_hash="ab12" * 16, **fields)
    second = Candidate.objects.get(answer=answer, marker=2)
    Citation.objects.create(
        answer=answer, candidate=second, marker=2, quote="Net debt was 1,087 million.", quote_found=True
    )
    Claim.objects.filter(answer=answer).delete()
    _claim(answer, 1, "Net debt was £1,204 million [1].", [1], "supported")
    _claim(answer, 2, "It rose by **10.76 %** [1][2].", [1, 2], "supported")
    _claim(answer, 3, "Banks waive the covenant.", [], "unsupported")
    if "10.76 %" in text:
        start = text.index("10.76 %")
        lineage = computed_figure(start, start + 7)
        Figure.objects.create(answer=answer, ordinal=1, start=start, end=start + 7, lineage=lineage)
    return answer


def _claim(answer: Answer, ordinal: int, text: str, markers: list[int], verdict: str) -> None:
    start = answer.text.find(text)
    if start >= 0:
        Claim.objects.create(
            answer=answer,
            ordinal=ordinal,
            text=text,
            start=start,
            end=start + len(text),
            markers=markers,
            verdict=verdict,
        )


def computed_figure(start: int, end: int) -> dict[str, Any]:
    """Return the lineage of a change, as `verification.figures.objects` writes it."""
    later, earlier = _cell(1, "2025"), _cell(2, "2024")
    return {
        "text": "10.76 %",
        "span": [start, end],
        "value": "10.76",
        "unit": "%",
        "source": "computed",
        "verdict": "computed",
        "flaws": [],
        "corrected": None,
        "expression": EXPRESSION,
        "exact": "0.1076356946",
        "by": "model",
        "inputs": [
            {"text": "1,204", "value": "1204000000", "unit": "GBP", "at": [1, 6], "constant": False, "place": later},
            {"text": "1,087", "value": "1087000000", "unit": "GBP", "at": [9, 14], "constant": False, "place": earlier},
            {
                "text": "1,087",
                "value": "1087000000",
                "unit": "GBP",
                "at": [18, 23],
                "constant": False,
                "place": earlier,
            },
        ],
        "years": [2024, 2025],
        "scale_said": True,
    }


def _cell(marker: int, year: str) -> dict[str, Any]:
    path = {"row_path": ["Net debt"], "column_path": [year]}
    return {"marker": marker, "table": "t1", "row": 1, "column": marker, **path}


def part(content: bytes, name: str) -> etree._Element:
    """Return a part of a Word file or workbook."""
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        return etree.fromstring(package.read(name))


def said(element: etree._Element) -> str:
    return "".join(element.itertext(f"{W}t"))
