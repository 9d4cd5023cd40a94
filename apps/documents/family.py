"""A document and all that was attached to it, to what was attached to that, and so on."""

import uuid

from apps.documents.models import Attachment, Document


def lock_family(document: Document, *, to_delete: bool = False) -> list[Document]:
    """Return the document and what goes with it, locked until the transaction ends, outermost first; empty if it is gone.

    What is attached to another document as well stays with that one.
    """
    found: list[Document] = []
    layer = _locked([document.pk], to_delete)
    while layer:
        found += layer
        attached = Document.objects.filter(attached_to__in=layer).values_list("pk", flat=True)
        layer = _locked(list(attached), to_delete)
        layer = [child for child in layer if not _taken_by_another(child, found)]
    return found


def _locked(ids: list[uuid.UUID], to_delete: bool) -> list[Document]:
    return list(Document.objects.filter(pk__in=ids).order_by("pk").select_for_update(no_key=not to_delete))


def _taken_by_another(child: Document, family: list[Document]) -> bool:
    """Have a document that something outside the family holds too belong to that; return whether there is such."""
    here = Attachment.objects.filter(document=child, version__document__collection=child.collection_id)
    holders = here.exclude(version__document__in=family)
    other = holders.select_related("version").first()
    if other is None:
        return False
    child.attached_to_id = other.version.document_id
    child.save(update_fields=["attached_to"])
    return True
