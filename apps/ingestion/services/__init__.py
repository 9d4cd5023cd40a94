"""What people do to the reading of documents: add them, have them read again, move them, stop."""

from apps.ingestion.services.changing import KEEP, change_document
from apps.ingestion.services.narrowing import narrow_document, open_document
from apps.ingestion.services.reading import cancel_reading, give_password, reprocess_document, reprocess_outdated
from apps.ingestion.services.uploading import upload_document

__all__ = [
    "KEEP",
    "cancel_reading",
    "change_document",
    "give_password",
    "narrow_document",
    "open_document",
    "reprocess_document",
    "reprocess_outdated",
    "upload_document",
]
