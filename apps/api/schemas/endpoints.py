"""The servers that answer with a model: for administrators."""

from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

from pydantic import Field

from apps.api.schemas.parts import Body, Shown, Time

KindName = Literal["vllm", "azure", "deepseek", "openai", "google", "compatible"]
AuthName = Literal["none", "key", "entra"]
Money = Decimal | None


class EndpointState(Shown):
    state: Literal["ready", "slow", "starting", "down", "none"]
    detail: str
    model: str = Field(description="The model that is asked.")
    checked_at: str


class Endpoint(Shown):
    """A server that answers with one model. Its key is never among the fields."""

    id: str = Field(
        description="A UUID, or “environment” for the one that the environment names, which is not changed here."
    )
    name: str
    kind: KindName
    base_url: str
    api_version: str
    model: str = Field(description="Empty: the first one that the endpoint lists.")
    auth: AuthName
    has_key: bool
    position: int = Field(description="The lowest is asked first.")
    enabled: bool
    at_once: int = Field(description="Answers written at the same time; 0: no limit.")
    price_prompt: str | None = Field(description="For a million tokens, like the two below.")
    price_cached: str | None
    price_output: str | None
    gpu_price_hour: str | None = Field(description="Own hardware: one GPU for one hour.")
    gpus: int
    watts: int | None
    energy_price_kwh: str | None
    currency: str
    state: EndpointState
    created_at: Time | None


class EndpointList(Shown):
    items: list[Endpoint]
    next: str | None


class EndpointChange(Body):
    """What is not given stays as it is, the key too. Another address needs the key again."""

    name: str | None = None
    kind: KindName | None = None
    base_url: str | None = None
    api_version: str | None = None
    model: str | None = None
    auth: AuthName | None = Field(None, description="“none” removes the key.")
    key: str | None = Field(None, description="The key, or the client secret of the application in Entra.")
    tenant: str | None = Field(None, description="With “entra”.")
    client: str | None = Field(None, description="With “entra”: the client id of the application.")
    enabled: bool | None = None
    at_once: int | None = None
    price_prompt: Money = None
    price_cached: Money = None
    price_output: Money = None
    gpu_price_hour: Money = None
    gpus: int | None = None
    watts: int | None = None
    energy_price_kwh: Money = None
    currency: str | None = None


class NewEndpoint(EndpointChange):
    name: str
    kind: KindName
    base_url: str = Field(description="As the provider shows it; with or without the operation at its end.")


class EndpointOrder(Body):
    order: list[UUID] = Field(description="The ids of all endpoints, first to be asked first.")


class Finding(Shown):
    step: Literal["reach", "model", "answer", "reasoning", "usage", "speed", "budget", "price", "retires"]
    code: str
    state: Literal["ok", "note", "bad"]
    text: str
    advice: str = Field(description="What to do; empty where nothing is to be done.")
    values: dict[str, Any] | None = Field(description="The figures behind the sentence.")


class EndpointTest(Shown):
    findings: list[Finding]
