"""The endpoints that answer: for administrators."""

import uuid
from dataclasses import asdict
from decimal import Decimal
from typing import Any, cast

from django.shortcuts import get_object_or_404
from ninja import Router, Status

from apps.accounts.scope import Permission
from apps.api.auth import Call
from apps.api.idempotency import idempotent
from apps.api.schemas import endpoints as wire
from apps.serving import services
from apps.serving.endpoint_fields import PRICES, EndpointFields
from apps.serving.endpoints import Served, auth_of_environment, endpoint_of_environment, served_by
from apps.serving.health import state_of
from apps.serving.models import Auth, Endpoint

router = Router(tags=["Models"])

_NULLABLE = {*PRICES, "watts"}


@router.get("", response=wire.EndpointList, summary="List endpoints, first to be asked first")
def list_endpoints(request: Call) -> dict[str, Any]:
    request.auth.require(Permission.ADMINISTER)
    return {"items": _all(), "next": None}


@router.post("", response={201: wire.Endpoint}, summary="Add an endpoint, to be asked after all others")
@idempotent
def add_endpoint(request: Call, body: wire.NewEndpoint) -> Status[Any]:
    return Status(201, _shown(services.add_endpoint(request.auth, **_fields(body))))


@router.put("/order", response=wire.EndpointList, summary="Set the order in which endpoints are asked")
@idempotent
def order_endpoints(request: Call, body: wire.EndpointOrder) -> Status[Any]:
    services.order_endpoints(request.auth, body.order)
    return Status(200, {"items": _all(), "next": None})


@router.get("/{uuid:id}", response=wire.Endpoint, summary="Read an endpoint")
def get_endpoint(request: Call, id: uuid.UUID) -> dict[str, Any]:
    request.auth.require(Permission.ADMINISTER)
    return _shown(get_object_or_404(Endpoint, pk=id))


@router.patch("/{uuid:id}", response=wire.Endpoint, summary="Change an endpoint, or replace its key")
@idempotent
def change_endpoint(request: Call, id: uuid.UUID, body: wire.EndpointChange) -> Status[Any]:
    request.auth.require(Permission.ADMINISTER)
    endpoint = get_object_or_404(Endpoint, pk=id)
    return Status(200, _shown(services.change_endpoint(request.auth, endpoint, **_fields(body))))


@router.delete("/{uuid:id}", response={204: None}, summary="Remove an endpoint and its key")
@idempotent
def remove_endpoint(request: Call, id: uuid.UUID) -> Status[Any]:
    request.auth.require(Permission.ADMINISTER)
    services.remove_endpoint(request.auth, get_object_or_404(Endpoint, pk=id))
    return Status(204, None)


@router.post("/{str:id}/test", response=wire.EndpointTest, summary="Test the connection to an endpoint")
def test_endpoint(request: Call, id: str) -> dict[str, Any]:
    """It is asked two small questions at most, which takes some seconds and costs some tokens."""
    return {"findings": [asdict(finding) for finding in services.test_endpoint(request.auth, id)]}


def _fields(body: wire.EndpointChange) -> EndpointFields:
    """Return what was given. Null takes a price away, and says nothing of any other field."""
    given = body.model_dump(exclude_unset=True)
    return cast(
        EndpointFields, {name: value for name, value in given.items() if value is not None or name in _NULLABLE}
    )


def _all() -> list[dict[str, Any]]:
    first = endpoint_of_environment()
    rows = [_shown(row) for row in Endpoint.objects.all()]
    return [_of_environment(first), *rows] if first else rows


def _shown(row: Endpoint) -> dict[str, Any]:
    served = served_by(row)
    return {
        **_common(served),
        "base_url": row.base_url,
        "api_version": row.api_version,
        "auth": row.auth,
        "has_key": bool(row.secret),
        "position": row.position,
        "enabled": row.enabled,
        **{name: _money(getattr(row, name)) for name in PRICES},
        "gpus": row.gpus,
        "watts": row.watts,
        "currency": row.currency,
        "created_at": row.created_at.isoformat(),
    }


def _of_environment(served: Served) -> dict[str, Any]:
    price, hardware, auth = served.price, served.hardware, auth_of_environment()
    return {
        **_common(served),
        "base_url": served.base_url,
        "api_version": served.api_version,
        "auth": auth.value,
        "has_key": auth != Auth.NONE,
        "position": 0,
        "enabled": True,
        "price_prompt": _money(price.prompt if price else None),
        "price_cached": _money(price.cached if price else None),
        "price_output": _money(price.output if price else None),
        "gpu_price_hour": _money(hardware.gpu_price_hour if hardware else None),
        "gpus": hardware.gpus if hardware else 1,
        "watts": hardware.watts if hardware else None,
        "energy_price_kwh": _money(hardware.energy_price_kwh if hardware else None),
        "currency": price.currency if price else hardware.currency if hardware else "",
        "created_at": None,
    }


def _common(served: Served) -> dict[str, Any]:
    state = state_of(served)
    return {
        "id": served.id,
        "name": served.name,
        "kind": served.kind,
        "model": served.model,
        "at_once": served.at_once,
        "state": {
            "state": state.state,
            "detail": state.detail,
            "model": state.name,
            "checked_at": state.checked_at,
        },
    }


def _money(value: Decimal | None) -> str | None:
    return None if value is None else f"{value.normalize():f}"
