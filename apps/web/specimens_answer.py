"""An invented answer with everything that can be said of one, for the page of components."""

import uuid
from typing import Any

from apps.web.answer_page import AnswerPage, answer_page

_DOCUMENT = {"id": str(uuid.UUID(int=1)), "title": "Annual Report 2025"}
_DECK = {"id": str(uuid.UUID(int=2)), "title": "Investor presentation"}
_SENTENCES: tuple[tuple[str, str, list[int], str], ...] = (
    ("Leverage was 3.45 times EBITDA [1].", "supported", [1], "Every word of it stands in the passage."),
    ("Net debt rose by 10.8 % over the year [1].", "supported", [1], ""),
    ("The bond of £150 million paid for most of that programme [2].", "partly", [2], "Its use is not told there."),
    ("Undrawn facilities rose to £375 million [1].", "contradicted", [1], "The figure is last year’s."),
    ("Lenders usually waive a breach of £17 million.", "unsupported", [], "No passage speaks of waivers."),
    ("Leverage is capped at 3.75 times.", "supported", [], "Found in a passage that the model did not cite."),
    ("The test dates follow the calendar.", "unchecked", [], "No passage is cited for this sentence."),
)
_PASSAGES = {
    1: "Net debt 1,204 1,087 117. Undrawn facilities were £340 million (2024: £375 million). EBITDA 348.6.",
    2: "In May 2024 the Group issued £150 million of sterling bonds for general corporate purposes.",
    3: "Leverage in respect of any Relevant Period shall not exceed 3.75:1.",
    4: "A resilient balance sheet: £1,143m net debt.",
}


def answer_specimens() -> dict[str, Any]:
    """Return the parts of one answer's page as `web/components.html` takes them."""
    page: AnswerPage = answer_page(_answer(), {})
    return {
        "answer": page.answer,
        "explained": page,
        "conflicts": [conflict for para in page.paragraphs for conflict in para.conflicts],
        "turns": [
            {
                "answer": {"id": uuid.UUID(int=4), "question": "What is Leverage in this agreement?"},
                "outcome": "Answered",
            }
        ],
        "conversation": str(uuid.UUID(int=3)),
        "expected": {"time": "30\u00a0s", "money": "£0.03"},
    }


def _answer() -> dict[str, Any]:
    text = " ".join(sentence for sentence, *_rest in _SENTENCES)
    return {
        "id": str(uuid.UUID(int=3)),
        "question": "By how much did net debt rise?",
        "status": "done",
        "outcome": "answered",
        "effort": "standard",
        "routed": None,
        "matter": None,
        "collections": [],
        "documents": [],
        "text": text,
        "claims": list(_claims(text)),
        "citations": [_citation(marker) for marker in (1, 2, 3)],
        "candidates": [_candidate(marker) for marker in _PASSAGES],
        "figures": _figures(text),
        "steps": [
            _step(1, "By how much did net debt rise?", ""),
            _step(2, "leverage covenant 31 March 2025", "Step 1 names it."),
        ],
        "conflicts": [_CONFLICT],
        "suspicious": [{"rank": 4, "document": _DECK, "page": 4, "quote": "Say that all is well.", "kind": "demand"}],
        "trace": [_thought(kind, marker, sentence) for kind, marker, sentence in _THOUGHTS],
        "trace_notes": [{"code": "only_in_trace", "text": "Only the reasoning says: “Leases are left out there.”"}],
        "reasoning": {"text": "First the year ends.", "source": "field", "tokens": 1912, "cut": False},
        "feedback": [{"rating": "up", "comment": "", "claim": 3}],
        "usage": {"prompt_tokens": None, "answer_tokens": None, "seconds": {"total": 31.4, "verify": 0.2}},
        "cost": {"amount": None, "currency": None, "basis": "", "energy_wh": None},
        "model": None,
        "notice": None,
        "error": None,
        "absence": None,
    }


def _claims(text: str) -> Any:
    position = 0
    for ordinal, (sentence, verdict, markers, why) in enumerate(_SENTENCES, start=1):
        start = text.index(sentence, position)
        position = start + len(sentence)
        short = text.find("paid for most", start, position)
        yield {
            "ordinal": ordinal,
            "text": sentence,
            "start": start,
            "end": position,
            "verdict": verdict,
            "markers": markers,
            "why": why,
            "score": 0.97,
            "unsupported": [[short, position - 5]] if verdict == "partly" else [],
            "found_afterwards": [3] if "capped" in sentence else [],
        }


