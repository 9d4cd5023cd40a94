"""What of a text is matched: the same in passages and questions, in any script and language."""

import pytest

from apps.retrieval.analysis import question_words, term_key, terms_of
from apps.retrieval.segmentation import LONGEST, words_of


def _shared(passage: str, question: str, language: str = "en") -> set[str]:
    """Return the terms that a passage and a question have in common."""
    asked = {term for word in question_words(question, [language]) for term in word.terms}
    return asked & terms_of(passage, language).keys()


@pytest.mark.parametrize(
    "written", ["1,204", "1.204", "1'204", "1’204", "1\u202f204", "1\u00a0204", "１，２０４", "1204"]
)
def test_a_figure_is_the_same_however_it_is_grouped(written: str) -> None:
    assert words_of(f"Revenue of {written} million") == ["Revenue", "of", "1204", "million"]


@pytest.mark.parametrize(("written", "meant"), [
    ("1.234,56", "1234.56"), ("1,234.56", "1234.56"), ("1'234.56", "1234.56"), ("12,5", "12.5"), ("12.5", "12.5"),
    ("0,125", "0.125"), ("0.125", "0.125"), ("$1,452.4", "1452.4"), ("٤٥٦", "456"), ("१२३", "123"),
])  # fmt: skip
def test_a_decimal_is_the_same_with_a_point_and_with_a_comma(written: str, meant: str) -> None:
    assert words_of(written) == [meant]


@pytest.mark.parametrize(("one", "other", "common"), [
    ("ISO-9001", "ISO9001", "iso9001"), ("ISO 9001", "ISO-9001", "9001"), ("FY24", "FY 24", "24"), ("FY24", "fy24", "fy24"),
    ("clause 4.3(b)(ii)", "4.3(b)", "4.3b"), ("clause 4.3(b)", "clause 4.3", "4.3"), ("e-mail", "email", "email"),
    ("U.S. law", "US law", "us"), ("EMEA/APAC", "apac", "apac"), ("R&D", "R & D", "r"), ("$1,452.4m", "1452.4 million", "1452.4"),
    ("write to a.b@example.org", "a.b@example.org", "abexampleorg"), ("Q3", "q3", "q3"), ("2024-01-15", "2024", "2024"),
])  # fmt: skip
def test_an_identifier_is_found_by_its_whole_and_by_its_parts(one: str, other: str, common: str) -> None:
    assert common in _shared(one, other)
    assert common in _shared(other, one)


def test_words_that_are_joined_are_two_words() -> None:
    assert terms_of("long-term debt", "en").keys() == {"long", "term", "debt"}


def test_words_broken_at_the_end_of_a_line_are_whole() -> None:
    assert words_of("the amort\u00adisation and the depre-\nciation") == [
        "the",
        "amortisation",
        "and",
        "the",
        "depreciation",
    ]


@pytest.mark.parametrize(("language", "passage", "question"), [
    ("en", "The covenants were waived.", "waiving a covenant"), ("de", "Die Verbindlichkeiten stiegen.", "Verbindlichkeit"),
    ("fr", "Les obligations de l’entreprise", "obligation"), ("es", "Las deudas de la compañía", "compañías"),
    ("ru", "Компании увеличили выручку", "выручка компаний"), ("tr", "Şirketlerin borçları", "şirket"),
    ("ar", "التقرير السنوي", "تقرير"), ("el", "Οι εταιρείες", "εταιρεία"), ("hi", "कंपनियों की आय", "कंपनियों"),
    ("ro", "Datoriile societății", "datorii"), ("vi", "Lợi nhuận của công ty", "lợi nhuận"), ("th", "ราคาหุ้นของบริษัท", "บริษัท"),
    ("zh", "公司的营业收入增长", "营业收入"), ("ja", "当期の売上高は増加した", "売上高"), ("ko", "한국은행의 기준금리", "한국은행"),
    ("km", "ធនាគារជាតិ", "ធនាគារ"), ("he", "הַבַּנק המרכזי", "המרכזי"), ("xx", "unbekannte Wörter", "wörter"),
])  # fmt: skip
def test_an_inflected_word_is_found_in_its_language(language: str, passage: str, question: str) -> None:
    assert _shared(passage, question, language)


def test_vowel_signs_do_not_break_words() -> None:
    assert words_of("हिन्दी भाषा") == ["हिन्दी", "भाषा"]


def test_marks_are_folded_where_people_leave_them_out_and_kept_where_they_make_other_words() -> None:
    assert _shared("Zürich", "Zurich", "de")
    assert not _shared("má", "ma", "vi")


def test_words_without_meaning_are_left_out_unless_nothing_else_is_left() -> None:
    assert terms_of("The debt of the company", "en").keys() == {"debt", "compani"}
    assert terms_of("To be or not to be", "en").keys() == {"to", "be", "or", "not"}
    assert [word.terms for word in question_words("What is the debt?", ["en"])] == [("debt",)]


def test_a_name_in_capitals_is_kept_but_not_a_word_in_a_line_of_capitals() -> None:
    assert "it" in terms_of("Approved by IT and Legal.", "en")
    assert "and" not in terms_of("This CO-BRANDING AND ADVERTISING AGREEMENT is made.", "en")


def test_a_question_asks_in_every_language_that_is_searched() -> None:
    (word,) = question_words("Obligationen", ["de", "en"])
    assert set(word.terms) == {"obligation", "obligationen"}


def test_keys_tell_terms_apart_and_leave_room_for_counts() -> None:
    keys = {term_key(f"term {number}") for number in range(10_000)}
    assert len(keys) == 10_000
    assert max(keys) < 2**47


def test_what_is_no_word_is_cut_or_left_out() -> None:
    assert words_of("— … · • ( )") == []
    assert [len(word) for word in words_of("x" * 500)] == [LONGEST]
    assert words_of("a\x00b") == ["a", "b"]
