"""The endpoints that can be asked: the one of the environment, then those that administrators added, all of one shape."""

from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

from apps.serving.client import OpenAICompatible
from apps.serving.kinds import kind_of
from apps.serving.models import Endpoint
from apps.serving.prices import Hardware, Price

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
    row = Endpoint.objects.filter(pk=id).first()
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
    )


def served_by(row: Endpoint) -> Served:
    """Return a row as those see it who ask it."""
    return Served(
        id=str(row.pk),
        name=row.name,
        kind=row.kind,
        base_url=row.base_url,
        model=row.model,
        at_once=row.at_once,
        price=_price(row),
        hardware=_hardware(row),
        api_version=row.api_version,
    )


def client_of(served: Served, *, silence: float | None = None) -> OpenAICompatible:
    """Return the client of an endpoint. `silence`: seconds without a byte after which it counts as silent."""
    key = settings.ENV.llm_api_key.get_secret_value() if served.id == ENVIRONMENT else ""
    return OpenAICompatible(served.base_url, api_key=key, silence=silence or settings.ENV.llm_timeout)


def _price(row: Endpoint) -> Price | None:
    if row.price_prompt is None or row.price_output is None or not row.currency:
        return None
    return Price(prompt=row.price_prompt, cached=row.price_cached, output=row.price_output, currency=row.currency)


def _hardware(row: Endpoint) -> Hardware | None:
    if row.gpu_price_hour is None or not row.currency:
        return None
    return Hardware(
        gpu_price_hour=row.gpu_price_hour,
        gpus=row.gpus,
        currency=row.currency,
        watts=row.watts,
        energy_price_kwh=row.energy_price_kwh,
    )
