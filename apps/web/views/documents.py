"""One document: its pages as they are and as they were read, and what can be done with it."""

import uuid
from typing import Any

from django.contrib import messages
from django.http import FileResponse, HttpResponse, HttpResponseNotModified
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from apps.core.errors import Invalid, NotFound
from apps.documents import services
from apps.documents.models import Collection, Document, Role, Version
from apps.documents.pictures import page_png
from apps.ingestion.services import cancel_reading, reprocess_document
from apps.web import document_page as pages
from apps.web.document_page import Lit
from apps.web.forms import RenameForm
from apps.web.shelf import page_bar
from apps.web.views import Request, go, page
from apps.web.views.dialogs import form_page

_LEAST_WIDTH, _WIDTH, _MOST_WIDTH = 200, 1200, 2400


@page
@require_GET
def document(request: Request, document_id: uuid.UUID) -> HttpResponse:
    """One page of a document. `passage`, or `answer` with `marker`, lights a place and opens the page it is on."""
    chosen = Document.objects.get_visible(request.scope, document_id)
    lit = _lit(request, chosen)
    version = _version(chosen, lit)
    number = _number(request.GET.get("page")) or lit.page or 1
    if not request.GET.get("passage") and not request.GET.get("answer"):
        number = min(number, max(version.page_count, 1))
    sheet = pages.sheet_of(version, number, lit)
    context = {
        "section": "library",
        "document": chosen,
        "collection": chosen.collection,
        "version": version,
        "sheet": sheet,
        "bar": page_bar(version),
        "outline": pages.outline_of(version, number),
        "resting": pages.resting_answers(request.scope, chosen, number if version.paged else None),
        **_rights(request, chosen),
    }
    if version.paged:
        context["map"] = pages.page_map(version, pages.cited_pages(chosen))
        context["now"] = pages.now_on_map(number, version.page_count)
    return render(request, "web/document.html", context)


@page
@require_GET
def picture(request: Request, document_id: uuid.UUID, number: int) -> HttpResponse:
    """The picture of a page. Only the reader's own browser keeps it, and asks each time whether it may still show it."""
    chosen = Document.objects.get_visible(request.scope, document_id)
    version = _numbered(chosen, request.GET.get("version"))
    width = min(max(_number(request.GET.get("width")) or _WIDTH, _LEAST_WIDTH), _MOST_WIDTH)
    headers = {
        "ETag": f'"{version.sha256[:32]}-{number}-{width}"',
        "Cache-Control": "private, no-cache",
        "Vary": "Cookie",
    }
    if request.headers.get("If-None-Match") == headers["ETag"]:
        return HttpResponseNotModified(headers=headers)
    return HttpResponse(page_png(version, number, width=width), content_type="image/png", headers=headers)


@page
@require_GET
def original(request: Request, document_id: uuid.UUID) -> HttpResponseBase:
    chosen = Document.objects.get_visible(request.scope, document_id)
    path = services.open_original(request.scope, chosen)
    # Sent to be saved, never to be shown: an uploaded page must not run under this address.
    response = FileResponse(
        path.open("rb"), as_attachment=True, filename=chosen.latest.filename if chosen.latest else ""
    )
    response.headers["Content-Type"] = "application/octet-stream"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


@page
@require_http_methods(["GET", "POST"])
def rename(request: Request, document_id: uuid.UUID) -> HttpResponse:
    chosen = Document.objects.get_visible(request.scope, document_id, Role.CONTRIBUTOR)
    form = RenameForm(request.POST or None, initial={"title": chosen.title})
    if form.is_valid():
        try:
            services.change_document(request.scope, chosen, title=form.cleaned_data["title"])
        except Invalid as error:
            form.refuse(error)
        else:
            return go(request, "document", chosen.pk)
    back = reverse("document", args=[chosen.pk])
    return form_page(request, form, heading=gettext("Rename this document"), submit=gettext("Rename"), back=back)


@page
@require_http_methods(["GET", "POST"])
def delete(request: Request, document_id: uuid.UUID) -> HttpResponse:
    chosen = Document.objects.get_visible(request.scope, document_id, Role.CONTRIBUTOR)
    if request.method == "POST":
        services.delete_document(request.scope, chosen)
        messages.success(request, gettext("“%(title)s” was deleted.") % {"title": chosen.title})
        return go(request, "collection", chosen.collection_id)
    return form_page(
        request,
        None,
        heading=gettext("Delete “%(title)s”?") % {"title": chosen.title},
        intro=gettext("It is no longer found or cited from now on. Answers that cite it keep what they quote."),
        submit=gettext("Delete document"),
        back=reverse("document", args=[chosen.pk]),
        danger=True,
    )


@page
@require_POST
def read_again(request: Request, document_id: uuid.UUID) -> HttpResponse:
    chosen = Document.objects.get_visible(request.scope, document_id, Role.CONTRIBUTOR)
    reprocess_document(request.scope, chosen)
    return go(request, "collection", chosen.collection_id)


@page
@require_POST
def stop(request: Request, document_id: uuid.UUID) -> HttpResponse:
    chosen = Document.objects.get_visible(request.scope, document_id, Role.CONTRIBUTOR)
    cancel_reading(request.scope, chosen)
    return go(request, "collection", chosen.collection_id)


def _lit(request: Request, chosen: Document) -> Lit:
    """Return the place that the address asks for."""
    passage, answer = _uuid(request.GET.get("passage")), _uuid(request.GET.get("answer"))
    if answer is not None:
        return pages.lit_by_citation(request.scope, chosen, answer, _number(request.GET.get("marker")) or 0)
    if passage is not None:
        return pages.lit_by_passage(request.scope, chosen, passage)
    return Lit()


def _version(chosen: Document, lit: Lit) -> Version:
    """Return the version that was cited, or the latest."""
    if lit.version_id is not None and lit.version_id != chosen.latest_id:
        cited = chosen.versions.filter(pk=lit.version_id).first()
        if cited is not None:
            return cited
    if chosen.latest is None:
        raise NotFound
    return chosen.latest


def _numbered(chosen: Document, number: str | None) -> Version:
    wanted = _number(number)
    version = chosen.versions.filter(number=wanted).first() if wanted else chosen.latest
    if version is None:
        raise NotFound
    return version


def _rights(request: Request, chosen: Document) -> dict[str, Any]:
    """Return what the reader may do with the document."""
    held = {
        role
        for role in (Role.CONTRIBUTOR, Role.MANAGER)
        if Collection.objects.visible_to(request.scope, role).filter(pk=chosen.collection_id).exists()
    }
    return {
        "contributes": Role.CONTRIBUTOR in held,
        "downloads": chosen.collection.allow_download or Role.MANAGER in held,
    }


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 8 else None


def _uuid(text: str | None) -> uuid.UUID | None:
    try:
        return uuid.UUID(text) if text else None
    except ValueError as error:
        raise NotFound from error
