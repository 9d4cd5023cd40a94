"""Asking, following, reading and judging answers; the models that can give them."""

import uuid
from datetime import date
from typing import Annotated, Any

from asgiref.sync import sync_to_async
from django.conf import settings
from django.http import HttpResponse, HttpResponseBase
from django.utils.http import content_disposition_header
from ninja import Header, Query, Router, Status

from apps.accounts.scope import Permission
from apps.api.auth import Call
from apps.api.idempotency import idempotent
from apps.api.limits import spend
from apps.api.openapi import produces
from apps.api.paging import Cursor, page_of
from apps.api.schemas import answers as wire
from apps.api.sse import answer_events, event_stream
from apps.reasoning import services
from apps.reasoning.estimates import estimate, estimate_object
from apps.reasoning.exports.files import MEDIA_TYPES
from apps.reasoning.fates import fate_of
from apps.reasoning.history import Wanted, history
from apps.reasoning.models import Answer
from apps.reasoning.objects import answer_object, answer_objects
from apps.retrieval.fates import fate_object
from apps.serving.health import list_models

router = Router(tags=["Answers"])
models = Router(tags=["Models"])


@router.post("", response={202: wire.Answer}, summary="Ask a question", exclude_unset=True)
async def ask(request: Call, body: wire.Question) -> Status[Any] | HttpResponseBase:
    """202 and the Answer, which is then being made; with `stream: true` its events, as under `…/events`."""
    reply = await sync_to_async(_ask)(request, body)
    if body.stream:
        return event_stream(answer_events(request, request.auth, reply.value["id"], ""))
    return reply


@idempotent
def _ask(request: Call, body: wire.Question) -> Status[Any]:
    scope = request.auth
    scope.require(Permission.ASK)
    spend(scope, "answers", settings.ENV.api_answers_per_minute)
    answer = services.ask(
        scope,
        question=body.question,
        collections=body.collections,
        documents=body.documents,
        effort=body.effort,
        conversation=body.conversation,
        filters=body.filters,
        matter=body.matter,
    )
    return Status(202, answer_object(scope, answer))


@router.post("/estimate", response=wire.Estimate, summary="Estimate what an answer will take")
def estimate_answer(request: Call, body: wire.EstimateOf) -> dict[str, Any]:
    """Seconds, tokens and money before a question is sent, from earlier answers of this model and effort. Keeps nothing."""
    return estimate_object(estimate(request.auth, body.effort, question=body.question))


@router.get("", response=wire.AnswerList, summary="List your answers", exclude_unset=True)
def list_answers(
    request: Call,
    status: wire.AnswerStatusName | None = None,
    q: Annotated[str, Query(description="Words of the question or, while you may see it, of the answer.")] = "",
    matter: Annotated[str, Query(description="Charged to this matter.")] = "",
    conversation: Annotated[
        uuid.UUID | None, Query(description="Of this conversation, in the order in which they were asked.")
    ] = None,
    outcome: wire.OutcomeName | None = None,
    effort: wire.EffortName | None = None,
    since: Annotated[date | None, Query(alias="from", description="Asked on this day or later.")] = None,
    until: Annotated[date | None, Query(alias="to", description="Asked on this day or earlier.")] = None,
    cursor: Cursor = "",
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
) -> dict[str, Any]:
    """Newest first; the answers of one conversation oldest first."""
    request.auth.require(Permission.ASK)
    wanted = Wanted(q, status or "", outcome or "", effort or "", matter, since, until, conversation)
    order = ("created_at", "pk") if conversation else ("-created_at", "-pk")
    found, following = page_of(history(request.auth, wanted), cursor=cursor, limit=limit, order=order)
    return {"items": answer_objects(request.auth, found), "next": following}


@router.get("/{uuid:id}", response=wire.Answer, summary="Read an answer", exclude_unset=True)
def get_answer(request: Call, id: uuid.UUID) -> dict[str, Any]:
    return answer_object(request.auth, Answer.objects.get_visible(request.auth, id))


