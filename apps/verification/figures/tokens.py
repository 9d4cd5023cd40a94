"""Cut a calculation as a model writes it into figures, operators and names of functions; labels between them are left out."""

import re
from collections.abc import Collection, Sequence

from apps.documents.tables.numbers import Notation
from apps.documents.tables.scales import CURRENCY, SCALE
from apps.verification.figures.numbering import may_be_year

Token = tuple[str, str]
"""Its kind (`literal`, `operator`, `step`, `name`) and its text; a literal may end with the marker of its passage."""

_NUMERAL = r"(?:\d{1,3}(?:[ \u00a0\u202f'’]\d{3})+(?!\d)(?:[.,]\d+)?|\d+(?:[.,]\d+)*|\.\d+)(?:[eE][+-]?\d{1,2}(?!\w))?"
_TOKEN = re.compile(
    rf"\s*(?:(?P<literal>(?:(?:{CURRENCY})\s?(?=[\d.]))?{_NUMERAL}(?:{SCALE})?(?:\s?(?:{CURRENCY})(?![A-Za-z]))?"
    r"(?:\s?(?:%|percent(?:age points)?|bps|pp)(?!\w))?)(?P<marker>\s?\[\d{1,3}\])?"
    r"|#(?P<step>\d{1,2})|(?P<operator>\*\*|[-+*/^()×÷·⋅∗−–:%,;])|(?P<name>[^\W\d_][\w.’']*)|(?P<other>.))",
    re.DOTALL,
)
_OPERATORS = {"×": "*", "·": "*", "⋅": "*", "∗": "*", "÷": "/", ":": "/", "−": "-", "–": "-", "**": "^"}
_TYPOGRAPHY = str.maketrans({"，": ",", "（": "(", "）": ")", "＋": "+", "－": "-", "／": "/", "％": "%", "＝": "="})
_TEX = (
    (re.compile(r"\\d?frac\s*\{([^{}]*)\}\s*\{([^{}]*)\}"), r"((\1) / (\2))"),
    (re.compile(r"\\(?:times|cdot)"), " × "),
    (re.compile(r"\\div"), " ÷ "),
    (re.compile(r"\\(?:text|mathrm)\s*\{[^{}]*\}|\\left|\\right|\\[,;! ]|\\[()\[\]]|\$\$"), " "),
    (re.compile(r"\\([%$&#])"), r"\1"),
)
_BRACKETS = ((re.compile(r"[\[{](?!\d{1,3}\])"), "("), (re.compile(r"(?<!\[\d)(?<!\[\d\d)(?<!\[\d\d\d)\]|\}"), ")"))
_LIST_MARK = re.compile(r"(?<=\d),(?!\d{3}(?!\d))(?=\d)")


def plain(text: str) -> str:
    """Return a calculation without TeX and with the signs of one script."""
    text = text.translate(_TYPOGRAPHY)
    for pattern, instead in (*_TEX, *_BRACKETS):
        text = pattern.sub(instead, text)
    return text


def tokens_of(text: str, notation: Notation, functions: Collection[str]) -> list[Token]:
    """Return the tokens of a calculation without labels: words that are none of the functions, and years among them."""
    found: list[Token] = []
    text = _one_word(_LIST_MARK.sub(", ", text) if notation is Notation.POINT else text)
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup if match.lastgroup != "marker" else "literal"
        value = (match[kind or "other"] or "").strip()
        if kind == "literal":
            found.append((kind, value + (match["marker"] or "").strip()))
        elif value == ":" and (not found or (found[-1][0] != "literal" and found[-1][1] != ")")):
            found.clear()  # what stands before it is a label
        elif kind == "operator":
            found.append((kind, _OPERATORS.get(value, value)))
        elif kind == "step" or (
            kind == "name" and value.casefold() in functions and text[match.end() :].lstrip()[:1] == "("
        ):
            found.append((kind or "", value))
        elif kind == "name" and found and found[-1][0] == "name":
            found.pop()
    return _without_labels(found)


def _without_labels(tokens: Sequence[Token]) -> list[Token]:
    """Leave out a year that stands where a figure in brackets follows: `net debt 2025 (1,204)`."""
    kept = []
    for index, token in enumerate(tokens):
        following = tokens[index + 1] if index + 1 < len(tokens) else ("end", "")
        if token[0] == "literal" and may_be_year(token[1]) and (following[0] == "literal" or following[1] == "("):
            continue
        kept.append(token)
    return kept


def _one_word(text: str) -> str:
    """Return the text with the names of functions as one word: percent change → percent_change."""
    return re.sub(
        r"(?i)\b(percent(?:age)?|pct|growth|absolute)[ _-](change|increase|decrease|rate|growth)(?=\s*\()",
        r"\1_\2",
        text,
    )
