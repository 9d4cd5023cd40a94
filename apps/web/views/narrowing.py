"""Who reads one document: shown to whoever manages its collection, and changed there."""

import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from apps.core.errors import Conflict, Invalid
from apps.documents.models import Document, Role
from apps.ingestion.services import narrow_document, open_document
from apps.web.document_readers import outside, readers_of
from apps.web.forms_access import NarrowForm
from apps.web.views import Request, go, page


@page
@require_http_methods(["GET", "POST"])
def access(request: Request, document_id: uuid.UUID) -> HttpResponse:
    chosen = Document.objects.get_visible(request.scope, document_id, Role.MANAGER)
    readers = readers_of(chosen)
    form = NarrowForm(
        request.POST or None,
        readers=[(one.key, one.name) for one in readers.choices],
        initial={
            "to": "some" if readers.narrowed else "all",
            "readers": [one.key for one in readers.choices if one.named],
        },
    )
    if form.is_valid():
        with form.refusing(Conflict, Invalid):
            _change(request, chosen, form)
            return go(request, "document", chosen.pk)
    context = {
        "section": "library",
        "document": chosen,
        "readers": readers,
        "form": form,
        "chosen": form["readers"].value() or [],
        "back": reverse("document", args=[chosen.pk]),
        "in_dialog": bool(request.htmx),
    }
    status = 422 if form.is_bound else 200
    return render(request, "web/narrow.html#form" if request.htmx else "web/narrow.html", context, status=status)


def _change(request: Request, document: Document, form: NarrowForm) -> None:
    """Do what the form says. Raises `Invalid` for somebody who does not read the collection."""
    if form.cleaned_data["to"] == "all":
        open_document(request.scope, document)
        said = gettext("All readers of “%(collection)s” read “%(title)s” now.")
    else:
        users, groups = form.chosen()
        if stranger := outside(document.collection, users):
            values = {"person": str(stranger), "collection": document.collection.name}
            message = gettext("%(person)s does not read “%(collection)s”. Grant it to them first.") % values
            raise Invalid(message, errors={"also": [message]})
        narrow_document(request.scope, document, users, groups)
        said = gettext("Only those you named, and the managers of “%(collection)s”, read “%(title)s” now.")
    messages.success(request, said % {"collection": document.collection.name, "title": document.title})
