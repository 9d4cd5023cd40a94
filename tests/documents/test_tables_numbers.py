"""Figures are read as they are printed, wherever they were printed."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.documents.tables.numbers import FigureKind, Notation, notation_of, parse_figure


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1,234.56", "1234.56"),
        ("1.234,56", "1234.56"),
        ("1 234,56", "1234.56"),
        ("1\u202f234\u202f567", "1234567"),
        ("1'234.56", "1234.56"),
        ("12,34,567", "1234567"),
        ("(123)", "-123"),
        ("123-", "-123"),
        ("−5", "-5"),
        ("△1,234", "-1234"),
        ("$ (1,234)", "-1234"),
        ("($2,370)", "-2370"),
        ("€ 1.234,5", "1234.5"),
        ("$1.2bn", "1200000000"),
        ("3 Mio.", "3000000"),
        ("2,5 Mrd. €", "2500000000"),
        ("5千", "5000"),
        ("3百万円", "3000000"),
        ("12億3,450万円", "1234500000"),
        ("1兆2,345億円", "1234500000000"),
        ("½", "0.5"),
        ("12½", "12.5"),
        (".5", "0.5"),
        ("1.2E+06", "1200000"),
        ("1,234 (1)", "1234"),
        ("1,234*", "1234"),
        ("1,234¹", "1234"),
        ("2,327 (a)", "2327"),
        ("١٬٢٣٤٫٥", "1234.5"),
        ("１２３", "123"),
        ("—", "0"),
        ("$ —", "0"),
        ("nil", "0"),
    ],
)
def test_a_figure_is_read_with_its_sign_and_scale(text: str, value: str) -> None:
    figure = parse_figure(text)
    assert figure is not None
    assert figure.value == Decimal(value)


@pytest.mark.parametrize(
    "text",
    [
        "", "Total", "1.2.3", "12.", "31.12.2023", "10–15", "2023-24", "12:30", "007", "n/a", "(a)", "*", "Note 5", "Q1", "5 m",
        "229.077.5154", "(1", "1)", "--5", "€'000",
    ],
)  # fmt: skip
def test_dates_ranges_sections_and_codes_are_no_figures(text: str) -> None:
    assert parse_figure(text) is None


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("12.3%", FigureKind.PERCENT, "12.3"),
        ("(9.2)%", FigureKind.PERCENT, "-9.2"),
        ("(12.3%)", FigureKind.PERCENT, "-12.3"),
        ("40 bps", FigureKind.BASIS_POINTS, "40"),
        ("5.3pp", FigureKind.POINTS, "5.3"),
        ("2.86x", FigureKind.MULTIPLE, "2.86"),
        ("— %", FigureKind.NOTHING, "0"),
        ("1,234", FigureKind.AMOUNT, "1234"),
    ],
)
def test_what_a_figure_is_of_is_known(text: str, kind: FigureKind, value: str) -> None:
    figure = parse_figure(text)
    assert figure is not None
    assert (figure.kind, figure.value) == (kind, Decimal(value))


def test_a_figure_says_how_finely_it_is_printed() -> None:
    steps = {text: figure.step for text in ("1,234", "12.50", "$1.2bn", "1,2 Mio.") if (figure := parse_figure(text))}
    assert steps == {"1,234": 1, "12.50": Decimal("0.01"), "$1.2bn": 10**8, "1,2 Mio.": 10**5}


def test_a_year_may_be_one_and_an_amount_is_none() -> None:
    years = {
        text: figure.may_be_year
        for text in ("2023", "2,023", "$2023", "1850", "2023.0")
        if (figure := parse_figure(text))
    }
    assert years == {"2023": True, "2,023": False, "$2023": False, "1850": False, "2023.0": False}


@pytest.mark.parametrize(
    ("texts", "notation"),
    [
        (["1.234,5"], Notation.COMMA),
        (["1,234.5"], Notation.POINT),
        (["1.234.567"], Notation.COMMA),
        (["1.234", "567", "12"], Notation.COMMA),
        (["1,204", "87"], Notation.POINT),
        (["0.955", "0.923"], Notation.POINT),
        (["12,5", "1.234"], Notation.COMMA),
        (["March 23, 2020", "2,400"], Notation.POINT),
        (["nothing"], Notation.POINT),
    ],
)
def test_the_notation_is_what_most_figures_need(texts: list[str], notation: Notation) -> None:
    assert notation_of(texts) is notation


def test_what_cannot_be_told_is_taken_as_before() -> None:
    assert notation_of(["1.234"], Notation.COMMA) is Notation.COMMA
    assert notation_of(["1.234"], Notation.POINT) is Notation.POINT


def _printed(value: Decimal, group: str, divider: str) -> str:
    whole, _, part = f"{value:,f}".partition(".")
    return whole.replace(",", group) + (divider + part if part else "")


_amounts = st.decimals(min_value=-(10**12), max_value=10**12, places=2)
_locales = st.sampled_from(
    [(",", "."), (".", ","), (" ", ","), ("\u202f", ","), ("'", "."), ("’", "."), ("", "."), ("", ",")]
)


@given(_amounts, _locales, st.sampled_from(["{}", "$ {}", "{} €", "CHF {}", "{} %"]))
def test_what_was_printed_in_any_locale_is_read_back(value: Decimal, locale: tuple[str, str], form: str) -> None:
    group, divider = locale
    figure = parse_figure(form.format(_printed(value, group, divider)), Notation(divider))
    assert figure is not None
    assert figure.value == value
    assert figure.step == Decimal("0.01")


@given(st.lists(st.decimals(min_value=0, max_value=10**9, places=1), min_size=1, max_size=8), _locales)
def test_the_notation_of_figures_with_tenths_is_found(values: list[Decimal], locale: tuple[str, str]) -> None:
    group, divider = locale
    assert notation_of(_printed(value, group, divider) for value in values) == Notation(divider)


@given(st.integers(1, 10**9), st.sampled_from(["({})", "-{}", "−{}", "{}-", "(${})", "$ ({})", "△{}"]))
def test_every_way_of_writing_less_than_nothing_is_read(value: int, form: str) -> None:
    figure = parse_figure(form.format(f"{value:,}"))
    assert figure is not None
    assert figure.value == -value


@given(st.text(max_size=70))
def test_no_text_makes_it_fail(text: str) -> None:
    for notation in Notation:
        figure = parse_figure(text, notation)
        assert figure is None or figure.value.is_finite()
    assert notation_of([text]) in Notation
