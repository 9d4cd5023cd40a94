"""Records by who, what and when. What they hold is read in the audit pages, which record the reading."""

from django.contrib import admin

from apps.audit.models import Record
from apps.core.admin import ReadOnlyAdmin


@admin.register(Record)
class RecordAdmin(ReadOnlyAdmin):
    list_display = ["sequence", "occurred_at", "action", "actor_label", "subject_type", "subject_label"]
    list_filter = ["action"]
    search_fields = ["actor_label", "subject_label", "hash"]
    date_hierarchy = "occurred_at"
    fields = [
        "sequence", "occurred_at", "action", "actor_type", "actor_id", "actor_label", "subject_type", "subject_id",
        "previous_hash", "hash",
    ]  # fmt: skip
