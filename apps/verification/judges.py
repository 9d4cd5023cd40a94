"""Judges with a model behind them: one that was trained to tell entailment, and the reasoning model itself.

Both start from what words tell: that says where to look, which words fall short, and what stands when the model does not answer.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

import structlog

from apps.core.errors import Unavailable
from apps.verification.reading import Sources
from apps.verification.support import Judge, Support
from apps.verification.tokens import without_marks

log = structlog.get_logger(__name__)

Entails = Callable[[Sequence[tuple[str, str]]], Sequence[tuple[float, float]]]
"""Pairs of a premise and a hypothesis to how likely the one entails and contradicts the other, each from 0 to 1."""

Ask = Callable[[str], str]
"""A prompt to what a model writes; raises `Unavailable`."""

_PROMPT = Path(__file__).with_name("prompts") / "judge.txt"
_SURELY = 0.9  # probability from which a contradiction is told: to be wrong about one is worse than to miss it
_MOST_CLAIMS = 12  # in one prompt
_LONGEST_PASSAGE = 2_000  # characters
_SCORES = {"supported": 0.9, "partly": 0.4, "unsupported": 0.1, "contradicted": 0.0}
_LINE = re.compile(
    r"^\W*(?:claim\s*)?(?P<number>\d{1,3})\W+(?:(?:verdict|is)\W+)?(?P<verdict>not[ _-]supported|un-?supported|supported|part(?:ly|ial(?:ly)?)|contradict(?:ed|s|ion)?|refuted)\b",
    re.IGNORECASE | re.MULTILINE,
)


class EntailmentJudge:
    """Asks a classifier for each place where much of a claim stands; the best place speaks for it."""

    def __init__(self, entails: Entails, words: Judge) -> None:
        self._entails, self._words = entails, words

    def judge(self, claims: Sequence[tuple[str, Sequence[int]]], sources: Sources) -> list[Support]:
        by_words = self._words.judge(claims, sources)
        pairs = [
            (number, (sources.words_at(place), without_marks(text).strip()))
            for number, ((text, _), support) in enumerate(zip(claims, by_words, strict=True))
            for place in support.places
        ]
        if not pairs:
            return by_words
        told: dict[int, list[tuple[float, float]]] = {}
        for (number, _), probabilities in zip(pairs, self._entails([pair for _, pair in pairs]), strict=True):
            told.setdefault(number, []).append(probabilities)
        return [
            _entailed(support, told[number]) if number in told else support for number, support in enumerate(by_words)
        ]


def _entailed(support: Support, told: Sequence[tuple[float, float]]) -> Support:
    entailed = max(entails for entails, _ in told)
    against = max(contradicts for _, contradicts in told)
    return replace(support, score=entailed, contradicted=against >= _SURELY and entailed < 1 - _SURELY)


class ModelJudge:
    """Asks the model that answers, some claims at a time. Where it says nothing that can be read, words decide."""

    def __init__(self, ask: Ask, words: Judge) -> None:
        self._ask, self._words = ask, words

    def judge(self, claims: Sequence[tuple[str, Sequence[int]]], sources: Sources) -> list[Support]:
        found = list(self._words.judge(claims, sources))
        cited = [number for number, (_, markers) in enumerate(claims) if markers]
        for first in range(0, len(cited), _MOST_CLAIMS):
            asked = cited[first : first + _MOST_CLAIMS]
            try:
                reply = self._ask(prompt_for([claims[number] for number in asked], sources))
            except Unavailable as error:
                log.warning("verification.judge_unavailable", code=error.code)
                break
            for place, verdict in verdicts_in(reply).items():
                if place <= len(asked):
                    number = asked[place - 1]
                    found[number] = replace(
                        found[number], score=_SCORES[verdict], contradicted=verdict == "contradicted"
                    )
        return found


def prompt_for(claims: Sequence[tuple[str, Sequence[int]]], sources: Sources) -> str:
    """Return what a model is asked about claims, which are numbered from 1."""
    markers = sorted({marker for _, cited in claims for marker in cited if marker in sources.by_marker})
    passages = "\n\n".join(
        f"Passage {marker}:\n{_fenced(sources.by_marker[marker].text[:_LONGEST_PASSAGE])}" for marker in markers
    )
    asked = "\n".join(
        f"{number}. (passages {', '.join(map(str, cited))}) {' '.join(without_marks(text).split())}"
        for number, (text, cited) in enumerate(claims, 1)
    )
    # One after another, so that braces in a passage stay what they are.
    return _template().replace("{count}", str(len(claims))).replace("{claims}", asked).replace("{passages}", passages)


def verdicts_in(reply: str) -> dict[int, str]:
    """Return the verdicts that a model wrote, by number, however it set them; the last one counts where it changed its mind."""
    answer = reply.rpartition("</think>")[2]
    return {int(match["number"]): _named(match["verdict"]) for match in _LINE.finditer(answer)}


def _named(said: str) -> str:
    said = said.casefold()
    if said.startswith(("not", "un")):
        return "unsupported"
    if said.startswith("part"):
        return "partly"
    return "supported" if said == "supported" else "contradicted"


def _fenced(text: str) -> str:
    return "\n".join(f"> {line}" for line in text.splitlines())


@cache
def _template() -> str:
    return _PROMPT.read_text(encoding="utf-8")
