"""Collections: what is in them, and who may read them."""

import uuid
from dataclasses import replace
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from apps.accounts.models import Group
from apps.accounts.scope import Permission
from apps.core.errors import Conflict, Invalid, NotFound
from apps.documents import services
from apps.documents.formats import accepted, accepted_endings
from apps.documents.models import Collection, Document, Grant, Role, Upload
from apps.ingestion.services import reprocess_outdated
from apps.web import shelf
from apps.web.collection_page import Wanted, folders_of, kinds_of, listing, rows_of
from apps.web.forms import CollectionForm, ConfirmNameForm, GrantForm, RoleForm
from apps.web.views import Request, go, page, uuids
from apps.web.views.dialogs import form_page

_NARROWED = 100  # narrowed documents that are listed


@page
@require_GET
def library(request: Request) -> HttpResponse:
    tiles = shelf.collection_tiles(request.scope)
    readable = [tile.collection.pk for tile in tiles]
    governed = Collection.objects.none()
    if request.scope.may(Permission.ADMINISTER):
        governed = Collection.objects.governed_by(request.scope).exclude(pk__in=readable)
    return render(request, "web/library.html", {"section": "library", "tiles": tiles, "governed": governed})


@page
@require_http_methods(["GET", "POST"])
def new_collection(request: Request) -> HttpResponse:
    form = CollectionForm(request.POST or None)
    if form.is_valid():
        with form.refusing(Invalid):
            made = services.create_collection(request.scope, **form.cleaned_data)
            return go(request, "collection", made.pk)
    return form_page(
        request, form, heading=gettext("New collection"), submit=gettext("Create"), back=reverse("library")
    )


@page
@require_GET
def collection(request: Request, collection_id: uuid.UUID) -> HttpResponse:
    chosen = Collection.objects.get_visible(request.scope, collection_id)
    context = _shell(request, chosen, "documents") | {
        "listed": listing(request.scope, chosen, Wanted.of(request.GET), request.GET.get("page")),
        "totals": shelf.totals_of(request.scope, chosen),
        "kinds": kinds_of(request.scope, chosen),
        "folders": folders_of(request.scope, chosen),
        "outdated": shelf.outdated(request.scope, chosen).count(),
        "broken_off": Upload.objects.of(request.scope).filter(collection=chosen, document=None),
        "accepted": accepted(),
        "accepted_endings": accepted_endings(),
        "limit": settings.UPLOAD_LIMIT,
    }
    return render(request, "web/collection.html", context)


@page
@require_GET
def rows(request: Request, collection_id: uuid.UUID) -> HttpResponse:
    """The rows again: all of them, or with `watch` only those documents, to be put in place of what stands there."""
    chosen = Collection.objects.get_visible(request.scope, collection_id)
    found = listing(request.scope, chosen, Wanted.of(request.GET), request.GET.get("page"))
    watched = uuids(request.GET.getlist("watch"))
    context = _shell(request, chosen, "documents") | {"totals": shelf.totals_of(request.scope, chosen), "again": True}
    if watched:
        context["listed"] = replace(found, rows=rows_of(request.scope, chosen, watched))
        return render(request, "web/collection.html#changed", context)
    return render(request, "web/collection.html#rows", context | {"listed": found})


@page
@require_POST
def read_again(request: Request, collection_id: uuid.UUID) -> HttpResponse:
    """Have all documents read again that an older reader has read."""
    chosen = Collection.objects.get_visible(request.scope, collection_id, Role.CONTRIBUTOR)
    count = reprocess_outdated(request.scope, chosen)
    said = ngettext("%(count)s document is read again.", "%(count)s documents are read again.", count)
    messages.success(request, said % {"count": count})
    return go(request, "collection", chosen.pk)


@page
@require_http_methods(["GET", "POST"])
def access(request: Request, collection_id: uuid.UUID) -> HttpResponse:
    """Who may read a collection. Its managers change that, and administrators, who read nothing by that."""
    chosen = Collection.objects.get_governed(request.scope, collection_id)
    form = GrantForm(request.POST if request.POST.get("do") == "grant" else None)
    if request.method == "POST":
        try:
            if _change_access(request, chosen, form):
                return go(request, "collection-access", chosen.pk)
        except (Conflict, Invalid) as error:
            if not form.is_bound:
                messages.error(request, error.detail)
                return go(request, "collection-access", chosen.pk)
            form.refuse(error)
    narrowed = Document.objects.visible_to(request.scope, Role.MANAGER).filter(collection=chosen, access__narrowed=True)
    context = _shell(request, chosen, "access") | {
        "form": form,
        "roles": Role.choices,
        "narrowed": narrowed.order_by("title")[:_NARROWED],
    }
    return render(request, "web/collection_access.html", context, status=422 if form.errors else 200)


