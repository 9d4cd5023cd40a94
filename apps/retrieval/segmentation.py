"""Where words begin and end, in any script: what of a text is matched, before any language has its say.

Passages and questions go through the same, so that a figure or an identifier is found however it was set: `1,204` is `1204`,
`ISO-9001`, `ISO 9001` and `ISO9001` have their parts and their whole in common, `４．３（ｂ）` is `4.3(b)`. Scripts without blanks between
words are cut into overlapping pieces.
"""

import re
import unicodedata
from collections.abc import Iterator

LONGEST = 40  # characters of a word; what is longer is cut

_SOFT_BREAK = re.compile(r"\u00ad\s*|(?<=\w)[-\u2010]\n(?=[^\W\d_])|[\u200b-\u200f\u2060\ufeff\u0640]")
_THIN_GROUPS = re.compile(r"(?<=\d)[\u00a0\u2007\u2009\u202f](?=\d{3}(?!\d))")
_GROUPED = re.compile(r"(?<![\d.,])[1-9]\d{0,2}(?:[.,'’]\d{3})+(?!\d)")
_DECIMAL_COMMA = re.compile(r"(?<=\d),(?=\d)")
_NOT_A_DIGIT = re.compile(r"\D")
_FOREIGN_DIGIT = re.compile(r"[^\D0-9]")

_IDEOGRAPHS = "\u3005\u3041-\u3096\u30a1-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_HANGUL = "\uac00-\ud7a3"
_UNSPACED = "\u0e01-\u0e4e\u0e81-\u0ece\u1000-\u109f\u1780-\u17d3"
_MARKS = (
    "\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06dc"
    "\u06df-\u06e8\u06ea-\u06ed\u0900-\u0963\u0966-\u0df3"
)
_LETTER = f"[^\\W_{_IDEOGRAPHS}{_HANGUL}{_UNSPACED}]"
_WORD = f"{_LETTER}+(?:[{_MARKS}]+{_LETTER}*)*"
_JOINER = "[-\u2010\u2011\u2013.@&/:_'’+]"
_POINTS = r"(?P<points>(?:(?<=\d)\(\w{1,4}\)|(?<=\))\(\w{1,4}\))*)"
_RUN = re.compile(
    f"(?P<chain>{_WORD}(?:{_JOINER}{_WORD})*){_POINTS}"
    f"|(?P<ideographs>[{_IDEOGRAPHS}]+)|(?P<hangul>[{_HANGUL}]+)|(?P<unspaced>[{_UNSPACED}]+)"
)
_PLAIN_RUN = re.compile(f"(?P<chain>[A-Za-z0-9]+(?:[-.@&/:_'+][A-Za-z0-9]+)*){_POINTS}")
_BETWEEN_PARTS = re.compile("[-\u2010\u2011\u2013@&/:_'’+]|\\.(?!\\d)|(?<!\\d)\\.")
_MAKES_NO_WHOLE = frozenset("'’/:")
_LETTERS_AND_DIGITS = re.compile(r"([^\W\d_]{2,})(\d[\d.]*)|(\d[\d.]*)([^\W\d_]{2,})|(\d[\d.]*)[^\W\d_]")
_DIGIT = re.compile(r"\d")
_CLUSTER = re.compile(
    # What is set before its consonant, the consonant, and what hangs on it: Thai, Lao; Burmese and Khmer with their stacked ones.
    "[\u0e40-\u0e44\u0ec0-\u0ec4]?[\u0e01-\u0e2f\u0e81-\u0eae\u1000-\u102a\u103f\u1780-\u17b3]"
    "(?:[\u1039\u17d2][\u1000-\u102a\u1780-\u17b3]|[\u0e30-\u0e3a\u0e45\u0e47-\u0e4e\u0eb0-\u0ebd\u0ec8-\u0ece\u102b-\u103e\u17b4-\u17d1\u17d3])*"
    "|."
)


def words_of(text: str) -> list[str]:
    """Return the words of a text in reading order, in the letters they are set in."""
    found: list[str] = []
    text = normalised(text)
    for run in (_PLAIN_RUN if text.isascii() else _RUN).finditer(text):
        chain = run["chain"]
        if chain is None:
            units = _CLUSTER.findall(run[0]) if run.lastgroup == "unspaced" else list(run[0])
            found.extend(_pieces(units, 2))
        elif chain.isalpha():
            found.append(chain[:LONGEST])
        else:
            found.extend(_chained(chain))
            if run["points"]:
                found.extend(_points(chain, run["points"]))
    return found


def normalised(text: str) -> str:
    """Return the text in compatible forms, its broken words joined and its figures without grouping, a point before decimals."""
    text = _THIN_GROUPS.sub("", _SOFT_BREAK.sub("", text))
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
        text = _FOREIGN_DIGIT.sub(lambda digit: str(unicodedata.decimal(digit[0])), text)
    return _DECIMAL_COMMA.sub(".", _GROUPED.sub(lambda figure: _NOT_A_DIGIT.sub("", figure[0]), text))


def _pieces(units: list[str], size: int) -> Iterator[str]:
    """Yield each `size` units that stand together; all of them where there are fewer."""
    for start in range(max(len(units) - size + 1, 1)):
        yield "".join(units[start : start + size])


def _chained(chain: str) -> Iterator[str]:
    """Yield the parts of what is joined without blanks, and the whole, without its joints, if it names something.

    `ISO-9001`, `e-mail` and `U.S.` do; `long-term` is two words.
    """
    parts = [part for part in _BETWEEN_PARTS.split(chain) if part]
    for part in parts:
        yield part[:LONGEST]
        mixed = _LETTERS_AND_DIGITS.fullmatch(part)
        if mixed:
            yield from (piece for piece in mixed.groups() if piece)
    if len(parts) > 1 and _MAKES_NO_WHOLE.isdisjoint(chain):
        whole = "".join(parts)
        if "@" in chain or _DIGIT.search(whole) or min(map(len, parts)) == 1:
            yield whole[:LONGEST]


def _points(chain: str, points: str) -> Iterator[str]:
    """Yield a numbered clause with its points, one more at a time: `4.3b` and `4.3bii` of `4.3(b)(ii)`."""
    whole = chain
    for point in points[1:-1].split(")("):
        whole += point
        yield whole[:LONGEST]
