"""The format codes of spreadsheets taken apart: `#,##0.00;[Red](0)` into its sections, and those into tokens."""

import re
from dataclasses import dataclass
from decimal import Decimal

BUILT_IN = {
    0: "General", 1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 5: '"$"#,##0;-"$"#,##0', 6: '"$"#,##0;-"$"#,##0',
    7: '"$"#,##0.00;-"$"#,##0.00', 8: '"$"#,##0.00;-"$"#,##0.00', 9: "0%", 10: "0.00%", 11: "0.00E+00", 12: "# ?/?",
    13: "# ??/??", 14: "yyyy-mm-dd", 15: "d-mmm-yy", 16: "d-mmm", 17: "mmm-yy", 18: "h:mm AM/PM", 19: "h:mm:ss AM/PM",
    20: "h:mm", 21: "h:mm:ss", 22: "yyyy-mm-dd h:mm", 37: "#,##0;(#,##0)", 38: "#,##0;(#,##0)",
    39: "#,##0.00;(#,##0.00)", 40: "#,##0.00;(#,##0.00)", 41: '#,##0;(#,##0);"-"', 42: '"$"#,##0;("$"#,##0);"-"',
    43: '#,##0.00;(#,##0.00);"-"', 44: '"$"#,##0.00;("$"#,##0.00);"-"', 45: "mm:ss", 46: "[h]:mm:ss", 47: "mm:ss.0",
    48: "##0.0E+0", 49: "@",
} | dict.fromkeys((27, 28, 29, 30, 31, 36, 50, 51, 52, 53, 54, 57, 58), "yyyy-mm-dd")  # fmt: skip
"""The codes that files name by number only."""

_TOKEN = re.compile(
    r"""
    "(?P<quoted>[^"]*)"? | \\(?P<escaped>.) | _(?P<blank>.) | \*(?P<fill>.)
    | \[(?P<bracket>[^\]]*)\] | (?P<general>General) | (?P<half>AM/PM|A/P|上午/下午)
    | (?P<exponent>E[+-]) | (?P<date>y+|m+|d+|h+|s+|e+|g+|b+) | (?P<seconds>(?<=s)\.0+) | (?P<digit>[0#?]) | (?P<other>.)
    """,
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)
_CONDITION = re.compile(r"(<=|>=|<>|<|>|=)\s*(-?[0-9.]+)$")
_ELAPSED = re.compile(r"(h+|m+|s+)$", re.IGNORECASE)
_RUN = re.compile(r"(?:(?P<grouped>#,##0)|0)(?:\.(?P<places>0+))?")
_MOST_SECTIONS = 4


@dataclass(frozen=True, slots=True)
class Token:
    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Pattern:
    """A section like those of nearly all cells, `"$"#,##0.00` or `0%`: words before, one run of digits, words after."""

    before: str
    after: str
    grouped: bool
    hundredfold: bool
    step: Decimal


@dataclass(frozen=True, slots=True)
class Section:
    """One of the up to four parts of a code; `condition` is an operator and a bound."""

    tokens: tuple[Token, ...]
    condition: tuple[str, float] | None = None
    of_dates: bool = False
    pattern: Pattern | None = None


def sections_of(code: str) -> tuple[Section, ...]:
    """Return the up to four sections of a code."""
    return tuple(_section(tokens) for tokens in _split(code))


def _split(code: str) -> list[list[Token]]:
    sections: list[list[Token]] = [[]]
    for match in _TOKEN.finditer(code):
        kind = match.lastgroup or "other"
        text = match[kind]
        if kind == "other" and text == ";":
            sections.append([])
        elif kind in ("quoted", "escaped"):
            sections[-1].append(Token("literal", text))
        elif kind == "blank":
            sections[-1].append(Token("literal", " "))
        elif kind != "fill":
            sections[-1].append(Token(kind, text))
    return sections[:_MOST_SECTIONS]


def _section(tokens: list[Token]) -> Section:
    kept: list[Token] = []
    condition: tuple[str, float] | None = None
    for token in tokens:
        if token.kind != "bracket":
            kept.append(token)
            continue
        bound = _CONDITION.match(token.text)
        if bound:
            condition = bound[1], _float(bound[2])
        elif _ELAPSED.match(token.text):
            kept.append(Token("elapsed", token.text.lower()))
        elif token.text.startswith("$"):
            kept.append(Token("literal", token.text[1:].split("-")[0]))
    has_digits = any(token.kind == "digit" for token in kept)
    of_dates = any(token.kind in ("elapsed", "half") or _is_date_part(token, has_digits) for token in kept)
    if not of_dates:
        kept = [Token("literal", token.text) if token.kind in ("date", "seconds") else token for token in kept]
    return Section(tuple(kept), condition, of_dates, None if of_dates else _pattern(kept))


def _pattern(tokens: list[Token]) -> Pattern | None:
    """Return the simple pattern that these tokens are; None where they are anything more."""
    digits = [i for i, token in enumerate(tokens) if token.kind == "digit"]
    if not digits:
        return None
    first, last = digits[0], digits[-1]
    sides = [*tokens[:first], *tokens[last + 1 :]]
    if any(token.kind != "literal" and token.text not in ("%", " ", "-", "+", "(", ")", "$") for token in sides):
        return None
    run = _RUN.fullmatch("".join(token.text for token in tokens[first : last + 1]))
    percents = sum(token.kind == "other" and token.text == "%" for token in sides)
    if run is None or percents > 1:
        return None
    before = "".join(token.text for token in tokens[:first])
    after = "".join(token.text for token in tokens[last + 1 :])
    places = len(run["places"] or "")
    return Pattern(before, after, bool(run["grouped"]), percents == 1, Decimal(1).scaleb(-places))


def _is_date_part(token: Token, has_digits: bool) -> bool:
    return token.kind == "date" and not (has_digits and token.text.lower()[0] in "egb")


def _float(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0
