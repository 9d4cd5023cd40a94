"""The colours reach the contrast they promise, in both schemes, and nothing but `tokens.css` names a colour."""

import re
from pathlib import Path

import pytest

CSS = Path("static/css")
SCHEMES = ("light", "dark")

_SURFACES = ("canvas", "surface", "surface-raise")
_HOVER = "surface-hover"
_TEXT = 4.5
_OUTLINE = 3.0

TEXT_PAIRS = [
    *[(ink, surface) for ink in ("ink", "ink-2", "ink-3") for surface in (*_SURFACES, _HOVER)],
    *[(ink, "surface-sunk") for ink in ("ink", "ink-2", "ink-3")],
    *[(link, surface) for link in ("accent", "accent-deep") for surface in (*_SURFACES, _HOVER, "accent-tint")],
    ("ink-on", "accent"),
    ("ink-on", "accent-deep"),
    ("ink-on", "bad"),
    ("contra-on", "contra-fill"),
    ("marker-ink", "marker"),
    ("ink", "marker-tint"),
    ("ink-2", "marker-tint"),
    *[(verdict, f"{verdict}-tint") for verdict in ("ok", "part", "bad", "contra")],
    *[(verdict, surface) for verdict in ("ok", "part", "bad", "contra") for surface in ("surface", "canvas")],
    *[("ink-2", tint) for tint in ("mute-tint", "ok-tint", "part-tint", "bad-tint", "contra-tint", "accent-tint")],
    *[("ink", tint) for tint in ("part-tint", "bad-tint", "mute-tint")],
]
OUTLINE_PAIRS = [
    *[("edge", surface) for surface in _SURFACES],
    *[("focus", surface) for surface in (*_SURFACES, "surface-sunk")],
    *[("bad", surface) for surface in _SURFACES],
]


def test_as_many_pairs_are_computed_as_were_designed() -> None:
    assert 2 * (len(TEXT_PAIRS) + len(OUTLINE_PAIRS)) >= 116


@pytest.mark.parametrize("scheme", SCHEMES)
def test_text_can_be_read(scheme: str) -> None:
    assert _failing(TEXT_PAIRS, scheme, _TEXT) == []


@pytest.mark.parametrize("scheme", SCHEMES)
def test_outlines_of_controls_can_be_seen(scheme: str) -> None:
    assert _failing(OUTLINE_PAIRS, scheme, _OUTLINE) == []


def test_no_other_sheet_names_a_colour() -> None:
    """But for the marks over page pictures, which are white paper in both schemes."""
    over_paper = re.compile(r"^\s*(\.(mark|blk|pagepic)\b|background: #fff;)")
    named = re.compile(r"#[0-9a-fA-F]{3,8}\b(?!\))|\brgba?\(|\bhsla?\(")
    found = [
        f"{sheet.name}: {line.strip()}"
        for sheet in CSS.glob("*.css")
        if sheet.name != "tokens.css"
        for line in sheet.read_text().splitlines()
        if named.search(line) and not over_paper.match(line)
    ]
    assert found == []


def test_every_token_that_is_used_is_there() -> None:
    defined = set(re.findall(r"(--[\w-]+):", "".join(sheet.read_text() for sheet in CSS.glob("*.css"))))
    used = {
        (sheet.name, name)
        for sheet in CSS.glob("*.css")
        for name in re.findall(r"var\((--[\w-]+)(?!\s*,)\)", sheet.read_text())
    }
    assert {pair for pair in used if pair[1] not in defined} == set()


def _failing(pairs: list[tuple[str, str]], scheme: str, least: float) -> list[str]:
    colours = _colours(scheme)
    ratios = {(ink, ground): _contrast(colours[ink], colours[ground]) for ink, ground in pairs}
    return [f"{ink} on {ground}: {ratio:.2f}" for (ink, ground), ratio in ratios.items() if ratio < least]


def _colours(scheme: str) -> dict[str, str]:
    rows = re.findall(r"--([\w-]+):\s*light-dark\((#\w{6}),\s*(#\w{6})\)", (CSS / "tokens.css").read_text())
    return {name: (light if scheme == "light" else dark) for name, light, dark in rows}


def _contrast(one: str, other: str) -> float:
    """Return the contrast ratio of WCAG 2."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
