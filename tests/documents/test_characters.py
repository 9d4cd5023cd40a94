"""What is printed, whatever code points and order a file uses for it."""

import pytest

from apps.documents.parsers.pdf.characters import in_order, printed


@pytest.mark.parametrize(
    ("code", "shown"),
    [
        (0xFB01, "fi"),
        (0xFEFB, "لا"),
        (0xFE8D, "ا"),
        (0xFB2A, "שׁ"),
        (0xF0B7, "•"),
        (0x00A0, " "),
        (0x200B, ""),
        (0xE123, "\ufffd"),
    ],
)
def test_forms_made_for_printing_become_the_letters_they_stand_for(code: int, shown: str) -> None:
    assert printed(code) == shown


def test_the_letters_of_an_arabic_ligature_come_in_the_order_of_reading() -> None:
    ligature = (479.5, 705.8, 485.6, 717.5)
    boxes = [(486.6, 708.9, 488.2, 717.5), ligature, ligature, (475.1, 709.3, 479.2, 717.5)]
    word, places = in_order("اإلن", boxes)
    assert word == "الإن"
    assert places == boxes


def test_a_vowel_sign_follows_the_letter_that_it_stands_on() -> None:
    boxes = [(217.3, 581.6, 220.6, 588.0), (208.5, 589.2, 210.5, 591.5), (207.1, 584.2, 217.7, 589.6)]
    assert in_order("ي\u064bض", boxes)[0] == "يض\u064b"
