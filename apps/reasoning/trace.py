"""A model's reasoning in sentences, each told apart: a plan, what a passage says, a step of its own, from memory, or against a
passage. Pure, without a model.

A sentence is held against what the model was given to read. That shows what it wrote, never how it decided: readers are told so.
"""

import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

from apps.documents.language import likely_languages
from apps.reasoning.citations import MARKER
from apps.retrieval.analysis import stop_words_of
from apps.retrieval.passages import Passage
from apps.verification.figures.mentions import mentions_in
from apps.verification.matching import rarity, terms_of, units_of
from apps.verification.sentences import Range, sentences

RESTATES = 0.62
"""The share of a sentence's words, by weight, that a place in a passage must hold for the sentence to restate it."""

_NAMED_RESTATES = 0.45  # the same where the sentence names the passage
_SAME_SUBJECT = 0.7  # the share without figures, from which another figure is a contradiction
_FEWEST_WORDS = 3  # fewer say too little to be found in a passage by chance
_UNKNOWN = 1.5  # the weight of a word that no passage holds
_LONGEST_RUN = 3  # neighbouring units of a passage that a sentence may restate

_FILE = Path(__file__).with_name("trace_signs.toml")
_UNSPACED = {"zh", "ja", "any"}
_NAMED = re.compile(
    r"(?:passages?|sources?|passagen?|quelle|abschnitt|pasaje|段落|文段|パッセージ)\s*\[?(\d{1,3})\]?", re.IGNORECASE
)
_BULLET = re.compile(r"\s*(?:[-*+•>#]+|\d{1,2}[.)])\s+")
_NAME = re.compile(r"(?<=[a-zà-ÿ,;)’'] )[A-ZÀ-Þ][\w’'&.-]*[\w](?: [A-ZÀ-Þ][\w’'&.-]*[\w])*")
_NOT_NAMES = frozenset(["i", "passage", "passages", "question", "answer", "the", "a", "okay", "document", "user"])
_CAPITAL_NOUNS = frozenset({"de"})


class Kind(StrEnum):
    PLAN = "plan"
    RESTATES = "restates"
    INFERENCE = "inference"
    MEMORY = "memory"
    CONTRADICTS = "contradicts"


@dataclass(frozen=True, slots=True)
class Thought:
    """A sentence of the reasoning and its half-open range in it. `marker` is the passage that it restates or contradicts."""

    text: str
    start: int
    end: int
    kind: Kind
    marker: int | None = None

    def as_json(self) -> dict[str, Any]:
        return asdict(self) | {"kind": self.kind.value}


def read_trace(reasoning: str, passages: Sequence[Passage], question: str) -> list[Thought]:
    """Return the sentences of a reasoning in order. Passage 1 is the first of `passages`, as in the prompt."""
    if not reasoning.strip():
        return []
    reader = _Reader(passages, question, reasoning)
    return [reader.read(reasoning[start:end], start, end) for start, end in sentences_of(reasoning)]


def sentences_of(reasoning: str) -> Iterator[Range]:
    """Yield the sentences; a line ends one, and bullets belong to none."""
    at = 0
    for line in reasoning.split("\n"):
        lead = _BULLET.match(line)
        for start, end in sentences(reasoning, at + (lead.end() if lead else 0), at + len(line)):
            if re.search(r"\w", reasoning[start:end]):
                yield start, end
        at += len(line) + 1


def concludes(text: str) -> bool:
    """Return whether a sentence says that it concludes."""
    return _shows(text, "concludes")


def figures_of(text: str) -> frozenset[str]:
    """Return the quantities of a text as plain digits; dates, markers, and the numbers of sections and passages are none."""
    shown = _NAMED.sub(" ", MARKER.sub(" ", text))
    return frozenset(
        term for mention in mentions_in(shown) for term in terms_of(shown[slice(*mention.digits)]) if term[0].isdigit()
    )


def names_of(text: str, languages: Sequence[str]) -> frozenset[str]:
    """Return the capitalised words within sentences, where the likeliest language is known to keep capitals for names."""
    if not languages or languages[0] in _CAPITAL_NOUNS:
        return frozenset()
    return frozenset(name for name in _NAME.findall(text) if name.casefold() not in _NOT_NAMES)


def content_of(text: str, stop_words: frozenset[str]) -> frozenset[str]:
    """Return the terms of a text that carry meaning, without figures."""
    shown = _NAMED.sub(" ", MARKER.sub(" ", text))
    return frozenset(term for term in terms_of(shown) if not term[0].isdigit() and term not in stop_words)


