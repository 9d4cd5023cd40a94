"""The endpoints that answer: added, changed, put in order and tested by administrators."""

import uuid
from collections.abc import AsyncIterator, Iterator

from asgiref.sync import sync_to_async
from django.contrib import messages
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from apps.accounts.scope import Permission
from apps.core.errors import Invalid, NotFound
from apps.serving import services
from apps.serving.endpoints import ENVIRONMENT, find_endpoint
from apps.serving.health import states_by_id
from apps.serving.models import Endpoint
from apps.serving.trial import Finding
from apps.usage.periods import today
from apps.web.endpoint_page import endpoint_rows
from apps.web.endpoint_presets import PRESETS, preset_of
from apps.web.forms_endpoints import EndpointForm
from apps.web.views import Request, go, page
from apps.web.views.dialogs import form_page

_MARK = "<!-- findings -->"


@page
@require_GET
def models(request: Request) -> HttpResponse:
    request.scope.require(Permission.ADMINISTER)
    endpoints = list(Endpoint.objects.all())
    states = states_by_id([ENVIRONMENT, *(str(one.pk) for one in endpoints)])
    rows = endpoint_rows(endpoints, states, today())
    return render(request, "web/models.html", {"section": "usage", "tab": "models", "rows": rows})


@page
@require_GET
def choose(request: Request) -> HttpResponse:
    request.scope.require(Permission.ADMINISTER)
    context = {"section": "usage", "tab": "models", "presets": PRESETS.values()}
    return render(request, "web/model_choose.html", context)


@page
@require_http_methods(["GET", "POST"])
def new_model(request: Request, preset: str) -> HttpResponse:
    request.scope.require(Permission.ADMINISTER)
    if preset not in PRESETS:
        raise NotFound
    form = EndpointForm(request.POST or None, preset=PRESETS[preset])
    if form.is_valid():
        with form.refusing():
            made = services.add_endpoint(request.scope, **form.endpoint_fields())
            messages.success(request, gettext("Added. Test the connection before you rely on it."))
            return go(request, reverse("models") + f"#e-{made.pk}")
    return _form(request, form)


@page
@require_http_methods(["GET", "POST"])
def change(request: Request, endpoint_id: uuid.UUID) -> HttpResponse:
    request.scope.require(Permission.ADMINISTER)
    endpoint = get_object_or_404(Endpoint, pk=endpoint_id)
    form = EndpointForm(request.POST or None, preset=preset_of(endpoint), endpoint=endpoint)
    if form.is_valid():
        with form.refusing():
            services.change_endpoint(request.scope, endpoint, **form.endpoint_fields())
            messages.success(request, gettext("Saved."))
            return go(request, reverse("models") + f"#e-{endpoint.pk}")
    return _form(request, form)


@page
@require_POST
def enable(request: Request, endpoint_id: uuid.UUID) -> HttpResponse:
    """Turn an endpoint on or off."""
    request.scope.require(Permission.ADMINISTER)
    endpoint = get_object_or_404(Endpoint, pk=endpoint_id)
    services.change_endpoint(request.scope, endpoint, enabled=request.POST.get("enabled") == "yes")
    return go(request, "models")


@page
@require_POST
def move(request: Request, endpoint_id: uuid.UUID) -> HttpResponse:
    """Change places with the endpoint before or after."""
    request.scope.require(Permission.ADMINISTER)
    ids = list(Endpoint.objects.values_list("pk", flat=True))
    if endpoint_id not in ids:
        raise NotFound
    at = ids.index(endpoint_id)
    to = at - 1 if request.POST.get("to") == "up" else at + 1
    if 0 <= to < len(ids):
        ids[at], ids[to] = ids[to], ids[at]
        try:
            services.order_endpoints(request.scope, ids)
        except Invalid as error:
            messages.error(request, error.detail)
    return go(request, "models")


@page
@require_http_methods(["GET", "POST"])
def remove(request: Request, endpoint_id: uuid.UUID) -> HttpResponse:
    request.scope.require(Permission.ADMINISTER)
    endpoint = get_object_or_404(Endpoint, pk=endpoint_id)
    if request.method == "POST":
        services.remove_endpoint(request.scope, endpoint)
        messages.success(request, gettext("“%(name)s” was removed.") % {"name": endpoint.name})
        return go(request, "models")
    return form_page(
        request,
        None,
        heading=gettext("Remove “%(name)s”?") % {"name": endpoint.name},
        intro=gettext("Its key is deleted. Answers that it wrote keep its name, and what they cost stays counted."),
        submit=gettext("Remove"),
        back=reverse("models"),
        danger=True,
    )


@page
@require_POST
async def test(request: Request, endpoint_id: str) -> StreamingHttpResponse:
    """The page of a test, sent as far as it is known: each finding as soon as it is there, without any script."""
    findings = await sync_to_async(services.test_endpoint)(request.scope, endpoint_id)
    served = await sync_to_async(find_endpoint)(endpoint_id)
    context = {"section": "usage", "tab": "models", "served": served, "mark": _MARK}
    whole = await sync_to_async(render_to_string)("web/model_test.html", context, request)
    head, _mark, foot = whole.partition(_MARK)
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingHttpResponse(_streamed(head, findings, foot), headers=headers)


async def _streamed(head: str, findings: Iterator[Finding], foot: str) -> AsyncIterator[str]:
    yield head
    while finding := await sync_to_async(_next)(findings):
        yield render_to_string("components/finding.html", {"finding": finding})
    yield foot


def _next(findings: Iterator[Finding]) -> Finding | None:
    return next(findings, None)


def _form(request: Request, form: EndpointForm) -> HttpResponse:
    context = {"section": "usage", "tab": "models", "form": form, "preset": form.preset, "endpoint": form.endpoint}
    return render(request, "web/model_form.html", context, status=422 if form.errors else 200)
