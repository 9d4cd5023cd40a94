"""The answer when no model can write one: the passages' own sentences nearest to the question, quoted and cited. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from apps.reasoning.quotes import Quoted, boxes_of
from apps.retrieval.passages import Passage
from apps.verification.matching import Unit, overlap, rarity, terms_of, units_of

_LONGEST_QUOTE = 420
_ENDS = '.!?。！？।؟۔…)]”"'
_RANK_DECAY = 0.04
_WORTH = 0.45  # of the best quotation's score: what a further one must reach
_FRAGMENT = 0.5  # what half a sentence, or a heading, is worth


@dataclass(frozen=True, slots=True)
class Extract:
    """The text shown, and a citation for each marker in it."""

    text: str
    citations: tuple[Quoted, ...]


@dataclass(frozen=True, slots=True)
class _Pick:
    score: float
    marker: int
    passage: Passage
    unit: Unit


def extract(question: str, passages: Sequence[Passage], *, most: int = 4) -> Extract:
    """Return up to `most` quotations from different passages, nearest first. Empty only if there are no passages."""
    picks = sorted(_best_of_each(question, passages), key=lambda pick: (-pick.score, pick.marker))
    chosen: list[_Pick] = []
    for pick in picks:
        repeated = any(_much_alike(pick.unit, other.unit) for other in chosen)
        worth = not chosen or pick.score >= _WORTH * chosen[0].score
        if not repeated and worth and len(chosen) < most:
            chosen.append(pick)
    text = "\n".join(f"- “{_as_shown(pick)}” [{pick.marker}]" for pick in chosen)
    return Extract(text, tuple(_citation(pick) for pick in sorted(chosen, key=lambda pick: pick.marker)))


def _best_of_each(question: str, passages: Sequence[Passage]) -> list[_Pick]:
    wanted = terms_of(question)
    parts = [units_of(passage.text) for passage in passages]
    weights = rarity(unit.terms for units in parts for unit in units)
    picks = []
    for marker, (passage, units) in enumerate(zip(passages, parts, strict=True), start=1):
        about = frozenset(terms_of(f"{passage.document_title} {passage.heading}"))
        nearness = 1.0 / (1.0 + _RANK_DECAY * (passage.rank or marker))
        scored = [
            ((_score(wanted, unit, about, weights) * _whole(passage, unit, wanted) + 0.01) * nearness, unit)
            for unit in units
            if len(unit.terms) > 1
        ]
        if scored:
            score, unit = max(scored, key=lambda pair: (pair[0], -pair[1].start))
            picks.append(_Pick(score, marker, passage, unit))
    return picks


def _score(wanted: Sequence[str], unit: Unit, about: frozenset[str], weights: dict[str, float]) -> float:
    """Return how much of the question a unit holds. Words of the title or heading count a little: they are its subject.
    A long unit must hold more to win, and one with figures wins a draw."""
    held = overlap(wanted, unit, weights)
    if not held:
        return 0.0
    by_heading = 0.3 * sum(weights.get(term, 0.0) for term in (set(wanted) & about) - unit.terms)
    brevity = 1.0 / (1.0 + 0.01 * max(len(unit.terms) - 12, 0))
    figures = 1.08 if any(term[0].isdigit() for term in unit.terms) else 1.0
    return (held + by_heading) * brevity * figures


def _whole(passage: Passage, unit: Unit, wanted: Sequence[str]) -> float:
    """Return what a unit is worth as a statement: less if it is cut at its head, or ends like a heading and tells no figure."""
    words = passage.text[unit.start : unit.end]
    tells_figure = any(term[0].isdigit() for term in unit.terms.difference(wanted))
    stands = not words[0].islower() and (tells_figure or words[-1] in _ENDS)
    return 1.0 if stands else _FRAGMENT


def _much_alike(one: Unit, other: Unit) -> bool:
    """Return whether two units say the same: most of their words, and the same figures."""
    figures, others = ({term for term in unit.terms if term[0].isdigit()} for unit in (one, other))
    if figures - others and others - figures:
        return False
    return len(one.terms & other.terms) >= 0.8 * min(len(one.terms), len(other.terms))


def _words(pick: _Pick) -> str:
    text = pick.passage.text[pick.unit.start : pick.unit.end]
    if len(text) <= _LONGEST_QUOTE:
        return text
    cut = text[:_LONGEST_QUOTE]
    return cut[: cut.rfind(" ")] if " " in cut else cut


def _as_shown(pick: _Pick) -> str:
    """Return a quotation on one line, with a sign where it breaks off. A footnote mark such as `[3]` must not read as a
    citation of ours."""
    words = _words(pick)
    breaks_off = "" if len(words) == pick.unit.end - pick.unit.start else " …"
    return re.sub(r"\[(\d{1,3})\]", r"(\1)", " ".join(words.split())) + breaks_off


def _citation(pick: _Pick) -> Quoted:
    words = _words(pick)
    start = pick.unit.start
    return Quoted(pick.marker, pick.passage, words, True, boxes_of(pick.passage, [(start, start + len(words))]))
