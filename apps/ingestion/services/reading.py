"""Having documents read again, giving what opens them, and stopping."""

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from apps.accounts.scope import Scope
from apps.audit import log
from apps.audit.actions import Action
from apps.core.errors import Conflict, Invalid, NotFound
from apps.core.sealing import seal
from apps.documents.models import Collection, Document, Role, Status, Version
from apps.documents.parsing import PARSER_VERSION
from apps.ingestion import runs
from apps.ingestion.force import settle_in_force
from apps.ingestion.models import IngestRun
from apps.ingestion.services._queueing import WAITING_FIELDS, latest_of, queue, wait_again
from apps.retrieval.index import hold_postings

_LONGEST_PASSWORD = 1000


def reprocess_document(scope: Scope, document: Document) -> None:
    """Have the latest version read again; its passages answer until the new ones replace them. Needs the role of contributor.

    Raises `Conflict` while it is being read.
    """
    document = Document.objects.get_visible(scope, document.pk, Role.CONTRIBUTOR)
    with transaction.atomic():
        version = _at_rest(document)
        wait_again(version)
        version.save(update_fields=WAITING_FIELDS)
        log.record(
            Action.DOCUMENT_REPROCESSED,
            document,
            collection=document.collection_id,
            documents=[document.pk],
            data={"version": version.number, "sha256": version.sha256},
            actor=scope.actor,
        )
        queue([version])


def reprocess_outdated(scope: Scope, collection: Collection) -> int:
    """Have every document of a collection read again that an older parser has read, and return how many those are.

    Of the documents that the scope sees. Needs the role of contributor, or the installation itself. What is being read just now is left alone.
    """
    if not scope.is_system:
        collection = Collection.objects.get_visible(scope, collection.pk, Role.CONTRIBUTOR)
    with transaction.atomic():
        versions = list(_outdated(scope, collection).select_for_update(no_key=True, of=("self",)))
        for version in versions:
            wait_again(version)
        Version.objects.bulk_update(versions, WAITING_FIELDS, batch_size=500)
        if versions:
            log.record(
                Action.DOCUMENT_REPROCESSED,
                collection,
                collection=collection.pk,
                documents=[version.document_id for version in versions],
                data={"documents": len(versions), "parser_version": PARSER_VERSION},
                actor=scope.actor,
            )
            queue(versions)
    return len(versions)


def give_password(scope: Scope, document: Document, password: str) -> None:
    """Keep what opens the latest version, sealed, and have it read with it. Needs the role of contributor.

    Whether it is the right one shows when it is read. Raises `Conflict` while it is being read.
    """
    if not password or len(password) > _LONGEST_PASSWORD:
        message = _("Give a password of at most %(most)s characters.") % {"most": _LONGEST_PASSWORD}
        raise Invalid(message, errors={"password": [message]})
    document = Document.objects.get_visible(scope, document.pk, Role.CONTRIBUTOR)
    with transaction.atomic():
        version = _at_rest(document)
        wait_again(version)
        version.password = seal(password)
        version.save(update_fields=[*WAITING_FIELDS, "password"])
        log.record(
            Action.DOCUMENT_PASSWORD_GIVEN,
            document,
            collection=document.collection_id,
            documents=[document.pk],
            data={"version": version.number, "sha256": version.sha256},
            actor=scope.actor,
        )
        queue([version])


def cancel_reading(scope: Scope, document: Document) -> None:
    """Stop the reading of the latest version; succeeds if there is none. Needs the role of contributor."""
    document = Document.objects.get_visible(scope, document.pk, Role.CONTRIBUTOR)
    with transaction.atomic():
        version = latest_of(document)
        if runs.cancel(version):
            hold_postings(document.pk)
            log.record(
                Action.DOCUMENT_CANCELLED,
                document,
                collection=document.collection_id,
                documents=[document.pk],
                data={"version": version.number},
                actor=scope.actor,
            )
            settle_in_force(document)


def _at_rest(document: Document) -> Version:
    """Return the latest version, locked; raises `Conflict` while it is being read."""
    Document.objects.select_for_update(no_key=True).filter(pk=document.pk).first()
    version = Version.objects.select_for_update(no_key=True).filter(pk=latest_of(document).pk).first()
    if version is None:
        raise NotFound
    if IngestRun.objects.filter(version=version, state__in=runs.OPEN).exists():
        raise Conflict(_("This document is being read already. Wait, or stop that first."))
    return version


def _outdated(scope: Scope, collection: Collection) -> QuerySet[Version]:
    """Return the latest versions that an older parser has read and nobody reads now."""
    seen = Document.objects.all() if scope.is_system else Document.objects.visible_to(scope)
    latest = seen.filter(collection=collection).values("latest")
    behind = Version.objects.filter(pk__in=latest, status=Status.READY, parser_version__lt=PARSER_VERSION)
    return behind.exclude(runs__state__in=runs.OPEN).order_by("pk")
