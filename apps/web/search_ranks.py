"""Why a passage stands where it stands: what each stage of the search made of it, in words."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from apps.retrieval.passages import Passage
from apps.web import wording

_MOST_WORDS = 8


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage: its name, what it found, and the score as it was computed."""

    name: str
    said: str
    score: str


def stages_of(passage: Passage, words: Sequence[str]) -> tuple[Stage, ...]:
    """Return what each stage made of a passage; `words` are those of the question that it holds."""
    scores = passage.scores
    stages = [
        Stage(_("Meaning"), _by_meaning(scores.vector), _score(scores.vector, 3)),
        Stage(_("Words"), _by_words(scores.keyword, words), _score(scores.keyword, 2)),
        Stage(_("Together"), _("Place %(rank)s") % {"rank": wording.count(passage.rank)}, _score(scores.fused, 4)),
    ]
    if scores.rerank is not None:
        stages.append(Stage(_("Second look"), _("Read again beside the question"), _score(scores.rerank, 3)))
    return tuple(stages)


def _by_meaning(score: float | None) -> str:
    return _("Not among the nearest") if score is None else _("Near to the question")


def _by_words(score: float | None, words: Sequence[str]) -> str:
    if score is None:
        return _("Not among those that hold most of its words")
    if not words:
        return _("Its title or headings hold words of the question")
    return _("Holds %(words)s") % {"words": ", ".join(f"“{word}”" for word in words[:_MOST_WORDS])}


def _score(value: float | None, places: int) -> str:
    return "–" if value is None else wording.decimal(value, places)
