"""People and groups, for administrators; who is in them and what they may do at all."""

import uuid

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from apps.accounts import services
from apps.accounts.models import Group, User
from apps.accounts.scope import Permission
from apps.core.errors import Conflict, Invalid, NotFound
from apps.documents.models import Collection, Grant
from apps.documents.reach import get_person, reach_of
from apps.documents.services import delete_group as delete_group_and_grants
from apps.web.forms_access import GroupForm, MemberForm, NewPersonForm, PersonForm
from apps.web.views import Request, go, page, uuids
from apps.web.views.dialogs import form_page

_ROWS = 25


@page
@require_GET
def people(request: Request) -> HttpResponse:
    request.scope.require(Permission.ADMINISTER)
    words, show = request.GET.get("q", "").strip()[:200], request.GET.get("show", "")
    found = User.objects.prefetch_related("member_of").order_by("email")
    if words:
        found = found.filter(Q(name__icontains=words) | Q(email__icontains=words))
    shown = {
        "administrators": found.filter(is_administrator=True, is_active=True),
        "auditors": found.filter(is_auditor=True, is_active=True),
        "inactive": found.filter(is_active=False),
    }
    context = {
        "section": "people",
        "tab": "people",
        "words": words,
        "show": show if show in shown else "",
        "counts": {"all": found.count()} | {name: rows.count() for name, rows in shown.items()},
        "rows": Paginator(shown.get(show, found), _ROWS).get_page(request.GET.get("page")),
    }
    return render(request, "web/people.html", context)


@page
@require_http_methods(["GET", "POST"])
def new_person(request: Request) -> HttpResponse:
    request.scope.require(Permission.ADMINISTER)
    form = NewPersonForm(request.POST or None)
    if form.is_valid():
        with form.refusing(Conflict, Invalid):
            made = services.create_user(request.scope, **form.cleaned_data)
            return go(request, "person", made.pk)
    return form_page(request, form, heading=gettext("New person"), submit=gettext("Add"), back=reverse("people"))


@page
@require_http_methods(["GET", "POST"])
def person(request: Request, user_id: uuid.UUID) -> HttpResponse:
    """What somebody can see, for whoever governs it; their rights, for administrators."""
    chosen = get_person(request.scope, user_id)
    context = {"section": "people", "person": chosen, "sees": reach_of(request.scope, chosen)}
    if not request.scope.may(Permission.ADMINISTER):
        request.scope.require(Permission.MANAGE)
        return render(request, "web/person.html", context | {"section": "library"})
    initial = {name: getattr(chosen, name) for name in ("name", "is_active", "is_auditor", "is_administrator")}
    form = PersonForm(request.POST or None, initial=initial)
    if form.is_valid():
        asked = form.cleaned_data
        with form.refusing(Conflict, Invalid):
            services.change_user(
                request.scope,
                chosen,
                name=asked["name"],
                active=asked["is_active"],
                auditor=asked["is_auditor"],
                administrator=asked["is_administrator"],
            )
            messages.success(request, gettext("Saved."))
            return go(request, "person", chosen.pk)
    context |= {"form": form, "memberships": chosen.member_of.all()}
    return render(request, "web/person.html", context, status=422 if form.errors else 200)


@page
@require_GET
def find_person(request: Request) -> HttpResponse:
    """The page of the person with an address. Nobody and somebody who reads nothing that the asker governs are the same."""
    who = request.GET.get("who", "").strip()
    found = User.objects.filter(email__iexact=who).first()
    try:
        return go(request, "person", get_person(request.scope, found.pk if found else uuid.uuid4()).pk)
    except NotFound:
        said = gettext("“%(who)s” is nobody who reads something that you manage. Check the spelling of the address.")
        messages.error(request, said % {"who": who})
        back = Collection.objects.governed_by(request.scope).filter(pk__in=uuids([request.GET.get("back", "")])).first()
        return go(request, "collection-access", back.pk) if back else go(request, "library")


