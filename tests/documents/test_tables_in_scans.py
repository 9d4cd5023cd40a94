"""Tables among recognised lines of text, whose sizes and places vary a little from line to line, as those of a scan do."""

from apps.documents.layout import Word
from apps.documents.layout.page import PageLayout, arrange
from apps.documents.layout.paragraphs import Style
from apps.documents.parsing import Block, BlockKind

SCAN = PageLayout(452.0, 640.0, Style(8.1, exact=False), drawn_in_order=False)
SIZES = (7.7, 8.4, 9.2, 8.1)


def recognised(*rows: tuple[tuple[float, str], ...], pitch: float = 15.0) -> list[Word]:
    """Return lines of text as recognition gives them: each piece is one word, in a box of more or less its height."""
    return [
        _line(text, x, 100 + pitch * number + position % 2, SIZES[(number + position) % len(SIZES)])
        for number, row in enumerate(rows)
        for position, (x, text) in enumerate(row)
    ]


def _line(text: str, x: float, y: float, size: float) -> Word:
    height = size / 0.8
    return Word(text, x, y, x + 4.2 * len(text), y + height, baseline=y + 0.8 * height, size=size, bold=False)


def table_of(words: list[Word]) -> Block:
    (table,) = (block for block in arrange(words, SCAN) if block.kind is BlockKind.TABLE)
    return table


INVOICE = (
    ((57, "Item"), (96, "Description"), (230, "Amount"), (295, "Individual price"), (400, "Total")),
    ((57, "1"), (96, "Garden work"), (230, "28 Std."), (295, "CHF 120.00"), (390, "CHF 3'360.00")),
    ((57, "2"), (96, "Disposal of cuttings"), (295, "CHF 307.35"), (400, "CHF 307.35")),
    ((295, "Sum"), (390, "CHF 3`667.35")),
)  # fmt: skip


def test_rows_of_a_scanned_invoice_stay_rows_below_its_heading() -> None:
    table = table_of(recognised(*INVOICE))
    assert table.text.splitlines() == [
        "Item  Description  Amount  Individual price  Total",
        "1  Garden work  28 Std.  CHF 120.00  CHF 3'360.00",
        "2  Disposal of cuttings  CHF 307.35  CHF 307.35",
        "Sum  CHF 3`667.35",
    ]
    assert [cell.text for cell in table.cells if cell.header] == [text for _, text in INVOICE[0]]


def test_the_heading_ends_where_amounts_begin_although_words_follow_them() -> None:
    table = table_of(
        recognised(
            ((57, "Service"), (160, "Price"), (300, "Paid")),
            ((57, "Cleaning"), (160, "120.00 an hour"), (300, "in cash")),
            ((57, "Painting"), (160, "980.50 at once"), (300, "by card")),
            ((57, "Repairs"), (160, "75.00"), (300, "by card")),
        )
    )
    assert {cell.row for cell in table.cells if cell.header} == {0}
    assert len(table.text.splitlines()) == 4


def test_rows_without_figures_are_not_run_together_as_a_heading_would_be() -> None:
    rows = (
        ((57, "Shift"), (160, "Monday"), (300, "Tuesday")),
        ((57, "Early"), (160, "Ms Keller"), (300, "Mr Brunner")),
        ((57, "Late"), (160, "Mr Brunner"), (300, "Ms Keller")),
        ((57, "Hours"), (160, "16"), (300, "15")),
    )
    assert table_of(recognised(*rows)).text.splitlines() == ["  ".join(text for _, text in row) for row in rows]


def test_lines_as_close_as_those_of_one_text_are_one_heading() -> None:
    words = recognised(((160, "Paid in"), (300, "Paid in")), pitch=10)
    words += [_line("cash", 163, 110, 8.1), _line("cards", 302, 110, 8.1)]
    words += [
        _line(text, x, 130 + 15 * number, 8.1)
        for number, row in enumerate((("Shop", "1,200", "3,400"), ("Web", "0", "9,100")))
        for x, text in zip((57, 163, 302), row, strict=True)
    ]
    assert [cell.text for cell in table_of(words).cells if cell.header] == ["Paid in cash", "Paid in cards"]
