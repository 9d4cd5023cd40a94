"""What the list of endpoints shows: each with its state, what it costs, and how it is shown who asks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.conf import settings
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from apps.serving.catalogue import entry_for
from apps.serving.endpoints import Served, endpoint_of_environment, served_by
from apps.serving.health import ModelState
from apps.serving.kinds import Kind
from apps.serving.models import Auth, Endpoint
from apps.web import wording

_WARNED_FOR = timedelta(days=180)
_UNSEEN = ModelState("none")


@dataclass(frozen=True, slots=True)
class EndpointRow:
    """One endpoint. `is_row` is false for that of the environment, which is not changed here."""

    id: str
    name: str
    kind: str
    host: str
    model: str
    state: str
    says: str
    detail: str
    price: str
    at_once: str
    secret: str
    retires: str
    enabled: bool
    is_row: bool
    may_rise: bool
    may_fall: bool


def endpoint_rows(endpoints: Sequence[Endpoint], states: Mapping[str, ModelState], today: date) -> list[EndpointRow]:
    """Return all endpoints in order, that of the environment first. `states` are those that have been looked at, by id."""
    first = endpoint_of_environment()
    rows = [_row(first, states.get(first.id) or _UNSEEN, today)] if first else []
    for at, endpoint in enumerate(endpoints):
        served = served_by(endpoint)
        last = at == len(endpoints) - 1
        rows.append(_row(served, states.get(served.id) or _UNSEEN, today, endpoint, may_rise=at > 0, may_fall=not last))
    return rows


def _row(
    served: Served,
    state: ModelState,
    today: date,
    endpoint: Endpoint | None = None,
    *,
    may_rise: bool = False,
    may_fall: bool = False,
) -> EndpointRow:
    enabled = endpoint is None or endpoint.enabled
    name = served.model or state.name
    return EndpointRow(
        id=served.id,
        name=served.name,
        kind=str(Kind(served.kind).label),
        host=served.host,
        model=(state.label if state.name == name and state.label else name) or _("the first that it lists"),
        state=state.state if enabled else "none",
        says=state_word(state.state) if enabled else _("Turned off"),
        detail=state.detail if enabled else "",
        price=price_sentence(served),
        at_once=wording.count(served.at_once) if served.at_once else _("as many as come"),
        secret=_secret(endpoint),
        retires=_retirement(served, name, today),
        enabled=enabled,
        is_row=endpoint is not None,
        may_rise=may_rise,
        may_fall=may_fall,
    )


def state_word(state: str) -> str:
    return {
        "ready": _("Ready"),
        "slow": _("Slow"),
        "starting": _("Starting"),
        "down": _("Not answering"),
        "none": _("Not looked at yet"),
    }[state]


def price_sentence(served: Served) -> str:
    """Return what an endpoint costs, in words."""
    if price := served.price:
        said = {
            "prompt": wording.money(price.prompt, price.currency),
            "output": wording.money(price.output, price.currency),
            "cached": wording.money(price.cached, price.currency) if price.cached is not None else "",
        }
        if said["cached"]:
            return _("A million tokens: %(prompt)s read, %(cached)s read from the cache, %(output)s written") % said
        return _("A million tokens: %(prompt)s read, %(output)s written") % said
    if hardware := served.hardware:
        cost = wording.money(hardware.gpu_price_hour * hardware.gpus, hardware.currency)
        said = {"gpus": wording.count(hardware.gpus), "cost": cost}
        return _("Own hardware, %(gpus)s GPU: %(cost)s an hour, shared by the answers of each second") % said
    return _("not known")


def _secret(endpoint: Endpoint | None) -> str:
    if endpoint is None or endpoint.auth == Auth.NONE:
        return ""
    if not endpoint.secret:
        return _("a secret, which is missing")
    if endpoint.auth == Auth.KEY:
        return _("a key, kept encrypted")
    return _("a token of Microsoft Entra, its secret kept encrypted")


def _retirement(served: Served, name: str, today: date) -> str:
    """Return that a model is retired soon, or was; empty while that is far off."""
    day = entry_for(settings.ENV.models_file, name, served.base_url).retires_on if name else None
    if day is None or day - today > _WARNED_FOR:
        return ""
    said = {"day": date_format(day, "j F Y")}
    if day <= today:
        return _("Its provider retired this model on %(day)s.") % said
    return _("Its provider retires this model on %(day)s.") % said