def stop_terms(text: str) -> frozenset[str]:
    """Return the terms of the languages of a text that carry no meaning."""
    languages = (*likely_languages(text)[:2], "en")
    return frozenset(term for language in languages for word in stop_words_of(language) for term in terms_of(word))


@dataclass(frozen=True, slots=True)
class _Place:
    """Where in the passages a sentence is best borne out, and by what share of its words, with figures and without."""

    marker: int
    share: float
    subject: float
    figures: frozenset[str]


class _Reader:
    """Holds one sentence after another against the passages; a figure that was worked out is known from then on."""

    def __init__(self, passages: Sequence[Passage], question: str, reasoning: str) -> None:
        self._runs: list[tuple[int, frozenset[str]]] = []
        units = []
        for marker, passage in enumerate(passages, start=1):
            parts = [unit.terms for unit in units_of(passage.text)]
            units += parts
            head = frozenset(terms_of(f"{passage.document_title} {passage.heading}"))
            for first in range(len(parts)):
                run = frozenset().union(*parts[first : first + _LONGEST_RUN])
                self._runs.append((marker, run | head))
        self._weights = rarity(units)
        given = [question, *(f"{each.document_title} {each.heading} {each.text}" for each in passages)]
        self._known = {term for text in given for term in terms_of(text)}
        self._worked_out: set[str] = set()
        self._languages = likely_languages(reasoning)
        self._stop_words = stop_terms(reasoning)

    def read(self, text: str, start: int, end: int) -> Thought:
        kind, marker = self._judge(text)
        return Thought(text, start, end, kind, marker)

    def _judge(self, text: str) -> tuple[Kind, int | None]:
        figures, content = figures_of(text), content_of(text, self._stop_words)
        named = {int(number) for number in (*_NAMED.findall(text), *MARKER.findall(text))}
        place = self._best(content, figures, named)
        strange = figures - self._known - self._worked_out
        works_out = _shows(text, "works_out")
        if strange and not works_out and place and place.subject >= _SAME_SUBJECT and place.figures:
            return Kind.CONTRADICTS, place.marker
        if works_out and (strange or figures & self._worked_out):
            self._worked_out |= strange
            return Kind.INFERENCE, None
        unknown = strange or any(self._is_unknown(name) for name in names_of(text, self._languages))
        enough = _NAMED_RESTATES if place and place.marker in named else RESTATES
        if place and place.share >= enough and not unknown and not text.rstrip().endswith(("?", "？")):
            return Kind.RESTATES, place.marker
        if unknown or _shows(text, "recall"):
            return Kind.MEMORY, None
        planned = _shows(text, "plan") or text.rstrip().endswith(("?", "？"))
        return (Kind.PLAN if planned and not figures & self._worked_out else Kind.INFERENCE), None

    def _best(self, content: frozenset[str], figures: frozenset[str], named: set[int]) -> _Place | None:
        """Return the place that holds most of a sentence; one in a passage that it names is preferred."""
        if len(content) + len(figures) < _FEWEST_WORDS:
            return None
        terms = content | figures
        whole, words = self._weigh(terms), self._weigh(content)
        best: tuple[float, int, frozenset[str]] | None = None
        for marker, run in self._runs:
            share = self._weigh(terms & run) / whole
            if best is None or share + 0.1 * (marker in named) > best[0]:
                best = (share + 0.1 * (marker in named), marker, run)
        if best is None:
            return None
        _, marker, run = best
        digits = frozenset(term for term in run if term[0].isdigit())
        subject = self._weigh(content & run) / words if len(content) >= _FEWEST_WORDS else 0.0
        return _Place(marker, self._weigh(terms & run) / whole, subject, digits)

    def _weigh(self, terms: frozenset[str]) -> float:
        return sum(self._weights.get(term, _UNKNOWN) for term in terms)

    def _is_unknown(self, name: str) -> bool:
        return not any(term in self._known for term in terms_of(name))


def _shows(text: str, sign: str) -> bool:
    return _sign(sign).search(text) is not None


@cache
def _sign(name: str) -> re.Pattern[str]:
    """Return the pattern of a sign over all languages; raises KeyError for one that the file does not have."""
    lines = tomllib.loads(_FILE.read_text(encoding="utf-8"))[name]
    words = [word for language, line in lines.items() if language not in _UNSPACED for word in line]
    parts = [part for language, line in lines.items() if language in _UNSPACED for part in line]
    return re.compile("|".join([rf"\b(?:{'|'.join(words)})(?!\w)", *parts]), re.IGNORECASE)
