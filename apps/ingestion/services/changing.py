"""Changing what a document is called, when it counts and where it is; its passages follow in the same transaction."""

import uuid
from datetime import date
from enum import Enum
from typing import Literal

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from apps.accounts.scope import Scope
from apps.audit import log
from apps.audit.actions import Action
from apps.core.errors import Conflict, NotFound
from apps.documents import services
from apps.documents.family import lock_family
from apps.documents.models import Access, Collection, Document, Role
from apps.ingestion.force import settle_in_force
from apps.retrieval.index import hold_postings, move_documents


class _Keep(Enum):
    KEEP = "keep"


KEEP: Literal[_Keep.KEEP] = _Keep.KEEP
"""Leave the date as it is; None takes it away."""


def change_document(
    scope: Scope,
    document: Document,
    *,
    title: str | None = None,
    language: str | None = None,
    effective_from: date | Literal[_Keep.KEEP] | None = KEEP,
    collection: Collection | None = None,
) -> Document:
    """Return the document with what was given changed. Needs the role of contributor, for a move in both collections.

    What was attached moves along. Raises `Conflict` for a move of an attachment by itself, and where the target has the same
    file already.
    """
    with transaction.atomic():
        if collection is not None:
            _move(scope, document, collection)
        if effective_from is not KEEP:
            hold_postings(document.pk)
        document = services.change_document(scope, document, title=title, language=language)
        if effective_from is not KEEP:
            document = services.change_effective_date(scope, document, effective_from)
            settle_in_force(document)
    return Document.objects.get_visible(scope, document.pk)


def _move(scope: Scope, document: Document, target: Collection) -> None:
    """Take a document, what is attached to it and all their passages into another collection."""
    document = Document.objects.get_visible(scope, document.pk, Role.CONTRIBUTOR)
    target = Collection.objects.get_visible(scope, target.pk, Role.CONTRIBUTOR)
    source = document.collection
    if source == target:
        return
    with transaction.atomic():
        _lock_both(source, target)
        family = lock_family(document)
        _check_move(scope, document, family, target)
        ids = [member.pk for member in family]
        for access, here in _accesses(family, target):
            Document.objects.filter(pk__in=here).update(collection=target, access=access)
            move_documents(here, access)
        log.record(
            Action.DOCUMENT_MOVED,
            document,
            collection=target.pk,
            documents=ids,
            data={
                "from": {"id": str(source.pk), "name": source.name},
                "to": {"id": str(target.pk), "name": target.name},
            },
            actor=scope.actor,
        )


def _accesses(family: list[Document], target: Collection) -> list[tuple[Access, list[uuid.UUID]]]:
    """Return what each document is read by in its new collection: the same people and groups as before, if it is narrowed."""
    groups: dict[int, list[uuid.UUID]] = {}
    for member in family:
        groups.setdefault(member.access_id, []).append(member.pk)
    return [(Access.objects.get(pk=pk).in_collection(target), members) for pk, members in groups.items()]


def _lock_both(source: Collection, target: Collection) -> None:
    """Lock two collections against additions, always the same one first, so that two moves never wait for each other."""
    rows = Collection.objects.filter(pk__in=[source.pk, target.pk]).order_by("pk").select_for_update(no_key=True)
    if len(rows) < 2:
        raise NotFound


def _check_move(scope: Scope, document: Document, family: list[Document], target: Collection) -> None:
    """Raise `NotFound` if it has gone or been moved meanwhile, `Conflict` where the move is not possible.

    A document of the target that the mover does not see is no reason: it would tell that there is one.
    """
    now = next((member for member in family if member.pk == document.pk), None)
    if now is None or now.collection_id != document.collection_id:
        raise NotFound
    if now.attached_to_id is not None:
        raise Conflict(
            _("This was attached to another document and moves with it. Move that one, or add this file itself.")
        )
    hashes = Document.objects.filter(pk__in=[member.pk for member in family]).values_list(
        "latest__sha256", "in_force__sha256"
    )
    wanted = {sha256 for pair in hashes for sha256 in pair if sha256}
    there_already = Document.objects.visible_to(scope).filter(collection=target)
    same = there_already.filter(Q(latest__sha256__in=wanted) | Q(in_force__sha256__in=wanted))
    there = same.first()
    if there is not None:
        raise Conflict(
            _("“%(collection)s” has the same file already, as “%(title)s”. Delete one of the two first.")
            % {"collection": target.name, "title": there.title}
        )
