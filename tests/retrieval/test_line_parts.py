"""A passage that begins or ends within a printed line is lit from there and no further."""

import pytest

from apps.documents.parsing import Block, BlockKind, Line, Page, Parsed
from apps.retrieval.chunking import chunk
from apps.retrieval.line_parts import part_of_line

LINE = (0.1, 0.2, 0.9, 0.22)


def test_a_whole_line_keeps_its_box() -> None:
    assert part_of_line(LINE, "Pumps and valves", 0, 16) == LINE


def test_parts_of_a_line_follow_each_other_without_a_gap() -> None:
    text = "Illicit mills will WARM MOMENTS"
    parts = [part_of_line(LINE, text, start, end) for start, end in ((0, 8), (8, 19), (19, len(text)))]
    assert parts[0][0] == LINE[0]
    assert parts[-1][2] == LINE[2]
    assert [part[2] for part in parts[:-1]] == [part[0] for part in parts[1:]]
    assert parts[0][2] - parts[0][0] < parts[2][2] - parts[2][0], "narrow letters take less room"


def test_where_text_runs_to_the_left_its_start_is_at_the_right() -> None:
    x0, _, x1, _ = part_of_line(LINE, "تحليل البيانات", 0, 5)
    assert x1 == LINE[2]
    assert x0 > 0.5


@pytest.mark.parametrize("kind", [BlockKind.TEXT, BlockKind.TABLE])
def test_only_lines_that_are_shared_with_the_next_passage_are_cut(kind: BlockKind) -> None:
    sentence = "The company sells pumps and valves to water utilities in nine countries of the north. "
    words = (sentence * 40).split()
    lines = tuple(
        Line(" ".join(words[start : start + 11]), (0.1, round(0.01 * number, 5), 0.9, round(0.01 * number + 0.008, 5)))
        for number, start in enumerate(range(0, len(words), 11))
    )
    block = Block(kind, "\n".join(line.text for line in lines), boxes=((0.1, 0, 0.9, 1),), lines=lines)
    chunks = chunk(Parsed(True, (Page(1, 600, 800, (block,)),)), title="")
    assert len(chunks) > 2
    cut = [box for piece in chunks for box in piece.boxes if (box[0], box[2]) != (0.1, 0.9)]
    assert bool(cut) == (kind is BlockKind.TEXT)
