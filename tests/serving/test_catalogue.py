"""What is known of a model is found by the name and the host it is served under."""

from pathlib import Path

import pytest
from django.conf import settings

from apps.serving.catalogue import entry_for, read_catalogue


def served(name: str, base_url: str = "http://127.0.0.1:8000/v1") -> str:
    return entry_for(settings.ENV.models_file, name, base_url).key


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("deepseek-r1-distill-qwen-7b", "deepseek-r1-distill-qwen-7b"),
        ("deepseek-ai/DeepSeek-R1-Distill-Qwen-7B", "deepseek-r1-distill-qwen-7b"),
        ("smollm2-135m-demonstration", "smollm2-135m-demonstration"),
        ("deepseek-ai/DeepSeek-R1-0528", "deepseek-r1-0528"),
    ],
)
def test_the_shipped_catalogue_knows_its_models(name: str, key: str) -> None:
    assert served(name) == key


def test_the_host_tells_a_hosted_model_from_our_own() -> None:
    azure = entry_for(settings.ENV.models_file, "DeepSeek-R1", "https://x.openai.azure.com/openai/v1")
    own = entry_for(settings.ENV.models_file, "DeepSeek-R1", "http://gpu-1:8000/v1")
    assert (azure.key, azure.temperature) == ("azure-deepseek-r1", None)
    assert (own.key, own.temperature, own.think_prefix) == ("deepseek-r1", 0.6, "template")


@pytest.mark.parametrize(
    ("name", "address", "key"),
    [
        ("deepseek-reasoner", "https://api.deepseek.com", "deepseek-api"),
        ("deepseek-v4-pro", "https://r.services.ai.azure.com/models", "azure-deepseek-v4"),
        ("DeepSeek-R1-0528", "https://r.openai.azure.com/openai/v1", "azure-deepseek-r1-0528"),
        ("o4-mini", "https://r.openai.azure.com/openai/v1", "openai-reasoning"),
        ("gpt-5-mini", "https://api.openai.com/v1", "openai-reasoning"),
        ("gemini-2.5-flash", "https://generativelanguage.googleapis.com/v1beta/openai", "gemini"),
        ("Qwen/QwQ-32B-AWQ", "http://gpu-1:8000/v1", "qwq"),
        ("Qwen/Qwen3-235B-A22B-Thinking-2507", "http://gpu-1:8000/v1", "qwen3-thinking"),
        ("Qwen/Qwen3-8B", "http://gpu-1:8000/v1", "qwen3"),
        ("openai/gpt-oss-20b", "http://gpu-1:8000/v1", "gpt-oss"),
        ("deepseek-ai/DeepSeek-V4", "http://gpu-1:8000/v1", "deepseek-v4"),
        ("deepseek-ai/DeepSeek-R1-0528-Qwen3-8B", "http://gpu-1:8000/v1", "deepseek-r1-0528-qwen3-8b"),
    ],
)
def test_reasoning_models_of_every_family_are_known_wherever_they_are_served(name: str, address: str, key: str) -> None:
    assert served(name, address) == key


def test_every_entry_says_only_what_is_understood() -> None:
    for entry in read_catalogue(settings.ENV.models_file):
        assert entry.system_prompt in {"native", "fold_into_user"}
        assert entry.think_prefix in {"template", "force", "none"}
        assert entry.reasoning_back in {"none", "required"}
        assert entry.budget in {"native", "ours", "unknown"}
        assert entry.tokens_field in {"max_tokens", "max_completion_tokens"}


def test_r1_wants_its_instructions_in_the_user_turn_and_its_successor_does_not() -> None:
    entries = {entry.key: entry for entry in read_catalogue(settings.ENV.models_file)}
    assert entries["deepseek-r1-distill-qwen-7b"].system_prompt == "fold_into_user"
    assert entries["deepseek-r1-0528-qwen3-8b"].system_prompt == "native"


def test_a_model_that_is_not_listed_can_be_asked_all_the_same() -> None:
    entry = entry_for(settings.ENV.models_file, "acme/house-model", "http://127.0.0.1/v1")
    assert (entry.label, entry.think_prefix, entry.demonstration) == ("house-model", "none", False)


def test_without_a_file_nothing_is_known_and_a_broken_one_is_named(tmp_path: Path) -> None:
    assert read_catalogue(tmp_path / "none.toml") == ()
    broken = tmp_path / "models.toml"
    broken.write_text("[models.x\n")
    with pytest.raises(ValueError, match=r"models\.toml"):
        read_catalogue(broken)
