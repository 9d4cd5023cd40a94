"""Collections, grants, documents and versions to look at: their state, never their text."""

from django.contrib import admin

from apps.core.admin import ReadOnlyAdmin
from apps.documents.models import Collection, Document, Grant, Version


@admin.register(Collection)
class CollectionAdmin(ReadOnlyAdmin):
    list_display = ["name", "allow_download", "is_sample", "created_by", "created_at"]
    list_select_related = ["created_by"]
    search_fields = ["name"]


@admin.register(Grant)
class GrantAdmin(ReadOnlyAdmin):
    list_display = ["collection", "user", "group", "role", "granted_by", "created_at"]
    list_select_related = ["collection", "user", "group", "granted_by"]
    list_filter = ["role"]
    search_fields = ["collection__name", "user__email", "group__name"]


@admin.register(Document)
class DocumentAdmin(ReadOnlyAdmin):
    list_display = ["title", "collection", "created_by", "created_at"]
    list_select_related = ["collection", "created_by"]
    search_fields = ["title"]


@admin.register(Version)
class VersionAdmin(ReadOnlyAdmin):
    list_display = ["filename", "number", "status", "stage", "progress", "page_count", "passage_count", "error_code"]
    list_filter = ["status", "media_type", "error_code"]
    search_fields = ["filename", "sha256"]
    raw_id_fields = ["document", "created_by"]
