"""Read `models.toml`, as far as serving a model needs it. What the keys mean is written at the head of that file."""

import tomllib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

MODELS_FILE = Path(__file__).with_name("models.toml")
TEMPLATES = Path(__file__).with_name("templates")


@dataclass(frozen=True, slots=True)
class Entry:
    """One model that this machine could serve. `variant_of` is the key of the model that a variant is made from; `id` is empty
    where no hub has the weights."""

    key: str
    label: str
    id: str
    revision: str
    context: int
    memory_gb: float
    cache_kb: int
    heads: int
    cache_heads: int
    vocabulary: int
    reasoning_parser: str
    packaged: bool
    demonstration: bool
    drafter: str = ""
    quantisation: str = ""
    template: str = ""
    variant_of: str = ""
    disk_gb: float = 0.0

    @property
    def weights_key(self) -> str:
        """Return the name of the folder that holds its weights: FP8 is made from the model's own while they are loaded."""
        return self.variant_of if self.variant_of and self.quantisation == "fp8" else self.key

    @property
    def is_variant(self) -> bool:
        return bool(self.variant_of)


def load_catalogue(path: Path = MODELS_FILE) -> dict[str, Entry]:
    """Return the models that can be served here with their variants, by key; hosted ones are left out."""
    tables: dict[str, dict[str, Any]] = tomllib.loads(path.read_text(encoding="utf-8"))["models"]
    entries: dict[str, Entry] = {}
    for key, table in tables.items():
        if table.get("hosted", False):
            continue
        entries[key] = entry = _entry(key, table)
        entries |= {variant.key: variant for variant in _variants(entry, table)}
    return entries


def _entry(key: str, table: dict[str, Any]) -> Entry:
    return Entry(
        key=key,
        label=table["label"],
        id=table["id"],
        revision=table["revision"],
        context=table["context"],
        memory_gb=float(table["memory_gb"]),
        cache_kb=table["cache_kb"],
        heads=table.get("heads", 1),
        cache_heads=table.get("cache_heads", 1),
        vocabulary=table.get("vocabulary", 0),
        reasoning_parser=table["reasoning_parser"],
        packaged=table["weights"] == "package",
        demonstration=table.get("demonstration", False),
        drafter=table.get("drafter", ""),
        template=table.get("template", ""),
        disk_gb=float(table["memory_gb"]),
    )


def _variants(entry: Entry, table: dict[str, Any]) -> list[Entry]:
    return [_variant(entry, variant) for variant in table.get("variants", [])]


def _variant(entry: Entry, table: dict[str, Any]) -> Entry:
    """Return a variant; what is made from the model's own weights keeps their place, size on disk and drafter."""
    quantisation, memory_gb = table["quantisation"], float(table["memory_gb"])
    own = quantisation == "fp8"
    return replace(
        entry,
        key=f"{entry.key}-{quantisation}",
        label=f"{entry.label} ({quantisation.upper()})",
        id=table.get("id", entry.id if own else ""),
        revision=table.get("revision", entry.revision if own else ""),
        memory_gb=memory_gb,
        disk_gb=entry.disk_gb if own else memory_gb,
        drafter=entry.drafter if own else "",
        quantisation=quantisation,
        template=table.get("template", entry.template),
        variant_of=entry.key,
    )
