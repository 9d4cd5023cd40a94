"""The kinds of endpoint, and what each wants: where its addresses lie, how a key is shown, which fields it is sent.

Pure. A `Wire` is one endpoint as its kind wants it; what the model wants comes from its entry in the catalogue.
"""

from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit, urlunsplit

from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.serving.catalogue import ModelEntry
from apps.serving.llm import ChatRequest


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
_SERVERLESS = (".models.ai.azure.com", ".inference.ai.azure.com", ".inference.ml.azure.com")
_ROOTS = {
    Kind.VLLM: "/v1",
    Kind.COMPATIBLE: "/v1",
    Kind.OPENAI: "/v1",
    Kind.GOOGLE: "/v1beta/openai",
    Kind.DEEPSEEK: "",
}
_INFERENCE_VERSION = "2024-05-01-preview"  # of …/models, the only shape that cannot do without; Azure's documentation
_OWN_FIELDS = {
    Kind.VLLM,
    Kind.COMPATIBLE,
}  # a server that may be vLLM gets what vLLM knows, where the caller asks for it
_EVERYWHERE = {"model", "messages", "prompt", "max_tokens", "stream", "stream_options", "response_format"}
_SAMPLING = {"temperature", "top_p"}
_LEAST_OF_GOOGLE = 128  # Gemini 2.5 Pro refuses less
_LEAST_OF_OPENAI = 1024  # its reasoning models answer 400 where the limit ends them while they still think
_LITTLE, _USUAL = 1024, 4096  # tokens of thinking up to which the first and the second effort are asked for


def kind_of(base_url: str) -> Kind:
    """Return the kind of endpoint that an address belongs to, by its host."""
    host = _host(base_url)
    return Kind.AZURE if host.endswith(_AZURE) else _HOSTS.get(host, Kind.COMPATIBLE)


def tidy(kind: str, address: str, api_version: str = "") -> tuple[str, str]:
    """Return base address and api-version of an address as people copy it: with the operation at its end, or the bare host.
    A version inside the address yields to a given one."""
    parts = urlsplit(address.strip())
    version = api_version or (parse_qs(parts.query).get("api-version") or [""])[0]
    path = parts.path.rstrip("/").removesuffix("/chat/completions").removesuffix("/completions").rstrip("/")
    if kind == Kind.AZURE:
        path = _azure_path(path, _host(address), version)
    elif not path:
        path = _ROOTS[Kind(kind)]
    return urlunsplit((parts.scheme.lower(), parts.netloc, path, "", "")), version


def takes_budget(kind: str, engine: str, entry: ModelEntry) -> bool:
    """Return whether an endpoint can be told how much its model may think. `engine`: how it names itself in its list."""
    if kind in _OWN_FIELDS:
        return entry.budget != "ours" and (kind == Kind.VLLM or engine == "vllm")
    return bool(entry.efforts) or (kind == Kind.GOOGLE and entry.budget == "native")


