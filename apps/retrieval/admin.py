"""Generations of the index to look at."""

from django.contrib import admin

from apps.core.admin import ReadOnlyAdmin
from apps.retrieval.models import IndexGeneration


@admin.register(IndexGeneration)
class IndexGenerationAdmin(ReadOnlyAdmin):
    list_display = ["number", "embedder", "dimensions", "chunker_version", "state", "created_at"]
    list_filter = ["state"]
