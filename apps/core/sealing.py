"""Short secrets that have to be used again, such as the password of a file or the key of an endpoint: kept so that only
this installation reads them.

The key follows from the secret key. Where that is changed, what was sealed before is read as long as the former key is
named beside it (`SECRET_KEY_FALLBACKS`); after that it has to be given again.
"""

import base64
from functools import cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.utils.translation import gettext as _

from apps.core.errors import Invalid


def seal(text: str) -> bytes:
    """Return `text` encrypted and authenticated; sealing the same text twice gives different bytes."""
    return _box().encrypt(text.encode())


def unseal(sealed: bytes) -> str:
    """Return what was sealed; raises `Invalid` if it was sealed under a secret key that is not known, or changed since."""
    try:
        return _box().decrypt(bytes(sealed)).decode()
    except InvalidToken as error:
        raise Invalid(_("What was kept sealed can no longer be opened. Give it again.")) from error


def _box() -> MultiFernet:
    """Return what seals with the secret key, and opens with it or a former one."""
    return MultiFernet([_fernet(secret) for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)])


@cache
def _fernet(secret: str) -> Fernet:
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"toulmin: sealed secrets").derive(secret.encode())
    return Fernet(base64.urlsafe_b64encode(derived))
