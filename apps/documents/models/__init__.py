"""Collections, who may use and read what in them, and the documents with their versions, pages and blocks."""

from apps.documents.models.access import Access, AccessReader
from apps.documents.models.collections import Collection, CollectionQuerySet, Grant, Role
from apps.documents.models.content import Block, Page
from apps.documents.models.documents import UNFINISHED, Attachment, Document, DocumentQuerySet, Status, Version
from apps.documents.models.gone import GoneDocument
from apps.documents.models.uploads import Upload

__all__ = [
    "UNFINISHED",
    "Access",
    "AccessReader",
    "Attachment",
    "Block",
    "Collection",
    "CollectionQuerySet",
    "Document",
    "DocumentQuerySet",
    "GoneDocument",
    "Grant",
    "Page",
    "Role",
    "Status",
    "Upload",
    "Version",
]
