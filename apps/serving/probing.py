"""Look at the endpoints. `/health` of a model server answers while generation hangs, so one token is generated.

The endpoints of a provider are paid for by the token: they are looked at less often, and not at all after an answer of theirs.
"""

import threading
import time
from datetime import UTC, datetime
from typing import Final

import structlog
from django.utils.translation import gettext as _

from apps.core.errors import Invalid
from apps.serving import health
from apps.serving.endpoints import Served, client_of, endpoints_in_order, entry_of
from apps.serving.health import ModelState, State
from apps.serving.kinds import Kind
from apps.serving.llm import ChatRequest, LanguageModel, ModelDown, ModelError, ModelRefused, ServedModel
from apps.serving.thinking import Reasoning, Text

log = structlog.get_logger(__name__)

SLOW: Final = 5.0
"""Seconds to the first token from which on an endpoint is called slow."""
_SILENCE = 12.0
_WITHIN = 25.0
_OWN = {Kind.VLLM, Kind.COMPATIBLE}
_PROVIDERS_EVERY = 300.0
_GLANCE_HOLDS = 15


def probe() -> ModelState:
    """Look at all endpoints at once, tell the others what was seen, and return the state that the screens show.

    One that keeps the probe waiting for too long is told by its next look; until then its last state holds.
    """
    endpoints = endpoints_in_order()
    health.keep_order([one.id for one in endpoints])
    before = health.states_by_id([one.id for one in endpoints])
    looks = []
    for served in endpoints:
        known = before.get(served.id)
        if known is not None and _may_rest(served, known):
            health.keep_state(known, seconds=int(_PROVIDERS_EVERY))
            continue
        try:
            client = client_of(served, silence=_SILENCE, attempts=1)
        except Invalid as error:
            health.keep_state(_described(served, "", [], state="down", detail=error.detail))
            continue
        looks.append(threading.Thread(target=_look_and_tell, args=(served, client), name="probe", daemon=True))
    for thread in looks:
        thread.start()
    until = time.monotonic() + _WITHIN
    for thread in looks:
        thread.join(max(until - time.monotonic(), 0))
    return health.model_state()


def look(served: Served, client: LanguageModel) -> ModelState:
    """Return how an endpoint is, having had it generate one token."""
    try:
        listed = client.list_models()
    except ModelDown as error:
        return _down(served, error.detail)
    except ModelError as error:
        if not served.model:
            return _down(served, error.detail)
        listed = []  # some do not list what they serve
    name = _chosen(served, listed)
    if not name:
        return _down(served, _("The endpoint does not list a model to ask. Name one that it serves."), listed=listed)
    try:
        seconds = _first_token(served, client, name)
    except ModelError as error:
        if health.was_alive(served.id):
            busy = _("The model is busy with other answers.")
            return _described(served, name, listed, state="slow", detail=busy)
        log.warning("model.does_not_generate", endpoint=served.id, model=name, code=error.code)
        silent = _("The service lists its model, but nothing is generated.")
        detail = error.detail if isinstance(error, ModelRefused) else silent
        return _described(served, name, listed, state="down", detail=detail)
    slow = seconds > SLOW
    detail = _("The first word takes {seconds} seconds.").format(seconds=round(seconds)) if slow else ""
    state: State = "slow" if slow else "ready"
    return _described(served, name, listed, state=state, detail=detail, seconds=round(seconds, 2))


def glance(served: Served, client: LanguageModel) -> ModelState:
    """Return how an endpoint seems to be, without generating; for those that nobody has looked at, or that were not there."""
    try:
        listed = client.list_models()
    except ModelError as error:
        state = _down(served, error.detail)
    else:
        name = _chosen(served, listed)
        state = _described(served, name, listed, state="ready" if name else "down")
    health.keep_state(state, seconds=_GLANCE_HOLDS)
    return state


def _look_and_tell(served: Served, client: LanguageModel) -> None:
    health.keep_state(look(served, client))


def _may_rest(served: Served, known: ModelState) -> bool:
    """Return whether an endpoint that is paid for by the token need not be looked at now."""
    if served.kind in _OWN or not known.can_answer or (served.model and served.model != known.name):
        return False
    if known.endpoint != served.base_url or not known.first_token_seconds:
        return False
    age = datetime.now(UTC) - datetime.fromisoformat(known.checked_at)
    return age.total_seconds() < _PROVIDERS_EVERY or health.was_alive(served.id)


def _first_token(served: Served, client: LanguageModel, name: str) -> float:
    """Return the seconds to the first token."""
    entry = entry_of(served, name)
    request = ChatRequest(
        model=name,
        messages=({"role": "user", "content": "Hi"},),
        max_tokens=1,
        temperature=entry.temperature,
        top_p=entry.top_p,
    )
    begun = time.monotonic()
    for delta in client.stream(request):
        if isinstance(delta, Reasoning | Text):
            break
    return time.monotonic() - begun


def _chosen(served: Served, listed: list[ServedModel]) -> str:
    """Return the model to ask: the one that was configured, whether listed or not, else the first that is listed."""
    return served.model or (listed[0].name if listed else "")


def _down(served: Served, detail: str, *, listed: list[ServedModel] | None = None) -> ModelState:
    return health.with_service_word(_described(served, "", listed or [], state="down", detail=detail))


def _described(
    served: Served,
    name: str,
    listed: list[ServedModel],
    *,
    state: State,
    detail: str = "",
    seconds: float | None = None,
) -> ModelState:
    entry = entry_of(served, name) if name else None
    found = next((model for model in listed if model.name == name), None)
    limits = [limit for limit in (found.context if found else 0, entry.context if entry else 0) if limit]
    return ModelState(
        state=state,
        name=name,
        label=entry.label if entry else "",
        revision=entry.revision if entry else "",
        endpoint=served.base_url,
        demonstration=entry.demonstration if entry else False,
        detail=detail,
        checked_at=datetime.now(UTC).isoformat(),
        first_token_seconds=seconds,
        context=min(limits, default=0),
        engine=found.owner if found else "",
        served=[model.name for model in listed],
        endpoint_id=served.id,
        endpoint_name=served.name,
    )
