"""The form of an endpoint: its preset decides which fields it has."""

from typing import Any, cast

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.serving.endpoint_fields import EndpointFields
from apps.serving.models import Auth, Endpoint
from apps.web.endpoint_presets import Preset
from apps.web.forms import Form
from apps.web.forms_usage import CURRENCIES

_PRICES = ("price_prompt", "price_cached", "price_output")
_HARDWARE = ("gpu_price_hour", "watts", "energy_price_kwh")


def _money(label: Any, **more: Any) -> forms.DecimalField:
    widget = forms.NumberInput({"step": "any"})
    return forms.DecimalField(
        label=label, min_value=0, max_digits=14, decimal_places=6, required=False, widget=widget, **more
    )


class EndpointForm(Form):
    """An endpoint of a preset; `endpoint` is the row that is changed, whose secret is never shown."""

    name = forms.CharField(label=_("Name"), max_length=100, help_text=_("As people see it beside an answer."))
    base_url = forms.CharField(label=_("Address"), max_length=500)
    api_version = forms.CharField(label=_("API version"), max_length=40, required=False)
    model = forms.CharField(label=_("Model"), max_length=200, required=False)
    auth = forms.ChoiceField(label=_("It is shown"), choices=Auth.choices, widget=forms.RadioSelect)
    secret_kept = forms.ChoiceField(
        label=_("The secret that is kept"),
        choices=[("keep", _("Keep it")), ("replace", _("Replace it"))],
        widget=forms.RadioSelect,
        initial="keep",
    )
    key = forms.CharField(
        label=_("Key"),
        max_length=4000,
        required=False,
        widget=forms.PasswordInput({"autocomplete": "off", "spellcheck": "false"}),
    )
    tenant = forms.CharField(label=_("Tenant"), max_length=200, required=False)
    client = forms.CharField(label=_("Application (client) id"), max_length=200, required=False)
    at_once = forms.IntegerField(
        label=_("Answers at once"),
        min_value=0,
        max_value=10_000,
        required=False,
        help_text=_("More than that wait, and see their place in line. Empty: no limit."),
    )
    costs = forms.ChoiceField(
        label=_("What it costs"),
        choices=[
            ("none", _("Not known")),
            ("tokens", _("So much for a million tokens")),
            ("hardware", _("So much for an hour of own hardware")),
        ],
        widget=forms.RadioSelect,
        initial="none",
    )
    currency = forms.ChoiceField(label=_("Currency"), choices=[(code, code) for code in CURRENCIES], required=False)
    price_prompt = _money(_("Prompt"))
    price_cached = _money(_("Prompt, from its cache"), help_text=_("Empty: as the rest of the prompt."))
    price_output = _money(_("Reasoning and answer"))
    gpu_price_hour = _money(_("One GPU for an hour"))
    gpus = forms.IntegerField(label=_("GPUs"), min_value=1, max_value=10_000, required=False, initial=1)
    watts = forms.IntegerField(label=_("Watts under load"), min_value=0, required=False)
    energy_price_kwh = _money(_("A kilowatt-hour"), help_text=_("Empty: the hour includes it."))

    def __init__(self, data: QueryDict | None, *, preset: Preset, endpoint: Endpoint | None = None) -> None:
        super().__init__(data, initial=_initial(preset, endpoint))
        self.preset, self.endpoint = preset, endpoint
        self.fields["base_url"].widget.attrs |= {
            "placeholder": preset.example,
            "inputmode": "url",
            "spellcheck": "false",
        }
        self.fields["base_url"].help_text = (
            gettext("Such as %(address)s") % {"address": preset.example} if preset.example else ""
        )
        self.fields["model"].label, self.fields["model"].help_text = preset.model_label, preset.model_hint
        self.fields["model"].required = preset.needs_model
        if Auth.ENTRA in preset.auths:
            self.fields["key"].label = _("Key, or client secret of the application")
        auths = [(auth.value, auth.label) for auth in preset.auths]
        self.fields["auth"] = forms.ChoiceField(label=_("It is shown"), choices=auths, widget=forms.RadioSelect)
        self.has_secret = bool(endpoint and endpoint.secret)
        currency = endpoint.currency if endpoint else ""
        if currency and currency not in CURRENCIES:
            self.fields["currency"] = forms.ChoiceField(
                label=_("Currency"), choices=[(code, code) for code in (currency, *CURRENCIES)], required=False
            )
        for name, unwanted in (
            ("api_version", not preset.takes_version),
            ("secret_kept", not self.has_secret),
            ("tenant", Auth.ENTRA not in preset.auths),
            ("client", Auth.ENTRA not in preset.auths),
        ):
            if unwanted:
                del self.fields[name]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        wanted = {"tokens": ["price_prompt", "price_output"], "hardware": ["gpu_price_hour"]}
        for name in wanted.get(cleaned.get("costs", ""), []):
            if cleaned.get(name) is None and name not in self.errors:
                self.add_error(name, gettext("This is needed."))
        return cleaned

    def endpoint_fields(self) -> EndpointFields:
        """Return the fields as the services take them: prices that were not chosen emptied, a secret that is kept left out."""
        cleaned = self.cleaned_data
        costs = cleaned["costs"]
        proof = () if cleaned.get("secret_kept") == "keep" else ("key", "tenant", "client")
        fields: dict[str, Any] = {
            "kind": self.preset.kind.value,
            "at_once": cleaned["at_once"] or 0,
            "gpus": cleaned["gpus"] or 1,
            "currency": cleaned["currency"] if costs != "none" else "",
            **{name: cleaned[name] for name in ("name", "base_url", "api_version", "model", "auth") if name in cleaned},
            **{name: cleaned[name] for name in proof if name in cleaned},
            **{name: cleaned[name] if costs == "tokens" else None for name in _PRICES},
            **{name: cleaned[name] if costs == "hardware" else None for name in _HARDWARE},
        }
        return cast(EndpointFields, fields)  # the keys are those of its definition


def _initial(preset: Preset, endpoint: Endpoint | None) -> dict[str, Any]:
    if endpoint is None:
        return {"base_url": preset.address, "auth": preset.auths[0].value, "costs": "none"}
    names = ("name", "base_url", "api_version", "model", "auth", "currency", "gpus", *_PRICES, *_HARDWARE)
    costs = (
        "tokens" if endpoint.price_prompt is not None else "hardware" if endpoint.gpu_price_hour is not None else "none"
    )
    shown = {name: getattr(endpoint, name) for name in names}
    shown |= {
        name: f"{value.normalize():f}"
        for name in (*_PRICES, "gpu_price_hour", "energy_price_kwh")
        if (value := shown[name]) is not None
    }
    return shown | {"costs": costs, "at_once": endpoint.at_once or None}
