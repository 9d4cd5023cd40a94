"""Plots: what is drawn where, and that the table beside them says the same."""

import pytest

from apps.web.plots import Limit, Series, lines, stacked

DAYS = ["1 Nov", "2 Nov", "3 Nov"]


def say(value: float) -> str:
    return f"{value:g}"


def test_columns_stand_on_the_axis_and_on_each_other() -> None:
    plot = stacked(
        DAYS, [Series("a", [2, 0, 1], "fill-1"), Series("b", [2, 4, 0], "fill-2")], label="", head="Day", say=say
    )
    foot = max(bar.y + bar.height for bar in plot.bars)
    lower = next(bar for bar in plot.bars if bar.style == "fill-1")
    upper = next(bar for bar in plot.bars if bar.style == "fill-2")
    assert lower.y + lower.height == pytest.approx(foot)
    assert upper.y + upper.height == pytest.approx(lower.y, abs=1)
    assert len(plot.bars) == 4


def test_the_table_has_every_figure_and_their_sum() -> None:
    plot = stacked(
        DAYS, [Series("a", [2, 0, 1]), Series("b", [2, 4, 0])], label="", head="Day", say=say, total="Together"
    )
    assert list(plot.table.heads) == ["Day", "a", "b", "Together"]
    assert [list(row) for row in plot.table.rows] == [
        ["1 Nov", "2", "2", "4"],
        ["2 Nov", "0", "4", "4"],
        ["3 Nov", "1", "0", "1"],
    ]


def test_a_scale_has_round_figures_and_holds_the_limit() -> None:
    plot = stacked(DAYS, [Series("a", [3, 2, 1])], label="", head="Day", say=say, limit=Limit(11, "limit"))
    assert [word.text for word in plot.scale] == ["0", "5", "10", "15"]
    line = next(line for line in plot.lines if line.style == "budget")
    assert min(bar.y for bar in plot.bars) > line.y1 > 0


def test_a_line_breaks_where_there_is_no_value() -> None:
    plot = lines(DAYS, [Series("a", [1, None, 2])], label="", head="Day", say=say)
    assert [line for line in plot.lines if line.style.startswith("course")] == []
    assert len(plot.spots) == 2
    assert [row[1] for row in plot.table.rows] == ["1", "–", "2"]


def test_nothing_spent_is_drawn_without_columns() -> None:
    plot = stacked(DAYS, [Series("a", [0, 0, 0])], label="", head="Day", say=say)
    assert plot.bars == []
    assert [word.text for word in plot.scale] == ["0", "1"]


def test_a_year_of_days_names_only_as_many_as_fit() -> None:
    days = [str(n) for n in range(365)]
    plot = stacked(days, [Series("a", [1.0] * 365)], label="", head="Day", say=say)
    assert len(plot.words) <= 6
    assert all(0 <= bar.x <= 100 and bar.x + bar.width <= 100 for bar in plot.bars)
