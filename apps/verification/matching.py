"""Compare short texts by their words and figures. Pure; no model, no language list.

Used to choose the words of a passage that a claim rests on, and the sentences that come nearest to a question.
"""

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from apps.verification.sentences import Range, sentences

_TERM = re.compile(r"\d+(?:[.,’'\u00a0\u202f ]\d{3})*(?:[.,]\d+)?|[^\W\d_]+")
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\uac00-\ud7af\u0e00-\u0e7f]")
_STEM = 6  # leading letters that count: “acquired” and “acquires” meet, and so do cases in German
_SHORT = 0.6  # of the longest line: a shorter one was not broken by the margin
_ROW = re.compile(r"\|| {2,}\S|\t")


@dataclass(frozen=True, slots=True)
class Unit:
    """A sentence or a table row of a text, as a range, with its terms."""

    start: int
    end: int
    terms: frozenset[str]


def terms_of(text: str) -> list[str]:
    """Return the words (folded, without accents, cut to a stem) and figures (as plain digits) of a text."""
    folded = unicodedata.normalize("NFKD", text.casefold())
    folded = "".join(char for char in folded if char != "\u00ad" and not unicodedata.combining(char))
    found: list[str] = []
    for term in _TERM.findall(folded):
        if term[0].isdigit():
            found.append(_plain_figure(term))
        elif _CJK.match(term):
            found.extend(term[at : at + 2] for at in range(max(len(term) - 1, 1)))
        elif len(term) > 1:
            found.append(term[:_STEM])
    return found


def units_of(text: str) -> list[Unit]:
    """Return the units of a passage in order: each table row is one, and so is a heading; elsewhere printed lines run on
    into sentences."""
    units: list[Unit] = []
    run: Range | None = None
    at = 0
    lines = text.split("\n")
    full = max(map(len, lines))
    for number, line in enumerate(lines):
        end = at + len(line)
        if _ROW.search(line.strip()) or not line.strip():
            units += _sentences(text, run)
            run = None
            if line.strip():
                units.append(_unit(text, *_stripped(text, at, end)))
        else:
            run = (run[0] if run else at, end)
            if _stands_alone(line, lines[number + 1 : number + 2], full):
                units += _sentences(text, run)
                run = None
        at = end + 1
    return units + _sentences(text, run)


def _stands_alone(line: str, following: Sequence[str], full: int) -> bool:
    """Return whether a printed line ends before the margin although nothing ends there, as headings do."""
    words = line.strip()
    begins_anew = bool(following) and not following[0].lstrip()[:1].islower()
    return begins_anew and len(words) < _SHORT * full and words[-1] not in ".,;:!?-–"


def rarity(documents: Iterable[Iterable[str]]) -> dict[str, float]:
    """Return a weight for each term: the fewer of the texts hold it, the more it tells. Figures tell most."""
    sets = [set(terms) for terms in documents]
    seen = Counter(term for terms in sets for term in terms)
    return {
        term: math.log(1 + (len(sets) - count + 0.5) / (count + 0.5)) * (2.0 if term[0].isdigit() else 1.0)
        for term, count in seen.items()
    }


def overlap(wanted: Iterable[str], unit: Unit, weights: dict[str, float]) -> float:
    """Return the weight of the wanted terms that a unit holds."""
    return sum(weights.get(term, 0.0) for term in set(wanted) & unit.terms)


def best_range(wanted: Sequence[str], units: Sequence[Unit], *, longest: int = 3) -> Range | None:
    """Return the run of up to `longest` neighbouring units that holds most of the wanted terms, as short as it can be.

    None if no unit holds any of them.
    """
    weights = rarity([unit.terms for unit in units])
    total = sum(weights.get(term, 0.0) for term in set(wanted))
    best: tuple[float, Range] | None = None
    for first in range(len(units)):
        held: frozenset[str] = frozenset()
        for last in range(first, min(first + longest, len(units))):
            held |= units[last].terms
            weight = sum(weights.get(term, 0.0) for term in set(wanted) & held)
            if weight <= 0:
                continue
            score = weight - (last - first) * 0.2 * total  # a further unit must bring a fifth of what is wanted
            if best is None or score > best[0] + 1e-9:
                best = (score, (units[first].start, units[last].end))
    return best[1] if best else None


def _plain_figure(term: str) -> str:
    """Return a figure as digits with a point: `1,204`, `1.204` and `1 204` meet; `1,5` and `1.5` do too."""
    grouped = re.fullmatch(r"\d{1,3}(?:([.,’'\u00a0\u202f ])\d{3})(?:\1\d{3})*(?:[.,]\d+)?", term)
    if grouped:
        head, separator = term, grouped.group(1)
        term = head.replace(separator, "")
    return re.sub(r"[^\d.]", "", term.replace(",", "."))


def _sentences(text: str, run: Range | None) -> list[Unit]:
    return [_unit(text, start, end) for start, end in sentences(text, *run)] if run else []


def _unit(text: str, start: int, end: int) -> Unit:
    return Unit(start, end, frozenset(terms_of(text[start:end])))


def _stripped(text: str, start: int, end: int) -> Range:
    line = text[start:end]
    return start + len(line) - len(line.lstrip()), start + len(line.rstrip())
