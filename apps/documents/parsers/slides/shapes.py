"""Where the shapes of a slide stand, so that they can be read in the order in which people read them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from apps.documents.parsers.descriptions import description_of
from apps.documents.parsers.ooxml import OfficePackage, child, children, is_true, local_name, number

_SHAPES = ("sp", "pic", "graphicFrame", "cxnSp")
_STEPS = 20
_DEEPEST = 20

Spot = tuple[int, int]
"""How far a shape is from the top and from the left."""


@dataclass(frozen=True, slots=True)
class Shape:
    """A shape with its text body, the kind of placeholder that it fills ("" for none), and what is said of a picture."""

    kind: str
    element: Any
    placeholder: str
    body: Any
    description: str


class Layouts:
    """Where placeholders stand that do not say it themselves: as in the slide's layout, or in its master."""

    def __init__(self, package: OfficePackage) -> None:
        self._package = package
        self._known: dict[str, dict[str, Spot]] = {}

    def places(self, slide: str) -> dict[str, Spot]:
        """Return the spots of a slide's placeholders, by index and by kind."""
        layout = next(self._package.related(slide, "slideLayout"), "")
        if layout and layout not in self._known:
            master = next(self._package.related(layout, "slideMaster"), "")
            self._known[layout] = {**self._spots(master), **self._spots(layout)}
        return self._known.get(layout, {})

    def _spots(self, part: str) -> dict[str, Spot]:
        root = self._package.tree(part) if part else None
        spots: dict[str, Spot] = {}
        for shape in root.iter("{*}sp") if root is not None else ():
            kind, index = _placeholder(shape)
            spot = _spot(shape)
            if kind and spot:
                spots.setdefault(kind, spot)
                if index:
                    spots[index] = spot
        return spots


def shapes_of(tree: Any, places: dict[str, Spot], height: int) -> list[Shape]:
    """Return the shapes in reading order: from top to bottom, those of one height from left to right, groups together."""
    return list(_ordered(tree, places, max(height // _STEPS, 1), 0))


def _ordered(tree: Any, places: dict[str, Spot], step: int, depth: int) -> Iterator[Shape]:
    items = [element for element in _members(tree) if not _is_hidden(element)]
    for element in sorted(items, key=lambda element: _rank(element, places, step)):
        if local_name(element) == "grpSp":
            if depth < _DEEPEST:
                yield from _ordered(element, places, step, depth + 1)
        else:
            yield _shape(element)


def _members(tree: Any) -> Iterator[Any]:
    """Yield shapes and groups; of what is there in two ways for older and newer programs, the newer."""
    for element in tree:
        name = local_name(element)
        if name == "AlternateContent":
            choice = child(element, "Choice")
            yield from _members(choice if choice is not None and len(choice) else child(element, "Fallback") or ())
        elif name in _SHAPES or name == "grpSp":
            yield element


def _rank(element: Any, places: dict[str, Spot], step: int) -> tuple[int, int]:
    kind, index = _placeholder(element)
    top, left = _spot(element) or places.get(index) or places.get(kind) or (0, 0)
    return top // step, left


def _shape(element: Any) -> Shape:
    kind = local_name(element)
    name = _properties(element)
    description = description_of(name.get("descr")) if name is not None and kind == "pic" else ""
    placeholder = _placeholder(element)[0]
    return Shape(kind, element, placeholder, child(element, "txBody"), description)


def _properties(element: Any) -> Any:
    for group in element:
        if local_name(group).startswith("nv"):
            return child(group, "cNvPr")
    return None


def _is_hidden(element: Any) -> bool:
    properties = _properties(element)
    return properties is not None and is_true(properties.get("hidden"))


def _placeholder(element: Any) -> tuple[str, str]:
    """Return the kind and the index of the placeholder that a shape fills; one without a kind holds any object."""
    for group in element:
        if local_name(group).startswith("nv"):
            found = child(group, "nvPr", "ph")
            return (found.get("type", "obj"), found.get("idx", "")) if found is not None else ("", "")
    return "", ""


def _spot(element: Any) -> Spot | None:
    for place in (child(element, "spPr", "xfrm"), child(element, "grpSpPr", "xfrm"), *children(element, "xfrm")):
        offset = child(place, "off")
        if offset is not None:
            return number(offset.get("y")), number(offset.get("x"))
    return None
