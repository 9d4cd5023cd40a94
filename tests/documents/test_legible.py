"""Text layers that do not say what is printed count as none; all others are kept."""

from collections.abc import Callable
from pathlib import Path

import pytest
import reportlab
from reportlab.pdfbase import pdfmetrics, ttfonts

from apps.documents.layout import Word
from apps.documents.parsers.pdf.legible import legible
from tests.documents import papers
from tests.documents.conftest import Parse, text_of

WRONG: dict[str, Callable[[int], int]] = {
    "all in the private area": lambda code: 0xE000 + code,
    "all unknown": lambda code: 0xFFFD,
    "all control characters": lambda code: 1 + code % 8,
    "all one letter": lambda code: ord("n") if code > 32 else code,
    "glyph numbers": lambda code: code - 29 if code > 61 else code,
    "no vowels": lambda code: ord("bcdfgklmnprst"[code % 13]) if code > 32 else code,
    "an encoding of another alphabet": lambda code: 0xC0 + code % 60 if code > 32 else code,
}
KEPT = {
    "English": "The company sells pumps and valves to water utilities in nine countries of the north.",
    "Czech": "Zmrzl strž skrz krk, přesto společnost dodává čerpadla vodárnám v devíti zemích severu.",
    "Polish": "Spółka sprzedaje pompy i zawory przedsiębiorstwom wodociągowym w dziewięciu krajach północy.",
    "Vietnamese": "Những loại lục lạp này, vốn trực tiếp phát sinh từ tổ tiên là vi khuẩn lam, được gọi là lục lạp.",
    "Finnish": "Yhtiö myy pumppuja ja venttiilejä vesilaitoksille yhdeksässä pohjoisen maassa.",
    "Greek": "Η εταιρεία πουλά αντλίες και βαλβίδες σε εταιρείες ύδρευσης σε εννέα χώρες του βορρά.",
    "figures with codes": "BRK-7741 1,204 (842) XTRK 2,118 PKG 17.5 GBP 4,411 LLC 9,120 USD 311 BV 41 SGD 7,731",
}


def words(text: str) -> list[Word]:
    return [Word(part, 0, 0, 10, 10, 9, 10, bold=False) for part in text.split()]


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_a_page_whose_font_has_a_wrong_table_is_recognised(
    tmp_path: Path, parse: Parse, monkeypatch: pytest.MonkeyPatch, wrong: Callable[[int], int]
) -> None:
    table = ttfonts.makeToUnicodeCMap
    monkeypatch.setattr(ttfonts, "makeToUnicodeCMap", lambda name, codes: table(name, [wrong(code) for code in codes]))
    pdfmetrics.registerFont(ttfonts.TTFont("Vera", str(Path(reportlab.__file__).parent / "fonts" / "Vera.ttf")))

    def draw(canvas: papers.Canvas) -> None:
        canvas.setFont("Vera", 11)
        for number, sentence in enumerate(papers.SENTENCES):
            canvas.drawString(40, 760 - 24 * number, sentence)

    parsed = parse(papers.pdf(tmp_path / "a.pdf", draw))
    assert parsed.pages[0].recognised
    assert "Orders rose in every quarter of the year" in text_of(parsed)


@pytest.mark.parametrize("text", KEPT.values(), ids=KEPT)
def test_text_of_any_language_is_kept(text: str) -> None:
    page = words(f"{text} " * 8)
    assert legible(page) == page


def test_few_signs_without_meaning_are_left_out() -> None:
    assert [word.text for word in legible(words("\ufffd Orders rose\ufffd in every quarter"))] == (
        ["Orders", "rose", "in", "every", "quarter"]
    )


def test_few_letters_are_not_judged() -> None:
    page = words("BRK XTRK PKG GBP LLC")
    assert legible(page) == page
