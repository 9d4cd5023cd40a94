"""Asking, and answers."""

import uuid
from typing import Any

from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import connections
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from apps.accounts.scope import Permission
from apps.core.errors import Invalid
from apps.documents.models import Collection
from apps.reasoning import services
from apps.reasoning.following import follow
from apps.reasoning.models import Answer, Feedback
from apps.reasoning.objects import answer_object
from apps.reasoning.routing import AUTO
from apps.serving.health import model_state
from apps.usage.budgets import BudgetExceeded, states_of
from apps.web import ask_page, shelf
from apps.web.absence import absence_page
from apps.web.answer_cells import cells_of
from apps.web.answer_exports import exports_of
from apps.web.answer_page import answer_page, shown_passages
from apps.web.answer_steps import running_steps
from apps.web.answer_turns import turns_of
from apps.web.budget_page import bar_of
from apps.web.exhibits import pages_of
from apps.web.forms import QuestionForm
from apps.web.sse import fragments
from apps.web.views import Request, go, page

_RECENT = 5
_WITHDRAWN = "none"


@page
@require_http_methods(["GET", "POST"])
def ask(request: Request) -> HttpResponse:
    form = QuestionForm(request.POST or None)
    if form.is_valid():
        try:
            made = services.ask(request.scope, **form.cleaned_data)
        except Invalid as error:
            form.refuse(error)
        except BudgetExceeded as error:
            context = _ask_context(request, form) | {"refused": error.detail}
            response = render(request, "web/ask.html", context, status=429)
            response.headers["Retry-After"] = str(error.retry_after)
            return response
        else:
            return go(request, "answer", made.pk)
    return render(request, "web/ask.html", _ask_context(request, form), status=422 if form.is_bound else 200)


@page
@require_POST
def ask_estimate(request: Request) -> HttpResponse:
    """What the question, as far as it is typed, would take: asked for while somebody types. Posted, so that no log has it."""
    effort = request.POST.get("effort", AUTO)
    question = request.POST.get("question", "")[: services.LONGEST_QUESTION]
    found = ask_page.expected(request.scope, effort, question)
    return render(request, "components/estimate.html", {"expected": found})


@page
@require_GET
def answer(request: Request, answer_id: uuid.UUID) -> HttpResponse:
    own = Answer.objects.get_visible(request.scope, answer_id)
    template, context = _answer_context(request, own)
    return render(request, template, context)


@page
@require_GET
async def stream(request: Request, answer_id: uuid.UUID) -> StreamingHttpResponse:
    """Relay the answer as it is made. The connection to the database goes back at once, and is asked for again at the end."""

    def opened() -> None:
        Answer.objects.get_visible(request.scope, answer_id)
        _release_database()

    def ended() -> dict[str, Any]:
        finished = _finished_fragment(request, answer_id)
        _release_database()
        return finished

    await sync_to_async(opened)()
    seen = request.headers.get("Last-Event-ID") or request.GET.get("after", "")
    lines = fragments(follow(request.scope, answer_id, None), sync_to_async(ended), seen=seen)
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingHttpResponse(lines, content_type="text/event-stream", headers=headers)


@page
@require_POST
def stop(request: Request, answer_id: uuid.UUID) -> HttpResponse:
    services.cancel_answer(request.scope, Answer.objects.get_visible(request.scope, answer_id))
    return HttpResponse(status=204) if request.htmx else go(request, "answer", answer_id)


@page
@require_POST
def feedback(request: Request, answer_id: uuid.UUID) -> HttpResponse:
    own = Answer.objects.get_visible(request.scope, answer_id)
    rating, claim = request.POST.get("rating", ""), request.POST.get("claim", "")
    number = int(claim) if claim.isdecimal() else None
    if rating == _WITHDRAWN:
        rating = ""
        services.withdraw_feedback(request.scope, own, claim=number)
    else:
        comment = request.POST.get("comment", "")
        services.give_feedback(request.scope, own, rating=rating, comment=comment, claim=number)
    if not request.htmx:
        return go(request, "answer", answer_id)
    if number is not None:
        place = "jc" if request.POST.get("place") == "jc" else "jn"
        context = {"answer_id": own.pk, "number": number, "rating": rating, "place": place}
        return render(request, "components/judge.html", context)
    given = {"rating": rating} if rating else None
    return render(request, "components/feedback.html", {"answer": {"id": own.pk}, "feedback": given})


