"""Runs to look at: which stage took how long, and what went wrong."""

from django.contrib import admin

from apps.core.admin import ReadOnlyAdmin
from apps.ingestion.models import IngestRun


@admin.register(IngestRun)
class IngestRunAdmin(ReadOnlyAdmin):
    list_display = ["version", "state", "stage", "attempts", "created_at", "started_at", "finished_at", "error_code"]
    list_select_related = ["version"]
    list_filter = ["state", "stage", "error_code"]