@page
@require_GET
def groups(request: Request) -> HttpResponse:
    request.scope.require(Permission.ADMINISTER)
    words = request.GET.get("q", "").strip()[:200]
    found = Group.objects.annotate(size=Count("members")).order_by("name")
    if words:
        found = found.filter(name__icontains=words)
    rows = Paginator(found, _ROWS).get_page(request.GET.get("page"))
    context = {"section": "people", "tab": "groups", "words": words, "rows": rows}
    return render(request, "web/groups.html", context)


@page
@require_http_methods(["GET", "POST"])
def new_group(request: Request) -> HttpResponse:
    request.scope.require(Permission.ADMINISTER)
    form = GroupForm(request.POST or None)
    if form.is_valid():
        with form.refusing(Conflict, Invalid):
            made = services.create_group(request.scope, **form.cleaned_data)
            return go(request, "group", made.pk)
    return form_page(request, form, heading=gettext("New group"), submit=gettext("Create"), back=reverse("groups"))


@page
@require_http_methods(["GET", "POST"])
def group(request: Request, group_id: uuid.UUID) -> HttpResponse:
    """The members of a group: one more of them with POST."""
    request.scope.require(Permission.ADMINISTER)
    chosen = get_object_or_404(Group, pk=group_id)
    form = MemberForm(request.POST or None)
    if form.is_valid():
        services.change_group(request.scope, chosen, members=[*chosen.members.all(), form.cleaned_data["who"]])
        return go(request, "group", chosen.pk)
    context = {
        "section": "people",
        "group": chosen,
        "members": chosen.members.order_by("email"),
        "grants": Grant.objects.filter(group=chosen).select_related("collection").order_by("collection__name"),
        "form": form,
    }
    return render(request, "web/group.html", context, status=422 if form.errors else 200)


@page
@require_POST
def remove_member(request: Request, group_id: uuid.UUID, user_id: uuid.UUID) -> HttpResponse:
    request.scope.require(Permission.ADMINISTER)
    chosen = get_object_or_404(Group, pk=group_id)
    services.change_group(request.scope, chosen, members=chosen.members.exclude(pk=user_id))
    return go(request, "group", chosen.pk)


@page
@require_http_methods(["GET", "POST"])
def rename_group(request: Request, group_id: uuid.UUID) -> HttpResponse:
    request.scope.require(Permission.ADMINISTER)
    chosen = get_object_or_404(Group, pk=group_id)
    form = GroupForm(request.POST or None, initial={"name": chosen.name})
    if form.is_valid():
        with form.refusing(Conflict, Invalid):
            services.change_group(request.scope, chosen, name=form.cleaned_data["name"])
            return go(request, "group", chosen.pk)
    back = reverse("group", args=[chosen.pk])
    return form_page(request, form, heading=gettext("Rename this group"), submit=gettext("Rename"), back=back)


@page
@require_http_methods(["GET", "POST"])
def delete_group(request: Request, group_id: uuid.UUID) -> HttpResponse:
    request.scope.require(Permission.ADMINISTER)
    chosen = get_object_or_404(Group, pk=group_id)
    if request.method == "POST":
        delete_group_and_grants(request.scope, chosen)
        messages.success(request, gettext("“%(name)s” was deleted.") % {"name": chosen.name})
        return go(request, "groups")
    count = Grant.objects.filter(group=chosen).count()
    intro = ngettext(
        "Its members lose what it grants them in %(count)s collection. The people themselves stay.",
        "Its members lose what it grants them in %(count)s collections. The people themselves stay.",
        count,
    ) % {"count": count}
    return form_page(
        request,
        None,
        heading=gettext("Delete the group “%(name)s”?") % {"name": chosen.name},
        intro=intro,
        submit=gettext("Delete group"),
        back=reverse("group", args=[chosen.pk]),
        danger=True,
    )
