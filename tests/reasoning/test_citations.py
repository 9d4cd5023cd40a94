"""Markers are found however the stream is cut, and lead only to passages that exist."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.reasoning.citations import MarkerReader, markers_in, without_markers


def read(text: str, passages: int = 5, size: int = 0) -> str:
    reader = MarkerReader(passages)
    step = size or max(len(text), 1)
    shown = "".join(reader.feed(text[at : at + step]) for at in range(0, len(text), step))
    return shown + reader.close()


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("Debt rose [1].", "Debt rose [1]."),
        ("Debt rose [1, 2].", "Debt rose [1][2]."),
        ("Debt rose [1][2].", "Debt rose [1][2]."),
        ("Debt rose [1; 3 and 2].", "Debt rose [1][3][2]."),
        ("Debt rose [2-4].", "Debt rose [2][3][4]."),
        ("Debt rose [citation:3].", "Debt rose [3]."),
        ("Debt rose [Passage 3].", "Debt rose [3]."),
        ("Debt rose [passages 1 and 2].", "Debt rose [1][2]."),
        ("Debt rose [citation:1, citation:2].", "Debt rose [1][2]."),
        ("Debt rose [1, 1].", "Debt rose [1]."),
        ("Debt rose [9].", "Debt rose."),
        ("Debt rose [1, 9].", "Debt rose [1]."),
        ("Debt rose [0].", "Debt rose."),
        ("In [2024] it rose.", "In [2024] it rose."),
        ("An array[i] and [see note 3].", "An array[i] and [see note 3]."),
        ("Half a marker [1", "Half a marker [1"),
        ("Open [ and shut ] [2]", "Open [ and shut ] [2]"),
    ],
)
def test_every_way_of_writing_a_marker_becomes_one(written: str, shown: str) -> None:
    assert read(written) == shown


def test_half_a_marker_is_never_shown() -> None:
    reader = MarkerReader(5)
    assert [reader.feed(piece) for piece in ["Debt rose [", "1", "2", "] so"]] == ["Debt rose", "", "", " so"]
    assert reader.dropped == 1


def test_a_marker_appears_as_soon_as_it_is_whole() -> None:
    reader = MarkerReader(5)
    assert reader.feed("Debt rose [1]") == "Debt rose [1]"


_TEXT = st.lists(
    st.sampled_from(
        [" ", "  ", "[", "]", "1", "2", "17", ",", "-", "citation:", "passage ", "word", ".", "\n", "[1]", "[9]"]
    ),
    max_size=30,
).map("".join)


@given(_TEXT, st.integers(1, 9), st.integers(0, 6))
def test_cutting_the_stream_anywhere_changes_nothing(text: str, size: int, passages: int) -> None:
    assert read(text, passages, size) == read(text, passages)


@given(_TEXT, st.integers(0, 6))
def test_no_marker_leads_nowhere(text: str, passages: int) -> None:
    shown = read(text, passages)
    assert all(1 <= marker <= passages for marker in markers_in(read(shown, passages)))


def test_markers_are_listed_once_in_order_and_can_be_taken_out() -> None:
    assert markers_in("a [3] b [1][3]") == [3, 1]
    assert without_markers("Debt rose [1][2]. Then fell [3].") == "Debt rose. Then fell."
