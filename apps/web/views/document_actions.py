"""What can be done with a document: name and date it, move it, give it a new version or a password, read it again, stop, delete."""

import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_http_methods, require_POST

from apps.accounts.scope import Scope
from apps.core.errors import Conflict, Invalid
from apps.documents import services
from apps.documents.models import Collection, Document, Role
from apps.ingestion.services import (
    cancel_reading,
    change_document,
    give_password,
    reprocess_document,
    upload_document,
)
from apps.web.forms import DetailsForm, MoveForm, PasswordForm, VersionForm
from apps.web.views import Request, go, page
from apps.web.views.dialogs import form_page


@page
@require_http_methods(["GET", "POST"])
def details(request: Request, document_id: uuid.UUID) -> HttpResponse:
    """The title, and from when the latest version counts."""
    chosen = _contributed(request, document_id)
    initial = {"title": chosen.title, "effective_from": chosen.latest.effective_from if chosen.latest else None}
    form = DetailsForm(request.POST or None, initial=initial)
    if form.is_valid():
        with form.refusing(Invalid):
            change_document(request.scope, chosen, **form.cleaned_data)
            return go(request, "document", chosen.pk)
    return form_page(request, form, heading=gettext("Title and date"), submit=gettext("Save"), back=_page_of(chosen))


@page
@require_http_methods(["GET", "POST"])
def move(request: Request, document_id: uuid.UUID) -> HttpResponse:
    chosen = _contributed(request, document_id)
    others = Collection.objects.visible_to(request.scope, Role.CONTRIBUTOR).exclude(pk=chosen.collection_id)
    form = MoveForm(request.POST or None, collections=others)
    if form.is_valid():
        target = form.cleaned_data["collection"]
        with form.refusing(Conflict, Invalid):
            change_document(request.scope, chosen, collection=target)
            values = {"title": chosen.title, "collection": target.name}
            messages.success(request, gettext("“%(title)s” is now in “%(collection)s”.") % values)
            return go(request, "document", chosen.pk)
    return form_page(
        request,
        form,
        heading=gettext("Move this document"),
        intro=gettext(
            "Those who may read the other collection find it there; those who may read only this one no longer do."
        ),
        submit=gettext("Move"),
        back=_page_of(chosen),
    )


@page
@require_http_methods(["GET", "POST"])
def version(request: Request, document_id: uuid.UUID) -> HttpResponse:
    """The next version: a file, and the day from which it counts."""
    chosen = _contributed(request, document_id)
    form = VersionForm(request.POST or None, request.FILES or None)
    if form.is_valid():
        file = form.cleaned_data["file"]
        with form.refusing():
            _, duplicate = upload_document(
                request.scope,
                chosen.collection,
                file.chunks(),
                filename=file.name,
                effective_from=form.cleaned_data["effective_from"],
                supersedes=chosen,
            )
            if duplicate:
                messages.info(request, gettext("This file is the latest version already. Nothing was changed."))
            return go(request, "document", chosen.pk)
    return form_page(
        request,
        form,
        heading=gettext("New version of “%(title)s”") % {"title": chosen.title},
        intro=gettext(
            "Searches and answers use the newest version that is in force. Earlier ones are kept and can be opened."
        ),
        submit=gettext("Add version"),
        back=_page_of(chosen),
    )


@page
@require_http_methods(["GET", "POST"])
def password(request: Request, document_id: uuid.UUID) -> HttpResponse:
    chosen = _contributed(request, document_id)
    form = PasswordForm(request.POST or None)
    if form.is_valid():
        with form.refusing(Conflict, Invalid):
            give_password(request.scope, chosen, form.cleaned_data["password"])
            return go(request, "collection", chosen.collection_id)
    return form_page(
        request,
        form,
        heading=gettext("Password for “%(title)s”") % {"title": chosen.title},
        submit=gettext("Read with this password"),
        back=_page_of(chosen),
    )


@page
@require_http_methods(["GET", "POST"])
def delete(request: Request, document_id: uuid.UUID) -> HttpResponse:
    chosen = _contributed(request, document_id)
    if request.method == "POST":
        services.delete_document(request.scope, chosen)
        messages.success(request, gettext("“%(title)s” was deleted.") % {"title": chosen.title})
        return go(request, "collection", chosen.collection_id)
    return form_page(
        request,
        None,
        heading=gettext("Delete “%(title)s”?") % {"title": chosen.title},
        intro=" ".join(_what_goes(request.scope, chosen)),
        submit=gettext("Delete document"),
        back=_page_of(chosen),
        danger=True,
    )


@page
@require_POST
def read_again(request: Request, document_id: uuid.UUID) -> HttpResponse:
    chosen = _contributed(request, document_id)
    reprocess_document(request.scope, chosen)
    return go(request, "collection", chosen.collection_id)


@page
@require_POST
def stop(request: Request, document_id: uuid.UUID) -> HttpResponse:
    chosen = _contributed(request, document_id)
    cancel_reading(request.scope, chosen)
    return go(request, "collection", chosen.collection_id)


def _contributed(request: Request, document_id: uuid.UUID) -> Document:
    return Document.objects.get_visible(request.scope, document_id, Role.CONTRIBUTOR)


def _page_of(document: Document) -> str:
    return reverse("document", args=[document.pk])


def _what_goes(scope: Scope, document: Document) -> list[str]:
    """Return what goes with a document and what stays, as sentences."""
    versions, attached = document.versions.count(), document.attached.visible_to(scope).count()
    said = [gettext("It is no longer found or cited from now on, and its file is removed.")]
    if versions > 1:
        said.append(
            ngettext("Its %(count)s version goes.", "All its %(count)s versions go.", versions) % {"count": versions}
        )
    if attached:
        said.append(
            ngettext(
                "The %(count)s document that was attached to it goes with it.",
                "The %(count)s documents that were attached to it go with it.",
                attached,
            )
            % {"count": attached}
        )
    said.append(gettext("Answers that cite it keep what they quote."))
    return said
