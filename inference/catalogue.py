"""Read `models.toml`, as far as serving a model needs it. What the keys mean is written at the head of that file."""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MODELS_FILE = Path(__file__).with_name("models.toml")


@dataclass(frozen=True, slots=True)
class Entry:
    """One model that this machine could serve."""

    key: str
    label: str
    id: str
    revision: str
    context: int
    memory_gb: float
    cache_kb: int
    reasoning_parser: str
    packaged: bool
    demonstration: bool


def load_catalogue(path: Path = MODELS_FILE) -> dict[str, Entry]:
    """Return the models that can be served here, by key; hosted ones are left out."""
    tables: dict[str, dict[str, Any]] = tomllib.loads(path.read_text(encoding="utf-8"))["models"]
    return {key: _entry(key, table) for key, table in tables.items() if not table.get("hosted", False)}


def _entry(key: str, table: dict[str, Any]) -> Entry:
    return Entry(
        key=key,
        label=table["label"],
        id=table["id"],
        revision=table["revision"],
        context=table["context"],
        memory_gb=float(table["memory_gb"]),
        cache_kb=table["cache_kb"],
        reasoning_parser=table["reasoning_parser"],
        packaged=table["weights"] == "package",
        demonstration=table.get("demonstration", False),
    )
