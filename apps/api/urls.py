"""Addresses of the interface; what is not among them is a problem, not a page."""

from django.http import HttpRequest, HttpResponse
from django.urls import path, re_path

from apps.api.api import api
from apps.api.errors import problem_of
from apps.core.errors import NotFound


def unknown(request: HttpRequest) -> HttpResponse:
    """Answer for an address that does not exist."""
    return problem_of(request, NotFound())


urlpatterns = [path("v1/", api.urls), re_path("", unknown)]
