"""Adding files to a collection from the browser, and how far those added have come. Large files go to the REST interface in pieces."""

import uuid

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_POST

from apps.core.errors import ToulminError
from apps.documents.models import Collection, Role
from apps.ingestion.services import upload_document
from apps.web.collection_page import rows_of
from apps.web.shelf import Row
from apps.web.views import Request, go, page, uuids
from apps.web.views.errors import status_of

_ASKED_AT_ONCE = 100


@page
@require_POST
def upload(request: Request, collection_id: uuid.UUID) -> HttpResponse:
    """Take files from a form, or one file at a time from `upload.js`, which wants JSON and says in which folder it lay."""
    chosen = Collection.objects.get_visible(request.scope, collection_id, Role.CONTRIBUTOR)
    wants_json = request.headers.get("Accept") == "application/json"
    files = request.FILES.getlist("file")
    if not files and not wants_json:
        messages.error(request, gettext("No file was chosen. Choose one or more and send them."))
    for file in files:
        try:
            document, duplicate = upload_document(
                request.scope,
                chosen,
                file.chunks(),
                filename=file.name or "",
                folder=request.POST.get("folder", ""),
            )
        except ToulminError as error:
            if wants_json:
                return JsonResponse({"detail": error.detail, "code": error.code}, status=status_of(error))
            messages.error(request, f"{file.name}: {error.detail}")
            continue
        if wants_json:
            return JsonResponse({"id": str(document.pk), "title": document.title, "duplicate": duplicate}, status=202)
        if duplicate:
            messages.info(
                request,
                gettext("“%(file)s” is here already as “%(title)s”.") % {"file": file.name, "title": document.title},
            )
    return go(request, "collection", chosen.pk)


@page
@require_GET
def progress(request: Request, collection_id: uuid.UUID) -> HttpResponse:
    """How far the documents in `document` have come; those that are gone or elsewhere are left out."""
    chosen = Collection.objects.get_visible(request.scope, collection_id)
    rows = rows_of(request.scope, chosen, uuids(request.GET.getlist("document")[:_ASKED_AT_ONCE]))
    return JsonResponse({"items": [_item(row) for row in rows]}, headers={"Cache-Control": "no-store"})


def _item(row: Row) -> dict[str, object]:
    return {
        "id": str(row.document.pk),
        "state": row.state,
        "percent": row.percent,
        "doing": row.doing if row.state == "running" else "",
        "detail": row.version.error_detail,
        "href": reverse("document", args=[row.document.pk]),
    }
