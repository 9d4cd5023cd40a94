"""Figures as a reader reads them."""

from decimal import Decimal

import pytest

from apps.web import wording


@pytest.mark.parametrize(
    ("amount", "currency", "said"),
    [
        ("0", "GBP", "£0"),
        ("80", "GBP", "£80"),
        ("68.6", "GBP", "£68.60"),
        ("1234.5", "EUR", "€1,234"),
        ("0.0214", "GBP", "£0.021"),
        ("0.06", "GBP", "£0.06"),
        ("0.0035", "USD", "$0.0035"),
        ("0.0000042", "USD", "$0.0000042"),
        ("12.4", "JPY", "¥12"),
        ("2.5", "CHF", "CHF\u00a02.50"),
    ],
)
def test_money_has_as_many_figures_as_say_something(amount: str, currency: str, said: str) -> None:
    assert wording.money(Decimal(amount), currency) == said


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (950, "950"),
        (9_999, "9,999"),
        (86_600, "86.6\u00a0k"),
        (400_000, "400\u00a0k"),
        (4.5e6, "4.5\u00a0m"),
        (2e9, "2\u00a0bn"),
    ],
)
def test_large_numbers_are_shortened(number: float, said: str) -> None:
    assert wording.many(number) == said


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0.3, "1\u00a0s"), (6.2, "6\u00a0s"), (29, "30\u00a0s"), (120, "2.0\u00a0min"), (400, "7\u00a0min")],
)
def test_an_estimate_of_time_is_no_more_exact_than_it_is(seconds: float, said: str) -> None:
    assert wording.about_seconds(seconds) == said


def test_the_next_in_line_is_told_so() -> None:
    assert wording.place_in_line(1) == "next in line"
    assert wording.place_in_line(3) == "number 3 in line"
