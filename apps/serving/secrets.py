"""What an endpoint is shown to prove who asks: nothing, a key, or an application registered in Microsoft Entra.

A credential lies sealed in its row. It is opened only to make a request, and says nothing of itself when it is printed.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from apps.core.errors import Invalid
from apps.core.sealing import seal, unseal


@dataclass(frozen=True, slots=True)
class Credential:
    """A key; or with `tenant` and `client`, the secret of that application."""

    key: str = field(default="", repr=False)
    tenant: str = ""
    client: str = ""

    @property
    def is_entra(self) -> bool:
        return bool(self.tenant and self.client)


def sealed(credential: Credential) -> bytes:
    """Return a credential encrypted, to be kept in a row."""
    return seal(json.dumps({"key": credential.key, "tenant": credential.tenant, "client": credential.client}))


def opened(kept: bytes) -> Credential:
    """Return the credential in a row; an empty one if there is none. Raises `Invalid` if the secret key has changed."""
    if not kept:
        return Credential()
    try:
        fields: Mapping[str, str] = json.loads(unseal(kept))
    except Invalid:
        message = _(
            "The key of this endpoint was sealed under another secret key and cannot be opened. Give the key again, or"
            " name the former secret key in TOULMIN_FORMER_SECRET_KEYS."
        )
        raise Invalid(message, code="secret_lost") from None
    return Credential(**fields)
