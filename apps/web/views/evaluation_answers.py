"""Answers of the model, measured on a golden set. For the managers of its collection."""

import uuid

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from apps.core.errors import NotFound
from apps.evaluation import services
from apps.evaluation.answers.running import report_of
from apps.evaluation.models import AnswersRun, GoldenSet
from apps.web import evaluation_answers_page as shown
from apps.web.forms_evaluation import AnswersRunForm
from apps.web.views import Request, go, page
from apps.web.views.dialogs import form_page

_RUNS = 20


@page
@require_http_methods(["GET", "POST"])
def new_run(request: Request, set_id: uuid.UUID) -> HttpResponse:
    chosen = GoldenSet.objects.get_visible(request.scope, set_id)
    form = AnswersRunForm(request.POST or None)
    if form.is_valid():
        with form.refusing():
            run = services.start_answers_run(request.scope, chosen, **form.cleaned_data)
            return go(request, "evaluation-answers", run.pk)
    return form_page(
        request,
        form,
        heading=gettext("Measure answers"),
        intro=gettext("Every question of the set is put to the model, in your name and at the cost of your budgets."),
        submit=gettext("Measure"),
        back=reverse("evaluation-set", args=[chosen.pk]),
    )


@page
@require_GET
def run(request: Request, run_id: uuid.UUID) -> HttpResponse:
    """One measurement: how far it is, and what was observed so far."""
    chosen = _run(request, run_id)
    report = report_of(chosen)
    context = {
        "section": "library",
        "run": chosen,
        "golden": chosen.golden_set,
        "answered": len(report.rows) + len(report.failed),
        "failed": len(report.failed),
        "rows": shown.rows_of(report),
        "took": shown.took_of(report),
        "questions": shown.questions_of(report),
        "others": chosen.golden_set.answers_runs.exclude(pk=chosen.pk)[:_RUNS],
    }
    template = "web/evaluation_answers.html"
    return render(request, f"{template}#body" if request.htmx else template, context)


@page
@require_GET
def comparison(request: Request, run_id: uuid.UUID, other_id: uuid.UUID) -> HttpResponse:
    """What one measurement gains over another of the same set."""
    after, before = _run(request, run_id), _run(request, other_id)
    if before.golden_set_id != after.golden_set_id:
        raise NotFound
    old, new = report_of(before), report_of(after)
    context = {
        "section": "library",
        "golden": after.golden_set,
        "before": before,
        "after": after,
        "questions": len(old.rows.keys() & new.rows.keys()),
        "gains": shown.gains_of(old, new),
        "turned": shown.turned(old, new),
    }
    return render(request, "web/evaluation_answers_comparison.html", context)


@page
@require_POST
def stop(request: Request, run_id: uuid.UUID) -> HttpResponse:
    chosen = services.cancel_answers_run(request.scope, _run(request, run_id))
    return go(request, "evaluation-answers", chosen.pk)


@page
@require_POST
def go_on(request: Request, run_id: uuid.UUID) -> HttpResponse:
    chosen = services.continue_answers_run(request.scope, _run(request, run_id))
    return go(request, "evaluation-answers", chosen.pk)


def _run(request: Request, run_id: uuid.UUID) -> AnswersRun:
    visible = GoldenSet.objects.visible_to(request.scope)
    found = AnswersRun.objects.filter(pk=run_id, golden_set__in=visible).select_related("golden_set__collection")
    chosen = found.first()
    if chosen is None:
        raise NotFound
    return chosen
