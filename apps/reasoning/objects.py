"""The Answer as the REST contract has it. Browser and interface show this object and nothing else."""

from typing import Any

from django.utils.translation import gettext as _

from apps.reasoning.models import Answer, AnswerStatus, Candidate, Citation, Claim, Feedback

_NO_USAGE = {"prompt_tokens": None, "cached_tokens": None, "reasoning_tokens": None, "answer_tokens": None}
_NO_SECONDS = {"queue": None, "retrieve": None, "first_token": None, "total": None}


def answer_object(answer: Answer) -> dict[str, Any]:
    """Return an answer with its claims, citations and candidates. Four queries, whatever its length; none where they were
    fetched with `AnswerQuerySet.with_grounds`."""
    candidates = {candidate.pk: candidate for candidate in answer.candidates.all()}
    claims = {claim.pk: claim for claim in answer.claims.all()}
    return {
        **answer_summary(answer),
        "text": answer.text,
        "citations": [_citation(each, candidates[each.candidate_id]) for each in answer.citations.all()],
        "claims": [claim_object(claim) for claim in claims.values()],
        "figures": [],
        "reasoning": {
            "text": answer.reasoning,
            "source": answer.reasoning_source,
            "tokens": answer.usage.get("reasoning_tokens"),
            "cut": answer.reasoning_cut,
        },
        "candidates": [candidate_object(candidate) for candidate in candidates.values()],
        "absence": answer.absence,
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
        "collections": [str(pk) for pk in answer.collections],
        "documents": [str(pk) for pk in answer.documents],
        "conversation": str(answer.conversation) if answer.conversation else None,
        "filters": answer.filters,
        "as_of": answer.as_of.isoformat() if answer.as_of else None,
        "notice": {"code": answer.notice_code, "detail": answer.notice} if answer.notice_code else None,
        "error": {"code": answer.error_code, "detail": answer.error_detail} if failed else None,
        "usage": _NO_USAGE | answer.usage | {"seconds": _NO_SECONDS | answer.usage.get("seconds", {})},
        "cost": {"amount": None, "currency": None, "basis": _("Tokens and seconds are counted. No price is set.")},
        "record": {"sequence": answer.record_sequence, "hash": answer.record_hash} if answer.record_sequence else None,
        "created_at": answer.created_at.isoformat(),
        "finished_at": answer.finished_at.isoformat() if answer.finished_at else None,
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


def claim_object(claim: Claim) -> dict[str, Any]:
    return {
        "ordinal": claim.ordinal,
        "text": claim.text,
        "start": claim.start,
        "end": claim.end,
        "markers": claim.markers,
        "verdict": claim.verdict,
        "score": claim.score,
        "why": claim.why,
    }


def _citation(citation: Citation, candidate: Candidate) -> dict[str, Any]:
    passage = candidate.passage
    return {
        "marker": citation.marker,
        "passage": str(candidate.passage_id),
        "quote": citation.quote,
        "quote_found": citation.quote_found,
        "boxes": citation.boxes,
        "page": passage.get("page"),
        "document": passage.get("document"),
    }


def _feedback(given: Feedback, claim: Claim | None) -> dict[str, Any]:
    return {
        "rating": given.rating,
        "comment": given.comment,
        "claim": claim.ordinal if claim is not None else None,
    }
