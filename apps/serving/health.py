"""How the model is: looked at every few seconds by `probe`, told to everybody else from the cache.

`/health` of a model server answers while generation hangs, so the probe has one token generated. Asking for the state
never calls the model.
"""

import json
import time
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

import structlog
from django.conf import settings
from django.core.cache import cache
from django.utils.translation import gettext as _
from redis.exceptions import RedisError

from apps.serving.catalogue import ModelEntry, entry_for
from apps.serving.client import OpenAICompatible
from apps.serving.llm import ChatRequest, LanguageModel, ModelError, ServedModel
from apps.serving.thinking import Reasoning, Text

log = structlog.get_logger(__name__)

State = Literal["ready", "slow", "starting", "down", "none"]
_KEY = "reasoning:model-state"
_ALIVE = "reasoning:model-alive"
_KEPT = 90
_ALIVE_FOR = 60
_SLOW = 5.0
_PROBE_SILENCE = 12.0
_STARTING = {"installing", "fetching", "converting", "starting", "warming"}


@dataclass(frozen=True, slots=True)
class ModelState:
    """What is known of the model that answers, and when it was last looked at. `detail` is a sentence for people."""

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

    @property
    def can_answer(self) -> bool:
        return self.state in {"ready", "slow"}


def model_state() -> ModelState:
    """Return the state as last seen. Reads the cache and the state file; never calls the model."""
    if not settings.ENV.llm_base_url:
        return _without_endpoint()
    known = _recall(_KEY)
    if known is None:
        return _with_service_word(
            ModelState("starting", endpoint=settings.ENV.llm_base_url, detail=_("Not looked at yet."))
        )
    return ModelState(**known)


def probe(model: LanguageModel | None = None) -> ModelState:
    """Look at the model, have it generate one token, and keep what was seen for the others."""
    if not settings.ENV.llm_base_url:
        return _without_endpoint()
    state = _look(model or get_model(silence=_PROBE_SILENCE))
    _remember(_KEY, asdict(state), _KEPT)
    return state


def state_for_answering() -> ModelState:
    """Return the state to decide by, now: an endpoint that was not there is looked at again, without generating."""
    state = model_state()
    if state.can_answer or state.served or not settings.ENV.llm_base_url:
        return state
    try:
        served = get_model().list_models()
    except ModelError:
        return state
    fresh = _described(_chosen(served), served, state="ready")
    return fresh if fresh.name else state


def note_alive() -> None:
    """Remember that the model has just written something: a probe that has to queue behind it is no bad sign."""
    _remember(_ALIVE, 1, _ALIVE_FOR)


def list_models() -> list[dict[str, Any]]:
    """Return the models that can answer, as the REST contract lists them. Never calls the model."""
    state = model_state()
    return [
        {
            "id": name,
            "label": entry.label,
            "default": name == state.name,
            "healthy": state.can_answer and name == state.name,
            "state": state.state if name == state.name else "none",
            "detail": state.detail if name == state.name else "",
            "revision": entry.revision,
            "licence": entry.licence,
            "context": state.context if name == state.name else entry.context,
            "demonstration": entry.demonstration,
            "retires_on": entry.retires_on.isoformat() if entry.retires_on else None,
        }
        for name in (state.served or [state.name])
        if name and (entry := catalogue_entry(name))
    ]


def catalogue_entry(name: str) -> ModelEntry:
    """Return what the catalogue says about a model of the configured endpoint."""
    return entry_for(settings.ENV.models_file, name, settings.ENV.llm_base_url)


def get_model(*, silence: float | None = None) -> OpenAICompatible:
    """Return the client of the configured endpoint."""
    return OpenAICompatible(
        settings.ENV.llm_base_url,
        api_key=settings.ENV.llm_api_key.get_secret_value(),
        silence=silence or settings.ENV.llm_timeout,
    )


def _recall(key: str) -> Any:
    """Return what is in the cache; nothing if Redis cannot be reached, since pages are shown all the same."""
    try:
        return cache.get(key)
    except RedisError:
        return None


def _remember(key: str, value: Any, seconds: int) -> None:
    try:
        cache.set(key, value, seconds)
    except RedisError as error:
        log.warning("model.state_not_kept", error=type(error).__name__)


def _look(model: LanguageModel) -> ModelState:
    try:
        served = model.list_models()
    except ModelError as error:
        return _with_service_word(_described("", [], state="down", detail=error.detail))
    name = _chosen(served)
    if not name:
        detail = _("The endpoint does not list a model to ask. Set TOULMIN_LLM_MODEL to one that it serves.")
        return _with_service_word(_described("", served, state="down", detail=detail))
    try:
        seconds = _first_token(model, name)
    except ModelError as error:
        if _recall(_ALIVE):
            return _described(name, served, state="slow", detail=_("The model is busy with other answers."))
        log.warning("model.does_not_generate", model=name, code=error.code)
        return _described(
            name, served, state="down", detail=_("The service lists its model, but nothing is generated.")
        )
    slow = seconds > _SLOW
    detail = _("The first word takes {seconds} seconds.").format(seconds=round(seconds)) if slow else ""
    return _described(name, served, state="slow" if slow else "ready", detail=detail, seconds=round(seconds, 2))


def _first_token(model: LanguageModel, name: str) -> float:
    entry = catalogue_entry(name)
    request = ChatRequest(
        model=name,
        messages=({"role": "user", "content": "Hi"},),
        max_tokens=1,
        temperature=entry.temperature,
        top_p=entry.top_p,
    )
    begun = time.monotonic()
    for delta in model.stream(request):
        if isinstance(delta, Reasoning | Text):
            break
    return time.monotonic() - begun


def _chosen(served: list[ServedModel]) -> str:
    """Return the model to ask: the one that was configured, whether listed or not, else the first that is listed."""
    return settings.ENV.llm_model or (served[0].name if served else "")


def _described(
    name: str, served: list[ServedModel], *, state: State, detail: str = "", seconds: float | None = None
) -> ModelState:
    entry = catalogue_entry(name) if name else None
    listed = next((model for model in served if model.name == name), None)
    limits = [limit for limit in (listed.context if listed else 0, entry.context if entry else 0) if limit]
    return ModelState(
        state=state,
        name=name,
        label=entry.label if entry else "",
        revision=entry.revision if entry else "",
        endpoint=settings.ENV.llm_base_url,
        demonstration=entry.demonstration if entry else False,
        detail=detail,
        checked_at=datetime.now(UTC).isoformat(),
        first_token_seconds=seconds,
        context=min(limits, default=0),
        engine=listed.owner if listed else "",
        served=[model.name for model in served],
    )


def _without_endpoint() -> ModelState:
    return ModelState("none", detail=_("No model is set up. Questions are answered with passages only."))


def _with_service_word(state: ModelState) -> ModelState:
    """Return the state in the words of the local model service, if one is at work on starting."""
    word = _service_word()
    if word.get("state") not in _STARTING:
        return state
    fields = asdict(state) | {"state": "starting", "detail": str(word.get("detail") or "")}
    if key := str(word.get("model") or ""):
        entry = catalogue_entry(key)
        fields |= {"name": key, "label": entry.label, "revision": entry.revision, "demonstration": entry.demonstration}
    return ModelState(**fields)


def _service_word() -> dict[str, Any]:
    path = settings.ENV.model_state_file
    try:
        word = json.loads(path.read_text(encoding="utf-8")) if path else {}
    except (OSError, ValueError):
        return {}
    return word if isinstance(word, dict) else {}