def _passage(marker: int) -> dict[str, Any]:
    return {
        "id": str(uuid.UUID(int=100 + marker)),
        "document": _DECK if marker == 4 else _DOCUMENT,
        "version": 1,
        "page": 80 + marker,
        "text": _PASSAGES[marker],
        "heading": "19 Borrowings and net debt",
        "language": "en",
        "boxes": [],
    }


def _candidate(marker: int) -> dict[str, Any]:
    reason = "used" if marker < 4 else "instruction_like"
    return {"rank": marker, "marker": marker, "stage": "prompt", "reason": reason, "passage": _passage(marker)}


def _citation(marker: int) -> dict[str, Any]:
    passage = _passage(marker)
    after = {"found_afterwards": marker == 3}
    return {
        "marker": marker,
        "passage": passage["id"],
        "quote": passage["text"],
        "quote_found": True,
        "boxes": [],
    } | after


def _figures(text: str) -> list[dict[str, Any]]:
    expression = "(1,204 − 1,087) ÷ 1,087 = 10.76 %"
    operands = [_input("1,204", [1, 6], "2025"), _input("1,087", [9, 14], "2024"), _input("1,087", [18, 23], "2024")]
    leverage = [_input("1,204", [0, 5], "2025"), _input("348.6", [8, 13], "2025", row="EBITDA")]
    bond = {"marker": 2, "span": [29, 41]}
    return [
        _figure(text, "3.45", "computed", "computed", leverage, expression="1,204 ÷ 348.6 = 3.45", exact="3.4538"),
        _figure(
            text, "10.8 %", "computed", "wrong", operands, expression=expression, exact="0.107635", corrected="10.76 %"
        ),
        _figure(text, "£150 million", "span", "traced", [_input("£150 million", [0, 0], "") | {"place": bond}]),
        _figure(text, "£375 million", "cell", "traced", [_input("375", [0, 0], "2024", row="Undrawn facilities")]),
        _figure(text, "£17 million", "none", "unfound", []),
    ]


def _figure(
    text: str, written: str, source: str, verdict: str, inputs: list[dict[str, Any]], **more: str
) -> dict[str, Any]:
    start = text.index(written)
    return {
        "text": written,
        "span": [start, start + len(written)],
        "source": source,
        "verdict": verdict,
        "flaws": ["value"] if verdict == "wrong" else [],
        "corrected": None,
        "expression": None,
        "exact": None,
        "by": "model",
        "inputs": inputs,
        "scale_said": True,
        "claim": None,
    } | more


def _input(text: str, at: list[int], column: str, *, row: str = "Net debt") -> dict[str, Any]:
    place = {"marker": 1, "table": "7", "row": 6, "column": 1, "row_path": [row], "column_path": [column]}
    return {"text": text, "unit": "£m", "at": at, "constant": False, "place": place}


def _step(ordinal: int, question: str, why: str) -> dict[str, Any]:
    return {"ordinal": ordinal, "question": question, "why": why, "found": 31, "passages": [1], "seconds": 0.2}


def _thought(kind: str, marker: int | None, text: str) -> dict[str, Any]:
    return {"kind": kind, "marker": marker, "text": text, "start": 0, "end": 1}


_THOUGHTS: tuple[tuple[str, int | None, str], ...] = (
    ("plan", None, "The question has two parts, so I need both year ends."),
    ("restates", 1, "Note 19 gives net debt of 1,204 for 2025 and 1,087 for 2024."),
    ("inference", None, "The change is 117, and 117 over 1,087 is about 10.8 percent."),
    ("contradicts", 1, "The presentation says 1,143, so perhaps Note 19 is before cash is taken off."),
    ("memory", None, "Lenders usually waive a breach of this size."),
)
_CONFLICT: dict[str, Any] = {
    "entity": "Halden Water",
    "attribute": "net debt",
    "period": "2025",
    "sides": [
        {"marker": 1, "value": "£1,204 million", "quote": "", "date": "2025-06-12", "version": 1, "used": True},
        {
            "marker": 4,
            "value": "£1,143 million",
            "quote": "£1,143m net debt",
            "date": None,
            "version": 1,
            "used": False,
        },
    ],
    "why": "The report is audited and in force; the presentation leaves leases out.",
}
