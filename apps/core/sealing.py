"""Short secrets that have to be used again, such as the password of a file: kept so that only this installation reads them.

The key follows from the secret key. Where that is changed, what was sealed before is lost and has to be given again.
"""

import base64
from functools import cache

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from apps.core.errors import Invalid


def seal(text: str) -> bytes:
    """Return `text` encrypted and authenticated; sealing the same text twice gives different bytes."""
    return _box(settings.SECRET_KEY).encrypt(text.encode())


def unseal(sealed: bytes) -> str:
    """Return what was sealed; raises `Invalid` if it was sealed under another secret key, or changed since."""
    try:
        return _box(settings.SECRET_KEY).decrypt(bytes(sealed)).decode()
    except InvalidToken as error:
        raise Invalid("What was kept sealed can no longer be opened. Give it again.") from error


@cache
def _box(secret: str) -> Fernet:
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"toulmin: sealed secrets").derive(secret.encode())
    return Fernet(base64.urlsafe_b64encode(derived))
