"""`models.toml` is complete, and its two readers understand it alike."""

import re
import tomllib
from typing import Any

import pytest

from apps.serving.catalogue import entry_for, read_catalogue
from inference.catalogue import MODELS_FILE, load_catalogue

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
        assert {"memory_gb", "cache_kb", "weights", "temperature", "top_p"} <= table.keys()
        assert table["revision"], "weights are pinned to a commit"


def test_every_key_is_explained_at_the_head_of_the_file() -> None:
    explained = {name for pair in DOCUMENTED for name in pair if name}
    assert {name for table in TABLES.values() for name in table} <= explained


def test_the_launcher_leaves_hosted_models_alone() -> None:
    assert set(load_catalogue()) == {key for key, table in TABLES.items() if not table.get("hosted")}


def test_the_application_knows_a_model_by_the_name_under_which_the_launcher_serves_it() -> None:
    for key in load_catalogue():
        assert entry_for(MODELS_FILE, key, "http://127.0.0.1:8001/v1").key == key


@pytest.mark.parametrize(
    ("name", "address", "key"),
    [
        ("deepseek-ai/DeepSeek-R1-Distill-Qwen-32B", "http://gpu.example.org/v1", "deepseek-r1-distill-qwen-32b"),
        ("/models/DeepSeek-R1-Distill-Qwen-7B-AWQ", "http://gpu.example.org/v1", "deepseek-r1-distill-qwen-7b"),
        ("deepseek-r1:14b", "http://localhost:11434/v1", "deepseek-r1-distill-qwen-14b"),
        ("DeepSeek-R1", "https://bank.openai.azure.com/openai/v1", "azure-deepseek-r1"),
        ("DeepSeek-R1-0528", "https://bank.services.ai.azure.com/models", "azure-deepseek-r1"),
        ("DeepSeek-V4-Pro", "https://bank.openai.azure.com/openai/v1", "azure-deepseek-v4"),
        ("deepseek-reasoner", "https://api.deepseek.com/v1", "deepseek-api"),
        ("deepseek-ai/DeepSeek-R1", "http://gpu.example.org/v1", "deepseek-r1"),
        ("deepseek-ai/DeepSeek-R1-0528", "http://gpu.example.org/v1", "deepseek-r1-0528"),
    ],
)
def test_a_name_that_an_endpoint_lists_is_recognised(name: str, address: str, key: str) -> None:
    assert entry_for(MODELS_FILE, name, address).key == key


def test_sampling_is_not_sent_to_endpoints_that_refuse_it() -> None:
    hosted = [entry for entry in read_catalogue(MODELS_FILE) if TABLES[entry.key].get("hosted")]
    assert hosted
    assert all(entry.temperature is None and entry.top_p is None for entry in hosted)
