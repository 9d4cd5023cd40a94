"""A form as a page of its own or, where HTMX asked, as the inside of the dialog: the same template either way."""

from typing import Any

from django.forms import BaseForm
from django.http import HttpResponse
from django.shortcuts import render
from django_stubs_ext import StrOrPromise

from apps.web.views import Request


def form_page(
    request: Request,
    form: BaseForm | None,
    *,
    heading: StrOrPromise,
    submit: StrOrPromise,
    back: str,
    intro: StrOrPromise = "",
    danger: bool = False,
) -> HttpResponse:
    """Return a page (or dialog) that holds one form, or with None only a question to confirm. 422 after a refused form."""
    context: dict[str, Any] = {
        "form": form,
        "heading": heading,
        "intro": intro,
        "submit": submit,
        "back": back,
        "danger": danger,
        "in_dialog": bool(request.htmx),
    }
    status = 422 if form is not None and form.is_bound and not form.is_valid() else 200
    return render(request, "web/form.html#form" if request.htmx else "web/form.html", context, status=status)
