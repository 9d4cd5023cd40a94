"""Calculations are read as models write them, computed exactly, and carry their units."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.documents.tables.numbers import FigureKind, Notation
from apps.verification.figures.calculations import Calculation, calculation_in
from apps.verification.figures.expressions import Incomputable, computed, shown
from apps.verification.figures.grounds import Ground, facts_of
from apps.verification.figures.lookup import Facts, Resolver
from tests.verification.tables import NET_DEBT, ground


def calculation(text: str, *grounds: Ground, notation: Notation = Notation.POINT) -> Calculation | None:
    facts = Facts(facts_of(dict(enumerate(grounds, start=1))))
    return calculation_in(text, notation, Resolver(facts, frozenset(), frozenset(), ()))


def value(text: str, *grounds: Ground) -> Decimal:
    read = calculation(text, *grounds)
    assert read is not None
    return computed(read.expression).value


def outcome(read: Calculation) -> Decimal | None:
    """Return the value of a calculation; None where it has none."""
    try:
        return computed(read.expression).value
    except Incomputable:
        return None


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("(1,204 − 1,087) ÷ 1,087 = 10.76 %", "(1,204 − 1,087) ÷ 1,087"),
        ("percent change(1,087; 1,204)", "(1,204 − 1,087) ÷ 1,087"),
        ("subtract(1204.0, 1087.0), divide(#0, 1087.0), multiply(#1, 100)", "(1204.0 − 1087.0) ÷ 1087.0 × 100"),
        ("Net debt 2025 (1,204) − net debt 2024 (1,087) = 117", "1,204 − 1,087"),
        ("increase: 1,204[1] - 1,087[1]", "1,204 − 1,087"),
        (r"\frac{1,204 - 1,087}{1,087} \times 100 = 10.76\%", "(1,204 − 1,087) ÷ 1,087 × 100"),
        ("[(433+685)/2] - 12", "(433 + 685) ÷ 2 − 12"),
        ("average(1,204, 1,087)", "(1,204 + 1,087) ÷ 2"),
        ("cagr(100, 200, 3)", "(200 ÷ 100) ^ (1 ÷ 3) − 1"),
        ("abs(subtract(3, 5))", "|3 − 5|"),
        ("10 − (4 − 3)", "10 − (4 − 3)"),
        ("-(598 + 268) / 2", "(−(598 + 268)) ÷ 2"),
        ("(5,568−3,200)/3,200 = 2,368/3,200 = 74 %", "(5,568 − 3,200) ÷ 3,200"),
    ],
)
def test_a_calculation_is_read_in_many_forms(text: str, printed: str) -> None:
    read = calculation(text)
    assert read is not None
    assert shown(read.expression) == printed


@pytest.mark.parametrize(
    "text", ["", "no figures here", "1,204", "(1,204 − 1,087", "1,204 −", "divide(3)", "#4 + 1", "(" * 60 + "1"]
)
def test_what_is_no_calculation_is_none(text: str) -> None:
    assert calculation(text) is None


def test_the_result_written_after_it_is_kept() -> None:
    read = calculation("(1,204 − 1,087) ÷ 1,087 = 10.8 %")
    assert read is not None
    assert read.result is not None
    assert read.result.value == Decimal("10.8")


def test_division_by_nought_has_no_value() -> None:
    read = calculation("5 ÷ (3 − 3)")
    assert read is not None
    with pytest.raises(Incomputable):
        computed(read.expression)


def test_amounts_are_computed_in_full_with_the_scale_of_their_table() -> None:
    read = calculation("1,204 − 1,087", ground(NET_DEBT))
    assert read is not None
    quantity = computed(read.expression)
    assert (quantity.value, quantity.scale, quantity.currency) == (117_000_000, 1_000_000, "GBP")


def test_amounts_of_different_scales_are_added_in_full() -> None:
    thousands = ground([["(in thousands)", "2025"], ["Cash", "32,137"], ["Deposits", "900"]], id="t2")
    assert value("60.3 million + 32,137", Ground("It held $60.3 million."), thousands) == 92_437_000


def test_the_difference_of_two_percentages_is_in_points() -> None:
    read = calculation("45.2 − 43.1", ground(NET_DEBT))
    assert read is not None
    quantity = computed(read.expression)
    assert (quantity.value, quantity.kind) == (Decimal("2.1"), FigureKind.POINTS)


def test_a_percentage_of_an_amount_is_an_amount() -> None:
    assert value("45.2 % × 1,204", ground(NET_DEBT)) == Decimal("544.208") * 1_000_000


def test_brackets_mean_less_than_nought_where_the_passage_prints_them() -> None:
    assert value("1,204 + (286)", ground(NET_DEBT)) == 918_000_000
    assert value("1,204 + (331.2)", ground(NET_DEBT)) == Decimal("1535.2") * 1_000_000


def test_how_many_are_averaged_is_no_figure_of_the_passages() -> None:
    small = ground([["", "2025", "2024"], ["Plants", "2", "3"], ["Offices", "7", "9"]])
    read = calculation("(2 + 3) / 2", small)
    assert read is not None
    assert computed(read.expression).value == Decimal("2.5")


@given(st.lists(st.integers(1, 10**9), min_size=2, max_size=6), st.data())
def test_what_is_printed_reads_back_to_the_same_value(numbers: list[int], data: st.DataObject) -> None:
    text = f"{numbers[0]:,}"
    for number in numbers[1:]:
        operator = data.draw(st.sampled_from("+-*/"))
        text = f"({text}) {operator} {number:,}" if data.draw(st.booleans()) else f"{number:,} {operator} ({text})"
    read = calculation(text)
    assert read is not None
    again = calculation(shown(read.expression))
    assert again is not None
    assert shown(again.expression) == shown(read.expression)
    assert outcome(again) == outcome(read)


@given(st.text(alphabet="0123456789.,()+-*/^=%#;[] $abcumsav", max_size=80))
def test_any_text_can_be_given(text: str) -> None:
    read = calculation(text)
    if read is not None:
        assert shown(read.expression)
