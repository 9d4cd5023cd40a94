"""Store a finished answer with all its grounds and seal it into the record, in one transaction."""

import hashlib
import uuid
from collections.abc import Iterator, Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone

from apps.accounts.models import User
from apps.audit import log as audit
from apps.audit.actions import Action
from apps.audit.actors import SYSTEM, Actor
from apps.audit.models import Record
from apps.documents.models import Collection, Version
from apps.reasoning.charging import charge_answer
from apps.reasoning.models import Answer, AnswerStatus, Candidate, Citation, Claim, Figure
from apps.reasoning.selection import Considered
from apps.reasoning.written import Written, judged_object, ledger_objects
from apps.retrieval.passages import passage_object


def store(answer_id: uuid.UUID, written: Written) -> Record | None:
    """Store what was written and return its record; None, and nothing done, if the answer has ended in the meantime."""
    with transaction.atomic():
        answer = Answer.objects.select_for_update().filter(pk=answer_id).first()
        if answer is None or answer.is_finished:
            return None
        _fill(answer, written)
        _store_grounds(answer, written)
        answer.account = charge_answer(answer, written)
        failed = written.status == AnswerStatus.FAILED
        entry = audit.record(
            Action.ANSWER_FAILED if failed else Action.ANSWER_FINISHED,
            answer,
            data=_sealed(answer, written),
            collection=answer.collections[0] if len(answer.collections) == 1 else "",
            answer=answer.pk,
            documents=sorted({str(one.passage.document_id) for one in written.considered if one.marker}),
            actor=asker_of(answer),
        )
        answer.record_sequence, answer.record_hash = entry.sequence, entry.hash
        answer.save()
    return entry


def asker_of(answer: Answer) -> Actor:
    """Return who asked, as the record of the question names them: a person, or a token of theirs."""
    asked = Record.objects.filter(answer=str(answer.pk), action=Action.QUESTION_ASKED).order_by("sequence").first()
    if asked is not None and asked.actor_type in {"user", "token"}:
        address = str(audit.read_body(asked).get("address", ""))
        return Actor("token" if asked.actor_type == "token" else "user", asked.actor_id, asked.actor_label, address)
    asker: User | None = answer.asker
    return Actor("user", str(asker.pk), str(asker)) if asker else SYSTEM


def _fill(answer: Answer, written: Written) -> None:
    answer.status, answer.outcome, answer.text = written.status, written.outcome, written.text
    answer.notice_code, answer.notice = written.notice.code, written.notice.detail
    answer.error_code, answer.error_detail = written.error.code, written.error.detail
    answer.reasoning, answer.reasoning_source = written.reasoning, written.reasoning_source
    answer.reasoning_cut = written.reasoning_cut
    first = written.prompts[0] if written.prompts else None
    answer.prompt = list(first.messages) if first else []
    answer.prompt_name, answer.prompt_hash = (first.name, first.hash) if first else ("", "")
    answer.model, answer.usage, answer.absence = written.model, written.usage, written.absence
    answer.searched, answer.index_generation = written.searched, written.index_generation
    answer.steps, answer.conflicts = list(written.steps), list(written.conflicts)
    answer.suspicious = list(written.suspicious)
    answer.trace, answer.trace_notes = list(written.trace), list(written.trace_notes)
    answer.lease_until, answer.finished_at = None, timezone.now()


def _store_grounds(answer: Answer, written: Written) -> None:
    candidates = Candidate.objects.bulk_create(_candidate(answer, one) for one in written.considered)
    by_passage = {candidate.passage_id: candidate for candidate in candidates}
    claims = Claim.objects.bulk_create(
        Claim(
            answer=answer,
            ordinal=ordinal,
            text=judged.claim.text,
            start=judged.claim.start,
            end=judged.claim.end,
            markers=list(judged.claim.markers),
            verdict=judged.verdict,
            score=judged.score,
            why=judged.why,
            unsupported=[list(each) for each in judged.unsupported],
            found_afterwards=list(judged.found_afterwards),
        )
        for ordinal, judged in enumerate(written.claims, start=1)
    )
    Figure.objects.bulk_create(_figures(answer, claims, written))
    Citation.objects.bulk_create(
        Citation(
            answer=answer,
            candidate=by_passage[quoted.passage.id],
            marker=quoted.marker,
            quote=quoted.quote,
            quote_found=quoted.found,
            boxes=[list(box) for box in quoted.boxes],
        )
        for quoted in written.citations
    )


