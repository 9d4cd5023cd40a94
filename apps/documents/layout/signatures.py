"""Blocks of signatures: what stands behind "By:", "Name:" and "Title:" goes with it, so that each party is one column."""

import re
from collections.abc import Sequence

from apps.documents.layout.words import Fragment, merge

Row = list[Fragment]

_SIGNED = re.compile(r"^(?:/s/|(?:By|Per|Signature|Signed)\s?:|By\s?/s/|By$)", re.IGNORECASE)
_BY = re.compile(r"^(?:By|BY|Per|PER)\s?(?::|/s/)|^B[Yy]$")
_LABEL = re.compile(
    r"^(?:By|Per|(?:Print(?:ed)? )?Name|Title|Its|Dated?|Date signed|Signature|Signed|Address|Attention|Attn\.?)\s?:?$",
    re.IGNORECASE,
)
_AROUND = 5
"""Rows above and below a signature in which such labels belong to it."""

_FARTHEST = 10.0
"""In units of type size: no further behind its label is a name."""


def with_signatures(rows: Sequence[Row]) -> list[Row]:
    """Return the rows with the labels of signatures joined to what stands behind them."""
    signed = [index for index, row in enumerate(rows) if any(_SIGNED.match(piece.text) for piece in row)]
    around = {near for index in signed for near in range(index - _AROUND, index + _AROUND + 1)}
    return [_joined(row) if index in around and len(row) > 1 else row for index, row in enumerate(rows)]


def is_one_signature(rows: Sequence[Row]) -> bool:
    """Return whether "By:" stands in one column only: signatures under each other, and not one for each of two parties."""
    places = [piece.x0 for row in rows for piece in row if _BY.match(piece.text)]
    return bool(places) and max(places) - min(places) < _FARTHEST * rows[0][0].size


def _joined(row: Row) -> Row:
    result: Row = []
    for piece in row:
        if result and _belongs(result[-1], piece):
            result[-1] = merge([result[-1], piece])
        else:
            result.append(piece)
    return result


def _belongs(label: Fragment, piece: Fragment) -> bool:
    return (
        bool(_LABEL.match(label.text)) and not _LABEL.match(piece.text) and piece.x0 - label.x1 < _FARTHEST * piece.size
    )
