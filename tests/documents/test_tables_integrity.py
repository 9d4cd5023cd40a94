"""The figures of a table are added up when it is read, and what departs is said."""

from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from apps.documents.parsing import TableCheck
from tests.documents.tables import described, printed, table


def _checks(*rows: Sequence[str]) -> dict[tuple[int, int], TableCheck]:
    return {(check.row, check.column): check for check in described(table(*rows)).checks}


def test_a_total_is_the_sum_of_the_rows_above() -> None:
    checks = _checks(
        ("", "2023", "2022"), ("Bread", "1,204", "1,087"), ("Milk", "333", "290"), ("Total", "1,537", "1,377")
    )
    assert checks[3, 1] == TableCheck("sum", 3, 1, ((1, 1), (2, 1)), "1537", "1,537", holds=True)
    assert checks[3, 2].holds


def test_a_misread_figure_is_found_by_the_other_columns() -> None:
    checks = _checks(
        ("", "2023", "2022", "2021"),
        ("Bread", "1,204", "1,087", "999"),
        ("Milk", "383", "290", "281"),
        ("Total", "1,537", "1,377", "1,280"),
    )
    assert not checks[3, 1].holds
    assert (checks[3, 1].computed, checks[3, 1].shown) == ("1587", "1,537")
    assert checks[3, 2].holds


def test_rounding_is_no_departure() -> None:
    checks = _checks(
        ("", "2023", "2022"), ("A", "104", "210"), ("B", "203", "311"), ("C", "301", "401"), ("Total", "609", "921")
    )
    assert all(check.holds for check in checks.values())
    assert len(checks) == 2


def test_subtotals_stand_for_what_they_add() -> None:
    checks = _checks(
        ("", "2023", "2022"),
        ("Cash", "1,200", "1,100"),
        ("Receivables", "830", "790"),
        ("Total current assets", "2,030", "1,890"),
        ("Equipment", "510", "460"),
        ("Goodwill", "77", "81"),
        ("Total assets", "2,617", "2,431"),
    )
    assert checks[3, 1].inputs == ((1, 1), (2, 1))
    assert checks[6, 1].inputs == ((3, 1), (4, 1), (5, 1))
    assert all(check.holds for check in checks.values())


def test_a_result_is_what_is_left() -> None:
    checks = _checks(
        ("", "2023", "2022"),
        ("Revenue", "5,204", "4,880"),
        ("Cost of sales", "3,107", "2,990"),
        ("Gross profit", "2,097", "1,890"),
    )
    assert (checks[3, 1].kind, checks[3, 1].holds) == ("difference", True)


def test_a_total_is_known_by_its_figures_in_any_language() -> None:
    checks = _checks(
        ("", "2023", "2022"),
        ("Brot", "1.204,5", "1.087,2"),
        ("Milch", "333,1", "290,4"),
        ("Umsatzerlöse", "1.537,6", "1.377,6"),
    )
    assert checks[3, 1].holds
    assert checks[3, 1].computed == "1537.6"


def test_columns_of_means_and_rates_are_not_added() -> None:
    checks = _checks(
        ("", "Shares", "Average price", "Bought"),
        ("July", "1,204,100", "10.10", "900,400"),
        ("August", "2,333,700", "12.30", "1,800,100"),
        ("Total", "3,537,800", "11.60", "2,700,500"),
    )
    assert set(checks) == {(3, 1), (3, 3)}


def test_columns_add_up_to_a_total() -> None:
    checks = _checks(
        ("", "North", "South", "Total"),
        ("Bread", "1,204", "833", "2,037"),
        ("Milk", "511", "302", "813"),
        ("Cheese", "420", "119", "539"),
        ("Wine", "77", "60", "137"),
    )
    assert checks[1, 3].inputs == ((1, 2), (1, 1))
    assert [check.holds for check in checks.values()] == [True] * 4