@page
@require_http_methods(["GET", "POST"])
def settings_of(request: Request, collection_id: uuid.UUID) -> HttpResponse:
    chosen = Collection.objects.get_visible(request.scope, collection_id, Role.MANAGER)
    initial = {"name": chosen.name, "description": chosen.description, "allow_download": chosen.allow_download}
    form = CollectionForm(request.POST or None, initial=initial)
    if form.is_valid():
        with form.refusing(Invalid):
            services.change_collection(request.scope, chosen, **form.cleaned_data)
            messages.success(request, gettext("Saved."))
            return go(request, "collection-settings", chosen.pk)
    context = _shell(request, chosen, "settings") | {"form": form}
    return render(request, "web/collection_settings.html", context, status=422 if form.errors else 200)


@page
@require_http_methods(["GET", "POST"])
def delete(request: Request, collection_id: uuid.UUID) -> HttpResponse:
    chosen = Collection.objects.get_visible(request.scope, collection_id, Role.MANAGER)
    form = ConfirmNameForm(request.POST or None, collection=chosen)
    if form.is_valid():
        services.delete_collection(request.scope, chosen)
        messages.success(request, gettext("“%(name)s” was deleted.") % {"name": chosen.name})
        return go(request, "library")
    count = shelf.documents_in(request.scope, chosen).count()
    intro = ngettext(
        "Its %(count)s document is deleted with it and no longer found. Answers that cite it keep what they quote.",
        "Its %(count)s documents are deleted with it and no longer found. Answers that cite them keep what they quote.",
        count,
    ) % {"count": count}
    return form_page(
        request,
        form,
        heading=gettext("Delete “%(name)s”?") % {"name": chosen.name},
        intro=intro,
        submit=gettext("Delete collection"),
        back=reverse("collection-settings", args=[chosen.pk]),
        danger=True,
    )


def _change_access(request: Request, collection: Collection, form: GrantForm) -> bool:
    """Do what the posted form says; return whether it could be read."""
    if form.is_bound:
        if not form.is_valid():
            return False
        to = {"user": form.cleaned_data["user"], "group": form.cleaned_data["group"]}
        services.grant_role(request.scope, collection, role=Role(form.cleaned_data["role"]), **to)
        return True
    named = Grant.objects.filter(collection=collection, pk__in=uuids([request.POST.get("grant", "")]))
    grant = named.select_related("user", "group").first()
    if grant is None:
        raise NotFound
    if request.POST.get("do") == "revoke":
        services.revoke_role(request.scope, collection, user=grant.user, group=grant.group)
        return True
    role = RoleForm(request.POST)
    if not role.is_valid():
        raise Invalid(gettext("There is no such role."))
    services.grant_role(
        request.scope, collection, user=grant.user, group=grant.group, role=Role(role.cleaned_data["role"])
    )
    return True


def _shell(request: Request, collection: Collection, tab: str) -> dict[str, Any]:
    """Return what every tab of a collection needs."""
    scope = request.scope
    held = {role for role in Role if Collection.objects.visible_to(scope, role).filter(pk=collection.pk).exists()}
    governs = Role.MANAGER in held or scope.may(Permission.ADMINISTER)
    grants = collection.grants.select_related("user", "group").order_by("created_at")
    return {
        "section": "library",
        "tab": tab,
        "collection": collection,
        "reads": Role.READER in held,
        "contributes": Role.CONTRIBUTOR in held,
        "manages": Role.MANAGER in held,
        "governs": governs,
        "grants": _with_members(list(grants)) if governs else [],
        "document_count": shelf.documents_in(scope, collection).count(),
    }


def _with_members(grants: list[Grant]) -> list[dict[str, Any]]:
    groups = Group.objects.filter(pk__in=[grant.group_id for grant in grants if grant.group_id])
    sizes = {group.pk: len(group.members.all()) for group in groups.prefetch_related("members")}
    return [{"grant": grant, "members": sizes.get(grant.group_id) if grant.group_id else None} for grant in grants]
