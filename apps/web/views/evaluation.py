"""Golden sets of a collection, and how well search finds what answers their questions. For its managers."""

import uuid

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.text import slugify
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from apps.accounts.scope import Permission
from apps.core.errors import Invalid, NotFound
from apps.documents.models import Collection, Document, Role
from apps.evaluation import services
from apps.evaluation.exchange import lines_of, questions_from
from apps.evaluation.grounds import Ground
from apps.evaluation.live import objections
from apps.evaluation.measures import MEASURES
from apps.evaluation.models import EvaluationRun, GoldenQuestion, GoldenSet
from apps.retrieval.configuration import live_configuration
from apps.web import evaluation_page
from apps.web.forms_evaluation import BarForm, ImportForm, LiveForm, QuestionForm, RunForm, SetForm
from apps.web.views import Request, go, page
from apps.web.views.dialogs import form_page

_LARGEST_IMPORT = 8 * 1024 * 1024
_QUESTIONS, _RUNS = 200, 20


@page
@require_http_methods(["GET", "POST"])
def sets(request: Request, collection_id: uuid.UUID) -> HttpResponse:
    """The golden sets of a collection; posting makes one."""
    collection = Collection.objects.get_visible(request.scope, collection_id, Role.MANAGER)
    form = SetForm(request.POST or None)
    if form.is_valid():
        with form.refusing():
            made = services.create_set(request.scope, collection, name=form.cleaned_data["name"])
            return go(request, "evaluation-set", made.pk)
    found = GoldenSet.objects.visible_to(request.scope).filter(collection=collection)
    rows = [
        {"set": each, "run": each.runs.filter(state=EvaluationRun.State.DONE).first()}
        for each in found.annotate(size=Count("questions")).prefetch_related("bars")
    ]
    context = {"section": "library", "collection": collection, "rows": rows, "form": form}
    return render(request, "web/evaluation.html", context, status=422 if form.errors else 200)


@page
@require_GET
def golden_set(request: Request, set_id: uuid.UUID) -> HttpResponse:
    """The questions of a set, its bars and its runs."""
    chosen = GoldenSet.objects.get_visible(request.scope, set_id)
    context = {
        "section": "library",
        "golden": chosen,
        "questions": chosen.questions.prefetch_related("grounds__document")[:_QUESTIONS],
        "size": chosen.questions.count(),
        "runs": chosen.runs.select_related("asked_by")[:_RUNS],
        "answers_runs": chosen.answers_runs.all()[:_RUNS],
        "bars": chosen.bars.all(),
    }
    return render(request, "web/evaluation_set.html", context)


@page
@require_http_methods(["GET", "POST"])
def new_question(request: Request, set_id: uuid.UUID) -> HttpResponse:
    chosen = GoldenSet.objects.get_visible(request.scope, set_id)
    form = QuestionForm(request.POST or None)
    if form.is_valid():
        with form.refusing():
            grounds = _grounds(request, chosen, form)
            answers = [answer] if (answer := form.cleaned_data["answer"].strip()) else []
            question = services.NewQuestion(form.cleaned_data["question"], grounds, answers=answers)
            services.add_questions(request.scope, chosen, [question])
            return go(request, "evaluation-set", chosen.pk)
    return form_page(
        request,
        form,
        heading=gettext("New golden question"),
        submit=gettext("Keep"),
        back=reverse("evaluation-set", args=[chosen.pk]),
    )


@page
@require_http_methods(["GET", "POST"])
def import_questions(request: Request, set_id: uuid.UUID) -> HttpResponse:
    chosen = GoldenSet.objects.get_visible(request.scope, set_id)
    form = ImportForm(request.POST or None, request.FILES or None)
    if form.is_valid():
        with form.refusing():
            count = services.add_questions(
                request.scope, chosen, questions_from(request.scope, chosen, _lines(form.cleaned_data["file"]))
            )
            said = ngettext("%(count)s question was kept.", "%(count)s questions were kept.", count)
            messages.success(request, said % {"count": count})
            return go(request, "evaluation-set", chosen.pk)
    return form_page(
        request,
        form,
        heading=gettext("Add questions from a file"),
        submit=gettext("Add"),
        back=reverse("evaluation-set", args=[chosen.pk]),
    )


