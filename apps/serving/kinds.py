"""The kinds of endpoint there are."""

from urllib.parse import urlsplit

from django.db import models
from django.utils.translation import gettext_lazy as _


class Kind(models.TextChoices):
    VLLM = "vllm", _("vLLM of our own")
    AZURE = "azure", _("Azure AI Foundry")
    DEEPSEEK = "deepseek", _("DeepSeek")
    OPENAI = "openai", _("OpenAI")
    GOOGLE = "google", _("Google Gemini")
    COMPATIBLE = "compatible", _("Another OpenAI-compatible server")


_HOSTS = {
    "api.deepseek.com": Kind.DEEPSEEK,
    "api.openai.com": Kind.OPENAI,
    "generativelanguage.googleapis.com": Kind.GOOGLE,
}
_AZURE = (".azure.com", ".azure.us", ".azure.cn")


def kind_of(base_url: str) -> Kind:
    """Return the kind of endpoint that an address belongs to, by its host."""
    host = (urlsplit(base_url).hostname or "").casefold()
    if host.endswith(_AZURE):
        return Kind.AZURE
    return _HOSTS.get(host, Kind.COMPATIBLE)
