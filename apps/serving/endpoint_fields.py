"""The fields of an endpoint as administrators give them: checked, tidied, and said again without the key."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, TypedDict
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

from apps.core.errors import Invalid
from apps.serving.addresses import Inside, NotAllowedAddress, check_address, check_form
from apps.serving.entra import is_tenant
from apps.serving.kinds import Kind, Wire
from apps.serving.models import Auth, Endpoint
from apps.serving.secrets import Credential, opened

PRICES = ("price_prompt", "price_cached", "price_output", "gpu_price_hour", "energy_price_kwh")
_PLAIN = ("name", "kind", "base_url", "api_version", "model", "auth", "enabled", "at_once", "gpus", "watts", "currency")
_VERSION = re.compile(r"\d{4}-\d{2}-\d{2}(-preview)?|preview|latest|v1")
_CURRENCY = re.compile(r"[A-Z]{3}")
_NAMED = {Kind.AZURE, Kind.DEEPSEEK, Kind.OPENAI, Kind.GOOGLE}  # they list more models than can be meant
_LARGEST = Decimal(10) ** 8


class EndpointFields(TypedDict, total=False):
    """What can be given; what is not, stays as it is. `key`, `tenant` and `client` prove who asks: see `Auth`."""

    name: str
    kind: str
    base_url: str
    api_version: str
    model: str
    auth: str
    key: str
    tenant: str
    client: str
    enabled: bool
    at_once: int
    price_prompt: Decimal | None
    price_cached: Decimal | None
    price_output: Decimal | None
    gpu_price_hour: Decimal | None
    gpus: int
    watts: int | None
    energy_price_kwh: Decimal | None
    currency: str


@dataclass(frozen=True, slots=True)
class Given:
    """What was given to prove who asks. Empty: nothing new."""

    key: str = field(default="", repr=False)
    tenant: str = ""
    client: str = ""
    auth_removed: bool = False


def check(endpoint: Endpoint, fields: EndpointFields) -> Given:
    """Set the fields on a row that is not saved yet, tidied, and return what proves who asks. Raises `Invalid` by field."""
    before = _origin(endpoint.base_url)
    values: Mapping[str, Any] = fields
    for name in (*_PLAIN, *PRICES):
        if name in values:
            setattr(endpoint, name, _tidy(values[name]))
    if values.get("key") and "auth" not in values and endpoint.auth == Auth.NONE:
        endpoint.auth = Auth.KEY
    errors = _Errors()
    _check_name(endpoint, errors)
    if endpoint.kind not in Kind.values:
        errors.add("kind", _("Choose one of the kinds."))
    else:
        _check_address(endpoint, errors)
        _check_model(endpoint, errors)
    _check_numbers(endpoint, errors)
    given = Given(
        key=str(values.get("key") or "").strip(),
        tenant=str(values.get("tenant") or "").strip(),
        client=str(values.get("client") or "").strip(),
        auth_removed=endpoint.auth == Auth.NONE,
    )
    _check_proof(endpoint, given, moved=bool(before) and _origin(endpoint.base_url) != before, errors=errors)
    errors.raise_any()
    return given


def credential_given(endpoint: Endpoint, given: Given) -> Credential | None:
    """Return the credential to seal; None where the sealed one stays."""
    if not (given.key or given.tenant or given.client):
        return None
    if endpoint.auth == Auth.KEY:
        return Credential(given.key) if given.key else None
    kept = _kept(endpoint)
    return Credential(given.key or kept.key, given.tenant or kept.tenant, given.client or kept.client)


def shown(endpoint: Endpoint) -> dict[str, Any]:
    """Return the fields as JSON, for records: everything but the key."""
    said = {name: getattr(endpoint, name) for name in _PLAIN}
    return said | {name: _plain(getattr(endpoint, name)) for name in PRICES}


class _Errors:
    def __init__(self) -> None:
        self.by_field: dict[str, list[str]] = {}

    def add(self, name: str, message: str) -> None:
        self.by_field.setdefault(name, []).append(message)

    def raise_any(self) -> None:
        if self.by_field:
            raise Invalid(_("The endpoint cannot be used like this. Correct what is marked."), errors=self.by_field)


def _check_name(endpoint: Endpoint, errors: _Errors) -> None:
    endpoint.name = " ".join(endpoint.name.split())
    if not endpoint.name:
        errors.add("name", _("A name is needed."))
    elif len(endpoint.name) > 100:
        errors.add("name", _("The name is too long. Use at most 100 characters."))


def _check_address(endpoint: Endpoint, errors: _Errors) -> None:
    try:
        check_form(endpoint.base_url)
        wire = Wire.at(endpoint.kind, endpoint.base_url, endpoint.api_version)
        check_address(wire.base_url, Inside.of(settings.ENV.llm_private_addresses))
    except NotAllowedAddress as error:
        errors.add("base_url", error.detail)
        return
    endpoint.base_url, endpoint.api_version = wire.base_url, wire.api_version
    if len(endpoint.base_url) > 500:
        errors.add("base_url", _("The address is too long."))
    if endpoint.api_version and not _VERSION.fullmatch(endpoint.api_version):
        errors.add("api_version", _("An api-version looks like 2024-10-21 or 2025-04-01-preview."))


def _check_model(endpoint: Endpoint, errors: _Errors) -> None:
    endpoint.model = endpoint.model.strip()
    _head, found, name = urlsplit(endpoint.base_url).path.partition("/deployments/")
    if found and not endpoint.model:
        endpoint.model = unquote(name)
    if len(endpoint.model) > 200:
        errors.add("model", _("The name of the model is too long."))
    elif not endpoint.model and endpoint.kind == Kind.AZURE:
        errors.add("model", _("Give the name of the deployment, as the portal of Azure shows it."))
    elif not endpoint.model and endpoint.kind in _NAMED:
        errors.add("model", _("Give the name of the model, as the provider writes it."))


def _check_numbers(endpoint: Endpoint, errors: _Errors) -> None:
    for name in PRICES:
        value = getattr(endpoint, name)
        if value is not None and not 0 <= value < _LARGEST:
            errors.add(name, _("A price is zero or more."))
    if (endpoint.price_prompt is None) != (endpoint.price_output is None):
        missing = "price_output" if endpoint.price_output is None else "price_prompt"
        errors.add(missing, _("Give both prices, for the prompt and for what is written, or neither."))
    endpoint.currency = endpoint.currency.upper()
    priced = any(getattr(endpoint, name) is not None for name in PRICES)
    if (priced or endpoint.currency) and not _CURRENCY.fullmatch(endpoint.currency):
        errors.add("currency", _("Give the currency of the prices by its three letters, like EUR."))
    if not 0 <= endpoint.at_once <= 32_767:
        errors.add("at_once", _("Give a number of answers, or 0 for no limit."))
    if not 1 <= endpoint.gpus <= 32_767:
        errors.add("gpus", _("Give the number of GPUs, at least 1."))
    if endpoint.watts is not None and not 0 <= endpoint.watts <= 10_000_000:
        errors.add("watts", _("Give the power in watts."))


def _check_proof(endpoint: Endpoint, given: Given, *, moved: bool, errors: _Errors) -> None:
    """Check that there is what the way of proving needs. A key is never taken along to another host: whoever may change the
    address could otherwise have it sent to themselves."""
    if endpoint.auth not in Auth.values:
        errors.add("auth", _("Choose one of the ways."))
        return
    if any(ord(char) < 33 or ord(char) > 126 for char in given.key):
        errors.add("key", _("The key holds spaces or characters that no key has. Copy it again."))
    if endpoint.auth == Auth.NONE:
        return
    kept = _kept(endpoint)
    if not given.key and (moved or not kept.key or kept.is_entra != (endpoint.auth == Auth.ENTRA)):
        errors.add("key", _("The address is another: give the key again.") if moved else _("Give the key."))
    if endpoint.auth == Auth.ENTRA:
        if endpoint.kind != Kind.AZURE:
            errors.add("auth", _("Only endpoints of Azure are entered through Microsoft Entra."))
        if not is_tenant(given.tenant or kept.tenant):
            errors.add("tenant", _("Give the id of the tenant, or one of its domains."))
        if not (given.client or kept.client):
            errors.add("client", _("Give the client id of the application."))


def _kept(endpoint: Endpoint) -> Credential:
    """Return the credential in the row; an empty one where the secret key has changed since, so that it is asked for again."""
    try:
        return opened(bytes(endpoint.secret))
    except Invalid:
        return Credential()


def _origin(url: str) -> tuple[str, str] | None:
    return (urlsplit(url).scheme, urlsplit(url).netloc.casefold()) if url else None


def _tidy(value: Any) -> Any:
    return value.strip() if isinstance(value, str) else value


def _plain(value: Decimal | None) -> str | None:
    return None if value is None else f"{value.normalize():f}"
