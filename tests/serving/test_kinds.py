"""Each kind of endpoint is asked where it listens, with what it takes, and gives the same answer as any other."""

from typing import Any

import pytest

from apps.serving import entra
from apps.serving.catalogue import ModelEntry
from apps.serving.client import OpenAICompatible
from apps.serving.kinds import Kind, Wire, kind_of, takes_budget, tidy
from apps.serving.llm import ChatRequest, Finish, ModelRefused, Usage
from apps.serving.secrets import Credential
from apps.serving.thinking import Reasoning, Text
from tests.serving.emulated import KEY, SAID, THOUGHT, TOKEN, Provider

PLAIN = ModelEntry(key="m", id="m", label="m", temperature=0.6, top_p=0.95)
WORDS = ModelEntry(key="o", id="o", label="o", efforts=("low", "medium", "high"))
NATIVE = ModelEntry(key="g", id="g", label="g", budget="native", temperature=1.0)
QUESTION = ({"role": "user", "content": "How many?"},)


def ask(
    provider: Provider, kind: str, address: str, entry: ModelEntry = PLAIN, *, api_version: str = "", **fields: Any
) -> tuple[str, str, Usage]:
    wire = Wire.at(kind, f"{provider.root}{address}", api_version)
    client = OpenAICompatible(wire.base_url, api_key=KEY, wire=wire, entry_of=lambda _: entry, silence=5, attempts=1)
    everything = {
        "temperature": entry.temperature,
        "top_p": entry.top_p,
        "seed": 7,
        "thinking_budget": 2048,
        "messages": QUESTION,
    }
    deltas = list(client.stream(ChatRequest(model="m", max_tokens=500, **(everything | fields))))
    assert isinstance(deltas[-1], Finish)
    thought, said = ("".join(one.text for one in deltas if isinstance(one, kind)) for kind in (Reasoning, Text))
    return thought.strip(), said, [one for one in deltas if isinstance(one, Usage)][-1]


AZURE = {
    "v1": ("/openai/v1", "/openai/v1/chat/completions", "", ""),
    "the bare resource": ("", "/openai/v1/chat/completions", "", ""),
    "a project": ("/api/projects/p", "/api/projects/p/openai/v1/chat/completions", "", ""),
    "inference, as the portal shows it": (
        "/models/chat/completions?api-version=2024-05-01-preview",
        "/models/chat/completions",
        "",
        "2024-05-01-preview",
    ),
    "inference without its version": ("/models", "/models/chat/completions", "", "2024-05-01-preview"),
    "a deployment, as the portal shows it": (
        "/openai/deployments/m/chat/completions?api-version=2024-10-21",
        "/openai/deployments/m/chat/completions",
        "",
        "2024-10-21",
    ),
    "the resource and a version": ("", "/openai/deployments/m/chat/completions", "2024-10-21", "2024-10-21"),
}


@pytest.mark.parametrize(("address", "path", "given", "version"), AZURE.values(), ids=AZURE.keys())
def test_azure_is_asked_in_every_shape_of_its_addresses(address: str, path: str, given: str, version: str) -> None:
    with Provider("azure", paths={path: version}) as azure:
        assert ask(azure, Kind.AZURE, address, api_version=given)[:2] == (THOUGHT, SAID)
        assert azure.asked[-1][1]["api-key"] == KEY
        assert "authorization" not in azure.asked[-1][1]


def test_an_azure_endpoint_of_one_model_is_not_told_which() -> None:
    with Provider("serverless") as azure:
        assert ask(azure, Kind.AZURE, "/v1")[:2] == (THOUGHT, SAID)
        assert azure.asked[-1][1]["authorization"] == f"Bearer {KEY}"


def test_deepseek_is_told_to_think_and_its_cached_tokens_are_counted() -> None:
    with Provider("deepseek", paths={"/chat/completions": ""}) as deepseek:
        thought, said, usage = ask(
            deepseek, Kind.DEEPSEEK, "", ModelEntry("d", "d", "d", efforts=("low", "high", "max"))
        )
        assert (thought, said, usage.cached_tokens) == (THOUGHT, SAID, 32)
        assert deepseek.body["thinking"] == {"type": "enabled"}
        assert deepseek.body["reasoning_effort"] == "high"


@pytest.mark.parametrize(("budget", "effort"), [(512, "low"), (2048, "medium"), (8192, "high")])
def test_openai_is_given_an_effort_for_a_budget(budget: int, effort: str) -> None:
    with Provider("openai") as openai:
        assert ask(openai, Kind.OPENAI, "", WORDS, thinking_budget=budget)[1] == SAID
        assert openai.body["reasoning_effort"] == effort
        assert openai.body["max_completion_tokens"] == 1024


def test_googles_thoughts_are_asked_for_and_told_from_its_answer() -> None:
    with Provider("google", paths={"/v1beta/openai/chat/completions": ""}) as google:
        assert ask(google, Kind.GOOGLE, "", NATIVE)[:2] == (THOUGHT, SAID)
        config = google.body["extra_body"]["google"]["thinking_config"]
        assert config == {"thinking_budget": 2048, "include_thoughts": True}


def test_vllm_gets_its_own_fields_and_others_do_not() -> None:
    with Provider("vllm") as vllm:
        assert ask(vllm, Kind.VLLM, "/v1")[:2] == (THOUGHT, SAID)
        assert (vllm.body["seed"], vllm.body["thinking_token_budget"]) == (7, 2048)


