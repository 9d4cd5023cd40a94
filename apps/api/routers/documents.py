"""Documents: adding, following their reading, what was read, their pages and their bytes."""

import uuid
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path
from typing import Annotated, Any

from asgiref.sync import sync_to_async
from django.conf import settings
from django.db.models import Q
from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.cache import patch_cache_control
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from ninja import File, Form, Query, Router, Status, UploadedFile

from apps.accounts.scope import Scope
from apps.api.auth import Call
from apps.api.documents import content_response, document_objects, shown
from apps.api.idempotency import idempotent, still_seen
from apps.api.openapi import produces
from apps.api.paging import Cursor, Limit, page_of
from apps.api.schemas import documents as wire
from apps.api.sse import document_events, event_stream
from apps.core.errors import Invalid, NotFound, TooLarge
from apps.documents import services
from apps.documents.filenames import LONGEST_FOLDER
from apps.documents.models import Collection, Document, Role, Version
from apps.documents.pictures import page_png
from apps.documents.walls import reading
from apps.ingestion import services as ingestion

router = Router(tags=["Documents"])

_FIELDS = {"collection", "title", "language", "effective_from", "supersedes", "folder"}
_CHUNK = 256 * 1024

VersionNumber = Annotated[int | None, Query(ge=1, description="Number of a version; without it the latest.")]


@router.post(
    "", response={202: wire.UploadedDocument, 200: wire.UploadedDocument}, summary="Add a document", exclude_unset=True
)
@still_seen(lambda scope, body: Document.objects.get_visible(scope, body["id"]))
@idempotent
def add_document(
    request: Call,
    file: Annotated[UploadedFile, File()],
    collection: Annotated[uuid.UUID | None, Form(description="Needed, unless `supersedes` says it.")] = None,
    title: Annotated[str, Form()] = "",
    language: Annotated[str, Form(max_length=12)] = "",
    effective_from: Annotated[date | None, Form(description="From which day on it counts.")] = None,
    supersedes: Annotated[uuid.UUID | None, Form(description="The document whose next version this is.")] = None,
    folder: Annotated[str, Form(max_length=LONGEST_FOLDER)] = "",
) -> Status[Any]:
    """202 and the Document, whose reading goes on; 200 and `duplicate: true` where the same bytes are there already.

    Files of more than some megabytes are better sent in pieces: see Uploads.
    """
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
    before = Document.objects.get_visible(request.auth, supersedes, Role.CONTRIBUTOR) if supersedes else None
    document, duplicate = ingestion.upload_document(
        request.auth,
        _target(request.auth, collection, before),
        file.chunks(_CHUNK),
        filename=file.name or "",
        title=title,
        language=language,
        folder=folder,
        effective_from=effective_from,
        supersedes=before,
    )
    return Status(200 if duplicate else 202, shown(request.auth, document) | {"duplicate": duplicate})


@router.get("", response=wire.DocumentList, summary="List documents", exclude_unset=True)
def list_documents(
    request: Call,
    collection: uuid.UUID | None = None,
    status: wire.StatusName | None = None,
    folder: Annotated[str | None, Query(description="A folder, with all below it.")] = None,
    attached_to: Annotated[uuid.UUID | None, Query(description="What was attached to this document.")] = None,
    q: Annotated[str, Query(description="Part of the title or file name.")] = "",
    cursor: Cursor = "",
    limit: Limit = 50,
) -> dict[str, Any]:
    rows = Document.objects.visible_to(request.auth).with_versions()
    if collection is not None:
        rows = rows.filter(collection=Collection.objects.get_visible(request.auth, collection))
    if status:
        rows = rows.filter(latest__status=status)
    if folder is not None:
        rows = rows.filter(Q(folder=folder) | Q(folder__startswith=f"{folder}/")) if folder else rows.filter(folder="")
    if attached_to is not None:
        rows = rows.filter(attached_to=Document.objects.get_visible(request.auth, attached_to))
    if q:
        rows = rows.filter(title__icontains=q) | rows.filter(latest__filename__icontains=q)
    with reading(request.auth):
        found, following = page_of(rows, cursor=cursor, limit=limit)
    return {"items": document_objects(request.auth, found), "next": following}


@router.get("/{uuid:id}", response=wire.Document, summary="Read a document", exclude_unset=True)
def get_document(request: Call, id: uuid.UUID) -> dict[str, Any]:
    return shown(request.auth, Document.objects.get_visible(request.auth, id))


@router.patch("/{uuid:id}", response=wire.Document, summary="Change, move", exclude_unset=True)
@still_seen(lambda scope, body: Document.objects.get_visible(scope, body["id"]))
@idempotent
def change_document(request: Call, id: uuid.UUID, body: wire.DocumentChange) -> Status[Any]:
    """What is not sent stays. A move needs the role of contributor in both collections, and takes attachments along."""
    target = Collection.objects.get_visible(request.auth, body.collection) if body.collection else None
    document = ingestion.change_document(
        request.auth,
        Document.objects.get_visible(request.auth, id),
        title=body.title,
        language=body.language,
        effective_from=body.effective_from if "effective_from" in body.model_fields_set else ingestion.KEEP,
        collection=target,
    )
    return Status(200, shown(request.auth, document))


