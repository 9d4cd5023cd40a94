"""The rows that a service changes: locked once the scope's role is known, changed field by field, checked for length."""

from collections.abc import Mapping
from typing import Any

from apps.accounts.scope import Scope
from apps.core.errors import Invalid, NotFound
from apps.documents.models import Collection, Document, Role, Version

LONGEST_NAME = 200
LONGEST_TITLE = 300


def held(scope: Scope, collection: Collection, role: Role, *, to_delete: bool = False) -> Collection:
    """Return the collection's row, locked, if the scope holds `role` in it."""
    Collection.objects.get_visible(scope, collection.pk, role)
    return locked(collection, to_delete=to_delete)


def governed(scope: Scope, collection: Collection) -> Collection:
    Collection.objects.get_governed(scope, collection.pk)
    return locked(collection)


def locked(collection: Collection, *, to_delete: bool = False) -> Collection:
    """Lock against other changes, but against rows that refer to the collection (passages being written) only to delete it."""
    row = Collection.objects.select_for_update(no_key=not to_delete).filter(pk=collection.pk).first()
    if row is None:
        raise NotFound
    return row


def held_document(scope: Scope, document: Document, role: Role) -> Document:
    """Return the document, locked before the record is, as whoever finishes its reading does it."""
    Document.objects.select_for_update(no_key=True).filter(pk=document.pk).first()
    return Document.objects.get_visible(scope, document.pk, role)


def apply(row: Collection | Document | Version, wanted: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Set what is not None and differs, save it, and return field → [before, after]."""
    changes = {
        field: [getattr(row, field), value]
        for field, value in wanted.items()
        if value is not None and getattr(row, field) != value
    }
    for field, (_, value) in changes.items():
        setattr(row, field, value)
    if changes:
        row.save(update_fields=list(changes))
    return changes


def checked(field: str, text: str, longest: int) -> str:
    text = " ".join(text.split())
    if not text:
        raise Invalid(f"The {field} is empty. Give one.", errors={field: ["This cannot be empty."]})
    if len(text) > longest:
        raise Invalid(
            f"The {field} is longer than {longest} characters. Shorten it.",
            errors={field: [f"At most {longest} characters."]},
        )
    return text
