"""The language of blocks that are not in their document's."""

import pytest

from apps.documents.language import mark_languages
from apps.documents.parsing import Block, BlockKind, Page

ENGLISH = "The supplier shall deliver the pumps to the site of the buyer in the week that is named in the order."
GERMAN = "Der Lieferant liefert die Pumpen in der Woche, die in der Bestellung genannt ist, an den Ort, den der Käufer nennt."
FRENCH = "Le fournisseur livre les pompes dans la semaine qui est indiquée dans la commande, sur le site de l’acheteur."


def languages(default: str, *texts: str) -> list[str]:
    page = Page(1, 0, 0, tuple(Block(BlockKind.TEXT, text) for text in texts))
    return [block.language for block in mark_languages(page, default).blocks]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Поставщик доставляет насосы в срок.", "ru"),
        ("Постачальник доставляє насоси в строк, який є у замовленні.", "uk"),
        ("Ο προμηθευτής παραδίδει τις αντλίες.", "el"),
        ("يسلم المورد المضخات في الموعد المحدد.", "ar"),
        ("تأمین‌کننده پمپ‌ها را در هفتهٔ گفته‌شده تحویل می‌دهد و پول می‌گیرد.", "fa"),
        ("הספק מוסר את המשאבות בזמן.", "he"),
        ("ผู้ขายส่งมอบปั๊มตามเวลา", "th"),
        ("공급자는 펌프를 제때 인도한다.", "ko"),
        ("供給者はポンプを期日に引き渡す。", "ja"),
        ("供应商按时交付水泵。", "zh"),
        ("आपूर्तिकर्ता समय पर पंप देता है।", "hi"),
    ],
)
def test_another_script_says_the_language(text: str, language: str) -> None:
    assert languages("en", text, ENGLISH) == [language, ""]


def test_another_language_in_the_same_script_is_told_by_its_words() -> None:
    assert languages("en", ENGLISH, GERMAN, FRENCH) == ["", "de", "fr"]
    assert languages("de", ENGLISH, GERMAN) == ["en", ""]


def test_what_is_short_or_of_figures_or_names_stays_unmarked() -> None:
    assert (
        languages("en", "Vertrag", "Société Générale S.A.", "1,204 (842)", "Δ = 4 µm", "Jean de la Fontaine et al.")
        == [""] * 5
    )


def test_a_few_foreign_words_do_not_change_a_block() -> None:
    assert languages("en", f"{ENGLISH} (“Договор”, 契約)") == [""]


def test_related_languages_that_share_a_script_are_not_guessed_at() -> None:
    assert languages("bg", "Доставчикът доставя помпите навреме.") == [""]
    assert languages("ja", "水道事業者一覧") == [""]
    assert languages("zh", "供給者はポンプを期日に引き渡す。") == ["ja"]


def test_a_document_without_a_known_language_has_its_blocks_marked() -> None:
    assert languages("", GERMAN, "供应商按时交付水泵。") == ["de", "zh"]


def test_a_language_that_the_file_states_stays() -> None:
    page = Page(1, 0, 0, (Block(BlockKind.TEXT, GERMAN, language="nl"),))
    assert mark_languages(page, "en").blocks[0].language == "nl"
