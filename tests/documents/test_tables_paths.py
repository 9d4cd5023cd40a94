"""The labels that lead to a cell are found, and tables that run over pages are joined."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.documents.parsing import Block, BlockKind, Cell, Table
from apps.documents.tables import Carried, describe_tables
from tests.documents.tables import described, page, printed, table


def _text(words: str, kind: BlockKind = BlockKind.TEXT) -> Block:
    return Block(kind, words, boxes=((0.1, 0.05, 0.9, 0.07),))


def test_a_heading_over_several_columns_leads_to_each() -> None:
    found = described(
        table(
            ("", "Year ended 31 December", ">", "Change"),
            ("", "2023", "2022", ""),
            ("Revenue", "1,204", "1,087", "117"),
            headers=2,
        )
    )
    assert found.column_paths == (
        (),
        ("Year ended 31 December", "2023"),
        ("Year ended 31 December", "2022"),
        ("Change",),
    )
    assert (found.header_rows, found.header_columns) == (2, 1)


def test_a_title_over_the_whole_table_is_no_heading_of_a_column() -> None:
    found = described(table(("Sales", ">", ">"), ("", "2023", "2022"), ("North", "12", "11"), headers=2))
    assert found.column_paths == ((), ("2023",), ("2022",))


def test_a_heading_printed_in_several_lines_is_one() -> None:
    found = described(printed(("", "Defined"), ("", "benefit plans"), ("Cost", "12"), ("Interest", "3"), headers=2))
    assert found.column_paths[1] == ("Defined benefit plans",) or found.column_paths[1] == ("Defined", "benefit plans")


def test_a_label_without_figures_leads_to_the_rows_below_until_its_total() -> None:
    found = described(
        printed(
            ("", "2023"),
            ("Assets", ""),
            (" Current assets", ""),
            ("  Cash", "120"),
            ("  Receivables", "80"),
            ("  Total current assets", "200"),
            (" Equipment", "50"),
            ("Total assets", "250"),
        )
    )
    assert found.row_paths[3:] == (
        ("Assets", "Current assets", "Cash"),
        ("Assets", "Current assets", "Receivables"),
        ("Assets", "Current assets", "Total current assets"),
        ("Assets", "Equipment"),
        ("Assets", "Total assets"),
    )


def test_sections_follow_each_other_where_nothing_is_set_in() -> None:
    found = described(
        table(
            ("", "2023"),
            ("Operating activities", ""),
            ("Net income", "120"),
            ("Investing activities", ""),
            ("Purchases", "(80)"),
            ("Sales", "20"),
        )
    )
    assert found.row_paths[2:] == (
        ("Operating activities", "Net income"),
        ("Investing activities",),
        ("Investing activities", "Purchases"),
        ("Investing activities", "Sales"),
    )


def test_parts_set_in_under_a_figure_belong_to_it() -> None:
    found = described(printed(("", "2023"), ("Revenue", "100"), ("  North", "60"), ("  South", "40"), ("Cost", "70")))
    assert found.row_paths[1:] == (("Revenue",), ("Revenue", "North"), ("Revenue", "South"), ("Cost",))


def test_labels_in_several_columns_may_be_the_same() -> None:
    found = described(table(("Layers in", "Layers out", "Language", "Score"), ("six", "six", "OTSL", "0.955")))
    assert found.row_paths[1] == ("six", "six", "OTSL")


def test_an_outer_label_that_is_left_out_is_the_one_above() -> None:
    found = described(
        table(("Region", "Product", "Sales"), ("North", "Bread", "12"), ("", "Milk", "9"), ("South", "Bread", "7"))
    )
    assert found.header_columns == 2
    assert found.row_paths[1:] == (("North", "Bread"), ("North", "Milk"), ("South", "Bread"))


def test_figures_under_a_label_that_took_two_lines_are_its_own() -> None:
    found = described(
        printed(("", "2023", "2022"), ("Transfer of ownership in", "", ""), ("", "14", "1"), ("Balance", "20", "9"))
    )
    assert found.row_paths[2:] == (("Transfer of ownership in",), ("Balance",))


def test_headings_are_found_where_the_file_names_none() -> None:
    found = described(table(("Year", "Ducks"), ("2019", "120"), ("2020", "135"), headers=0))
    assert found.header_rows == 1
    assert found.row_paths[1:] == (("2019",), ("2020",))
    assert found.column_paths == ((), ("Ducks",))


def test_headings_that_are_repeated_lead_to_nothing() -> None:
    found = described(table(("", "2023"), ("Cash", "12"), ("", "2023"), ("Debt", "9")))
    assert found.row_paths == ((), ("Cash",), (), ("Debt",))


@pytest.mark.parametrize(
    ("before", "caption"),
    [
        ([_text("Table 3: Net debt", BlockKind.CAPTION)], "Table 3: Net debt"),
        (
            [_text("Consolidated balance sheet", BlockKind.HEADING), _text("(in millions)")],
            "Consolidated balance sheet",
        ),
        (
            [_text("We grew again. The components of net debt were as follows:")],
            "The components of net debt were as follows:",
        ),
        ([_text("Net debt fell by a tenth in the year.")], ""),
    ],
)
def test_the_title_of_a_table_is_what_announces_it(before: list[Block], caption: str) -> None:
    assert described(*before, table(("", "2023"), ("Net debt", "12"))).caption == caption


@pytest.mark.parametrize(
    ("corner", "unit"),
    [
        ("(in millions, except per share data)", "in millions, except per share data"),
        ("(Millions)", "Millions"),
        ("£m", "£m"),
        ("€'000", "€'000"),
        ("Mio. EUR", "Mio. EUR"),
        ("TEUR", "TEUR"),
        ("(en milliers d'euros)", "en milliers d'euros"),
        ("(単位:百万円)", "単位:百万円"),
        ("Employees in Germany", ""),
    ],
)
def test_the_unit_of_a_table_is_found(corner: str, unit: str) -> None:
    assert described(table((corner, "2023"), ("Net debt", "12"))).unit == unit


def test_the_unit_may_stand_over_the_table() -> None:
    assert described(_text("(Dollars in millions)"), table(("", "2023"), ("Debt", "1"))).unit == "Dollars in millions"


def test_what_the_file_says_itself_is_kept() -> None:
    given = Table(caption="Own", unit="EUR", header_rows=1, header_columns=1, name="Sales")
    found = described(_text("Other", BlockKind.CAPTION), table(("(in millions)", "2023"), ("Debt", "1"), given=given))
    assert (found.caption, found.unit, found.name) == ("Own", "EUR", "Sales")


def _two_pages(second: Block, *before: Block) -> Table:
    first = printed(("(Millions)", "2023", "2022"), ("Assets", "", ""), ("  Cash", "12", "11"), top=0.8)
    _, carried = describe_tables(page(_text("Balance sheet", BlockKind.HEADING), first), Carried())
    return described(*before, second, carried=carried)


def test_a_table_goes_on_over_the_page_with_all_that_leads_to_it() -> None:
    found = _two_pages(printed(("  Receivables", "8", "7"), ("Total assets", "20", "18"), headers=0))
    assert found.continues
    assert (found.caption, found.unit, found.header_rows) == ("Balance sheet", "Millions", 0)
    assert found.column_paths == ((), ("2023",), ("2022",))
    assert found.row_paths == (("Assets", "Receivables"), ("Assets", "Total assets"))


def test_a_heading_repeated_on_the_next_page_joins_too() -> None:
    found = _two_pages(printed(("(Millions)", "2023", "2022"), ("  Receivables", "8", "7")))
    assert found.continues
    assert found.header_rows == 1
    assert found.row_paths[1] == ("Assets", "Receivables")


def test_other_headings_begin_another_table() -> None:
    found = _two_pages(printed(("(Millions)", "2021", "2020"), ("Receivables", "8", "7")))
    assert not found.continues
    assert found.row_paths[1] == ("Receivables",)


def test_a_title_in_between_begins_another_table_unless_it_says_continued() -> None:
    rows = printed(("  Receivables", "8", "7"), ("Debt", "2", "1"), headers=0)
    assert not _two_pages(rows, _text("Income statement", BlockKind.HEADING)).continues
    assert _two_pages(rows, _text("Balance sheet (continued)", BlockKind.HEADING)).continues


def test_parts_of_a_long_sheet_carry_the_heading_of_the_first() -> None:
    first = table(("Customer", "Orders"), ("Ada", "3"))
    found = described(first, table(("Bob", "4"), ("Cleo", "5"), headers=0, given=Table(continues=True)))
    assert found.column_paths == ((), ("Orders",))
    assert found.row_paths == (("Bob",), ("Cleo",))


def test_a_table_with_a_cell_a_mile_away_is_left_as_it_is() -> None:
    far = table(("", "2023"), ("Debt", "1"))
    cells = (*far.cells, Cell(1_000_000, 16_000, "x"))
    read, _ = describe_tables(page(Block(BlockKind.TABLE, far.text, cells=cells)), Carried())
    assert read.blocks[0].table is None


_any_cells = st.lists(
    st.builds(
        Cell,
        row=st.integers(0, 7),
        column=st.integers(0, 5),
        text=st.one_of(
            st.text(max_size=12), st.sampled_from(["1,204", "(12)", "—", "2023", "12.5%", "Total", "Assets:"])
        ),
        header=st.booleans(),
        row_span=st.integers(1, 3),
        column_span=st.integers(1, 9),
        value=st.sampled_from(["", "12", "1.5", "2024-01-20", "no number"]),
    ),
    max_size=30,
)


@given(st.lists(_any_cells, min_size=1, max_size=3), st.booleans())
def test_whatever_a_table_holds_it_is_described_with_a_path_for_every_row_and_column(
    tables: list[list[Cell]], continues: bool
) -> None:
    carried = Carried()
    for cells in tables:
        block = Block(BlockKind.TABLE, "x", cells=tuple(cells), table=Table(continues=continues))
        read, carried = describe_tables(page(block), carried)
        found = read.blocks[0].table
        assert found is not None
        if cells:
            assert len(found.row_paths) == 1 + max(cell.row for cell in cells)
            assert all(check.row < len(found.row_paths) for check in found.checks)