def test_a_model_whose_budget_is_ours_to_keep_is_sent_none() -> None:
    with Provider("vllm") as vllm:
        ask(vllm, Kind.VLLM, "/v1", ModelEntry("m", "m", "m", budget="ours"))
        assert "thinking_token_budget" not in vllm.body


@pytest.mark.parametrize(("rule", "sent"), [("none", False), ("required", True)])
def test_earlier_reasoning_goes_back_only_where_it_must(rule: Any, sent: bool) -> None:
    turns = (*QUESTION, {"role": "assistant", "content": "24", "reasoning_content": "hm"}, *QUESTION)
    entry = ModelEntry("d", "d", "d", reasoning_back=rule)
    body = Wire.at(Kind.DEEPSEEK, "https://api.deepseek.com").body(ChatRequest("d", turns, 10), entry)
    assert ("reasoning_content" in body["messages"][1]) is sent


def test_an_answer_that_was_begun_is_sent_to_vllm_alone() -> None:
    request = ChatRequest("m", (*QUESTION, {"role": "assistant", "content": "<think>\n"}), 10)
    assert len(Wire.at(Kind.VLLM, "http://gpu").body(request, PLAIN)["messages"]) == 2
    assert len(Wire.at(Kind.AZURE, "https://r.openai.azure.com").body(request, PLAIN)["messages"]) == 1


def test_all_kinds_give_one_and_the_same_answer() -> None:
    shapes = {
        Kind.AZURE: ("azure", "/openai/v1"),
        Kind.DEEPSEEK: ("deepseek", "/v1"),
        Kind.GOOGLE: ("google", "/v1beta/openai"),
        Kind.VLLM: ("vllm", "/v1"),
    }
    answers = set()
    for kind, (shape, address) in shapes.items():
        with Provider(shape, paths={f"{address}/chat/completions": ""}) as provider:
            answers.add(ask(provider, kind, address)[:2])
    assert answers == {(THOUGHT, SAID)}


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("https://r.openai.azure.com/openai/v1/", Kind.AZURE),
        ("https://R.services.ai.azure.com/models", Kind.AZURE),
        ("https://api.deepseek.com", Kind.DEEPSEEK),
        ("https://api.openai.com/v1", Kind.OPENAI),
        ("https://generativelanguage.googleapis.com/v1beta/openai/", Kind.GOOGLE),
        ("http://gpu-1:8000/v1", Kind.COMPATIBLE),
        ("https://azure.com.example.org/v1", Kind.COMPATIBLE),
    ],
)
def test_the_host_tells_the_kind(address: str, kind: Kind) -> None:
    assert kind_of(address) is kind


def test_an_address_is_tidied_of_what_people_copy_with_it() -> None:
    assert tidy(Kind.VLLM, " http://gpu:8000/v1/chat/completions ") == ("http://gpu:8000/v1", "")
    assert tidy(Kind.OPENAI, "https://api.openai.com/") == ("https://api.openai.com/v1", "")
    assert tidy(Kind.GOOGLE, "https://generativelanguage.googleapis.com")[0].endswith("/v1beta/openai")


def test_only_endpoints_that_can_be_told_are_told_a_budget() -> None:
    assert takes_budget(Kind.VLLM, "", PLAIN)
    assert takes_budget(Kind.COMPATIBLE, "vllm", PLAIN)
    assert not takes_budget(Kind.COMPATIBLE, "ollama", PLAIN)
    assert not takes_budget(Kind.AZURE, "", PLAIN)
    assert takes_budget(Kind.OPENAI, "", WORDS)
    assert takes_budget(Kind.GOOGLE, "", NATIVE)


def test_a_refusal_of_entra_is_not_asked_for_again_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    with Provider("azure") as azure:
        monkeypatch.setattr(entra, "PUBLIC", entra.Cloud(azure.root, "scope"))
        entra._kept.clear()
        credential = Credential("wrong", tenant="contoso.example", client="an-app")
        for _ in range(3):
            with pytest.raises(ModelRefused, match="AADSTS7000215"):
                entra.bearer_headers(credential, azure.root)
        assert len(azure.signed_in) == 1


def test_an_application_signs_in_at_entra_once_for_many_questions(monkeypatch: pytest.MonkeyPatch) -> None:
    with Provider("azure", paths={"/openai/v1/chat/completions": ""}) as azure:
        monkeypatch.setattr(entra, "PUBLIC", entra.Cloud(azure.root, "https://cognitiveservices.azure.com/.default"))
        entra._kept.clear()
        credential = Credential(KEY, tenant="contoso.example", client="an-app")
        wire = Wire.at(Kind.AZURE, f"{azure.root}/openai/v1")
        client = OpenAICompatible(
            wire.base_url, wire=wire, authorise=lambda: entra.bearer_headers(credential, wire.base_url), attempts=1
        )
        for _ in range(2):
            list(client.stream(ChatRequest("m", QUESTION, 10)))
        assert [headers["authorization"] for _, headers, _ in azure.asked] == [f"Bearer {TOKEN}"] * 2
        assert [(form["path"], form["grant_type"], form["scope"]) for form in azure.signed_in] == [
            ("/contoso.example/oauth2/v2.0/token", "client_credentials", "https://cognitiveservices.azure.com/.default")
        ]
