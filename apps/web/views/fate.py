"""Why not this document? The fate of a document in one's own answer."""

import uuid

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from apps.core.errors import NotFound
from apps.documents.models import Document
from apps.reasoning.fates import fate_of
from apps.reasoning.models import Answer
from apps.web import suggesting
from apps.web.fate_page import FateShown, fate_shown, named_id
from apps.web.views import Request, page


@page
@require_GET
def fate(request: Request, answer_id: uuid.UUID) -> HttpResponse:
    """Tell it of the document named by `document`, or by a `title` that only one bears. Not yours reads as not there."""
    own = Answer.objects.get_visible(request.scope, answer_id)
    named, chosen = request.GET.get("title", "").strip()[:300], named_id(request.GET)
    choices = [] if chosen or not named else suggesting.documents(request.scope, named)
    if len(choices) == 1:
        chosen = uuid.UUID(choices[0].id)
    shown = _shown(request, own, chosen) if chosen else None
    context = {
        "section": "ask",
        "answer": own,
        "named": named or str(request.GET.get("document", "")) if not shown else shown.title,
        "fate": shown,
        "choices": choices,
    }
    return render(request, "web/fate.html#fate" if request.htmx else "web/fate.html", context)


def _shown(request: Request, answer: Answer, document_id: uuid.UUID) -> FateShown | None:
    try:
        document = Document.objects.get_visible(request.scope, document_id)
        return fate_shown(document, fate_of(request.scope, answer, document_id))
    except NotFound:
        return None
