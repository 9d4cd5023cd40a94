"""A document and all that was attached to it, to what was attached to that, and so on."""

import uuid

from apps.documents.models import Attachment, Document


def lock_family(document: Document, *, to_delete: bool = False) -> list[Document]:
    """Return the document and what goes with it, locked until the transaction ends, outermost first; empty if it is gone.

    What another document with the same readers holds as well is handed to that one and stays, with all below it.
    """
    below = _lock_all_below(document, to_delete)
    family: list[Document] = []
    apart: set[uuid.UUID] = set()
    for member in below.values():
        is_apart = member.attached_to_id in apart
        if member.pk != document.pk and (is_apart or _handed_over(member, below)):
            apart.add(member.pk)
        else:
            family.append(member)
    return family


def _lock_all_below(document: Document, to_delete: bool) -> dict[uuid.UUID, Document]:
    found: dict[uuid.UUID, Document] = {}
    layer = [document.pk]
    while layer:
        rows = Document.objects.filter(pk__in=layer).order_by("pk").select_for_update(no_key=not to_delete)
        found |= {row.pk: row for row in rows}
        attached = Document.objects.filter(attached_to__in=layer).exclude(pk__in=found)
        layer = list(attached.values_list("pk", flat=True))
    return found


def _handed_over(child: Document, below: dict[uuid.UUID, Document]) -> bool:
    """Have a document that something else with the same readers holds too belong to that; return whether there is such."""
    here = Attachment.objects.filter(document=child, version__document__access=child.access_id)
    other = here.exclude(version__document__in=list(below)).select_related("version").first()
    if other is None:
        return False
    child.attached_to_id = other.version.document_id
    child.save(update_fields=["attached_to"])
    return True
