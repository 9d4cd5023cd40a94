"""Answers for operators: who asked when, how it ended, what it took. Never what was asked or answered: that is read by the
asker, and by auditors in the record."""

from django.contrib import admin
from django.db import models
from django.http import HttpRequest

from apps.core.admin import ReadOnlyAdmin
from apps.reasoning.models import Answer


@admin.register(Answer)
class AnswerAdmin(ReadOnlyAdmin):
    """A list without pages of its own, since those would show the question."""

    list_display = [
        "id",
        "asker",
        "status",
        "outcome",
        "effort",
        "notice_code",
        "error_code",
        "created_at",
        "finished_at",
    ]
    list_display_links = None
    list_filter = ["status", "outcome", "effort"]
    list_select_related = ["asker"]
    date_hierarchy = "created_at"

    def has_view_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return obj is None and super().has_view_permission(request, obj)
