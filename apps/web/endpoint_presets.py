"""What an administrator chooses from when adding an endpoint: who serves the model decides which fields are asked and how they read."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from apps.serving.kinds import Kind, tidy
from apps.serving.models import Auth, Endpoint

_MODEL = _("Model")
_LISTED = _("Its name as the server lists it. Empty: the first of the list.")


@dataclass(frozen=True, slots=True)
class Preset:
    """One way of serving. `address` is filled in, `example` only shown; `auths` are offered in this order."""

    key: str
    kind: Kind
    label: StrOrPromise
    say: StrOrPromise
    auths: tuple[Auth, ...]
    address: str = ""
    example: str = ""
    model_label: StrOrPromise = _MODEL
    model_hint: StrOrPromise = _LISTED
    needs_model: bool = False
    takes_version: bool = False
    own_hardware: bool = False


PRESETS = {
    preset.key: preset
    for preset in (
        Preset(
            key="vllm",
            kind=Kind.VLLM,
            label=_("vLLM of your own"),
            say=_("A server on your own hardware. Its reasoning budget and its cache are used."),
            auths=(Auth.NONE, Auth.KEY),
            example="http://gpu-1.internal:8000/v1",
            own_hardware=True,
        ),
        Preset(
            key="azure",
            kind=Kind.AZURE,
            label=_("Azure AI Foundry, by deployment"),
            say=_("The address of the resource, and the name of the deployment."),
            auths=(Auth.KEY, Auth.ENTRA),
            example="https://your-resource.openai.azure.com/openai/v1/",
            model_label=_("Deployment"),
            model_hint=_("The name that it was deployed under, which need not be that of the model."),
            needs_model=True,
        ),
        Preset(
            key="azure-versioned",
            kind=Kind.AZURE,
            label=_("Azure AI Foundry, with an API version"),
            say=_("The older shapes: …/models, …/openai/deployments/NAME, or an endpoint of one model."),
            auths=(Auth.KEY, Auth.ENTRA),
            example="https://your-resource.services.ai.azure.com/models",
            model_label=_("Deployment or model"),
            model_hint=_("Empty for an endpoint that serves only one."),
            takes_version=True,
        ),
        Preset(
            key="deepseek",
            kind=Kind.DEEPSEEK,
            label=_("DeepSeek"),
            say=_("The interface of DeepSeek itself."),
            auths=(Auth.KEY,),
            address="https://api.deepseek.com",
            model_hint=_("Such as deepseek-reasoner."),
            needs_model=True,
        ),
        Preset(
            key="openai",
            kind=Kind.OPENAI,
            label=_("OpenAI"),
            say=_("Its reasoning stays with OpenAI; the answer and its citations are as everywhere."),
            auths=(Auth.KEY,),
            address="https://api.openai.com/v1",
            needs_model=True,
        ),
        Preset(
            key="google",
            kind=Kind.GOOGLE,
            label=_("Google Gemini"),
            say=_("Through Google’s OpenAI-compatible interface."),
            auths=(Auth.KEY,),
            address="https://generativelanguage.googleapis.com/v1beta/openai",
            needs_model=True,
        ),
        Preset(
            key="compatible",
            kind=Kind.COMPATIBLE,
            label=_("Another OpenAI-compatible server"),
            say=_("SGLang, llama.cpp, LiteLLM, a gateway: whatever answers at /chat/completions."),
            auths=(Auth.NONE, Auth.KEY),
            example="https://models.example.org/v1",
            own_hardware=True,
        ),
    )
}


def preset_of(endpoint: Endpoint) -> Preset:
    """Return the preset that a row was, or could have been, added with."""
    if endpoint.kind == Kind.AZURE and (endpoint.api_version or not _ends_in_v1(endpoint)):
        return PRESETS["azure-versioned"]
    return PRESETS[endpoint.kind]


def _ends_in_v1(endpoint: Endpoint) -> bool:
    return tidy(endpoint.kind, endpoint.base_url)[0].endswith("/openai/v1")
