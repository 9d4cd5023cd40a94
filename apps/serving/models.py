"""Endpoints that administrators have added. What an endpoint is to those who ask it, is `endpoints.Served`."""

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.core.models import Entity
from apps.serving.kinds import Kind


class Auth(models.TextChoices):
    NONE = "none", _("Nothing")
    KEY = "key", _("A key")
    ENTRA = "entra", _("An application registered in Microsoft Entra")


def _money(help_text: str) -> Any:
    """Return a field for a price: eight digits before the point, six after; null where it is not known."""
    return models.DecimalField(max_digits=14, decimal_places=6, null=True, blank=True, help_text=help_text)


class Endpoint(Entity):
    """A server that answers with one model. Its secret is kept sealed and leaves this row for nobody but the client."""

    name = models.CharField(max_length=100, unique=True)
    kind = models.CharField(max_length=16, choices=Kind.choices)
    base_url = models.CharField(max_length=500)
    api_version = models.CharField(
        max_length=40, blank=True, help_text="Azure only; empty for addresses in /openai/v1."
    )
    model = models.CharField(max_length=200, blank=True, help_text="Empty: the first one that the endpoint lists.")
    auth = models.CharField(max_length=8, choices=Auth.choices, default=Auth.NONE)
    secret = models.BinaryField(blank=True, default=b"", editable=False)
    position = models.PositiveIntegerField(default=0, help_text="The lowest is asked first.")
    enabled = models.BooleanField(default=True)
    at_once = models.PositiveSmallIntegerField(default=0, help_text="Answers written at the same time; 0: no limit.")
    price_prompt = _money("For a million tokens of the prompt.")
    price_cached = _money("For a million tokens of the prompt that were in the endpoint’s cache.")
    price_output = _money("For a million tokens of reasoning and answer.")
    gpu_price_hour = _money("Own hardware: one GPU for one hour.")
    gpus = models.PositiveSmallIntegerField(default=1)
    watts = models.PositiveIntegerField(null=True, blank=True, help_text="Own hardware: the whole server under load.")
    energy_price_kwh = _money("Own hardware: one kilowatt-hour, where the hour does not include it.")
    currency = models.CharField(max_length=3, blank=True, help_text="ISO 4217; of all prices of this endpoint.")

    class Meta:
        ordering = ["position", "created_at"]

    def __str__(self) -> str:
        return self.name
