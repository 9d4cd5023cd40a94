"""Invented things in every state, for the page of components. Nothing of it touches the database."""

import uuid
from typing import Any

from django.utils import timezone

from apps.documents.formats import accepted, accepted_endings
from apps.documents.models import Collection, Document, Status, Upload, Version
from apps.web.answer_margin import Annotated, Flag, Note
from apps.web.answer_parts import Notice, health_of
from apps.web.answer_steps import running_steps
from apps.web.forms import CollectionForm
from apps.web.prose import Sentence, paragraphs
from apps.web.shelf import Bar, Mark, Row, Tile
from apps.web.specimens_answer import answer_specimens
from apps.web.specimens_documents import document_specimens
from apps.web.specimens_search import search_specimens

_LONG = (
    "Konsortialkreditvertrag_über_2.000.000.000_EUR_zwischen_der_Rheinisch-Westfälischen_Wasserversorgungsgesellschaft_mbH"
    "_und_den_darin_genannten_Kreditgebern_FINAL_v12_signed(3).pdf"
)
_WELL = Bar(132, 0, 0, ())
_MIXED = Bar(164, 3, 1, (Mark(183, 14, "poor"), Mark(348, 14, "poor"), Mark(610, 14, "poor"), Mark(848, 14, "unread")))
_POOR = Bar(3, 2, 0, (Mark(333.3, 333.3, "poor"), Mark(666.7, 333.3, "poor")))

_CLAIMS: tuple[tuple[str, str, list[int]], ...] = (
    ("The Group complied with the covenant at both test dates.", "supported", [1]),
    ("The bond paid for most of that programme.", "partly", [2]),
    ("Lenders usually waive a breach of this size.", "unsupported", []),
    ("Undrawn facilities rose to £375 million.", "contradicted", [1]),
    ("Leverage is capped at 3.75 times.", "unchecked", [3]),
)


def specimens() -> dict[str, Any]:
    """Return the context of `web/components.html`."""
    refused = CollectionForm({"name": "", "description": "Facilities and accounts."})
    refused.is_valid()
    return {
        "steps": [running_steps(status) for status in ("queued", "retrieving", "reasoning", "verifying")],
        "health": health_of({"claims": _claims(), "outcome": "answered"}),
        "paras": _paragraphs(),
        "notices": [
            Notice("bad", "warn", "The model is not answering.", "The question is kept. Reading and searching work."),
            Notice("part", "info", "The reasoning was cut short.", "It used all that this effort allows."),
            Notice("info", "info", "The connection was lost, the answer was not.", "It goes on being written."),
            Notice("ok", "seal", "The chain is whole.", "48,231 records verified."),
        ],
        "form": refused,
        "rows": _rows(),
        "tiles": _tiles(),
        "contributes": True,
        "downloads": True,
        **answer_specimens(),
        **document_specimens(),
        **search_specimens(),
        **_uploading(),
    }


def _uploading() -> dict[str, Any]:
    """Return what the form for adding documents takes, with one upload that was broken off."""
    broken = Upload(id=uuid.uuid4(), filename=_LONG, size=734_003_200, received=251_658_240)
    return {
        "collection": Collection(id=uuid.uuid4(), name="Halden Water: credit file"),
        "broken_off": [broken],
        "accepted": accepted(),
        "accepted_endings": accepted_endings(),
        "limit": 1_073_741_824,
    }


def _claims() -> list[dict[str, Any]]:
    return [{"text": text, "verdict": verdict, "markers": markers} for text, verdict, markers in _CLAIMS]


def _paragraphs() -> list[Annotated]:
    text, sentences = "", []
    for number, (claim, verdict, markers) in enumerate(_CLAIMS, start=1):
        start = len(text)
        text += claim + "".join(f" [{marker}]" for marker in markers) + " "
        sentences.append(Sentence(number, start, len(text) - 1, verdict, bool(markers)))
    written = paragraphs(
        text, chip=lambda marker: f'<a class="cite" href="#n{marker}">{marker}</a>', sentences=sentences
    )
    notes = (Note(1, "#n1", "Annual Report 2025, p. 84", "19 Borrowings and net debt"),)
    flag = Flag(3, "unsupported", "No passage mentions a waiver.")
    arabic = paragraphs("ارتفع صافي الدين بنسبة 10.76 % ليبلغ 1,204 مليون جنيه.", chip=lambda _: "")
    return [*(Annotated(one, notes, (flag,)) for one in written), *(Annotated(one) for one in arabic)]


def _rows() -> list[Row]:
    return [
        _row("Interim results, September 2025", Status.QUEUED, _WELL, ahead=3),
        _row("Regulatory correspondence 2024–25", Status.PARSING, _WELL, progress=0.43),
        _row("Board paper: dividend policy", Status.EMBEDDING, _WELL, progress=0.9),
        _row("Facility Agreement", Status.READY, _WELL, cited=44, folder="Facilities/2023", files=2),
        _row("Annual Report and Accounts 2025", Status.READY, _MIXED, cited=31),
        _row("Compliance Certificate, March 2025", Status.READY, _POOR),
        _row("Insurance Schedule 2025", Status.FAILED, _WELL, detail="Protected by a password.", code="encrypted"),
        _row("Site inspection", Status.CANCELLED, _WELL),
        _row(_LONG, Status.READY, _WELL),
        _row("有価証券報告書 第98期（自 2024年4月1日 至 2025年3月31日）", Status.READY, _WELL),
        _row("التقرير السنوي 2025", Status.READY, _WELL),
    ]


def _row(title: str, status: Status, bar: Bar, *, progress: float = 0.0, cited: int = 0, **more: Any) -> Row:
    document = Document(id=uuid.uuid4(), title=title, created_at=timezone.now(), folder=more.get("folder", ""))
    version = Version(
        filename="report.pdf",
        bytes=9_400_000,
        status=status,
        progress=progress,
        page_count=bar.pages,
        error_code=more.get("code", ""),
        error_detail=more.get("detail", ""),
    )
    return Row(document, version, bar, cited, more.get("ahead", 0), more.get("files", 0))


def _tiles() -> list[Tile]:
    def named(name: str) -> Collection:
        return Collection(id=uuid.uuid4(), name=name)

    return [
        Tile(named("Halden Water: credit file"), 14, 641, 0, 3, _MIXED),
        Tile(named("Credit policy and procedures"), 58, 902, 0, 0, _WELL),
        Tile(named("Sector research: utilities"), 212, 6310, 3, 0, _WELL),
        Tile(named("New and empty"), 0, 0, 0, 0, Bar(0, 0, 0, ())),
    ]
