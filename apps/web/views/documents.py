"""One document: its pages as they are and as they were read, their pictures, and the original."""

import uuid
from typing import Any

from django.http import FileResponse, HttpResponse, HttpResponseNotModified
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_GET

from apps.core.errors import NotFound
from apps.documents import services
from apps.documents.models import Collection, Document, Role, Version
from apps.documents.pictures import page_png
from apps.documents.walls import reading
from apps.web import document_facts as facts
from apps.web import document_page as pages
from apps.web.document_blocks import leaf_of
from apps.web.document_place import Lit, lit_by_block, lit_by_cell, lit_by_citation, lit_by_passage
from apps.web.parts import counted
from apps.web.shelf import page_bar
from apps.web.views import Request, page

_LEAST_WIDTH, _WIDTH, _MOST_WIDTH = 200, 1200, 2400


@page
@require_GET
def document(request: Request, document_id: uuid.UUID) -> HttpResponse:
    """One page of a document. `passage`, or `answer` with `marker`, lights a place and opens the page it is on."""
    chosen = Document.objects.get_visible(request.scope, document_id)
    version, lit = _place(request, chosen)
    number = _number(request.GET.get("page")) or lit.page or 1
    if lit == Lit():
        number = min(number, max(version.page_count, 1))
    with reading(request.scope):
        leaf = leaf_of(version, number, lit, window=_number(request.GET.get("window")))
        outline = pages.outline_of(version, number)
    context = {
        "section": "library",
        "document": chosen,
        "collection": chosen.collection,
        "version": version,
        # What every link to another page of the same version begins with.
        "here": "?" if version.pk == (chosen.in_force_id or chosen.latest_id) else f"?version={version.number}&",
        "leaf": leaf,
        "bar": page_bar(version),
        "total": counted(leaf.part, leaf.count),
        "outline": outline,
        "resting": pages.resting_answers(request.scope, version, number if version.paged else None),
        "states": facts.states_of(chosen, version),
        "versions": facts.version_lines(chosen, version),
        "facts": facts.facts_of(version),
        "mail": facts.is_mail(version),
        "outdated": facts.is_outdated(version),
        "attachments": pages.attachments_of(request.scope, version),
        **_rights(request, chosen),
    }
    if version.paged:
        context["map"] = pages.page_map(version, pages.cited_pages(version))
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
    version = _numbered(chosen, request.GET.get("version"))
    path = services.open_original(request.scope, chosen, version)
    # Sent to be saved, never to be shown: an uploaded page must not run under this address.
    response = FileResponse(path.open("rb"), as_attachment=True, filename=version.filename)
    response.headers["Content-Type"] = "application/octet-stream"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _place(request: Request, chosen: Document) -> tuple[Version, Lit]:
    """Return the version to show and the place in it that the address asks for."""
    passage, answer = _uuid(request.GET.get("passage")), _uuid(request.GET.get("answer"))
    if answer is not None:
        lit = lit_by_citation(request.scope, chosen, answer, _number(request.GET.get("marker")) or 0)
        return _version_with(chosen, lit), lit
    if passage is not None:
        lit = lit_by_passage(request.scope, chosen, passage)
        return _version_with(chosen, lit), lit
    version = _numbered(chosen, request.GET.get("version"))
    block, cell = _number(request.GET.get("block")), request.GET.get("cell", "")
    if cell:
        return version, lit_by_cell(version, cell, block=block, page=_number(request.GET.get("page")))
    return version, Lit() if block is None else lit_by_block(version, block)


def _version_with(chosen: Document, lit: Lit) -> Version:
    """Return the version that a place is in; the one that answers now if that one is gone."""
    version = chosen.versions.filter(pk=lit.version_id).first() if lit.version_id else None
    return version or _numbered(chosen, None)


def _numbered(chosen: Document, number: str | None) -> Version:
    """Return the version with this number; without one, that which answers, or the latest where none does yet."""
    wanted = _number(number)
    version = chosen.versions.filter(number=wanted).first() if wanted else chosen.in_force or chosen.latest
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
        "manages": Role.MANAGER in held,
        "named": chosen.access.named() if Role.MANAGER in held else [],
        "downloads": chosen.collection.allow_download or Role.MANAGER in held,
    }


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 8 else None


def _uuid(text: str | None) -> uuid.UUID | None:
    try:
        return uuid.UUID(text) if text else None
    except ValueError as error:
        raise NotFound from error
