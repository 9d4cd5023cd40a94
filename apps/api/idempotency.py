"""Writes that may be sent twice: the same `Idempotency-Key` is carried out once and answered alike for a day.

The key is kept in the transaction of the write itself. A second call with the same key waits for the first to commit and
then gets its answer; if the first fails, nothing was changed and the key is free again.
"""

import hashlib
import json
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any, Concatenate, ParamSpec, cast

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Status
from ninja.responses import NinjaJSONEncoder

from apps.accounts.scope import Scope
from apps.api.auth import Call
from apps.api.models import KeyedCall
from apps.core.errors import Conflict, Invalid

HEADER = "Idempotency-Key"
KEPT_FOR = timedelta(hours=24)

P = ParamSpec("P")


def idempotent(
    view: Callable[Concatenate[Call, P], Status[Any]],
) -> Callable[Concatenate[Call, P], Status[Any]]:
    """Return the view, carried out once for each `Idempotency-Key`. It returns a `Status` whose value is JSON."""

    @wraps(view)
    def once(request: Call, *args: P.args, **kwargs: P.kwargs) -> Status[Any]:
        key = request.headers.get(HEADER, "").strip()
        if not key:
            return view(request, *args, **kwargs)
        if len(key) > 200:
            message = _("The key is too long. Use at most 200 characters.")
            raise Invalid(message, errors={HEADER: [message]})
        with transaction.atomic():
            call = _claim(request, key)
            if call.status is not None:
                return Status(call.status, call.body)
            reply = view(request, *args, **kwargs)
            call.status = reply.status_code
            call.body = json.loads(json.dumps(reply.value, cls=NinjaJSONEncoder))
            call.save(update_fields=["status", "body"])
        return reply

    return once  # type: ignore[return-value]  # `wraps` knows the request's name, the type only its place


def still_seen(
    check: Callable[[Scope, Any], object],
) -> Callable[[Callable[Concatenate[Call, P], Status[Any]]], Callable[Concatenate[Call, P], Status[Any]]]:
    """Return a decorator for what `idempotent` returns: an answer that was kept is given again only to somebody who may see
    now what it tells of, or `check`, which is given it, raises."""

    def decorate(
        view: Callable[Concatenate[Call, P], Status[Any]],
    ) -> Callable[Concatenate[Call, P], Status[Any]]:
        @wraps(view)
        def checked(request: Call, *args: P.args, **kwargs: P.kwargs) -> Status[Any]:
            reply = view(request, *args, **kwargs)
            check(request.auth, reply.value)
            return reply

        return checked  # type: ignore[return-value]  # as above

    return decorate


def _claim(request: Call, key: str) -> KeyedCall:
    """Return the row of this key, waiting for whoever holds it; one without a status is ours to carry out."""
    mine: dict[str, Any] = {"user_id": request.auth.user_id, "key": key}
    fingerprint = _fingerprint(request)
    KeyedCall.objects.filter(user=mine["user_id"], created_at__lt=timezone.now() - KEPT_FOR).delete()
    KeyedCall.objects.bulk_create([KeyedCall(**mine, fingerprint=fingerprint)], ignore_conflicts=True)
    call = KeyedCall.objects.select_for_update().get(**mine)
    if call.fingerprint != fingerprint:
        raise Conflict(_("This idempotency key was used for another call. Send each new call under a key of its own."))
    return call


def _fingerprint(request: Call) -> str:
    """Return a hash of what is asked for: address, fields and the bytes of files."""
    digest = hashlib.sha256(f"{request.method} {request.get_full_path()}\n".encode())
    if request.FILES or request.POST:
        digest.update(repr(sorted((name, request.POST.getlist(name)) for name in request.POST)).encode())
        for name in sorted(request.FILES):
            file = cast("UploadedFile[Any]", request.FILES[name])  # a name gives its last file
            digest.update(f"\n{name} {file.name}\n".encode())
            for chunk in file.chunks():
                digest.update(chunk)
            file.seek(0)
    else:
        digest.update(request.body)
    return digest.hexdigest()
