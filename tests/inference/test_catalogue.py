"""`models.toml` is complete, and its two readers understand it alike."""

import re
import tomllib
from typing import Any

import pytest

from apps.serving.catalogue import entry_for, read_catalogue
from inference.catalogue import MODELS_FILE, TEMPLATES, Entry, load_catalogue

TABLES: dict[str, dict[str, Any]] = tomllib.loads(MODELS_FILE.read_text())["models"]
DOCUMENTED = set(re.findall(r"^#   ([a-z_]+)(?:, ([a-z_]+))?  ", MODELS_FILE.read_text(), re.MULTILINE))


@pytest.mark.parametrize("key", TABLES)
def test_a_table_says_all_that_is_needed(key: str) -> None:
    table = TABLES[key]
    needed = {
        "label",
        "id",
        "family",
        "revision",
        "licence",
        "context",
        "system_prompt",
        "think_prefix",
        "reasoning_parser",
    }
    assert needed <= table.keys()
    assert table["system_prompt"] in {"native", "fold_into_user"}
    assert table["think_prefix"] in {"template", "force", "none"}
    if not table.get("hosted"):
        assert {
            "memory_gb",
            "cache_kb",
            "heads",
            "cache_heads",
            "vocabulary",
            "weights",
            "temperature",
            "top_p",
        } <= table.keys()
        assert table["revision"], "weights are pinned to a commit"


def test_every_key_is_explained_at_the_head_of_the_file() -> None:
    explained = {name for pair in DOCUMENTED for name in pair if name}
    assert {name for table in TABLES.values() for name in table} <= explained


def test_the_launcher_leaves_hosted_models_alone() -> None:
    served = {key for key, entry in load_catalogue().items() if not entry.is_variant}
    assert served == {key for key, table in TABLES.items() if not table.get("hosted")}


@pytest.mark.parametrize(
    "entry", [entry for entry in load_catalogue().values() if entry.is_variant], ids=lambda e: e.key
)
def test_a_variant_is_smaller_and_says_where_its_weights_come_from(entry: Entry) -> None:
    original = load_catalogue()[entry.variant_of]
    assert entry.memory_gb < original.memory_gb
    assert entry.quantisation in {"fp8", "w4a16", "awq"}
    if entry.quantisation == "fp8":
        assert (entry.id, entry.revision, entry.weights_key) == (original.id, original.revision, original.key)
    else:
        assert entry.id != original.id
        assert entry.weights_key == entry.key


def test_a_drafter_has_the_words_of_the_model_that_it_guesses_for() -> None:
    catalogue = load_catalogue()
    for entry in catalogue.values():
        assert entry.drafter in {"", "mtp"} or catalogue[entry.drafter].vocabulary == entry.vocabulary


def test_templates_that_are_named_are_there() -> None:
    for entry in load_catalogue().values():
        assert not entry.template or (TEMPLATES / f"{entry.template}.jinja").exists()


def test_the_application_knows_a_model_by_the_name_under_which_the_launcher_serves_it() -> None:
    for key, entry in load_catalogue().items():
        known = entry_for(MODELS_FILE, key, "http://127.0.0.1:8001/v1")
        assert known.key == (entry.variant_of or key)


@pytest.mark.parametrize(
    ("name", "address", "key"),
    [
        ("deepseek-ai/DeepSeek-R1-Distill-Qwen-32B", "http://gpu.example.org/v1", "deepseek-r1-distill-qwen-32b"),
        ("/models/DeepSeek-R1-Distill-Qwen-7B-AWQ", "http://gpu.example.org/v1", "deepseek-r1-distill-qwen-7b"),
        ("deepseek-r1:14b", "http://localhost:11434/v1", "deepseek-r1-distill-qwen-14b"),
        ("DeepSeek-R1", "https://bank.openai.azure.com/openai/v1", "azure-deepseek-r1"),
        ("DeepSeek-R1-0528", "https://bank.services.ai.azure.com/models", "azure-deepseek-r1-0528"),
        ("DeepSeek-V4-Pro", "https://bank.openai.azure.com/openai/v1", "azure-deepseek-v4"),
        ("deepseek-reasoner", "https://api.deepseek.com/v1", "deepseek-api"),
        ("deepseek-ai/DeepSeek-R1", "http://gpu.example.org/v1", "deepseek-r1"),
        ("deepseek-ai/DeepSeek-R1-0528", "http://gpu.example.org/v1", "deepseek-r1-0528"),
    ],
)
def test_a_name_that_an_endpoint_lists_is_recognised(name: str, address: str, key: str) -> None:
    assert entry_for(MODELS_FILE, name, address).key == key


def test_sampling_is_not_sent_to_endpoints_that_refuse_it() -> None:
    hosted = [entry for entry in read_catalogue(MODELS_FILE) if TABLES[entry.key].get("hosts")]
    assert hosted
    assert all(entry.temperature is None and entry.top_p is None for entry in hosted)