@router.get(
    "/{uuid:id}/candidates",
    response=wire.CandidateList,
    summary="List what was considered, or why a document was not",
    exclude_unset=True,
)
def list_candidates(
    request: Call,
    id: uuid.UUID,
    document: Annotated[uuid.UUID | None, Query(description="Of this document only, with its fate.")] = None,
) -> dict[str, Any]:
    """Every passage that was considered, by rank. With `document`, its `fate`: the stage at which its best passage fell out, with
    its exact scores and ranks, also where it was never a candidate; `again` then says that the search was made anew."""
    answer = Answer.objects.get_visible(request.auth, id)
    shown = answer_object(request.auth, answer)["candidates"]
    if document is None:
        return {"items": shown}
    return {
        "items": [each for each in shown if each["passage"]["document"]["id"] == str(document)],
        "fate": fate_object(fate_of(request.auth, answer, document)),
    }


@router.get(
    "/{uuid:id}/events", summary="Follow an answer (server-sent events)", openapi_extra=produces("text/event-stream")
)
async def follow_answer(
    request: Call,
    id: uuid.UUID,
    last_event_id: Annotated[str, Header(alias="Last-Event-ID", max_length=60)] = "",
) -> HttpResponseBase:
    """`status`, `retrieved`, `reasoning`, `answer`, `reset`, `claim`, then `done` with the Answer or `error` with a
    Problem. Each has an `id`; send the last one seen as `Last-Event-ID` and the rest follows, none lost or repeated."""
    await sync_to_async(Answer.objects.get_visible)(request.auth, id)
    return event_stream(answer_events(request, request.auth, id, last_event_id))


@router.post("/{uuid:id}/cancel", response={202: wire.Answer}, summary="Stop an answer", exclude_unset=True)
def stop_answer(request: Call, id: uuid.UUID) -> Status[Any]:
    _stop(request, id)
    return Status(202, answer_object(request.auth, Answer.objects.get_visible(request.auth, id)))


@idempotent
def _stop(request: Call, id: uuid.UUID) -> Status[Any]:
    services.cancel_answer(request.auth, Answer.objects.get_visible(request.auth, id))
    return Status(202, None)


@router.post("/{uuid:id}/feedback", response={201: wire.Feedback}, summary="Say whether it is right")
@idempotent
def judge_answer(request: Call, id: uuid.UUID, body: wire.NewFeedback) -> Status[Any]:
    answer = Answer.objects.get_visible(request.auth, id)
    services.give_feedback(request.auth, answer, rating=body.rating, comment=body.comment, claim=body.claim)
    return Status(201, {"rating": body.rating, "comment": body.comment, "claim": body.claim})


@router.delete("/{uuid:id}/feedback", response={204: None}, summary="Take feedback back")
@idempotent
def withdraw_judgement(
    request: Call,
    id: uuid.UUID,
    claim: Annotated[int | None, Query(description="Ordinal of the claim meant; none for the whole answer.")] = None,
) -> Status[Any]:
    services.withdraw_feedback(request.auth, Answer.objects.get_visible(request.auth, id), claim=claim)
    return Status(204, None)


@router.get("/{uuid:id}/export", summary="Take an answer out as a file", openapi_extra=produces(*MEDIA_TYPES.values()))
def export_answer(request: Call, id: uuid.UUID, format: wire.ExportFormatName) -> HttpResponse:
    """Word and PDF with a footnote for each citation, the figures as a workbook whose formulas live, or plain text. Each names the
    record and its hash, and is recorded. 403 where the answer rests on documents that may no longer be opened."""
    answer = Answer.objects.get_visible(request.auth, id)
    made = services.export_answer(request.auth, answer, format=format, site=request.build_absolute_uri("/"))
    headers = {
        "Content-Disposition": content_disposition_header(True, made.filename),
        "Cache-Control": "private, no-store",
    }
    return HttpResponse(made.content, content_type=made.media_type, headers=headers)


@models.get("", response=wire.ModelList, summary="The models that can answer")
def list_all_models(request: Call) -> dict[str, Any]:
    return {"items": list_models(), "next": None}
