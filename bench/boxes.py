"""Whether the boxes of passages hold what the passages say: random passages against the text that PDFium finds in their boxes."""

import ctypes
import random
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium

from apps.core.geometry import Box
from apps.documents.parsers.pdf.parser import PdfParser
from apps.documents.parsing import BlockKind, Source
from apps.retrieval.chunking import chunk
from apps.retrieval.passages import Chunk

_SEED = 20
_PARTS = 1_000_000
_ADDED = (BlockKind.FIELD, BlockKind.NOTE)
"""Blocks that are no part of a page's text layer."""


def boxes_agree(paths: Sequence[Path], count: int, *, verbose: bool) -> float:
    """Print and return how much of `count` random passages and of the text in their boxes is the same."""
    candidates = [(path, passage) for path in paths for passage in passages_of(path)]
    shares = []
    for path, passage in random.Random(_SEED).sample(candidates, min(count, len(candidates))):
        found = text_inside(path, (passage.page or 1) - 1, passage.boxes)
        shares.append(alike(passage.text, found))
        if verbose and shares[-1] < 1:
            lost, more = letters(passage.text) - letters(found), letters(found) - letters(passage.text)
            print(
                f"  {path.stem} page {passage.page}: {shares[-1]:.3f} lost {''.join(lost.elements())[:60]!r} "
                f"more {''.join(more.elements())[:60]!r} {passage.text[:60]!r}"
            )
    mean, same = sum(shares) / len(shares), sum(share == 1 for share in shares)
    print(
        f"boxes: {same} of {len(shares)} passages are exactly what is in their boxes; letters and digits alike {mean:.4f}"
    )
    return mean


def passages_of(path: Path) -> Iterator[Chunk]:
    """Yield the passages of pages that have a text layer and nothing added to it."""
    parsed = PdfParser().parse(Source(path), progress=lambda done, total: None).whole()
    usable = {
        page.number for page in parsed.pages if not page.recognised and not any(b.kind in _ADDED for b in page.blocks)
    }
    yield from (passage for passage in chunk(parsed, title="") if passage.page in usable)


def text_inside(path: Path, index: int, boxes: Sequence[Box]) -> str:
    """Return the text that PDFium finds in boxes given as fractions of the displayed page."""
    document = pypdfium2.PdfDocument(path)
    page = document[index]
    text = page.get_textpage()
    found = []
    for x0, y0, x1, y1 in boxes:
        (left, top), (right, bottom) = _on_page(page, x0, y0), _on_page(page, x1, y1)
        xs, ys = sorted((left, right)), sorted((top, bottom))
        found.append(text.get_text_bounded(xs[0], ys[0], xs[1], ys[1]))
    text.close()
    page.close()
    document.close()
    return "\n".join(found)


def _on_page(page: Any, x: float, y: float) -> tuple[float, float]:
    px, py = ctypes.c_double(), ctypes.c_double()
    pdfium.FPDF_DeviceToPage(page, 0, 0, _PARTS, _PARTS, 0, round(x * _PARTS), round(y * _PARTS), px, py)
    return px.value, py.value


def alike(passage: str, found: str) -> float:
    """Return the share of letters and digits that two texts have in common, in whatever order."""
    ours, theirs = letters(passage), letters(found)
    total = ours.total() + theirs.total()
    return 2 * (ours & theirs).total() / total if total else 1.0


def letters(text: str) -> Counter[str]:
    return Counter(re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", text)))
