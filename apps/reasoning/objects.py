"""The Answer as the REST contract has it. Browser and interface show this object and nothing else."""

from collections.abc import Container, Sequence
from typing import Any

from django.db.models import prefetch_related_objects

from apps.accounts.scope import Scope
from apps.reasoning.citations import markers_in
from apps.reasoning.models import Answer, AnswerStatus, Candidate, Citation, Claim, Feedback, Figure, Verdict
from apps.reasoning.notices import why_unchecked
from apps.reasoning.waiting import places_of
from apps.reasoning.withholding import (
    WITHHELD,
    Hidden,
    hidden_from,
    is_withheld,
    seen_absence,
    seen_steps,
    withheld_sentence,
)
from apps.usage.accounts import basis_sentence

_NO_USAGE = {"prompt_tokens": None, "cached_tokens": None, "reasoning_tokens": None, "answer_tokens": None}
_NOT_CHECKED: dict[str, Any] = {"verdict": Verdict.UNCHECKED.value, "score": None, "unsupported": []}
_NO_SECONDS = {"queue": None, "retrieve": None, "first_token": None, "total": None}


def answer_object(scope: Scope, answer: Answer) -> dict[str, Any]:
    """Return an answer as its asker may see it now, with its claims, citations and candidates."""
    return answer_objects(scope, [answer])[0]


def answer_objects(scope: Scope, answers: Sequence[Answer]) -> list[dict[str, Any]]:
    """Return answers as their asker may see them now. A number of queries that does not depend on how many they are."""
    prefetch_related_objects(answers, "candidates", "claims", "figures", "citations", "feedback")
    hidden, places = hidden_from(scope, answers), places_of(answers)
    shown = [_withheld(each) if is_withheld(each, hidden) else _shown(each, hidden) for each in answers]
    return [value | {"place": places.get(each.pk)} for value, each in zip(shown, answers, strict=True)]


def _withheld(answer: Answer) -> dict[str, Any]:
    """Return what stays of an answer whose grounds its asker may no longer open: that it was asked, and how it ended."""
    return {
        **answer_summary(answer),
        "outcome": None,
        "notice": {"code": WITHHELD, "detail": withheld_sentence()},
        "error": None,
        "withheld": True,
        "text": "",
        "citations": [],
        "claims": [],
        "figures": [],
        "steps": [],
        "conflicts": [],
        "suspicious": [],
        "trace": [],
        "trace_notes": [],
        "reasoning": {"text": "", "source": "none", "tokens": None, "cut": False},
        "candidates": [],
        "absence": None,
        "model": answer.model or None,
        "prompt": {"name": answer.prompt_name, "hash": answer.prompt_hash},
        "searched": answer.searched,
        "index_generation": answer.index_generation,
        "feedback": [],
    }


def _shown(answer: Answer, hidden: Hidden) -> dict[str, Any]:
    """Return an answer, without passages that were not read for it and may no longer be seen."""
    seen = {each.pk: each for each in answer.candidates.all() if each.document_id not in hidden.documents}
    ranks = {each.rank for each in seen.values()}
    claims = {claim.pk: claim for claim in answer.claims.all()}
    cited = set(markers_in(answer.text))
    citations = [each for each in answer.citations.all() if each.candidate_id in seen]
    open_to_them = {each.marker for each in citations}
    return {
        **answer_summary(answer),
        "withheld": False,
        "text": answer.text,
        "citations": [_citation(each, seen[each.candidate_id], cited) for each in citations],
        "claims": [claim_object(claim, open_to_them) for claim in claims.values()],
        "figures": [_figure(figure, claims.get(figure.claim_id or 0)) for figure in answer.figures.all()],
        "steps": seen_steps(answer.steps, ranks),
        "conflicts": answer.conflicts,
        "suspicious": [each for each in answer.suspicious if each["rank"] in ranks],
        "trace": answer.trace,
        "trace_notes": answer.trace_notes,
        "reasoning": {
            "text": answer.reasoning,
            "source": answer.reasoning_source,
            "tokens": answer.usage.get("reasoning_tokens"),
            "cut": answer.reasoning_cut,
        },
        "candidates": [candidate_object(candidate) for candidate in seen.values()],
        "absence": seen_absence(answer.absence, hidden),
        "model": answer.model or None,
        "prompt": {"name": answer.prompt_name, "hash": answer.prompt_hash},
        "searched": answer.searched,
        "index_generation": answer.index_generation,
        "feedback": [_feedback(each, claims.get(each.claim_id or 0)) for each in answer.feedback.all()],
    }