@page
@require_GET
def export_questions(request: Request, set_id: uuid.UUID) -> HttpResponse:
    chosen = GoldenSet.objects.get_visible(request.scope, set_id)
    name = f"{slugify(chosen.name) or 'golden-set'}.jsonl"
    return HttpResponse(
        "".join(lines_of(chosen)),
        content_type="application/jsonl; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@page
@require_POST
def remove_question(request: Request, question_id: uuid.UUID) -> HttpResponse:
    question = get_object_or_404(GoldenQuestion.objects.select_related("golden_set"), pk=question_id)
    services.delete_question(request.scope, question)
    return go(request, "evaluation-set", question.golden_set_id)


@page
@require_http_methods(["GET", "POST"])
def bars(request: Request, set_id: uuid.UUID) -> HttpResponse:
    chosen = GoldenSet.objects.get_visible(request.scope, set_id)
    form = BarForm(request.POST or None, initial=dict(chosen.bars.values_list("measure", "value")))
    if form.is_valid():
        services.set_bars(request.scope, chosen, form.bars())
        messages.success(request, gettext("Saved."))
        return go(request, "evaluation-set", chosen.pk)
    return form_page(
        request,
        form,
        heading=gettext("Bars"),
        intro=gettext("What search must reach at its last stage before it is changed. An empty field is no bar."),
        submit=gettext("Save"),
        back=reverse("evaluation-set", args=[chosen.pk]),
    )


@page
@require_http_methods(["GET", "POST"])
def delete(request: Request, set_id: uuid.UUID) -> HttpResponse:
    chosen = GoldenSet.objects.get_visible(request.scope, set_id)
    if request.method == "POST":
        services.delete_set(request.scope, chosen)
        return go(request, "collection-evaluation", chosen.collection_id)
    return form_page(
        request,
        None,
        heading=gettext("Delete “%(name)s”?") % {"name": chosen.name},
        intro=gettext("Its questions, bars and measurements go with it. The record of them stays."),
        submit=gettext("Delete golden set"),
        back=reverse("evaluation-set", args=[chosen.pk]),
        danger=True,
    )


@page
@require_http_methods(["GET", "POST"])
def new_run(request: Request, set_id: uuid.UUID) -> HttpResponse:
    chosen = GoldenSet.objects.get_visible(request.scope, set_id)
    form = RunForm(request.POST or None, initial=live_configuration().as_json())
    if form.is_valid():
        with form.refusing():
            run = services.start_run(request.scope, chosen, form.configuration())
            return go(request, "evaluation-run", run.pk)
    return form_page(
        request,
        form,
        heading=gettext("Measure search"),
        intro=gettext("Every question of the set is searched for. The values are those that searches run with now."),
        submit=gettext("Measure"),
        back=reverse("evaluation-set", args=[chosen.pk]),
    )


@page
@require_GET
def run(request: Request, run_id: uuid.UUID) -> HttpResponse:
    """One measurement: under way, or with its measures and the questions that fared worst."""
    chosen = _run(request, run_id)
    context = {
        "section": "library",
        "run": chosen,
        "golden": chosen.golden_set,
        "asked": chosen.results.count(),
        "measures": MEASURES,
        "administers": request.scope.may(Permission.ADMINISTER),
    }
    if chosen.state == EvaluationRun.State.DONE:
        done = chosen.golden_set.runs.filter(state=EvaluationRun.State.DONE).exclude(pk=chosen.pk)
        context |= {
            "charts": evaluation_page.charts(chosen),
            "rows": evaluation_page.rows_of(chosen),
            "questions": evaluation_page.worst_questions(chosen),
            "legs": evaluation_page.LEG_NAMES.values(),
            "others": done[:_RUNS],
        }
    return render(request, "web/evaluation_run.html#body" if request.htmx else "web/evaluation_run.html", context)


@page
@require_GET
def comparison(request: Request, run_id: uuid.UUID, other_id: uuid.UUID) -> HttpResponse:
    """What one measurement gains over another of the same set."""
    after, before = _run(request, run_id), _run(request, other_id)
    if before.golden_set_id != after.golden_set_id:
        raise NotFound
    found, gains, changes = evaluation_page.comparison_of(before, after)
    context = {
        "section": "library",
        "golden": after.golden_set,
        "before": before,
        "after": after,
        "questions": found.questions,
        "gains": gains,
        "changes": changes,
        "measures": evaluation_page.SHOWN,
    }
    return render(request, "web/evaluation_comparison.html", context)


@page
@require_POST
def stop(request: Request, run_id: uuid.UUID) -> HttpResponse:
    chosen = services.cancel_run(request.scope, _run(request, run_id))
    return go(request, "evaluation-run", chosen.pk)


@page
@require_http_methods(["GET", "POST"])
def make_live(request: Request, run_id: uuid.UUID) -> HttpResponse:
    """Have searches run as in a measurement. For administrators; below a bar they say why, and it is recorded."""
    request.scope.require(Permission.ADMINISTER)
    chosen = _run(request, run_id)
    configuration = chosen.ran_with
    against = objections(configuration)
    form = LiveForm(request.POST if request.method == "POST" else None, against=bool(against))
    if form.is_valid():
        with form.refusing():
            services.make_live(request.scope, configuration, override_reason=form.cleaned_data.get("reason", ""))
            messages.success(request, gettext("Searches run with this from now on."))
            return go(request, "evaluation-run", chosen.pk)
    return form_page(
        request,
        form,
        heading=gettext("Run all searches like this?"),
        intro=" ".join(against) or gettext("It reaches every bar. The change counts from the next search."),
        submit=gettext("Make live"),
        back=reverse("evaluation-run", args=[chosen.pk]),
        danger=bool(against),
    )


def _run(request: Request, run_id: uuid.UUID) -> EvaluationRun:
    found = EvaluationRun.objects.filter(pk=run_id, golden_set__in=GoldenSet.objects.visible_to(request.scope))
    chosen = found.select_related("golden_set__collection", "asked_by").first()
    if chosen is None:
        raise NotFound
    return chosen


def _grounds(request: Request, golden_set: GoldenSet, form: QuestionForm) -> list[Ground]:
    title = form.cleaned_data["document"].strip()
    if not title:
        return []
    documents = Document.objects.visible_to(request.scope).filter(collection=golden_set.collection_id)
    document = documents.filter(title__iexact=title).first()
    if document is None:
        message = gettext("No document of this collection has this title.")
        raise Invalid(message, errors={"document": [message]})
    return [Ground(str(document.pk), form.cleaned_data["page"], form.cleaned_data["quote"])]


def _lines(file: "UploadedFile[bytes]") -> list[str]:
    if (file.size or 0) > _LARGEST_IMPORT:
        raise Invalid(gettext("The file is larger than 8 MiB. Send it in parts."))
    try:
        text: str = file.read().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Invalid(gettext("The file is not text in UTF-8.")) from None
    return text.splitlines()