@router.delete("/{uuid:id}", response={204: None}, summary="Delete a document")
@idempotent
def delete_document(request: Call, id: uuid.UUID) -> Status[Any]:
    services.delete_document(request.auth, Document.objects.get_visible(request.auth, id))
    return Status(204, None)


@router.post(
    "/{uuid:id}/password", response={202: wire.Document}, summary="Give what opens the file", exclude_unset=True
)
def give_password(request: Call, id: uuid.UUID, body: wire.Password) -> Status[Any]:
    """It is kept sealed, and the file is read with it; a wrong one shows as the error `wrong_password`."""
    ingestion.give_password(request.auth, Document.objects.get_visible(request.auth, id), body.password)
    return Status(202, shown(request.auth, Document.objects.get_visible(request.auth, id)))


@router.post("/{uuid:id}/reprocess", response={202: wire.Document}, summary="Read it again", exclude_unset=True)
@still_seen(lambda scope, body: Document.objects.get_visible(scope, body["id"]))
@idempotent
def read_again(request: Call, id: uuid.UUID) -> Status[Any]:
    ingestion.reprocess_document(request.auth, Document.objects.get_visible(request.auth, id))
    return Status(202, shown(request.auth, Document.objects.get_visible(request.auth, id)))


@router.post("/{uuid:id}/cancel", response={202: wire.Document}, summary="Stop its reading", exclude_unset=True)
@still_seen(lambda scope, body: Document.objects.get_visible(scope, body["id"]))
@idempotent
def stop_reading(request: Call, id: uuid.UUID) -> Status[Any]:
    ingestion.cancel_reading(request.auth, Document.objects.get_visible(request.auth, id))
    return Status(202, shown(request.auth, Document.objects.get_visible(request.auth, id)))


@router.get(
    "/{uuid:id}/events", summary="Follow its reading (server-sent events)", openapi_extra=produces("text/event-stream")
)
async def follow_document(request: Call, id: uuid.UUID) -> HttpResponseBase:
    """`progress` with the Document whenever something has changed, `done` with it at the end."""
    await sync_to_async(Document.objects.get_visible)(request.auth, id)
    return event_stream(document_events(request, request.auth, id))


@router.get("/{uuid:id}/content", response=wire.Content, summary="What was read", exclude_unset=True)
async def get_content(
    request: Call,
    id: uuid.UUID,
    page: Annotated[int | None, Query(ge=1, description="Only this page.")] = None,
    first: Annotated[int | None, Query(ge=1, alias="from", description="From this page on.")] = None,
    last: Annotated[int | None, Query(ge=1, alias="to", description="Up to this page.")] = None,
    version: VersionNumber = None,
) -> HttpResponseBase:
    """All pages come in one object, however many; ask for a part of a long document with `page`, or `from` and `to`."""
    chosen = await sync_to_async(_version)(request, id, version)
    return await content_response(request.auth, chosen, page or first, page or last)


@router.get("/{uuid:id}/pages/{int:number}.png", summary="Picture of a page", openapi_extra=produces("image/png"))
def get_page_picture(
    request: Call,
    id: uuid.UUID,
    number: int,
    width: Annotated[int, Query(ge=100, le=2400)] = 1200,
    version: VersionNumber = None,
) -> HttpResponse:
    picture = page_png(_version(request, id, version), number, width=width)
    response = HttpResponse(picture, content_type="image/png")
    patch_cache_control(response, private=True, no_cache=True)
    return response


@router.get("/{uuid:id}/original", summary="The file as it was added", openapi_extra=produces("*/*"))
async def get_original(request: Call, id: uuid.UUID, version: VersionNumber = None) -> HttpResponseBase:
    chosen, path = await sync_to_async(_opened)(request, id, version)
    return StreamingHttpResponse(
        _bytes_of(path),
        content_type=chosen.media_type,
        headers={
            "Content-Length": str(chosen.bytes),
            "Content-Disposition": content_disposition_header(True, chosen.filename),
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "private, no-store",
        },
    )


def _opened(request: Call, id: uuid.UUID, number: int | None) -> tuple[Version, Path]:
    version = _version(request, id, number)
    return version, services.open_original(request.auth, version.document, version)


async def _bytes_of(path: Path) -> AsyncIterator[bytes]:
    file = await sync_to_async(lambda: path.open("rb"))()
    try:
        while chunk := await sync_to_async(file.read)(_CHUNK):
            yield chunk
    finally:
        file.close()


def _version(request: Call, id: uuid.UUID, number: int | None) -> Version:
    """Return the version with this number, else the latest."""
    document = Document.objects.get_visible(request.auth, id)
    version = document.latest if number is None else document.versions.filter(number=number).first()
    if version is None:
        raise NotFound
    version.document = document
    return version


def _target(scope: Scope, collection: uuid.UUID | None, supersedes: Document | None) -> Collection:
    """Return the collection that a file goes to: the one that is named, else that of the document it supersedes."""
    chosen = collection or (supersedes.collection_id if supersedes else None)
    if chosen is None:
        message = _("This field is needed.")
        raise Invalid(_("Please correct: %(names)s.") % {"names": "collection"}, errors={"collection": [message]})
    return Collection.objects.get_visible(scope, chosen, Role.CONTRIBUTOR)
