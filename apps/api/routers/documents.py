"""Documents: adding, following their reading, what was read, their pages and their bytes."""

import uuid
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Annotated, Any

from asgiref.sync import sync_to_async
from django.conf import settings
from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.cache import patch_cache_control
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from ninja import File, Form, Query, Router, Status, UploadedFile

from apps.api.auth import Call
from apps.api.idempotency import idempotent
from apps.api.openapi import produces
from apps.api.paging import Cursor, Limit, page_of
from apps.api.schemas import documents as wire
from apps.api.sse import document_events, event_stream
from apps.core.errors import Invalid, NotFound, TooLarge
from apps.documents import services
from apps.documents.content import document_object, load_content
from apps.documents.models import Collection, Document, Role, Version
from apps.documents.pictures import page_png
from apps.ingestion.services import cancel_reading, reprocess_document, upload_document

router = Router(tags=["Documents"])

_FIELDS = {"collection", "title", "language"}
_CHUNK = 256 * 1024


@router.post(
    "", response={202: wire.UploadedDocument, 200: wire.UploadedDocument}, summary="Add a document", exclude_unset=True
)
@idempotent
def add_document(
    request: Call,
    file: Annotated[UploadedFile, File()],
    collection: Annotated[uuid.UUID, Form()],
    title: Annotated[str, Form()] = "",
    language: Annotated[str, Form(max_length=12)] = "",
) -> Status[Any]:
    """202 and the Document, whose reading goes on; 200 and `duplicate: true` where the same bytes are there already."""
    if unknown := sorted(set(request.POST) - _FIELDS):
        raise Invalid(
            _("There is no such field: %(names)s.") % {"names": ", ".join(unknown)},
            errors={name: [_("There is no such field.")] for name in unknown},
        )
    if (file.size or 0) > settings.UPLOAD_LIMIT:
        raise TooLarge(
            _("The file is larger than %(limit)s MB, the most that is accepted here.")
            % {"limit": settings.UPLOAD_LIMIT // (1024 * 1024)}
        )
    target = Collection.objects.get_visible(request.auth, collection, Role.CONTRIBUTOR)
    document, duplicate = upload_document(
        request.auth, target, file.chunks(_CHUNK), filename=file.name or "", title=title, language=language
    )
    return Status(200 if duplicate else 202, document_object(document) | {"duplicate": duplicate})


@router.get("", response=wire.DocumentList, summary="List documents", exclude_unset=True)
def list_documents(
    request: Call,
    collection: uuid.UUID | None = None,
    status: wire.StatusName | None = None,
    q: Annotated[str, Query(description="Part of the title or file name.")] = "",
    cursor: Cursor = "",
    limit: Limit = 50,
) -> dict[str, Any]:
    rows = Document.objects.visible_to(request.auth).with_versions()
    if collection is not None:
        rows = rows.filter(collection=Collection.objects.get_visible(request.auth, collection))
    if status:
        rows = rows.filter(latest__status=status)
    if q:
        rows = rows.filter(title__icontains=q) | rows.filter(latest__filename__icontains=q)
    found, following = page_of(rows, cursor=cursor, limit=limit)
    return {"items": [document_object(document) for document in found], "next": following}


@router.get("/{uuid:id}", response=wire.Document, summary="Read a document", exclude_unset=True)
def get_document(request: Call, id: uuid.UUID) -> dict[str, Any]:
    return document_object(Document.objects.get_visible(request.auth, id))


@router.patch("/{uuid:id}", response=wire.Document, summary="Change title or language", exclude_unset=True)
@idempotent
def change_document(request: Call, id: uuid.UUID, body: wire.DocumentChange) -> Status[Any]:
    document = services.change_document(
        request.auth, Document.objects.get_visible(request.auth, id), title=body.title, language=body.language
    )
    return Status(200, document_object(document))


@router.delete("/{uuid:id}", response={204: None}, summary="Delete a document")
@idempotent
def delete_document(request: Call, id: uuid.UUID) -> Status[Any]:
    services.delete_document(request.auth, Document.objects.get_visible(request.auth, id))
    return Status(204, None)


@router.post("/{uuid:id}/reprocess", response={202: wire.Document}, summary="Read it again", exclude_unset=True)
@idempotent
def read_again(request: Call, id: uuid.UUID) -> Status[Any]:
    reprocess_document(request.auth, Document.objects.get_visible(request.auth, id))
    return Status(202, document_object(Document.objects.get_visible(request.auth, id)))


@router.post("/{uuid:id}/cancel", response={202: wire.Document}, summary="Stop its reading", exclude_unset=True)
@idempotent
def stop_reading(request: Call, id: uuid.UUID) -> Status[Any]:
    cancel_reading(request.auth, Document.objects.get_visible(request.auth, id))
    return Status(202, document_object(Document.objects.get_visible(request.auth, id)))


@router.get(
    "/{uuid:id}/events", summary="Follow its reading (server-sent events)", openapi_extra=produces("text/event-stream")
)
async def follow_document(request: Call, id: uuid.UUID) -> HttpResponseBase:
    """`progress` with the Document whenever something has changed, `done` with it at the end."""
    await sync_to_async(Document.objects.get_visible)(request.auth, id)
    return event_stream(document_events(request, request.auth, id))


@router.get("/{uuid:id}/content", response=wire.Content, summary="What was read", exclude_unset=True)
def get_content(request: Call, id: uuid.UUID) -> dict[str, Any]:
    return load_content(_latest(Document.objects.get_visible(request.auth, id)))


@router.get("/{uuid:id}/pages/{int:number}.png", summary="Picture of a page", openapi_extra=produces("image/png"))
def get_page_picture(
    request: Call, id: uuid.UUID, number: int, width: Annotated[int, Query(ge=100, le=2400)] = 1200
) -> HttpResponse:
    version = _latest(Document.objects.get_visible(request.auth, id))
    response = HttpResponse(page_png(version, number, width=width), content_type="image/png")
    patch_cache_control(response, private=True, max_age=3600)
    return response


@router.get("/{uuid:id}/original", summary="The file as it was added", openapi_extra=produces("*/*"))
async def get_original(request: Call, id: uuid.UUID) -> HttpResponseBase:
    version, path = await sync_to_async(_opened)(request, id)
    return StreamingHttpResponse(
        _bytes_of(path),
        content_type=version.media_type,
        headers={
            "Content-Length": str(version.bytes),
            "Content-Disposition": content_disposition_header(True, version.filename),
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "private, no-store",
        },
    )


def _opened(request: Call, id: uuid.UUID) -> tuple[Version, Path]:
    document = Document.objects.get_visible(request.auth, id)
    path = services.open_original(request.auth, document)
    return _latest(document), path


async def _bytes_of(path: Path) -> AsyncIterator[bytes]:
    file = await sync_to_async(lambda: path.open("rb"))()
    try:
        while chunk := await sync_to_async(file.read)(_CHUNK):
            yield chunk
    finally:
        file.close()


def _latest(document: Document) -> Version:
    if document.latest is None:
        raise NotFound
    return document.latest
