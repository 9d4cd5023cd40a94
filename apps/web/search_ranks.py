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


def stages_of(passage: Passage, words: Sequence[str], reranker: str) -> tuple[Stage, ...]:
    """Return what each stage made of a passage; `words` are those of the question that it holds, `reranker` what judged last."""
    ranks, scores = passage.ranks, passage.scores
    stages = [
        Stage(_("Meaning"), _by_meaning(ranks.vector, scores.vector), _score(scores.vector, 3)),
        Stage(_("Words"), " ".join(_by_words(ranks.keyword, scores.keyword, words)), _score(scores.keyword, 2)),
        Stage(_("Together"), _place(ranks.fused or passage.rank), _score(scores.fused, 3)),
    ]
    if scores.rerank is not None:
        said = _("Place %(rank)s, by a model that reads it beside the question.")
        if reranker in ("", "words"):
            said = _("Place %(rank)s, by how close the words stand and what its headings say.")
        rank = wording.count(ranks.rerank or passage.rank)
        stages.append(Stage(_("Second look"), said % {"rank": rank}, _score(scores.rerank, 3)))
    return tuple(stages)


def _by_meaning(rank: int | None, score: float | None) -> str:
    if rank is not None:
        return _("Place %(rank)s of the nearest.") % {"rank": wording.count(rank)}
    return _("Not among the nearest.") if score is None else _("Found by its words; this near to the question.")


def _by_words(rank: int | None, score: float | None, words: Sequence[str]) -> list[str]:
    if rank is not None:
        said = [_place(rank)]
    elif score:
        said = [_("Found by its meaning.")]
    else:
        said = [_("Not among those that hold most of the question’s words.")]
    if words:
        shown = ", ".join(f"“{word}”" for word in words[:_MOST_WORDS])
        said.append(_("Holds %(words)s.") % {"words": shown})
    elif rank is not None:
        said.append(_("Its title or headings hold words of the question."))
    return said


def _place(rank: int) -> str:
    return _("Place %(rank)s.") % {"rank": wording.count(rank)}


def _score(value: float | None, places: int) -> str:
    return "–" if value is None else wording.decimal(value, places)
