"""Sign in at Microsoft Entra as an application, for Azure endpoints that take no keys: the client credentials flow.

A token is kept in this process until five minutes before it ends. It is neither stored nor logged.
"""

import hashlib
import re
import threading
import time
from collections import defaultdict
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import httpx
from django.utils.translation import gettext as _

from apps.serving.faults import Fault, fault_of_exception
from apps.serving.llm import ModelDown, ModelError, ModelRefused
from apps.serving.secrets import Credential
from apps.serving.transport import certificates

_TIMEOUT = 10.0
_EARLY = 300.0
_REFUSED_FOR = 5.0
_TENANT = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]{0,127}")


@dataclass(frozen=True, slots=True)
class Cloud:
    """A cloud of Azure: where its applications sign in, and what they then ask to use."""

    authority: str
    scope: str


PUBLIC = Cloud("https://login.microsoftonline.com", "https://cognitiveservices.azure.com/.default")
_CLOUDS = {
    ".azure.us": Cloud("https://login.microsoftonline.us", "https://cognitiveservices.azure.us/.default"),
    ".azure.cn": Cloud("https://login.partner.microsoftonline.cn", "https://cognitiveservices.azure.cn/.default"),
    # Endpoints of one model are a service of Azure Machine Learning.
    ".models.ai.azure.com": Cloud(PUBLIC.authority, "https://ml.azure.com/.default"),
    ".inference.ml.azure.com": Cloud(PUBLIC.authority, "https://ml.azure.com/.default"),
}


@dataclass(slots=True)
class _Kept:
    """What one application was told last: a token or a refusal, and until which moment of `time.monotonic` that holds."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    token: str = ""
    refusal: ModelError | None = None
    until: float = 0.0


_kept: defaultdict[str, _Kept] = defaultdict(_Kept)


def bearer_headers(credential: Credential, base_url: str) -> dict[str, str]:
    """Return the headers that show an application's token. Raises `ModelRefused` where Entra will not give one, `ModelDown`
    where it cannot be reached."""
    cloud = _cloud_of(base_url)
    name = hashlib.sha256(
        "\n".join((credential.tenant, credential.client, credential.key, cloud.authority, cloud.scope)).encode()
    ).hexdigest()
    kept = _kept[name]
    with kept.lock:
        if time.monotonic() >= kept.until:
            _renew(kept, credential, cloud)
        if kept.refusal is not None:
            raise type(kept.refusal)(kept.refusal.detail, fault=kept.refusal.fault)
        return {"Authorization": f"Bearer {kept.token}"}


def is_tenant(text: str) -> bool:
    """Return whether a text can be a tenant: its id, or one of its domains."""
    return _TENANT.fullmatch(text) is not None


def _renew(kept: _Kept, credential: Credential, cloud: Cloud) -> None:
    """Ask again. A refusal holds for a moment too, so that many answers at once do not each wait for the same one."""
    try:
        kept.token, lasts = _fetch(credential, cloud)
        kept.refusal, kept.until = None, time.monotonic() + max(lasts - _EARLY, 0)
    except ModelError as error:
        kept.refusal, kept.until = error, time.monotonic() + _REFUSED_FOR


def _fetch(credential: Credential, cloud: Cloud) -> tuple[str, float]:
    """Return a new token and the seconds it lasts."""
    if not is_tenant(credential.tenant):
        raise ModelRefused(_("The tenant is neither an id nor a domain. Correct it."), fault=Fault.KEY)
    form = {
        "grant_type": "client_credentials",
        "client_id": credential.client,
        "client_secret": credential.key,
        "scope": cloud.scope,
    }
    try:
        response = httpx.post(
            f"{cloud.authority}/{credential.tenant}/oauth2/v2.0/token",
            data=form,
            timeout=_TIMEOUT,
            verify=certificates(),
        )
        answer = response.json()
    except httpx.HTTPError as error:
        message = _("Microsoft Entra cannot be reached to sign in. Check that this server may reach %(host)s.")
        host = urlsplit(cloud.authority).hostname
        raise ModelDown(message % {"host": host}, fault=fault_of_exception(error)) from None
    except ValueError:
        raise ModelDown(_("Microsoft Entra answered in a form that is not understood."), fault=Fault.FORM) from None
    if token := answer.get("access_token"):
        return str(token), float(answer.get("expires_in") or 0)
    said = str(answer.get("error_description") or answer.get("error") or response.status_code).splitlines()[0][:200]
    raise ModelRefused(_("Microsoft Entra refused to sign in: %(said)s") % {"said": said}, fault=Fault.KEY)


def _cloud_of(base_url: str) -> Cloud:
    host = (urlsplit(base_url).hostname or "").casefold()
    return next((cloud for ending, cloud in _CLOUDS.items() if host.endswith(ending)), PUBLIC)