@dataclass(frozen=True, slots=True)
class Wire:
    """One endpoint as its kind wants to be spoken to. `base_url` is tidy."""

    kind: str
    base_url: str
    api_version: str = ""

    @classmethod
    def at(cls, kind: str, address: str, api_version: str = "") -> "Wire":
        """Return the wire for an address as people write it."""
        return cls(kind, *tidy(kind, address, api_version))

    def url(self, model: str, path: str = "chat/completions") -> str:
        """Return where a model is asked for an operation."""
        base = self.base_url
        if self._by_deployment and "/deployments/" not in base:
            base = f"{base}/deployments/{quote(model, safe='')}"
        return self._versioned(f"{base}/{path}")

    @property
    def models_url(self) -> str | None:
        """Return where the endpoint lists its models; None where it does not."""
        if self.kind == Kind.AZURE and not self.base_url.endswith("/openai/v1"):
            return None
        return self._versioned(f"{self.base_url}/models")

    @property
    def lists_deployments(self) -> bool:
        """Return whether the list has the names to ask for. Azure lists every model there is, deployed or not."""
        return self.models_url is not None and self.kind != Kind.AZURE

    def key_headers(self, key: str) -> dict[str, str]:
        """Return the headers that show a key."""
        if not key:
            return {}
        if self.kind == Kind.AZURE and not self._serverless:
            return {"api-key": key}
        return {"Authorization": f"Bearer {key}"}

    def body(self, request: ChatRequest, entry: ModelEntry) -> dict[str, Any]:
        """Return what is sent for a request: nothing that this kind or this model refuses."""
        body = request.body()
        if self.kind not in _OWN_FIELDS:
            allowed = _EVERYWHERE | (_SAMPLING if self.kind == Kind.GOOGLE else set())
            body = {name: value for name, value in body.items() if name in allowed}
        elif entry.budget == "ours":
            body.pop("thinking_token_budget", None)
        if "messages" in body:
            body["messages"] = self._messages(body["messages"], entry)
        body |= self._thinking(request.thinking_budget, entry)
        if self.kind == Kind.OPENAI or entry.tokens_field == "max_completion_tokens":
            body["max_completion_tokens"] = max(body.pop("max_tokens"), _LEAST_OF_OPENAI)
        if self._serverless:
            del body["model"]
        return body

    def _messages(self, turns: list[dict[str, str]], entry: ModelEntry) -> list[dict[str, str]]:
        """Return the turns. Earlier reasoning goes back only to models whose provider answers 400 without it, and an answer
        that was begun for the model only to vLLM, which goes on with it."""
        if self.kind not in _OWN_FIELDS and turns[-1]["role"] == "assistant":
            turns = turns[:-1]
        if entry.reasoning_back == "required":
            return turns
        return [{name: text for name, text in turn.items() if name != "reasoning_content"} for turn in turns]

    def _thinking(self, budget: int | None, entry: ModelEntry) -> dict[str, Any]:
        """Return how the endpoint is told to think, and how much."""
        said: dict[str, Any] = {}
        if self.kind == Kind.DEEPSEEK:
            said["thinking"] = {"type": "enabled"}
        if budget is None:
            return said
        if entry.efforts:
            little, usual, much = entry.efforts
            said["reasoning_effort"] = little if budget <= _LITTLE else usual if budget <= _USUAL else much
        elif self.kind == Kind.GOOGLE and entry.budget == "native":
            config = {"thinking_budget": max(budget, _LEAST_OF_GOOGLE), "include_thoughts": True}
            said["extra_body"] = {
                "google": {"thinking_config": config}
            }  # Google's own field of this name, as it is sent
        return said

    def _versioned(self, url: str) -> str:
        if self.kind != Kind.AZURE:
            return url
        version = self.api_version or (_INFERENCE_VERSION if self.base_url.endswith("/models") else "")
        return f"{url}?api-version={quote(version, safe='')}" if version else url

    @property
    def _serverless(self) -> bool:
        """Return whether the address is that of one model, which is then not named."""
        return self.kind == Kind.AZURE and (
            _host(self.base_url).endswith(_SERVERLESS) or urlsplit(self.base_url).path in {"", "/v1"}
        )

    @property
    def _by_deployment(self) -> bool:
        path = urlsplit(self.base_url).path
        return self.kind == Kind.AZURE and (path.endswith("/openai") or "/openai/deployments/" in path)


def _azure_path(path: str, host: str, version: str) -> str:
    """Return the path of an Azure address: with an api-version the classic shapes, else `/openai/v1`."""
    if (
        host.endswith(_SERVERLESS)
        or path == "/v1"
        or path.endswith(("/openai/v1", "/models"))
        or "/deployments/" in path
    ):
        return path
    root = path.removesuffix("/openai")
    return f"{root}/openai" if version else f"{root}/openai/v1"


def _host(address: str) -> str:
    return (urlsplit(address.strip()).hostname or "").casefold()
