"""Invented results of a search, for the page of components."""

import uuid
from typing import Any

from apps.retrieval.passages import Passage, Ranks, Scores
from apps.web.fate_page import FateShown
from apps.web.lit_words import excerpt_of
from apps.web.search_page import Chip, Hit, Same
from apps.web.search_ranks import stages_of

_LEVERAGE = (
    "The Company shall ensure that Leverage does not exceed 3.75:1 on any Test Date. Leverage means, for any Relevant Period, the "
    "ratio of Consolidated Total Net Debt on the last day of that Relevant Period to Adjusted EBITDA in respect of that Relevant "
    "Period, and is tested as at 30 June and 31 December in each year by reference to the financial statements delivered under "
    "Clause 20.1 and the Compliance Certificate delivered with them."
)


def search_specimens() -> dict[str, Any]:
    """Return the context of the part of `web/components.html` that shows a search."""
    return {
        "hits": [
            _hit(
                "Facility Agreement",
                _LEVERAGE,
                "leverage covenant test dates",
                heading="21 Financial covenants › 21.2 Financial condition",
                where="Page 88",
                facts=("Halden Water: credit file", "In force from 21 June 2022", "Version 2"),
                same=(Same("Facility Agreement, conformed copy", "Page 91", "#k-search"),),
            ),
            _hit(
                "有価証券報告書 第98期",
                "連結純有利子負債は前年度末に比べて増加した。",
                "純有利子負債",
                facts=("Sector research: utilities", "Added 3 July 2025", "Japanese"),
                language="ja",
                ranks=Ranks(vector=None, keyword=1, fused=2),
                scores=Scores(None, 8.41, 0.5, None),
            ),
            _hit(
                "Konsortialkreditvertrag_über_2.000.000.000_EUR_zwischen_der_Wasserversorgungsgesellschaft_mbH_FINAL_v12_signed(3)",
                "ارتفع صافي الدين بنسبة 10.76 % ليبلغ 1,204 مليون جنيه.",
                "صافي الدين",
                facts=("Credit policy and procedures", "Added 3 July 2025", "Arabic"),
                language="ar",
                ranks=Ranks(vector=3, keyword=None, fused=3),
                scores=Scores(0.41, None, 0.3, None),
            ),
        ],
        "chips": [Chip("Halden Water: credit file", "#k-search"), Chip("As of 31 March 2025", "#k-search")],
        "fate": FateShown(
            title="Board paper: dividend policy",
            said="Its best passage was found, at place 61 of 4,120 passages. The model reads fewer.",
            href="#k-search",
            excerpt="The board confirmed the policy of a progressive dividend, subject to the lock-up in the facility.",
            places=(
                ("Meaning", "place 84", "0.412"),
                ("Words", "place 57", "3.207"),
                ("Together", "place 61", "0.389"),
            ),
            again=True,
        ),
    }


def _hit(title: str, text: str, question: str, **more: Any) -> Hit:
    passage = Passage(
        id=uuid.uuid4(),
        document_id=uuid.uuid4(),
        document_title=title,
        collection_id=uuid.uuid4(),
        version_id=uuid.uuid4(),
        version=1,
        text=text,
        heading=more.get("heading", ""),
        language=more.get("language", "en"),
        scores=more.get("scores", Scores(0.63, 12.3, 0.94, 1.02)),
        ranks=more.get("ranks", Ranks(2, 1, 1, 1)),
        rank=1,
    )
    excerpt = excerpt_of(text, question, passage.language)
    return Hit(
        passage=passage,
        href="#k-search",
        where=more.get("where", ""),
        facts=more["facts"],
        excerpt=excerpt,
        stages=stages_of(passage, excerpt.words, ""),
        same=more.get("same", ()),
    )
