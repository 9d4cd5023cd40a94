"""Proof that a deleted document is gone: every place where something of it could be is looked at again.

Tables are taken from the registry of models, so that one added later is covered. What an answer has quoted stays, as its
record: see `KEPT`.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import redis
from django.apps import apps
from django.conf import settings
from django.db import models, transaction

from apps.audit import log
from apps.audit.actions import Action
from apps.audit.log import Subject, read_body
from apps.audit.models import Record
from apps.core.errors import Unavailable
from apps.documents import storage
from apps.documents.models import Document, Upload, Version

DELETIONS = (Action.DOCUMENT_DELETED, Action.COLLECTION_DELETED)
KEPT = {
    "reasoning.candidate": "what an answer was given to read is its record",
    "documents.gonedocument": "who could read it decides who may see answers that rest on it",
}
"""Tables that keep the id of a deleted document on purpose, and why."""

_NAMES = {"document": Document, "document_id": Document, "version": Version, "version_id": Version}
_ID = re.compile(rb"[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}")
_AT_ONCE = 5000


@dataclass(frozen=True, slots=True)
class Deleted:
    """The ids and hashes by which anything left of a deletion would be found."""

    documents: frozenset[str]
    versions: frozenset[str]
    hashes: frozenset[str]

    @classmethod
    def by(cls, records: Iterable[Record]) -> "Deleted":
        """Return what these records say was deleted."""
        documents: set[str] = set()
        versions: set[str] = set()
        hashes: set[str] = set()
        for record in records:
            data = read_body(record)["data"]
            documents |= set(record.documents)
            hashes |= set(data.get("files", []))
            for version in data["versions"] if isinstance(data.get("versions"), list) else []:
                versions.add(version if isinstance(version, str) else version.get("id", ""))
                hashes |= set() if isinstance(version, str) else {version["sha256"]}
        return cls(frozenset(documents), frozenset(versions - {""}), frozenset(hashes))


@dataclass(frozen=True, slots=True)
class Check:
    """How much was found in each place that was looked at."""

    found: dict[str, int]

    @property
    def remains(self) -> int:
        return sum(self.found.values())


def check_deleted(deleted: Deleted) -> Check:
    """Look for what is left in every table, on disk and in Redis. Raises `Unavailable` where a place cannot be looked at."""
    found = dict(_in_tables(deleted))
    found |= _strays()
    gone = deleted.hashes - _still_used(deleted.hashes)
    found["files"] = sum(storage.path_of(sha256).exists() for sha256 in gone)
    found["page pictures"] = sum(storage.pictures_of(sha256).exists() for sha256 in gone)
    found["arriving files"] = len(storage.lost_arriving(Upload.names()))
    found["redis"] = _in_redis(deleted.documents | deleted.versions)
    return Check(found)


def purge(record: Record) -> Check | None:
    """Discard the files of a deletion once more, look for the rest, and record what was found; None if that has been done."""
    deleted = Deleted.by([record])
    for sha256 in sorted(deleted.hashes):
        storage.discard_unreferenced(sha256)
    storage.sweep_arriving(Upload.names())
    with transaction.atomic():
        Record.objects.select_for_update().get(pk=record.pk)  # one purge at a time
        if _purged().filter(subject_id=record.subject_id).exists():
            return None
        check = check_deleted(deleted)
        log.record(
            Action.DOCUMENT_PURGED,
            Subject(record.subject_type, record.subject_id, record.subject_label),
            collection=record.collection,
            documents=sorted(deleted.documents),
            data={"deletion": record.sequence, "checked": check.found, "remains": check.remains},
        )
    return check


def deletions() -> models.QuerySet[Record]:
    """Return the records of all deletions, oldest first."""
    return Record.objects.filter(action__in=DELETIONS).order_by("sequence")


def unpurged() -> models.QuerySet[Record]:
    """Return the deletions after which nobody has looked yet."""
    return deletions().exclude(subject_id__in=_purged().values("subject_id"))


def _purged() -> models.QuerySet[Record]:
    return Record.objects.filter(action=Action.DOCUMENT_PURGED)


def _in_tables(deleted: Deleted) -> Iterator[tuple[str, int]]:
    ids: dict[type[models.Model], frozenset[str]] = {Document: deleted.documents, Version: deleted.versions}
    for model in apps.get_models():
        if model._meta.label_lower in KEPT or model._meta.proxy:
            continue
        columns = [(field, target) for field in model._meta.concrete_fields if (target := _refers_to(model, field))]
        if columns:
            counts = (_count(model, field, ids[target]) for field, target in columns)
            yield model._meta.label_lower, sum(counts)


def _strays() -> dict[str, int]:
    """Return what tables that name passages without a reference to a row say of themselves: how much of it is not there."""
    managers = {model._meta.label_lower: model._default_manager for model in apps.get_models()}
    return {label: manager.strays() for label, manager in managers.items() if hasattr(manager, "strays")}


def _refers_to(model: type[models.Model], field: models.Field[Any, Any]) -> type[models.Model] | None:
    """Return whether a column holds ids of documents or of versions."""
    if field.primary_key:
        return model if model in {Document, Version} else None
    if field.is_relation:
        return field.related_model if field.related_model in {Document, Version} else None
    return _NAMES.get(field.name) if isinstance(field, models.UUIDField | models.CharField) else None


def _count(model: type[models.Model], field: models.Field[Any, Any], ids: frozenset[str]) -> int:
    wanted = sorted(ids)
    parts = (wanted[start : start + _AT_ONCE] for start in range(0, len(wanted), _AT_ONCE))
    return sum(model._default_manager.filter(**{f"{field.attname}__in": part}).count() for part in parts)


def _still_used(hashes: frozenset[str]) -> set[str]:
    return set(Version.objects.filter(sha256__in=hashes).values_list("sha256", flat=True))


def _in_redis(ids: frozenset[str]) -> int:
    """Return how many keys are named after one of these ids."""
    plain = {each.replace("-", "").encode() for each in ids}
    try:
        with redis.Redis.from_url(settings.REDIS_URL, socket_connect_timeout=2, socket_timeout=10) as client:
            keys = client.scan_iter(count=1000)
            return sum(any(name.replace(b"-", b"") in plain for name in _ID.findall(key)) for key in keys)
    except redis.RedisError as error:
        raise Unavailable("Redis cannot be reached, so it is not known whether anything is left in it.") from error
