"""Large files in pieces, by the tus protocol: an upload whose line breaks goes on where it was. For tokens and for browsers."""

import uuid
from datetime import date
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from ninja import Router

from apps.accounts.scope import Scope
from apps.api import tus
from apps.api.auth import Call
from apps.api.errors import problem
from apps.api.paging import Cursor, Limit, page_of
from apps.api.schemas import documents as wire
from apps.core.errors import Invalid
from apps.documents.models import Collection, Document, Role, Upload
from apps.ingestion import arriving

router = Router(tags=["Uploads"])

_TUS = {"parameters": [{"in": "header", "name": "Tus-Resumable", "required": True, "schema": {"const": tus.VERSION}}]}


@router.api_operation(
    ["OPTIONS"], "", url_name="uploads", response={204: None}, summary="What uploads in pieces can do"
)
def upload_abilities(request: Call) -> HttpResponse:
    return tus.abilities()


@router.get("", url_name="uploads", response=wire.UploadList, summary="List the uploads that you have begun")
def list_uploads(request: Call, cursor: Cursor = "", limit: Limit = 50) -> dict[str, Any]:
    found, following = page_of(Upload.objects.of(request.auth), cursor=cursor, limit=limit)
    return {"items": [_upload_object(upload) for upload in found], "next": following}


@router.post("", url_name="uploads", response={201: None}, summary="Begin an upload in pieces", openapi_extra=_TUS)
@tus.speaks_tus
def begin_upload(request: Call) -> HttpResponse:
    """`Upload-Length` is the size; `Upload-Metadata` holds `filename` and `collection`, and may hold `title`, `language`,
    `folder`, `effective_from` and `supersedes`. `Location` in the answer is where the pieces go."""
    said = tus.metadata_of(request)
    upload = arriving.begin_upload(
        request.auth,
        Collection.objects.get_visible(request.auth, _id(said, "collection"), Role.CONTRIBUTOR),
        size=tus.length_of(request),
        filename=said.get("filename", ""),
        title=said.get("title", ""),
        language=said.get("language", "")[:12],
        folder=said.get("folder", ""),
        effective_from=_date(said.get("effective_from", "")),
        supersedes=_superseded(request.auth, said),
    )
    response = tus.standing(upload, 201)
    response["Location"] = request.build_absolute_uri(reverse("api:upload", args=[upload.pk]))
    return response


@router.api_operation(
    ["HEAD"], "/{uuid:id}", url_name="upload", response={200: None}, summary="How far an upload is", openapi_extra=_TUS
)
@tus.speaks_tus
def find_offset(request: Call, id: uuid.UUID) -> HttpResponse:
    """`Upload-Offset` is where to go on; `Toulmin-Document` is the id of the document once the file has arrived."""
    return tus.standing(Upload.objects.get_of(request.auth, id), 200)


@router.get("/{uuid:id}", url_name="upload", response=wire.Upload, summary="Read an upload")
def get_upload(request: Call, id: uuid.UUID) -> dict[str, Any]:
    return _upload_object(Upload.objects.get_of(request.auth, id))


@router.patch("/{uuid:id}", url_name="upload", response={204: None}, summary="Send a piece", openapi_extra=_TUS)
@tus.speaks_tus
def append_piece(request: Call, id: uuid.UUID) -> HttpResponse:
    """The body is the piece, which begins at `Upload-Offset`. A piece counts once it has arrived as a whole, so send pieces of
    some megabytes. After the last one the answer names the document, whose reading goes on, as `Toulmin-Document`."""
    if request.headers.get("Content-Type") != tus.PIECE:
        return problem(request, 415, "unsupported_media_type", _("Send a piece as “%(type)s”.") % {"type": tus.PIECE})
    upload = Upload.objects.get_of(request.auth, id)
    upload = arriving.append_piece(request.auth, upload, tus.offset_of(request), tus.piece_of(request))
    return tus.standing(upload, 204)


@router.delete("/{uuid:id}", url_name="upload", response={204: None}, summary="Give an upload up", openapi_extra=_TUS)
@tus.speaks_tus
def end_upload(request: Call, id: uuid.UUID) -> HttpResponse:
    arriving.end_upload(request.auth, Upload.objects.get_of(request.auth, id))
    return HttpResponse(status=204)


def _upload_object(upload: Upload) -> dict[str, Any]:
    return {
        "id": str(upload.pk),
        "collection": str(upload.collection_id),
        "filename": upload.filename,
        "folder": upload.folder,
        "size": upload.size,
        "received": upload.received,
        "document": str(upload.document_id) if upload.document_id else None,
        "duplicate": upload.duplicate,
        "created_at": upload.created_at.isoformat(),
        "expires_at": upload.expires_at.isoformat(),
    }


def _superseded(scope: Scope, said: dict[str, str]) -> Document | None:
    if not said.get("supersedes"):
        return None
    return Document.objects.get_visible(scope, _id(said, "supersedes"), Role.CONTRIBUTOR)


def _id(said: dict[str, str], name: str) -> uuid.UUID:
    try:
        return uuid.UUID(said.get(name, ""))
    except ValueError as error:
        raise _wrong(name, _("Name it by its id.")) from error


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise _wrong("effective_from", _("Send a day as 2026-03-31.")) from error


def _wrong(name: str, message: str) -> Invalid:
    return Invalid(_("Please correct: %(names)s.") % {"names": name}, errors={name: [message]})
