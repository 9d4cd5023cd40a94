"""Whether what was found can answer a question at all, told from the passages and not from the model's word alone. Pure.

Three signs are used, of fourteen that were tried: how near the first passage is in meaning, and what share of the question's words,
the rarer the more, stands together in one sentence, and anywhere. They tell a little, not much (see bench/absence.py), so alone
they never overrule a model; the verdicts on its claims do.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext as _

from apps.reasoning.models import Outcome, Verdict
from apps.reasoning.trace import stop_terms
from apps.reasoning.written import Judged, Notice
from apps.retrieval.passages import Passage
from apps.verification.matching import rarity, terms_of, units_of

_LOOKED_AT = 12  # passages, best first
_NEAREST, _TOGETHER, _ANYWHERE, _BIAS = 4.42, 0.95, 0.85, -3.52
"""A logistic fit on one half of the questions of bench/absence.py; it reports on the other."""

WEAK, NEAR = 0.36, 0.70
"""Below the one passages hardly bear on the question, above the other they come near: of the half by which these were chosen, 10 %
of SQuAD's answerable questions fall below the one, and 10 % of those without an answer above the other."""

_MEANING_UNKNOWN = 0.6  # stands for the nearness where only words were searched: what it is in the middle

_MOST_MISSING = 6
_BORNE_OUT = frozenset({Verdict.SUPPORTED, Verdict.PARTLY})
_NOT_BORNE_OUT = frozenset({Verdict.UNSUPPORTED, Verdict.CONTRADICTED})


class Agreement(StrEnum):
    """How the model's word and the evidence stand to each other."""

    AGREED = "agreed"
    MODEL_ALONE = "model_alone"
    EVIDENCE_ALONE = "evidence_alone"


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the passages promise: `score` from 0 to 1, its three signs, and the words of the question that no passage has."""

    score: float
    nearest: float
    together: float
    anywhere: float
    missing: tuple[str, ...] = ()

    @property
    def is_weak(self) -> bool:
        return self.score < WEAK

    @property
    def comes_near(self) -> bool:
        return self.score >= NEAR


@dataclass(frozen=True, slots=True)
class Decision:
    """What is said of the answer in the end, and why where that is less than the model said, or more."""

    outcome: str
    agreement: Agreement
    evidence: Evidence
    said: str
    borne_out: int
    checked: int
    notice: Notice

    def as_json(self) -> dict[str, Any]:
        """Return it as the certificate and the record keep it."""
        return {
            "score": round(self.evidence.score, 3),
            "nearest": round(self.evidence.nearest, 3),
            "together": round(self.evidence.together, 3),
            "anywhere": round(self.evidence.anywhere, 3),
            "weak": self.evidence.is_weak,
            "missing": list(self.evidence.missing),
            "model": self.said,
            "decided": self.outcome,
            "agreement": self.agreement.value,
            "claims": {"borne_out": self.borne_out, "checked": self.checked},
        }


def evidence_of(question: str, passages: Sequence[Passage]) -> Evidence:
    """Return what passages, best first, promise for a question."""
    stop_words = stop_terms(question)
    if not passages:
        return Evidence(0.0, 0.0, 0.0, 0.0, words_missing(question, stop_words))
    looked_at = passages[:_LOOKED_AT]
    wanted = frozenset(term for term in terms_of(question) if term not in stop_words)
    parts = [units_of(passage.text) for passage in looked_at]
    weights = rarity(unit.terms for units in parts for unit in units)
    unknown = max(weights.values(), default=1.0)

    def weigh(terms: frozenset[str]) -> float:
        return sum(weights.get(term, unknown) for term in terms)

    whole = weigh(wanted) or 1.0
    held = frozenset(term for passage in looked_at for term in terms_held(passage))
    together = max((weigh(wanted & unit.terms) for units in parts for unit in units), default=0.0) / whole
    anywhere = weigh(wanted & held) / whole
    nearest = passages[0].scores.vector
    nearest = _MEANING_UNKNOWN if nearest is None else nearest
    score = 1 / (1 + math.exp(-(_NEAREST * nearest + _TOGETHER * together + _ANYWHERE * anywhere + _BIAS)))
    return Evidence(score, nearest, together, anywhere, words_missing(question, held | stop_words))


def terms_held(passage: Passage) -> frozenset[str]:
    """Return the terms of a passage with those of its title and heading."""
    return frozenset(terms_of(f"{passage.document_title} {passage.heading} {passage.text}"))


def words_missing(question: str, known: frozenset[str]) -> tuple[str, ...]:
    """Return the words of a question of which none of the terms is known, as they are written there."""
    words = [word.strip("¿¡?!.,;:“”\"'’()[]") for word in question.split()]
    missing = [word for word in words if (terms := terms_of(word)) and known.isdisjoint(terms)]
    return tuple(dict.fromkeys(missing))[:_MOST_MISSING]


def decide(said: str, claims: Sequence[Judged], evidence: Evidence) -> Decision:
    """Return what an answer is, from what the model said (an outcome), the verdicts on its claims, and the evidence.

    A model that finds nothing is believed. One that answers is believed as far as its claims were borne out; where none was and
    the passages hardly bear on the question, it was not answered.
    """
    cited = [judged.verdict for judged in claims if judged.claim.markers or judged.found_afterwards]
    borne_out = sum(verdict in _BORNE_OUT for verdict in cited)
    checked = borne_out + sum(judged.verdict in _NOT_BORNE_OUT for judged in claims)

    def decision(outcome: str, agreement: Agreement, notice: Notice | None = None) -> Decision:
        return Decision(outcome, agreement, evidence, said, borne_out, checked, notice or Notice())

    if said == Outcome.NOT_IN_DOCUMENTS:
        if not evidence.comes_near:
            return decision(said, Agreement.AGREED)
        return decision(said, Agreement.MODEL_ALONE, _passages_come_near())
    if said not in {Outcome.ANSWERED, Outcome.PARTLY}:
        return decision(said, Agreement.AGREED)
    if checked and not borne_out and evidence.is_weak:
        return decision(Outcome.NOT_IN_DOCUMENTS, Agreement.EVIDENCE_ALONE, _nothing_borne_out())
    if checked and cited and not borne_out:
        return decision(said, Agreement.EVIDENCE_ALONE, _none_borne_out())
    if said == Outcome.PARTLY:
        return decision(said, Agreement.AGREED, _answers_in_part(evidence.missing))
    return decision(said, Agreement.AGREED)


def _passages_come_near() -> Notice:
    return Notice(
        "model_finds_nothing",
        _(
            "The model found no answer, although passages come near the question. Look at the nearest ones yourself before you "
            "rely on this."
        ),
    )


def _nothing_borne_out() -> Notice:
    return Notice(
        "answered_without_evidence",
        _(
            "The model did answer, but no passage bears out a sentence of it, and what was found hardly bears on the question. "
            "What it wrote stands below and is not to be relied on."
        ),
    )


def _none_borne_out() -> Notice:
    return Notice(
        "none_borne_out",
        _(
            "No sentence of this answer is borne out by the passages that it cites. Read the passages before you rely on it."
        ),
    )


def _answers_in_part(missing: Sequence[str]) -> Notice:
    if not missing:
        return Notice("partly", _("The documents answer a part of the question. The answer says what is missing."))
    words = ", ".join(f"“{word}”" for word in missing)
    return Notice(
        "partly",
        _("The documents answer a part of the question. Of %(words)s no passage that was found says anything.")
        % {"words": words},
    )