def _ask_context(request: Request, form: QuestionForm) -> dict[str, Any]:
    own = Answer.objects.visible_to(request.scope)
    tiles = shelf.collection_tiles(request.scope)
    chosen = request.POST.getlist("collections") if form.is_bound else request.GET.getlist("collection")
    state = model_state()
    asked_for = request.GET.get("question", "")[: services.LONGEST_QUESTION]
    return {
        "section": "ask",
        "form": form,
        "asked_for": asked_for,
        "tiles": tiles,
        "chosen": [tile.collection for tile in tiles if str(tile.collection.pk) in chosen],
        "document": ask_page.document_to_ask(request.scope, request.GET.get("document", "")),
        "efforts": ask_page.efforts(state),
        "effort": request.POST.get("effort") or AUTO,
        "expected": ask_page.expected(request.scope, request.POST.get("effort") or AUTO, asked_for),
        "matters": ask_page.matters(request.scope),
        "matter_required": settings.ENV.matter_required,
        "budgets": [bar_of(state) for state in states_of(request.scope)],
        "model_state": state,
        "recent": ask_page.asked(request.scope, own.prefetch_related("claims")[:_RECENT]),
        "total": own.count(),
    }


def _answer_context(request: Request, own: Answer) -> tuple[str, dict[str, Any]]:
    """Return the template of an answer and what it shows: being made, made, or that the documents do not answer."""
    found = answer_object(request.scope, own)
    names = dict(Collection.objects.visible_to(request.scope).values_list("pk", "name"))
    context: dict[str, Any] = {
        "section": "ask",
        "answer": found,
        "asked_at": own.created_at,
        "sealed_at": own.finished_at,
        "where": ask_page.scope_of_question(found, names),
        "is_auditor": request.scope.may(Permission.AUDIT),
        "again": ask_page.again(request.scope, found),
    }
    never_shown = own.outcome == "not_in_documents" and found["absence"] is None
    if found["withheld"] or (own.status == "done" and never_shown):
        return "web/withheld.html", context
    if not own.is_finished:
        return "web/answer_live.html", context | {
            "steps": running_steps(own.status, {"queued": {"place": found["place"]}}),
            "live": True,
        }
    shapes = pages_of(request.scope, shown_passages(found))
    context["exports"] = exports_of(found, site=request.installation)
    turns = turns_of(request.scope, own)
    context |= {
        "conversation": turns.conversation,
        "earlier": turns.earlier,
        "later": turns.later,
        "expected": ask_page.expected(request.scope, found["effort"], ""),
    }
    if own.status == "done" and own.outcome == "not_in_documents":
        explained = answer_page(found, shapes)
        return "web/absence.html", context | {"absence": absence_page(found, shapes), "explained": explained}
    return "web/answer.html", context | {
        "page": answer_page(found, shapes, cells_of(request.scope, found)),
        "feedback": Feedback.objects.filter(answer=own, claim=None).first(),
    }


def _finished_fragment(request: Request, answer_id: uuid.UUID) -> dict[str, Any]:
    """Return what takes the place of the running answer: the inside of the same page that a reload gives.

    An answer that is not finished then has ended for this reader only, who may no longer read what it is written from.
    """
    request.scope = request.scope.renewed()
    template, context = _answer_context(request, Answer.objects.get_visible(request.scope, answer_id))
    template = "web/withheld.html" if context.get("live") else template
    layout = "reading" if "page" in context else "page page--narrow"
    return {"layout": layout, "html": render_to_string(f"{template}#body", context, request)}


def _release_database() -> None:
    """Give the connections of this thread back, so that a stream holds none while it waits."""
    for connection in connections.all(initialized_only=True):
        if not connection.in_atomic_block:
            connection.close()
