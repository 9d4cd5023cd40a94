"""Whether a passage says the opposite of a claim: a negation more or less, or a word turned into its contrary. Pure.

Only where the two say nearly the same otherwise: a sentence that merely speaks of both things contradicts nobody.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from apps.verification.matching import units_of
from apps.verification.reading import Place, Sources
from apps.verification.tokens import Token, tokens_of

_NEARLY_SAME = 0.75  # share of a claim's words, by weight, that must stand in one sentence
_MOSTLY_SAME = 0.4  # share of that sentence that the claim must say
_NEGATION = re.compile(
    r"(?<![^\W\d_])(?:not|no|never|none|neither|nor|without|cannot|can['’]?t|(?:is|are|was|were|do|does|did|has|have|had|wo|would|could|should)n['’]t"
    r"|fail(?:s|ed)?\s+to|lack(?:s|ed)?|absence\s+of|nicht|kein\w*|nie|niemals|ohne|ne\s+\w+\s+pas|n['’]\w+\s+pas|aucun\w*|jamais|sans|nunca|sin|ningun\w*|non|senza|mai|niet|geen|nooit|zonder)(?![^\W\d_])",
    re.IGNORECASE,
)
_NOT_ONLY = re.compile(
    r"\bnot (?:only|just|least)\b|\bno(?: later| less| more|t (?:more|less)) than\b|\bno\.\s?\d|\bnicht nur\b|\bnon seulement\b",
    re.IGNORECASE,
)
_CONTRARIES = (
    ("increas\\w*|rises?|rose|risen|rising|grew|grow(?:s|n|ing|th)?|gain(?:s|ed)?|climb\\w*|enhanc\\w*|elevat\\w*|upregulat\\w*", "decreas\\w*|declin\\w*|fell|falls?|fallen|falling|drop(?:s|ped)?|reduc\\w*|shr[aiu]nk\\w*|lower(?:s|ed|ing)|diminish\\w*|downregulat\\w*"),
    ("at least|no less than|not less than|minimum|mindestens|au moins|al menos|almeno|minstens", "at most|no more than|not more than|up to|maximum|höchstens|au plus|a lo sumo|al massimo|hoogstens"),
    ("more|mehr|plus de|más|più", "less|fewer|weniger|moins de|menos|meno"),
    ("higher|larger|greater|above|exceed\\w*|höher|größer|über|supérieure?s?|mayor", "lower|smaller|below|under|niedriger|kleiner|unter|inférieure?s?|menor"),
    ("before|prior to|vor|avant|antes", "after|following|nach|après|después"),
    ("activat\\w*|promot\\w*|induc\\w*|stimulat\\w*", "inhibit\\w*|suppress\\w*|block(?:s|ed|ing)?|prevent\\w*"),
    ("profit\\w*|gewinn\\w*|bénéfices?", "loss(?:es)?|verlust\\w*|pertes?"),
    ("all|every|always|alle|immer|tous|toutes|toujours|siempre", "none|never|niemals|keine|aucune?|jamais|nunca"),
    ("permit(?:s|ted)?|allow(?:s|ed)?|entitled", "prohibit\\w*|forbid\\w*|forbidden|barred"),
    ("includ(?:es|ed|ing)|inclusive", "exclud\\w*|exclusive of"),
    ("accept(?:s|ed)?|approv\\w*|granted", "reject(?:s|ed)?|refus\\w*|denied"),
)  # fmt: skip
_PAIRS = tuple(
    tuple(re.compile(rf"(?<![^\W\d_])(?:{side})(?![^\W\d_])", re.IGNORECASE) for side in sides) for sides in _CONTRARIES
)


@dataclass(frozen=True, slots=True)
class Flip:
    """A word of a claim whose contrary stands in the passage: its half-open range, and what stands there."""

    start: int
    end: int
    text: str
    instead: str
    place: Place


def flips(claim: str, sources: Sources, places: Sequence[Place]) -> Iterator[Flip]:
    """Yield what turns a claim into the opposite of the sentence that says nearly the same; nothing where several do."""
    closest = _closest(claim, sources, places)
    if closest is None:
        return
    sentence, place = closest
    for one, other in _PAIRS:
        for mine, contrary in ((one, other), (other, one)):
            match, against = mine.search(claim), contrary.search(sentence)
            if match and against and not contrary.search(claim) and not mine.search(sentence):
                yield Flip(*match.span(), match[0], against[0], place)
                return
    ours, theirs = _negations(claim), _negations(sentence)
    if bool(ours) == bool(theirs):
        return
    if ours:
        yield Flip(*ours[0].span(), ours[0][0], " ".join(sentence.split()), place)
    elif len(theirs) == 1 and (span := _near(claim, sentence, theirs[0])):
        yield Flip(*span, claim[slice(*span)], theirs[0][0], place)


def _closest(claim: str, sources: Sources, places: Sequence[Place]) -> tuple[str, Place] | None:
    """Return the sentence that says nearly what the claim says."""
    wanted = sources.weigh(_without_turns(claim))
    total = sum(wanted.values())
    best: tuple[float, str, Place] | None = None
    for place in places[:3]:
        words = sources.words_at(place)
        for unit in units_of(words):
            share = sum(weight for term, weight in wanted.items() if term in unit.terms) / (total or 1.0)
            if best is None or share > best[0]:
                best = (share, words[unit.start : unit.end], place)
    if best is None or best[0] < _NEARLY_SAME or len(wanted) < 2:
        return None
    theirs = sources.weigh(_without_turns(best[1]))
    shared = sum(weight for term, weight in theirs.items() if term in wanted)
    return (best[1], best[2]) if shared >= _MOSTLY_SAME * sum(theirs.values()) else None


def _without_turns(text: str) -> list[Token]:
    """Return the words of a text but those that have a contrary, by which two sentences may differ and yet be about the same."""
    turns = [match.span() for pair in _PAIRS for side in pair for match in side.finditer(text)]
    turns += [match.span() for match in _NEGATION.finditer(text)]
    return [token for token in tokens_of(text) if not any(start <= token.start < end for start, end in turns)]


def _negations(text: str) -> list[re.Match[str]]:
    over = [match.span() for match in _NOT_ONLY.finditer(text)]
    return [
        match for match in _NEGATION.finditer(text) if not any(a < match.end() and match.start() < b for a, b in over)
    ]


def _near(claim: str, sentence: str, negation: re.Match[str]) -> tuple[int, int] | None:
    """Return the words of the claim that the passage negates: those that follow the negation there."""
    after = [token for token in tokens_of(sentence) if token.start >= negation.end() and token.terms][:2]
    mine = [token for token in tokens_of(claim) if token.terms]
    for token in mine:
        if after and token.terms & after[0].terms:
            return token.start, token.end
    for first, second in pairwise(mine):
        if len(after) > 1 and second.terms & after[1].terms:
            return first.start, second.end
    return None
