"""The tus protocol, version 1.0, as headers: what is asked, what is answered, and a piece checked against its checksum.

See https://tus.io/protocols/resumable-upload. Extensions: creation, termination, expiration, checksum.
"""

import base64
import binascii
import hashlib
from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.http import http_date
from django.utils.translation import gettext as _

from apps.api.errors import problem
from apps.core.errors import Invalid, ToulminError
from apps.documents.models import Upload

VERSION = "1.0.0"
PIECE = "application/offset+octet-stream"
_CHUNK = 256 * 1024
_ALGORITHMS = ("sha1", "sha256")


class Mismatch(ToulminError):
    """A piece is not what its checksum says."""

    code = "checksum_mismatch"


def speaks_tus(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Return the view for callers that speak this version; every answer names it."""

    @wraps(view)
    def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.headers.get("Tus-Resumable") != VERSION:
            detail = _("Uploads in pieces speak tus 1.0.0. Send the header “Tus-Resumable: 1.0.0”.")
            return _named(problem(request, 412, "precondition_failed", detail))
        try:
            return _named(view(request, *args, **kwargs))
        except Mismatch as error:
            return _named(problem(request, 460, error.code, error.detail))

    return checked


def abilities() -> HttpResponse:
    """Return the answer to what this server can do."""
    response = _named(HttpResponse(status=204))
    response["Tus-Extension"] = "creation,termination,expiration,checksum"
    response["Tus-Max-Size"] = str(settings.UPLOAD_LIMIT)
    response["Tus-Checksum-Algorithm"] = ",".join(_ALGORITHMS)
    return response


def standing(upload: Upload, status: int) -> HttpResponse:
    """Return how far an upload has come, and the document once there is one."""
    response = HttpResponse(status=status)
    response["Upload-Offset"] = str(upload.received)
    response["Upload-Length"] = str(upload.size)
    response["Upload-Expires"] = http_date(upload.expires_at.timestamp())
    response["Cache-Control"] = "no-store"
    if upload.document_id is not None:
        response["Toulmin-Document"] = str(upload.document_id)
        response["Toulmin-Duplicate"] = str(upload.duplicate).lower()
    return response


def length_of(request: HttpRequest) -> int:
    """Return the size of the file that is announced; raises `Invalid` without one."""
    return _number(request, "Upload-Length")


def offset_of(request: HttpRequest) -> int:
    """Return where a piece begins; raises `Invalid` without it."""
    return _number(request, "Upload-Offset")


def metadata_of(request: HttpRequest) -> dict[str, str]:
    """Return what is said of the file: pairs of a key and a value in base64, separated by commas."""
    found: dict[str, str] = {}
    for pair in filter(None, (part.strip() for part in request.headers.get("Upload-Metadata", "").split(","))):
        key, _space, value = pair.partition(" ")
        try:
            found[key] = base64.b64decode(value, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError) as error:
            raise _unusable("Upload-Metadata", _("“%(key)s” is not base64 of UTF-8.") % {"key": key}) from error
    return found


def piece_of(request: HttpRequest) -> Iterator[bytes]:
    """Yield the bytes of a piece; at its end raises `Mismatch` if they are not what `Upload-Checksum` says."""
    name, _space, wanted = request.headers.get("Upload-Checksum", "").partition(" ")
    if name and name not in _ALGORITHMS:
        raise _unusable("Upload-Checksum", _("Use one of %(names)s.") % {"names": ", ".join(_ALGORITHMS)})
    digest = hashlib.new(name, usedforsecurity=False) if name else None
    while chunk := request.read(_CHUNK):
        if digest:
            digest.update(chunk)
        yield chunk
    if digest and base64.b64encode(digest.digest()).decode() != wanted.strip():
        raise Mismatch(_("This piece did not arrive as it was sent. Send it again."))


def _named(response: HttpResponse) -> HttpResponse:
    response["Tus-Resumable"] = VERSION
    response["Tus-Version"] = VERSION
    return response


def _number(request: HttpRequest, header: str) -> int:
    text = request.headers.get(header, "")
    if not (text.isascii() and text.isdigit() and len(text) < 16):
        raise _unusable(header, _("Send a number of bytes."))
    return int(text)


def _unusable(header: str, message: str) -> Invalid:
    return Invalid(
        _("The header “%(header)s” cannot be used: %(message)s") % {"header": header, "message": message},
        errors={header: [message]},
    )
