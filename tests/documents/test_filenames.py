import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.documents.filenames import LONGEST, clean_filename, title_of


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("report.pdf", "report.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\ingrid\\Jahresbericht.docx", "Jahresbericht.docx"),
        ("annual\0report.pdf", "annualreport.pdf"),
        ("invoice\u202efdp.exe", "invoicefdp.exe"),
        ("  spaced \t out  .pdf", "spaced out.pdf"),
        ("Geschäftsbericht 2025.pdf", "Geschäftsbericht 2025.pdf"),
        ("决算报告.pdf", "决算报告.pdf"),
        (".pdf", "document.pdf"),
        ("", "document"),
        ("///", "document"),
        ("..", "document"),
    ],
)
def test_a_name_is_cleaned(sent: str, kept: str) -> None:
    assert clean_filename(sent) == kept


def test_a_long_name_keeps_its_ending() -> None:
    assert clean_filename("x" * 400 + ".docx") == "x" * (LONGEST - 5) + ".docx"


@given(st.text(max_size=600))
def test_no_name_can_reach_another_folder_or_hide_characters(sent: str) -> None:
    kept = clean_filename(sent)
    assert 0 < len(kept) <= LONGEST
    assert not set("/\\\0\r\n") & set(kept)
    assert kept not in (".", "..")
    assert not any(unicodedata.category(character) in ("Cc", "Cf") for character in kept)
    assert clean_filename(kept) == kept


def test_a_title_is_the_name_without_ending_and_underscores() -> None:
    assert title_of("Annual_report_2025.pdf") == "Annual report 2025"
    assert title_of("Version 1.2 of the policy") == "Version 1.2 of the policy"
