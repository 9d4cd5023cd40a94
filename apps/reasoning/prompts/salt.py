"""The salt of a server's prefix cache: one for each set of things that may be read.

A server that keeps the beginnings of prompts answers sooner where it has read one before, so by the time it takes somebody could
tell what others have asked. With a salt it reuses only what was read under the same permissions: what its time tells is then
nothing that the asker may not read. Nobody can work out a salt without the installation's secret.
"""

import base64
import hmac
from collections.abc import Iterable

from django.conf import settings

_PURPOSE = b"toulmin.prefix-cache"


def cache_salt(accesses: Iterable[int]) -> str:
    """Return the salt for a search in these accesses: 43 characters, 256 bits."""
    key = hmac.digest(settings.SECRET_KEY.encode(), _PURPOSE, "sha256")
    named = ",".join(str(access) for access in sorted(set(accesses)))
    return base64.urlsafe_b64encode(hmac.digest(key, named.encode(), "sha256")).decode().rstrip("=")
