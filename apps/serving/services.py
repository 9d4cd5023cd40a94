"""Every change to endpoints: permission, change and record in one place. Administrators only.

A key comes in and stays in: no record, answer or log of these functions has it.
"""

import uuid
from collections.abc import Iterator, Sequence
from typing import Unpack

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from apps.accounts.scope import Permission, Scope
from apps.audit import log
from apps.audit.actions import Action
from apps.core.errors import Conflict, Invalid, NotFound
from apps.serving.endpoint_fields import EndpointFields, Given, check, credential_given, shown
from apps.serving.endpoints import Served, find_endpoint
from apps.serving.models import Auth, Endpoint
from apps.serving.secrets import opened, sealed
from apps.serving.trial import Finding, try_out


def add_endpoint(scope: Scope, **fields: Unpack[EndpointFields]) -> Endpoint:
    """Return a new endpoint, which is asked after all others. Raises `Invalid` with what is wrong by field, `Conflict` for a
    name that is taken."""
    scope.require(Permission.ADMINISTER)
    endpoint = Endpoint()
    given = check(endpoint, fields)
    with transaction.atomic():
        endpoint.position = (Endpoint.objects.aggregate(last=Max("position"))["last"] or 0) + 1
        _save(endpoint, given)
        data = {"fields": shown(endpoint), "key": "given" if endpoint.secret else "none"}
        log.record(Action.ENDPOINT_ADDED, endpoint, data=data, actor=scope.actor)
    return endpoint


def change_endpoint(scope: Scope, endpoint: Endpoint, **fields: Unpack[EndpointFields]) -> Endpoint:
    """Return the endpoint as changed; what is not given stays, the key too. Raises `Invalid` and `Conflict` as adding does."""
    scope.require(Permission.ADMINISTER)
    with transaction.atomic():
        endpoint = _locked(endpoint)
        before, had = shown(endpoint), bool(endpoint.secret)
        given = check(endpoint, fields)
        _save(endpoint, given)
        after = shown(endpoint)
        changed = [name for name in after if after[name] != before[name]]
        data: dict[str, object] = {
            "from": {name: before[name] for name in changed},
            "to": {name: after[name] for name in changed},
        }
        if word := _said_of_key(given, had=had):
            data["key"] = word
        if changed or word:
            log.record(Action.ENDPOINT_CHANGED, endpoint, data=data, actor=scope.actor)
    return endpoint


def order_endpoints(scope: Scope, ids: Sequence[uuid.UUID]) -> list[Endpoint]:
    """Return the endpoints in their new order, first to be asked first. Raises `Invalid` unless each is named once."""
    scope.require(Permission.ADMINISTER)
    with transaction.atomic():
        rows = {row.pk: row for row in Endpoint.objects.select_for_update()}
        if len(ids) != len(rows) or set(ids) != set(rows):
            message = _("Name each endpoint once. Load the list again: another administrator may have changed it.")
            raise Invalid(message, errors={"order": [message]})
        ordered = [rows[key] for key in ids]
        for position, row in enumerate(ordered, start=1):
            row.position = position
        Endpoint.objects.bulk_update(ordered, ["position"])
        log.record(Action.ENDPOINTS_ORDERED, data={"order": [row.name for row in ordered]}, actor=scope.actor)
    return ordered


def remove_endpoint(scope: Scope, endpoint: Endpoint) -> None:
    """Remove an endpoint and its key. Answers that it gave keep its name. Removing what is gone succeeds."""
    scope.require(Permission.ADMINISTER)
    with transaction.atomic():
        row = Endpoint.objects.select_for_update().filter(pk=endpoint.pk).first()
        if row is None:
            return
        log.record(Action.ENDPOINT_REMOVED, row, data={"fields": shown(row)}, actor=scope.actor)
        row.delete()


def test_endpoint(scope: Scope, id: str) -> Iterator[Finding]:
    """Return what is found of an endpoint, one finding after the other as it is found. `id` may be that of the environment's.

    Permission and endpoint are checked at once; the record is written when all is found, or the caller has left.
    """
    scope.require(Permission.ADMINISTER)
    return _findings(scope, _served(id))


def reseal_endpoints(scope: Scope) -> int:
    """Seal every key under the present secret key, so that a former one can be forgotten. Return how many there are.

    Raises `Invalid` if one of them can no longer be opened; nothing is changed then.
    """
    scope.require(Permission.ADMINISTER)
    with transaction.atomic():
        rows = [row for row in Endpoint.objects.select_for_update() if row.secret]
        for row in rows:
            row.secret = sealed(opened(bytes(row.secret)))
        Endpoint.objects.bulk_update(rows, ["secret"])
        log.record(Action.ENDPOINTS_RESEALED, data={"endpoints": len(rows)}, actor=scope.actor)
    return len(rows)


def _findings(scope: Scope, served: Served) -> Iterator[Finding]:
    found: list[Finding] = []
    try:
        for finding in try_out(served):
            found.append(finding)
            yield finding
    finally:
        subject = log.Subject("endpoint", served.id, served.name)
        data = {"findings": [f"{one.step}: {one.code}" for one in found]}
        with transaction.atomic():
            log.record(Action.ENDPOINT_TESTED, subject, data=data, actor=scope.actor)


def _served(id: str) -> Served:
    served = find_endpoint(id)
    if served is None:
        raise NotFound
    return served


def _locked(endpoint: Endpoint) -> Endpoint:
    row = Endpoint.objects.select_for_update().filter(pk=endpoint.pk).first()
    if row is None:
        raise NotFound
    return row


def _save(endpoint: Endpoint, given: Given) -> None:
    """Write the row with the key that was given; without one, the key stays, unless none is wanted any more."""
    if endpoint.auth == Auth.NONE:
        endpoint.secret = b""
    elif credential := credential_given(endpoint, given):
        endpoint.secret = sealed(credential)
    try:
        with transaction.atomic():
            endpoint.save()
    except IntegrityError:
        message = _("There is already an endpoint named “%(name)s”.") % {"name": endpoint.name}
        raise Conflict(message) from None


def _said_of_key(given: Given, *, had: bool) -> str:
    if given.auth_removed:
        return "removed" if had else ""
    if not (given.key or given.tenant or given.client):
        return ""
    return "replaced" if had else "given"
