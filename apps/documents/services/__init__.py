"""Every change to collections, their grants and their documents: check, change, record, in one transaction.

Grants are changed by managers and by administrators; everything else needs a role in the collection, also of administrators.
"""

from apps.documents.services.access import delete_group, grant_role, revoke_role
from apps.documents.services.adding import add_document
from apps.documents.services.collections import change_collection, create_collection, delete_collection
from apps.documents.services.documents import (
    change_document,
    change_effective_date,
    delete_document,
    open_original,
)

__all__ = [
    "add_document",
    "change_collection",
    "change_document",
    "change_effective_date",
    "create_collection",
    "delete_collection",
    "delete_document",
    "delete_group",
    "grant_role",
    "open_original",
    "revoke_role",
]
