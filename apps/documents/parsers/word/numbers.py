"""The numbers of paragraphs in a Word document: "4.3", "(b)", "iv.". They are not in its text but follow from its styles,
and contracts are quoted by them, so they are counted here as Word counts them."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_LEVELS = 9
_FEWEST_STEPS = 10


@dataclass(frozen=True, slots=True)
class _Level:
    """How one level of a numbered list is written: `pattern` as "%1.%2", `kind` as "decimal"."""

    kind: str
    pattern: str
    start: int


@dataclass(slots=True)
class _List:
    """The levels of a list and how far each has counted."""

    levels: dict[int, _Level]
    counts: dict[int, int] = field(default_factory=dict)

    def advance(self, depth: int) -> str:
        """Count one more at this depth, start the deeper ones anew, and return the number as written."""
        level = self.levels.get(depth)
        if level is None:
            return ""
        self.counts[depth] = self.counts.get(depth, level.start - 1) + 1
        for deeper in [other for other in self.counts if other > depth]:
            del self.counts[deeper]
        if level.kind == "bullet":
            return "•"
        if level.kind == "none":
            return ""
        text = level.pattern
        for index in range(_LEVELS):
            at = self.levels.get(index)
            if at is not None and f"%{index + 1}" in text:
                count = self.counts.get(index, at.start)
                text = text.replace(f"%{index + 1}", written(count, at.kind))
        return text.strip()


class Numbering:
    """Counts through a document from its first paragraph to its last."""

    def __init__(self, document: Any, styles: dict[str, Any]) -> None:
        self._styles = styles
        self._abstract: dict[str, _List] = {}
        self._concrete: dict[str, _List] = {}
        try:
            root = document.part.numbering_part.element
        except (KeyError, NotImplementedError, AttributeError):
            return
        for abstract in root.findall(f"{_W}abstractNum"):
            levels = {
                depth: level for depth, level in map(_level, abstract.findall(f"{_W}lvl")) if 0 <= depth < _LEVELS
            }
            self._abstract[abstract.get(f"{_W}abstractNumId", "")] = _List(levels)
        for number in root.findall(f"{_W}num"):
            reference = number.find(f"{_W}abstractNumId")
            shared = self._abstract.get(reference.get(f"{_W}val", "")) if reference is not None else None
            if shared is not None:
                self._concrete[number.get(f"{_W}numId", "")] = _with_overrides(shared, number)

    def next_for(self, paragraph: Any) -> str:
        """Return the number that this paragraph shows, "" for none; call it once for each paragraph, in order."""
        list_id, depth = self._place(paragraph)
        numbered = self._concrete.get(list_id)
        return numbered.advance(depth) if numbered is not None else ""

    def _place(self, paragraph: Any) -> tuple[str, int]:
        """What the paragraph says of its list and depth, or the style that it has, or those it is based on."""
        list_id, depth = _own_place(paragraph)
        style_id = style_of(paragraph)
        for _ in range(_FEWEST_STEPS):
            if list_id is not None or not style_id:
                break
            style = self._styles.get(style_id)
            if style is None:
                break
            list_id, of_style = _own_place(style)
            depth = of_style if depth is None else depth
            style_id = value_of(style, "basedOn")
        return list_id or "", depth or 0


def styles_of(document: Any) -> dict[str, Any]:
    """Return the styles of a document by what paragraphs call them."""
    try:
        root = document.styles.element
    except (AttributeError, KeyError, ValueError):
        return {}
    return {style.get(f"{_W}styleId", ""): style for style in root.iter(f"{_W}style")}


def style_of(paragraph: Any) -> str:
    """Return what a paragraph calls its style, "" for none."""
    properties = paragraph.find(f"{_W}pPr")
    return value_of(properties, "pStyle") if properties is not None else ""


def value_of(element: Any, name: str) -> str:
    """Return the value of a child that only holds one."""
    child = element.find(f"{_W}{name}")
    return str(child.get(f"{_W}val", "")) if child is not None else ""


def _own_place(element: Any) -> tuple[str | None, int | None]:
    properties = element.find(f"{_W}pPr/{_W}numPr")
    if properties is None:
        return None, None
    list_id, depth = properties.find(f"{_W}numId"), properties.find(f"{_W}ilvl")
    return (
        list_id.get(f"{_W}val") if list_id is not None else None,
        _integer(depth.get(f"{_W}val"), 0) if depth is not None else None,
    )


def _level(element: Any) -> tuple[int, _Level]:
    def value(name: str, default: str) -> str:
        child = element.find(f"{_W}{name}")
        return str(child.get(f"{_W}val", default)) if child is not None else default

    kind = value("numFmt", "decimal")
    return _integer(element.get(f"{_W}ilvl"), 0), _Level(kind, value("lvlText", ""), _integer(value("start", "1"), 1))


def _with_overrides(shared: _List, number: Any) -> _List:
    """Lists share one count with all that have the same definition, unless they start anew."""
    starts = {
        _integer(override.get(f"{_W}ilvl"), 0): _integer(start.get(f"{_W}val"), 1)
        for override in number.findall(f"{_W}lvlOverride")
        if (start := override.find(f"{_W}startOverride")) is not None
    }
    if not starts:
        return shared
    return _List(
        {depth: _Level(at.kind, at.pattern, starts.get(depth, at.start)) for depth, at in shared.levels.items()}
    )


def _integer(text: str | None, default: int) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 7 else default


def written(count: int, kind: str) -> str:
    """Return a number as a list of this kind writes it."""
    return _WRITTEN.get(kind, str)(count)


def _letters(count: int) -> str:
    """a … z, aa, bb, as Word goes on."""
    repeat, index = divmod(max(count, 1) - 1, 26)
    return chr(ord("a") + index) * min(repeat + 1, 20)


def _roman(count: int) -> str:
    result, left = "", min(max(count, 1), 3999)
    for value, letters in (
        (1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"),
        (50, "l"), (40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"),
    ):  # fmt: skip
        while left >= value:
            result, left = result + letters, left - value
    return result


_WRITTEN: dict[str, Callable[[int], str]] = {
    "lowerLetter": _letters,
    "upperLetter": lambda count: _letters(count).upper(),
    "lowerRoman": _roman,
    "upperRoman": lambda count: _roman(count).upper(),
    "decimalZero": lambda count: f"{count:02d}",
}