def _figures(answer: Answer, claims: Sequence[Claim], written: Written) -> Iterator[Figure]:
    for lineage in ledger_objects(written.figures, written.claims):
        ordinal, claim = lineage.pop("ordinal"), lineage.pop("claim")
        start, end = lineage["span"]
        stated = claims[claim - 1] if claim else None
        yield Figure(answer=answer, ordinal=ordinal, claim=stated, start=start, end=end, lineage=lineage)


def _candidate(answer: Answer, one: Considered) -> Candidate:
    return Candidate(
        answer=answer,
        rank=one.rank,
        marker=one.marker,
        stage=one.stage,
        reason=one.reason,
        duplicate_of=one.duplicate_of,
        passage_id=one.passage.id,
        document_id=one.passage.document_id,
        collection_id=one.passage.collection_id,
        version_id=one.passage.version_id,
        passage=passage_object(one.passage),
    )


def _sealed(answer: Answer, written: Written) -> dict[str, Any]:
    """Return what the record holds of an answer: all of it, passages that were not read by their hash."""
    return {
        "question": answer.question,
        "conversation": str(answer.conversation) if answer.conversation else None,
        "leans_on": [str(pk) for pk in answer.leans_on],
        "effort": answer.effort,
        "status": written.status.value,
        "outcome": written.outcome,
        "notice": {"code": written.notice.code, "detail": written.notice.detail},
        "error": {"code": written.error.code, "detail": written.error.detail},
        "scope": _scope(answer, written),
        "candidates": [_sealed_candidate(one) for one in written.considered],
        "documents": _documents(written),
        "prompts": [
            {"name": p.name, "hash": p.hash, "messages": list(p.messages), "text": p.text} for p in written.prompts
        ],
        "model": written.model,
        "reasoning": {
            "text": written.reasoning,
            "source": written.reasoning_source,
            "cut": written.reasoning_cut,
        },
        "text": written.text,
        "original": written.original,
        "claims": [
            judged_object(number, judged) | {"original": judged.original}
            for number, judged in enumerate(written.claims, start=1)
        ],
        "figures": ledger_objects(written.figures, written.claims),
        "citations": [
            {"marker": q.marker, "passage": str(q.passage.id), "quote": q.quote, "quote_found": q.found}
            for q in written.citations
        ],
        "steps": list(written.steps),
        "conflicts": list(written.conflicts),
        "suspicious": list(written.suspicious),
        "trace": list(written.trace),
        "trace_notes": list(written.trace_notes),
        "absence": written.absence,
        "searched": written.searched,
        "index_generation": written.index_generation,
        "usage": written.usage,
        "account": answer.account | {"matter": answer.matter},
        "asked_at": answer.created_at.isoformat(),
        "started_at": answer.started_at.isoformat() if answer.started_at else None,
        "finished_at": answer.finished_at.isoformat() if answer.finished_at else None,
    }


def _scope(answer: Answer, written: Written) -> dict[str, Any]:
    """Return the narrowing asked for, and by name the collections from which passages came."""
    ids = {one.passage.collection_id for one in written.considered} | set(answer.collections)
    return {
        "collections": [str(pk) for pk in answer.collections],
        "documents": [str(pk) for pk in answer.documents],
        "permitted": [
            {"id": str(pk), "name": name}
            for pk, name in Collection.objects.filter(pk__in=ids).order_by("pk").values_list("pk", "name")
        ],
    }


def _documents(written: Written) -> list[dict[str, Any]]:
    titles = {one.passage.version_id: one.passage.document_title for one in written.considered}
    rows = Version.objects.filter(pk__in=titles).order_by("pk").values_list("pk", "document_id", "number", "sha256")
    return [
        {
            "document": str(document),
            "title": titles[version],
            "version": number,
            "version_id": str(version),
            "sha256": sha256,
        }
        for version, document, number, sha256 in rows
    ]


def _sealed_candidate(one: Considered) -> dict[str, Any]:
    passage = one.passage
    scores = passage_object(passage)["scores"]
    return {
        "rank": one.rank,
        "marker": one.marker,
        "stage": one.stage,
        "reason": one.reason.value,
        "passage": str(passage.id),
        "document": str(passage.document_id),
        "version_id": str(passage.version_id),
        "page": passage.page,
        "sha256": hashlib.sha256(passage.text.encode()).hexdigest(),
        "scores": scores,
    }
