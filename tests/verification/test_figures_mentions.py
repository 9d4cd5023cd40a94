"""Figures are found in running text, and what is no figure is passed over."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.documents.tables.numbers import FigureKind, Notation
from apps.verification.figures import formats
from apps.verification.figures.mentions import mention_of, mentions_in, notations_of
from apps.verification.figures.numbering import years_in


def read(text: str) -> list[tuple[str, str]]:
    return [(mention.text, format(mention.value.normalize(), "f")) for mention in mentions_in(text)]


@pytest.mark.parametrize(
    ("text", "figures"),
    [
        ("Net debt was £1,204 million.", [("£1,204 million", "1204000000")]),
        ("Der Umsatz betrug 1.234,56 Mio. € und 2,5 Mrd. €", [("1.234,56 Mio. €", "1234560000"), ("2,5 Mrd. €", "2500000000")]),
        ("Le résultat atteint 1 234,56 EUR et 12 345 678 EUR.", [("1 234,56 EUR", "1234.56"), ("12 345 678 EUR", "12345678")]),
        ("売上高は5兆1,746億円、利益は164,244百万円、約3千人。", [("5兆1,746億円", "5174600000000"), ("164,244百万円", "164244000000"), ("3千人", "3000")]),
        ("前期比△1.8%", [("△1.8%", "-1.8")]),
        ("a loss of (123) and $(5,946)", [("(123)", "-123"), ("$(5,946)", "-5946")]),
        ("it was -$12 million, or −4.59 percent", [("-$12 million", "-12000000"), ("−4.59 percent", "-4.59")]),
        ("US$1.2bn, EUR5m, USD 5bn, $2B", [("US$1.2bn", "1200000000"), ("EUR5m", "5000000"), ("USD 5bn", "5000000000"), ("$2B", "2000000000")]),
        ("5–7 % or $3 to $4 million", [("5", "5"), ("7 %", "7"), ("$3", "3000000"), ("$4 million", "4000000")]),
        ("26,069 and 256,660 thousand", [("26,069", "26069000"), ("256,660 thousand", "256660000")]),
        ("約１２３，４５６百万円", [("１２３，４５６百万円", "123456000000")]),
        ("a margin (19 % of sales)", [("19 %", "19")]),
        ("Leverage may not exceed 3.75:1.", [("3.75", "3.75")]),
    ],
)  # fmt: skip
def test_a_figure_is_read_in_full(text: str, figures: list[tuple[str, str]]) -> None:
    assert read(text) == figures


@pytest.mark.parametrize(
    "text",
    [
        "The term ends on 31 March 2025 [3].",
        "See Note 21, Section 4.2(b), § 12 and IFRS 16.",
        "In Q3 FY19 and in 2017/2018 the Form 10-K spoke of COVID-19.",
        "1. The first\n2. The second",
        "## 4 Results",
        "It was the 3rd of its kind, at 10:30.",
        "2024年3月期の第2四半期",
        "March 31, 2025 and 2025-03-31",
        "see https://example.org/2024/12345 for more",
        "between 2019 and 2021",
    ],
)
def test_what_states_no_quantity_is_passed_over(text: str) -> None:
    assert read(text) == []


def test_a_whole_number_in_a_sentence_says_nothing_of_another() -> None:
    assert notations_of("1.234 in 12 plants") == (Notation.POINT, Notation.COMMA)
    assert notations_of("1.234,5 in 12 plants") == (Notation.COMMA,)


def test_rates_keep_their_kind() -> None:
    kinds = [mention.kind for mention in mentions_in("up 120 bps, 1.2 percentage points, 3 %, 3.45 times")]
    assert kinds == [FigureKind.BASIS_POINTS, FigureKind.POINTS, FigureKind.PERCENT, FigureKind.MULTIPLE]


def test_numbers_in_words_are_marked_as_such() -> None:
    three, two = mentions_in("three segments and two million people")
    assert (three.value, three.spelled) == (3, True)
    assert (two.value, two.spelled) == (2_000_000, True)


def test_a_rough_figure_is_known_by_the_word_before_it() -> None:
    assert [m.approximate for m in mentions_in("nearly £1,100 million; £1,087 million; etwa 5 %")] == [
        True,
        False,
        True,
    ]


def test_years_of_a_period_are_all_named() -> None:
    assert years_in("from 2019 to 2021") == {2019, 2020, 2021}
    assert years_in("FY19 and 2022/23") == {2019, 2022, 2023}
    assert years_in("令和5年") == {2023}
    assert years_in("Series2000 and 1,999") == frozenset()


NUMBERS = st.decimals(min_value=0, max_value=10**12, places=2, allow_nan=False, allow_infinity=False)


@given(
    NUMBERS,
    st.sampled_from(
        [
            (Notation.POINT, ","),
            (Notation.COMMA, "."),
            (Notation.COMMA, " "),
            (Notation.COMMA, "\u202f"),
            (Notation.POINT, "’"),
        ]
    ),
)
def test_a_number_is_read_as_it_was_written(value: Decimal, way: tuple[Notation, str]) -> None:
    notation, group = way
    mention = mention_of(formats.number(value, notation, decimals=2, group=group), notation)
    assert mention is not None
    assert (mention.value, mention.step) == (value, Decimal("0.01"))


@given(NUMBERS, st.sampled_from(["{} million", "£{} million", "{} Mio. €", "{}百万円", "USD {}m"]))
def test_a_scale_multiplies(value: Decimal, form: str) -> None:
    text = form.format(formats.number(value, decimals=2))
    (mention,) = mentions_in(f"x {text} y", Notation.POINT)
    assert mention.text == text
    assert mention.value == value * 1_000_000


@given(st.text(alphabet="0123456789.,()%-−€$ \nabc年月百万[]#/:", max_size=60))
def test_any_text_can_be_read(text: str) -> None:
    for mention in mentions_in(text):
        assert text[mention.start : mention.end] == mention.text
        assert 0 <= mention.start <= mention.digits[0] < mention.digits[1] <= mention.end or mention.spelled
