"""The endpoints that can be asked: the one of the environment, then those that administrators added, all of one shape."""

import uuid
from dataclasses import dataclass
from decimal import Decimal
from typing import Final
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

from apps.serving.addresses import Inside
from apps.serving.catalogue import ModelEntry, entry_for
from apps.serving.client import OpenAICompatible
from apps.serving.entra import bearer_headers
from apps.serving.kinds import Wire, kind_of
from apps.serving.models import Auth, Endpoint
from apps.serving.prices import Hardware, Price
from apps.serving.secrets import Credential, opened

ENVIRONMENT: Final = "environment"
"""The id of the endpoint that the environment names."""


@dataclass(frozen=True, slots=True)
class Served:
    """An endpoint to ask. `model` may be empty: the first one that it lists. `at_once` 0: as many answers as come."""

    id: str
    name: str
    kind: str
    base_url: str
    model: str
    at_once: int = 0
    price: Price | None = None
    hardware: Hardware | None = None
    api_version: str = ""

    @property
    def host(self) -> str:
        """Return the host of its address, which is what people are told of it."""
        return urlsplit(self.base_url).hostname or ""


def endpoints_in_order() -> list[Served]:
    """Return the enabled endpoints, first to be asked first. One query."""
    rows = [served_by(row) for row in Endpoint.objects.filter(enabled=True)]
    first = endpoint_of_environment()
    return [first, *rows] if first else rows


def find_endpoint(id: str) -> Served | None:
    """Return an endpoint by its id, enabled or not; None where there is none any more."""
    if id == ENVIRONMENT:
        return endpoint_of_environment()
    try:
        row = Endpoint.objects.filter(pk=uuid.UUID(id)).first()
    except ValueError:
        return None
    return served_by(row) if row else None


def endpoint_of_environment() -> Served | None:
    """Return the endpoint that TOULMIN_LLM_BASE_URL names; None where it names none."""
    env = settings.ENV
    if not env.llm_base_url:
        return None
    return Served(
        id=ENVIRONMENT,
        name=_("Endpoint of the environment"),
        kind=kind_of(env.llm_base_url).value,
        base_url=env.llm_base_url,
        model=env.llm_model,
        at_once=env.llm_at_once,
        price=_price(
            _decimal(env.llm_price_prompt),
            _decimal(env.llm_price_cached),
            _decimal(env.llm_price_output),
            env.llm_currency,
        ),
        hardware=_hardware(
            _decimal(env.llm_gpu_price_hour),
            env.llm_gpus,
            env.llm_watts,
            _decimal(env.llm_energy_price_kwh),
            env.llm_currency,
        ),
    )


def auth_of_environment() -> Auth:
    """Return how the endpoint of the environment is shown who asks."""
    credential = _credential_of_environment()
    if credential.is_entra:
        return Auth.ENTRA
    return Auth.KEY if credential.key else Auth.NONE


def served_by(row: Endpoint) -> Served:
    """Return a row as those see it who ask it."""
    return Served(
        id=str(row.pk),
        name=row.name,
        kind=row.kind,
        base_url=row.base_url,
        model=row.model,
        at_once=row.at_once,
        price=_price(row.price_prompt, row.price_cached, row.price_output, row.currency),
        hardware=_hardware(row.gpu_price_hour, row.gpus, row.watts, row.energy_price_kwh, row.currency),
        api_version=row.api_version,
    )


def client_of(served: Served, *, silence: float | None = None, attempts: int = 3) -> OpenAICompatible:
    """Return the client of an endpoint. `silence`: seconds without a byte after which it counts as silent; `attempts`: how
    often it is asked while it is busy. Raises `Invalid` if its secret can no longer be opened."""
    wire, credential = wire_of(served), _credential(served)
    return OpenAICompatible(
        wire.base_url,
        silence=silence or settings.ENV.llm_timeout,
        wire=wire,
        authorise=lambda: _headers(wire, credential),
        entry_of=lambda name: entry_of(served, name),
        # What the environment names is the operator's own word.
        inside=None if served.id == ENVIRONMENT else Inside.of(settings.ENV.llm_private_addresses),
        attempts=attempts,
    )


def wire_of(served: Served) -> Wire:
    """Return how an endpoint wants to be spoken to."""
    return Wire.at(served.kind, served.base_url, served.api_version)


def entry_of(served: Served, name: str) -> ModelEntry:
    """Return what the catalogue says about a model of an endpoint."""
    return entry_for(settings.ENV.models_file, name, served.base_url)


def _credential(served: Served) -> Credential:
    if served.id == ENVIRONMENT:
        return _credential_of_environment()
    row = Endpoint.objects.filter(pk=served.id).values_list("secret", flat=True).first()
    return opened(bytes(row or b""))


def _credential_of_environment() -> Credential:
    env = settings.ENV
    return Credential(env.llm_api_key.get_secret_value(), env.llm_entra_tenant, env.llm_entra_client)


def _headers(wire: Wire, credential: Credential) -> dict[str, str]:
    if credential.is_entra:
        return bearer_headers(credential, wire.base_url)
    return wire.key_headers(credential.key)


def _price(prompt: Decimal | None, cached: Decimal | None, output: Decimal | None, currency: str) -> Price | None:
    if prompt is None or output is None or not currency:
        return None
    return Price(prompt=prompt, cached=cached, output=output, currency=currency)


def _hardware(
    gpu_price_hour: Decimal | None, gpus: int, watts: int | None, energy_price_kwh: Decimal | None, currency: str
) -> Hardware | None:
    if gpu_price_hour is None or not currency:
        return None
    return Hardware(gpu_price_hour, gpus=gpus, currency=currency, watts=watts, energy_price_kwh=energy_price_kwh)


def _decimal(number: float | None) -> Decimal | None:
    return None if number is None else Decimal(str(number))
