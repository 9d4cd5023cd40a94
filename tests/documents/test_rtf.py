"""Rich text as read."""

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.documents.parsers.mail.compressed_rtf import decompressed
from apps.documents.parsers.rtf.parser import Rtf, RtfParser, read_rtf
from apps.documents.parsing import BlockKind, Source, Unreadable
from tests.documents import letters


def texts(body: str) -> list[str]:
    return [block.text for block in read_rtf(rb"{\rtf1\ansi\ansicpg1252 " + body.encode("latin-1") + b"}").blocks]


def test_paragraphs_lists_tables_and_notes_are_read_in_order() -> None:
    read = read_rtf(letters.RICH)
    assert [(block.kind, block.text) for block in read.blocks] == [
        (BlockKind.HEADING, "Order"),
        (BlockKind.TEXT, "We order pumps for € 1,204."),
        (BlockKind.LIST, "• to be paid in May\n• to be sent in June"),
        (BlockKind.TEXT, "řžlutý kůň1"),
        (BlockKind.FOOTNOTE, "1 A colour."),
        (BlockKind.TABLE, "Part  Price\nPump  1,204\nValve  87"),
        (BlockKind.TEXT, "Yours, Ann"),
        (BlockKind.TEXT, "Confidential"),
    ]
    assert read.title == "Pump order"
    assert read.metadata == (("author", "Ann"), ("date", "2024-05-06"))


def test_cells_of_a_table_know_their_headers() -> None:
    table = next(block for block in read_rtf(letters.RICH).blocks if block.cells)
    assert table.table is not None
    assert table.table.header_rows == 1
    assert [(cell.row, cell.column, cell.text) for cell in table.cells if not cell.header][-1] == (2, 1, "87")


def test_a_cell_over_two_columns_spans_them() -> None:
    read = read_rtf(
        rb"{\rtf1\trowd\cellx3000\pard\intbl Both years\cell\row\trowd\cellx1500\cellx3000\pard\intbl 2023\cell 2022\cell\row}"
    )
    assert [(c.row, c.column, c.column_span, c.text) for c in read.blocks[0].cells] == [
        (0, 0, 2, "Both years"),
        (1, 0, 1, "2023"),
        (1, 1, 1, "2022"),
    ]


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (r"{\fonttbl{\f1\fcharset204 A;}}\f1 \'cf\'f0\'e8\'e2\'e5\'f2", "Привет"),
        (r"{\fonttbl{\f1\fcharset128 A;}}\f1 \'83\'7c\'83\'93\'83v", "ポンプ"),
        (r"\uc0\u20379\u32102 ok", "供給ok"),
        (r"\uc2\u20379\'8b\'9f ok", "供 ok"),
        (r"\u-10179?\u-8704?", "😀"),
        (r"a\~b\_c\-d\emdash e\{f\}", "a b-cd—e{f}"),
        (r"seen {\v hidden}{\deleted gone}too", "seen too"),
        (r"{\field{\*\fldinst HYPERLINK x}{\fldrslt link}} here", "link here"),
        (r"{\pict\bin4 }{{\par}text", "text"),
        (r"{\upr{ansi}{\*\ud{unicode}}}", "unicode"),
        (r"{\shp{\*\shpinst{\sp{\sn name}{\sv value}}{\shptxt in a box\par}}{\shprslt twice}}", "in a box"),
    ],
)
def test_words_are_read_as_they_are_shown(body: str, text: str) -> None:
    assert texts(body) == [text]


def test_any_depth_of_groups_is_read() -> None:
    assert texts("{" * 100_000 + "deep" + "}" * 100_000) == ["deep"]
    assert texts("}" * 1000 + "after") == ["after"]


@given(
    st.lists(
        st.sampled_from(
            [
                rb"{",
                rb"}",
                rb"\par ",
                rb"\cell ",
                rb"\row ",
                rb"\trowd",
                rb"\cellx9 ",
                rb"\u55555?",
                rb"\'8",
                rb"\intbl ",
                rb"\footnote ",
                rb"\bin9 ",
                rb"\s1",
                rb"{\*\x ",
                b"\xff",
                rb"\f9",
                rb"{\fonttbl",
                rb"\fcharset128 ",
            ]
        )
    )
)
def test_no_order_of_control_words_breaks_the_reader(pieces: list[bytes]) -> None:
    assert isinstance(read_rtf(b"{\\rtf1 " + b"".join(pieces)), Rtf)


def test_what_is_no_rich_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.rtf"
    path.write_bytes(b"words")
    with pytest.raises(Unreadable):
        RtfParser().parse(Source(path), progress=lambda *at: None)


def test_compressed_rich_text_of_outlook_is_unpacked() -> None:
    packed = bytes.fromhex(
        "2d0000002b0000004c5a4675f1c5c7a703000a007263706731323542320af32068656c090020627705b06c647d0a800fa0"
    )
    assert decompressed(packed) == b"{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n"


@given(st.binary(max_size=300))
def test_bytes_that_are_not_compressed_text_are_no_error(data: bytes) -> None:
    with suppress(Unreadable):
        assert isinstance(decompressed(b"\0" * 8 + b"LZFu" + data), bytes)
