"""How much may be spent, by whom, and on which matters. For administrators."""

import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from apps.accounts.scope import Permission
from apps.serving.endpoints import endpoints_in_order
from apps.usage import services
from apps.usage.budgets import all_states
from apps.usage.models import Budget, Matter
from apps.web.budget_page import bar_of, kind_of, name_of
from apps.web.forms_usage import BudgetForm, ChangeBudgetForm, MatterForm
from apps.web.views import Request, go, page
from apps.web.views.dialogs import form_page


@page
@require_GET
def budgets(request: Request) -> HttpResponse:
    request.scope.require(Permission.ADMINISTER)
    context = {"section": "usage", "tab": "budgets", "budgets": [bar_of(state) for state in all_states()]}
    return render(request, "web/budgets.html", context)


@page
@require_http_methods(["GET", "POST"])
def new_budget(request: Request) -> HttpResponse:
    request.scope.require(Permission.ADMINISTER)
    priced = [served.price or served.hardware for served in endpoints_in_order()]
    form = BudgetForm(request.POST or None, currencies=[each.currency for each in priced if each])
    if form.is_valid():
        with form.refusing():
            services.create_budget(request.scope, **form.budget())
            messages.success(request, gettext("The budget is set. What was spent in its period before is counted."))
            return go(request, "budgets")
    return form_page(request, form, heading=gettext("New budget"), submit=gettext("Set"), back=reverse("budgets"))


@page
@require_http_methods(["GET", "POST"])
def change_budget(request: Request, budget_id: uuid.UUID) -> HttpResponse:
    request.scope.require(Permission.ADMINISTER)
    chosen = get_object_or_404(Budget, pk=budget_id)
    initial = {
        "limit": chosen.limit.normalize(),
        "soft": (100 * chosen.soft_share).normalize(),
        "hard": "yes" if chosen.hard else "no",
    }
    form = ChangeBudgetForm(request.POST or None, initial={**initial, "limit": f"{initial['limit']:f}"})
    if form.is_valid():
        with form.refusing():
            services.change_budget(request.scope, chosen, **form.amounts())
            messages.success(request, gettext("Saved."))
            return go(request, "budgets")
    return form_page(
        request,
        form,
        heading=gettext("Budget of %(name)s") % {"name": name_of(chosen)},
        intro=f"{kind_of(chosen)}, {chosen.currency or gettext('in tokens')}",
        submit=gettext("Save"),
        back=reverse("budgets"),
    )


@page
@require_http_methods(["GET", "POST"])
def delete_budget(request: Request, budget_id: uuid.UUID) -> HttpResponse:
    request.scope.require(Permission.ADMINISTER)
    chosen = get_object_or_404(Budget, pk=budget_id)
    if request.method == "POST":
        services.delete_budget(request.scope, chosen)
        messages.success(request, gettext("The budget of %(name)s was removed.") % {"name": name_of(chosen)})
        return go(request, "budgets")
    return form_page(
        request,
        None,
        heading=gettext("Remove the budget of %(name)s?") % {"name": name_of(chosen)},
        intro=gettext("Nobody is stopped or warned by it any more. What was spent stays counted."),
        submit=gettext("Remove budget"),
        back=reverse("budgets"),
        danger=True,
    )


@page
@require_http_methods(["GET", "POST"])
def matters(request: Request) -> HttpResponse:
    """The matters that questions may be charged to; posting adds one."""
    request.scope.require(Permission.ADMINISTER)
    form = MatterForm(request.POST or None)
    if form.is_valid():
        with form.refusing():
            services.create_matter(request.scope, **form.cleaned_data)
            return go(request, "matters")
    context = {"section": "usage", "tab": "matters", "matters": Matter.objects.all(), "form": form}
    return render(request, "web/matters.html", context, status=422 if form.errors else 200)


@page
@require_POST
def open_matter(request: Request, matter_id: uuid.UUID) -> HttpResponse:
    """Open a matter for questions, or close it."""
    request.scope.require(Permission.ADMINISTER)
    chosen = get_object_or_404(Matter, pk=matter_id)
    services.change_matter(request.scope, chosen, open=request.POST.get("open") == "yes")
    return go(request, "matters")
