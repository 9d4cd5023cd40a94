"""How each endpoint is, as `probing` has last seen it, told to everybody from the cache. Nothing here calls a model."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Final, Literal

import structlog
from django.conf import settings
from django.core.cache import cache
from django.db import DatabaseError
from django.utils.translation import gettext as _
from redis.exceptions import RedisError

from apps.serving.endpoints import ENVIRONMENT, Served, endpoint_of_environment, endpoints_in_order, entry_of
from apps.serving.kinds import kind_of

log = structlog.get_logger(__name__)

State = Literal["ready", "slow", "starting", "down", "none"]
KEPT: Final = 90
"""Seconds for which a state holds that nobody has looked at again."""

_ORDER = "serving:endpoints"
_STATE = "serving:state:{id}"
_ALIVE = "serving:alive:{id}"
_ALIVE_FOR = 60
_STARTING = {"installing", "fetching", "converting", "starting", "warming"}


@dataclass(frozen=True, slots=True)
class ModelState:
    """What is known of the model of one endpoint, and when it was last looked at. `detail` is a sentence for people."""

    state: State
    name: str = ""
    label: str = ""
    revision: str = ""
    endpoint: str = ""
    demonstration: bool = False
    detail: str = ""
    checked_at: str = ""
    first_token_seconds: float | None = None
    context: int = 0
    engine: str = ""
    served: list[str] = field(default_factory=list)
    endpoint_id: str = ""
    endpoint_name: str = ""

    @property
    def can_answer(self) -> bool:
        return self.state in {"ready", "slow"}


def model_state() -> ModelState:
    """Return what the screens show: the state of the first endpoint that can answer, else of the first."""
    states = all_states()
    return next((state for state in states if state.can_answer), states[0]) if states else without_endpoint()


def all_states() -> list[ModelState]:
    """Return the states of the endpoints that can be asked, in their order, as last seen."""
    order: list[str] | None = recall(_ORDER)
    if order is not None:
        known = states_by_id(order)
        if len(known) == len(order):
            return [known[id] for id in order]
    endpoints = _endpoints()
    known = states_by_id([one.id for one in endpoints])
    return [known.get(one.id) or unseen(one) for one in endpoints]


def states_by_id(ids: Sequence[str]) -> dict[str, ModelState]:
    """Return the states of endpoints that have been looked at of late. One question to the cache."""
    keys = {_STATE.format(id=id): id for id in ids}
    try:
        found = cache.get_many(keys) if keys else {}
    except RedisError:
        found = {}
    return {keys[key]: ModelState(**fields) for key, fields in found.items()}


def state_of(served: Served) -> ModelState:
    """Return how one endpoint is, as last seen."""
    return states_by_id([served.id]).get(served.id) or unseen(served)


def keep_state(state: ModelState, *, seconds: int = KEPT) -> None:
    """Tell the others how an endpoint is."""
    remember(_STATE.format(id=state.endpoint_id), asdict(state), seconds)


def keep_order(ids: Sequence[str]) -> None:
    """Tell the others which endpoints there are, so that no page has to ask the database."""
    remember(_ORDER, list(ids), KEPT)


def note_alive(endpoint_id: str) -> None:
    """Remember that an endpoint has just written something: a probe that has to queue behind it is no bad sign."""
    remember(_ALIVE.format(id=endpoint_id), 1, _ALIVE_FOR)


def was_alive(endpoint_id: str) -> bool:
    """Return whether an endpoint has written something in the last minute."""
    return bool(recall(_ALIVE.format(id=endpoint_id)))


def list_models() -> list[dict[str, Any]]:
    """Return the models that can answer, as the REST contract lists them. Never calls a model."""
    states, current = all_states(), model_state()
    return [
        {
            "id": name,
            "label": entry.label,
            "default": state.endpoint_id == current.endpoint_id and name == current.name,
            "healthy": state.can_answer and name == state.name,
            "state": state.state if name == state.name else "none",
            "detail": state.detail if name == state.name else "",
            "revision": entry.revision,
            "licence": entry.licence,
            "context": state.context if name == state.name else entry.context,
            "demonstration": entry.demonstration,
            "retires_on": entry.retires_on.isoformat() if entry.retires_on else None,
            "endpoint": state.endpoint_name,
        }
        for state in states
        for name in _names(state)
        if (entry := entry_of(_place(state), name))
    ]


def without_endpoint() -> ModelState:
    return ModelState("none", detail=_("No model is set up. Questions are answered with passages only."))


def unseen(served: Served) -> ModelState:
    """Return the state of an endpoint that nobody has looked at yet."""
    state = ModelState(
        "starting",
        endpoint=served.base_url,
        detail=_("Not looked at yet."),
        endpoint_id=served.id,
        endpoint_name=served.name,
    )
    return with_service_word(state)


def with_service_word(state: ModelState) -> ModelState:
    """Return the state in the words of the local model service, if this is its endpoint and it is at work on starting."""
    word = _service_word() if state.endpoint_id == ENVIRONMENT else {}
    if word.get("state") not in _STARTING:
        return state
    fields = asdict(state) | {"state": "starting", "detail": str(word.get("detail") or "")}
    if key := str(word.get("model") or ""):
        entry = entry_of(_place(state), key)
        fields |= {"name": key, "label": entry.label, "revision": entry.revision, "demonstration": entry.demonstration}
    return ModelState(**fields)


def recall(key: str) -> Any:
    """Return what is in the cache; nothing if Redis cannot be reached, since pages are shown all the same."""
    try:
        return cache.get(key)
    except RedisError:
        return None


def remember(key: str, value: Any, seconds: int) -> None:
    try:
        cache.set(key, value, seconds)
    except RedisError as error:
        log.warning("model.state_not_kept", error=type(error).__name__)


def _endpoints() -> list[Served]:
    """Return the endpoints in order; without the database that of the environment, since the page of states is shown all
    the same."""
    try:
        return endpoints_in_order()
    except DatabaseError:
        first = endpoint_of_environment()
        return [first] if first else []


def _names(state: ModelState) -> list[str]:
    """Return the models to list of an endpoint: all of the environment's, the chosen one of any other."""
    names = state.served if state.endpoint_id == ENVIRONMENT and state.served else [state.name]
    return [name for name in names if name]


def _place(state: ModelState) -> Served:
    return Served(state.endpoint_id, state.endpoint_name, kind_of(state.endpoint), state.endpoint, state.name)


def _service_word() -> dict[str, Any]:
    path = settings.ENV.model_state_file
    try:
        word = json.loads(path.read_text(encoding="utf-8")) if path else {}
    except (OSError, ValueError):
        return {}
    return word if isinstance(word, dict) else {}
