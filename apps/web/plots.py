"""Plots drawn on the server: places and words of an SVG, and the same figures as a table.

Across, places are per cent of the plot's width, so that it fills its card and letters keep their size; down, they are pixels.
The scale stands in a column of its own at the left. Pure: what is drawn has been counted before.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

HEIGHT = 196
_TOP, _BASE, _FEET = 24.0, 166.0, 186.0
_LETTER = 7
"""About how wide a figure of the scale is, in pixels."""

_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)
_MOST_WORDS = 6


@dataclass(frozen=True, slots=True)
class Bar:
    x: float
    y: float
    width: float
    height: float
    style: str


@dataclass(frozen=True, slots=True)
class Line:
    x1: float
    y1: float
    x2: float
    y2: float
    style: str


@dataclass(frozen=True, slots=True)
class Word:
    """Letters at a place; `style` says how they are anchored and how loud they are."""

    x: float
    y: float
    text: str
    style: str = ""


@dataclass(frozen=True, slots=True)
class Spot:
    """A point, and the column around it that tells its figures when it is pointed at."""

    x: float
    y: float
    style: str


@dataclass(frozen=True, slots=True)
class Column:
    """What is said where one points: everything at one place across."""

    x: float
    width: float
    say: str


@dataclass(frozen=True, slots=True)
class Table:
    """The same figures in words. The first cell of each row is its head."""

    heads: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True)
class Plot:
    """`label` says in one sentence what is to be seen; `legend` names the series, each with its style."""

    label: str
    table: Table
    bars: Sequence[Bar] = ()
    lines: Sequence[Line] = ()
    words: Sequence[Word] = ()
    spots: Sequence[Spot] = ()
    columns: Sequence[Column] = ()
    scale: Sequence[Word] = ()
    scale_width: int = 0
    legend: Sequence[tuple[str, str]] = ()
    height: int = HEIGHT


@dataclass(frozen=True, slots=True)
class Series:
    """One quantity at each moment; None where there is none to show."""

    name: str
    values: Sequence[float | None]
    style: str = "fill-1"


@dataclass(frozen=True, slots=True)
class Limit:
    """A dashed line across: what should not be passed."""

    value: float
    text: str


@dataclass(frozen=True, slots=True)
class _Scale:
    """From 0 at the foot to `top`; `say` writes a figure of it."""

    top: float
    step: float
    say: Callable[[float], str] = field(compare=False)

    def y(self, value: float) -> float:
        return round(_BASE - (_BASE - _TOP) * value / self.top, 1)

    def figures(self) -> list[float]:
        return [at * self.step for at in range(round(self.top / self.step) + 1)]

    def words(self) -> tuple[list[Word], int]:
        """Return the figures of the scale and how many pixels they need."""
        texts = [self.say(figure) for figure in self.figures()]
        width = _LETTER * max(len(text) for text in texts) + 10
        return [
            Word(width - 6, self.y(figure) + 4, text, "tick end")
            for figure, text in zip(self.figures(), texts, strict=True)
        ], width

    def grid(self) -> list[Line]:
        return [Line(0, self.y(figure), 100, self.y(figure), "grid") for figure in self.figures()[1:]]


def stacked(
    moments: Sequence[str],
    series: Sequence[Series],
    *,
    label: str,
    head: str,
    say: Callable[[float], str],
    scale_say: Callable[[float], str] | None = None,
    total: str = "",
    limit: Limit | None = None,
) -> Plot:
    """Return one column for each moment, the series on top of each other. `total` heads a column of sums in the table."""
    sums = [sum(one.values[at] or 0.0 for one in series) for at in range(len(moments))]
    scale = _scale_for(max([*sums, limit.value if limit else 0.0]), scale_say or say)
    slot = 100 / max(len(moments), 1)
    bars: list[Bar] = []
    for at in range(len(moments)):
        foot = _BASE
        for one in series:
            height = _BASE - scale.y(one.values[at] or 0.0)
            if height <= 0:
                continue
            foot -= height
            drawn = max(height - (0.8 if foot + height < _BASE else 0), 0.5)
            bars.append(Bar(_r(slot * at + slot * 0.12), _r(foot), _r(slot * 0.76), _r(drawn), one.style))
    lines, words = [*scale.grid(), Line(0, _BASE, 100, _BASE, "axis")], _feet(moments, slot)
    if limit:
        lines.append(Line(0, scale.y(limit.value), 100, scale.y(limit.value), "budget"))
        words.append(Word(100, scale.y(limit.value) - 6, limit.text, "tick note end"))
    scale_words, width = scale.words()
    with_total = total and len(series) > 1
    return Plot(
        label=label,
        table=Table(
            [head, *(one.name for one in series), *([total] if with_total else [])],
            [
                [moment, *(_said(one.values[at], say) for one in series), *([say(sums[at])] if with_total else [])]
                for at, moment in enumerate(moments)
            ],
        ),
        bars=bars,
        lines=lines,
        words=words,
        columns=_columns(moments, series, slot, say),
        scale=scale_words,
        scale_width=width,
        legend=[(one.name, one.style) for one in series] if len(series) > 1 else (),
    )


def lines(
    moments: Sequence[str],
    series: Sequence[Series],
    *,
    label: str,
    head: str,
    say: Callable[[float], str],
    top: float | None = None,
) -> Plot:
    """Return a line for each series; where a moment has no value the line has a gap."""
    known = [value for one in series for value in one.values if value is not None]
    scale = _scale_for(top or max(known, default=0.0), say)
    slot = 100 / max(len(moments), 1)
    drawn, spots = [*scale.grid(), Line(0, _BASE, 100, _BASE, "axis")], []
    for one in series:
        before: tuple[float, float] | None = None
        for at, value in enumerate(one.values):
            here = None if value is None else (_r(slot * (at + 0.5)), scale.y(value))
            if here and before:
                drawn.append(Line(*before, *here, f"course course--{one.style[-1]}"))
            if here:
                spots.append(Spot(*here, one.style))
            before = here
    scale_words, width = scale.words()
    return Plot(
        label=label,
        table=Table(
            [head, *(one.name for one in series)],
            [[moment, *(_said(one.values[at], say) for one in series)] for at, moment in enumerate(moments)],
        ),
        lines=drawn,
        words=_feet(moments, slot),
        spots=spots if len(moments) <= 62 else (),
        columns=_columns(moments, series, slot, say),
        scale=scale_words,
        scale_width=width,
        legend=[(one.name, one.style) for one in series] if len(series) > 1 else (),
    )


def _scale_for(most: float, say: Callable[[float], str]) -> _Scale:
    """Return a scale with round figures, three to five of them, that holds `most`."""
    if most <= 0:
        return _Scale(1.0, 1.0, say)
    rough = most / 4
    power = 10 ** math.floor(math.log10(rough))
    step = next(each * power for each in _STEPS if each * power >= rough * 0.999)
    return _Scale(step * math.ceil(most / step - 0.001), step, say)


def _feet(moments: Sequence[str], slot: float) -> list[Word]:
    """Return the moments under the plot, as many as fit."""
    every = max(math.ceil(len(moments) / _MOST_WORDS), 1)
    return [Word(_r(slot * (at + 0.5)), _FEET, moments[at], "tick mid") for at in range(0, len(moments), every)]


def _columns(
    moments: Sequence[str], series: Sequence[Series], slot: float, say: Callable[[float], str]
) -> list[Column]:
    found = []
    for at, moment in enumerate(moments):
        figures = [f"{one.name}: {_said(one.values[at], say)}" for one in series]
        found.append(Column(_r(slot * at), _r(slot), "\n".join([moment, *figures])))
    return found


def _said(value: float | None, say: Callable[[float], str]) -> str:
    return "–" if value is None else say(value)


def _r(number: float) -> float:
    return round(number, 2)