def test_a_change_in_percent_is_computed_from_the_years() -> None:
    checks = _checks(
        ("", "2023", "2022", "% change"),
        ("Bread", "1,204", "1,087", "10.8%"),
        ("Milk", "511", "602", "(15.1)%"),
        ("Cheese", "420", "319", "31.7%"),
        ("Wine", "77", "60", "28.3%"),
        ("Fish", "150", "120", "35.0%"),
        ("Meat", "90", "60", "50.0%"),
    )
    changes = {row: check for (row, column), check in checks.items() if column == 3}
    assert {check.kind for check in changes.values()} == {"change"}
    assert [row for row, check in changes.items() if not check.holds] == [5]
    assert changes[5].computed.startswith("25")


def test_shares_are_of_the_whole() -> None:
    checks = _checks(
        ("", "2023", "Share"),
        ("Bread", "1,204", "54.4%"),
        ("Milk", "511", "23.1%"),
        ("Cheese", "420", "19.0%"),
        ("Wine", "77", "3.5%"),
        ("Total", "2,212", "100.0%"),
    )
    assert {check.kind for (_, column), check in checks.items() if column == 2} == {"share"}
    assert all(check.holds for check in checks.values())


def test_years_and_lone_figures_are_not_added() -> None:
    assert not _checks(("Name", "Founded", "Closed"), ("A", "1900", "1950"), ("B", "100", "50"), ("C", "2000", "2000"))
    assert not _checks(("", "2023"), ("Bread", "12"), ("Milk", "9"), ("Wine", "21"))


def test_a_dash_is_no_departure() -> None:
    checks = _checks(
        ("", "2023", "2022", "2021"),
        ("Bread", "1,204", "1,087", "12"),
        ("Milk", "333", "290", "13"),
        ("Total", "1,537", "1,377", "—"),
    )
    assert set(checks) == {(3, 1), (3, 2)}


def test_a_section_is_added_by_its_own_total_only() -> None:
    found = described(
        printed(
            ("", "2023", "2022"),
            ("Operating", "", ""),
            ("  Income", "1,200", "1,100"),
            ("  Depreciation", "300", "290"),
            ("Total operating", "1,500", "1,390"),
            ("Investing", "", ""),
            ("  Purchases", "(820)", "(770)"),
            ("  Sales", "120", "70"),
            ("Total investing", "(700)", "(700)"),
            ("Total", "800", "690"),
        )
    )
    inputs = {check.row: [row for row, _ in check.inputs] for check in found.checks if check.column == 1}
    assert inputs == {4: [2, 3], 8: [6, 7], 9: [4, 8]}


_column = st.lists(st.integers(1_000, 10**8), min_size=3, max_size=12)


@settings(max_examples=50)
@given(_column, st.integers(2, 4), st.integers(0, 2), st.integers(50, 10**6))
def test_every_true_total_holds_and_a_false_one_does_not(values: list[int], columns: int, wrong: int, by: int) -> None:
    rows = [[f"Item {n}", *(f"{value + 7 * column:,}" for column in range(columns))] for n, value in enumerate(values)]
    totals = [sum(value + 7 * column for value in values) for column in range(columns)]
    right = _checks(["", *map(str, range(columns))], *rows, ["Total", *(f"{total:,}" for total in totals)])
    last = len(values) + 1
    assert all(right[last, column + 1].holds for column in range(columns))
    if columns > 2:
        totals[wrong] += by + max(values)
        false = _checks(["", *map(str, range(columns))], *rows, ["Total", *(f"{total:,}" for total in totals)])
        assert not false[last, wrong + 1].holds


def test_one_digit_misread_is_found_where_there_is_one_column_only() -> None:
    checks = _checks(("", "2023"), ("Bread", "1,204"), ("Milk", "833"), ("Cheese", "512"), ("Total", "2,949"))
    assert (checks[4, 1].holds, checks[4, 1].computed) == (False, "2549")
    assert not _checks(("", "2023"), ("Bread", "1,204"), ("of which rye", "833"), ("Cheese", "512"), ("Total", "1,716"))
