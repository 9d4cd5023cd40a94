"""Office documents with a password: decrypted in memory, never on disk. The only module that imports msoffcrypto."""

import io
import struct
from typing import Any, BinaryIO
from xml.parsers.expat import ExpatError

from apps.documents.parsing import Unreadable

_OF_READ_ONLY_FILES = "VelvetSweatshop"
"""What Excel encrypts workbooks with that are only guarded against change: everybody may read them."""

_MOST_SPINS = 10_000_000


def unlocked(file: BinaryIO, password: str) -> BinaryIO:
    """Return the document inside an Office file that is encrypted; a file that is not, as it is.

    Raises `Unreadable` with code `encrypted` where a password is needed, `wrong_password` where another one is.
    """
    office = _opened(file)
    try:
        if not office.is_encrypted():
            file.seek(0)
            return file
        if getattr(office, "type", "") == "agile" and office.info["spinValue"] > _MOST_SPINS:
            raise _damaged()
        if not password and office.format != "xls97":
            raise encrypted()
        return _decrypted(office, password or _OF_READ_ONLY_FILES)
    except _failures() as error:
        if not _is_wrong_key(error):
            raise _damaged() from error
        raise (wrong_password() if password else encrypted()) from error


def encrypted() -> Unreadable:
    """Return the error for a document that needs a password."""
    return Unreadable(
        "This document is protected by a password. Give its password, or save a copy without one and send that.",
        code="encrypted",
    )


def wrong_password() -> Unreadable:
    """Return the error for a document that the given password does not open."""
    return Unreadable(
        "This document is protected by a password, and the one that was given does not open it. "
        "Check the password and give it again.",
        code="wrong_password",
    )


def _opened(file: BinaryIO) -> Any:
    import msoffcrypto

    file.seek(0)
    try:
        return msoffcrypto.OfficeFile(file)
    except _failures() as error:
        raise _damaged() from error


def _decrypted(office: Any, password: str) -> BinaryIO:
    plain = io.BytesIO()
    office.load_key(password=password, verify_password=True)
    office.decrypt(plain)
    plain.seek(0)
    return plain


def _failures() -> tuple[type[Exception], ...]:
    """What reading a broken file of this kind raises, from msoffcrypto and below it."""
    from msoffcrypto.exceptions import DecryptionError, FileFormatError, InvalidKeyError, ParseError

    library = (DecryptionError, FileFormatError, InvalidKeyError, ParseError)
    return (
        *library,
        OSError,
        ValueError,
        KeyError,
        IndexError,
        TypeError,
        AttributeError,
        AssertionError,
        RecursionError,
        ExpatError,
        struct.error,
    )


def _is_wrong_key(error: Exception) -> bool:
    from msoffcrypto.exceptions import InvalidKeyError

    return isinstance(error, InvalidKeyError)


def _damaged() -> Unreadable:
    return Unreadable(
        "This protected Office document is damaged, or encrypted in a way that is not known here. "
        "Save a copy without the password and send that.",
        code="damaged",
    )
