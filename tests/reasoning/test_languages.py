"""The language of a question, by little more than a few words, and what holds across languages."""

import pytest

from apps.reasoning.languages import differ, language_of, name_of


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("What was net debt?", "en"),
        ("Wie hoch war die Nettoverschuldung?", "de"),
        ("Quel est le chiffre d'affaires ?", "fr"),
        ("¿Cuál fue la deuda neta?", "es"),
        ("Wat was de nettoschuld?", "nl"),
        ("净债务是多少？", "zh"),
        ("純負債はいくらですか？", "ja"),
        ("순부채는 얼마입니까?", "ko"),
        ("Каков был чистый долг компании?", "ru"),
        ("كم كان صافي الدين في نهاية السنة؟", "ar"),
        ("What does 净债务 mean in the report of the subsidiary?", "en"),
        ("Net debt 2025", ""),
        ("", ""),
    ],
)
def test_the_language_of_a_question_is_told_where_it_can_be(question: str, language: str) -> None:
    assert language_of(question) == language


def test_languages_that_their_readers_share_do_not_differ() -> None:
    assert differ("de", "en")
    assert not differ("nb", "da")
    assert not differ("de", "de")
    assert not differ("", "de")


def test_a_language_that_is_told_has_a_name_for_the_prompt() -> None:
    assert (name_of("de"), name_of("zh"), name_of(""), name_of("xx")) == ("German", "Chinese", "", "")