def answer_summary(answer: Answer) -> dict[str, Any]:
    """Return what a list of answers shows of one. No query."""
    failed = answer.status == AnswerStatus.FAILED
    return {
        "id": str(answer.pk),
        "question": answer.question,
        "status": answer.status,
        "outcome": answer.outcome or None,
        "effort": answer.effort,
        "routed": answer.routed,
        "matter": answer.matter or None,
        "collections": [str(pk) for pk in answer.collections],
        "documents": [str(pk) for pk in answer.documents],
        "conversation": str(answer.conversation) if answer.conversation else None,
        "filters": answer.filters,
        "as_of": answer.as_of.isoformat() if answer.as_of else None,
        "notice": {"code": answer.notice_code, "detail": answer.notice} if answer.notice_code else None,
        "error": {"code": answer.error_code, "detail": answer.error_detail} if failed else None,
        "usage": _NO_USAGE | answer.usage | {"seconds": _NO_SECONDS | answer.usage.get("seconds", {})},
        "cost": cost_object(answer),
        "record": {"sequence": answer.record_sequence, "hash": answer.record_hash} if answer.record_sequence else None,
        "created_at": answer.created_at.isoformat(),
        "finished_at": answer.finished_at.isoformat() if answer.finished_at else None,
    }


def cost_object(answer: Answer) -> dict[str, Any]:
    """Return what an answer cost and how that came about, with what its budgets said of it when it was asked."""
    account = answer.account
    basis = account.get("basis") or {"code": "no_price" if answer.is_finished else "unfinished"}
    return {
        "amount": account.get("amount"),
        "currency": account.get("currency"),
        "basis": basis_sentence(basis),
        "basis_code": basis["code"],
        "energy_wh": account.get("energy_wh"),
        "warnings": account.get("warnings", []),
    }


def candidate_object(candidate: Candidate) -> dict[str, Any]:
    """Return a passage that was considered, and what became of it."""
    return {
        "rank": candidate.rank,
        "marker": candidate.marker,
        "stage": candidate.stage,
        "reason": candidate.reason,
        "duplicate_of": candidate.duplicate_of,
        "passage": candidate.passage,
    }


def claim_object(claim: Claim, seen: Container[int]) -> dict[str, Any]:
    """Return a claim. Where a passage was found for it that is not `seen`, it is shown as not checked: the verdict tells of that."""
    found = [marker for marker in claim.found_afterwards if marker in seen]
    if len(found) == len(claim.found_afterwards):
        return _claim(claim)
    return _claim(claim) | _NOT_CHECKED | {"why": why_unchecked(bool(claim.markers)), "found_afterwards": found}


def _claim(claim: Claim) -> dict[str, Any]:
    return {
        "ordinal": claim.ordinal,
        "text": claim.text,
        "start": claim.start,
        "end": claim.end,
        "markers": claim.markers,
        "verdict": claim.verdict,
        "score": claim.score,
        "why": claim.why,
        "unsupported": claim.unsupported,
        "found_afterwards": claim.found_afterwards,
    }


def _figure(figure: Figure, claim: Claim | None) -> dict[str, Any]:
    return {"ordinal": figure.ordinal, "claim": claim.ordinal if claim is not None else None, **figure.lineage}


def _citation(citation: Citation, candidate: Candidate, cited: Container[int]) -> dict[str, Any]:
    passage = candidate.passage
    return {
        "marker": citation.marker,
        "passage": str(candidate.passage_id),
        "quote": citation.quote,
        "quote_found": citation.quote_found,
        "boxes": citation.boxes,
        "page": passage.get("page"),
        "document": passage.get("document"),
        "found_afterwards": citation.marker not in cited,
    }


def _feedback(given: Feedback, claim: Claim | None) -> dict[str, Any]:
    return {
        "rating": given.rating,
        "comment": given.comment,
        "claim": claim.ordinal if claim is not None else None,
    }
