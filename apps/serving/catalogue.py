"""What is known about a model: how to prompt it, where its reasoning comes, what it is allowed to be called.

Read from `inference/models.toml`, whose head says what each key means. An endpoint may serve a model that is not listed:
it is then asked as an ordinary chat model would be, and its reasoning is still found if it has any.
"""

import tomllib
from dataclasses import dataclass
from datetime import date
from fnmatch import fnmatchcase
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class ModelEntry:
    """One model. `match` and `hosts` are shell patterns in any case; `temperature` and `top_p` are None for endpoints that
    want neither. `thinking_limit` caps the reasoning where more of it does not help; 0 is no cap. `efforts` are the words
    for little, usual and much thinking, where the model knows such words. What each key means says the file."""

    key: str
    id: str
    label: str
    match: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    revision: str = ""
    licence: str = ""
    context: int = 8192
    system_prompt: Literal["native", "fold_into_user"] = "native"
    think_prefix: Literal["template", "force", "none"] = "none"
    temperature: float | None = None
    top_p: float | None = None
    reasoning_parser: str = ""
    reasoning_back: Literal["none", "required"] = "none"
    budget: Literal["native", "ours", "unknown"] = "unknown"
    efforts: tuple[str, str, str] | None = None
    tokens_field: Literal["max_tokens", "max_completion_tokens"] = "max_tokens"
    thinking_limit: int = 0
    demonstration: bool = False
    retires_on: date | None = None

    def serves(self, name: str, host: str) -> bool:
        """Return whether a model name at an endpoint's host means this model."""
        if self.hosts and not any(fnmatchcase(host.casefold(), pattern.casefold()) for pattern in self.hosts):
            return False
        wanted = name.casefold()
        return wanted in {self.key.casefold(), self.id.casefold()} or any(
            fnmatchcase(wanted, pattern.casefold()) for pattern in self.match
        )


def entry_for(path: Path, name: str, base_url: str = "") -> ModelEntry:
    """Return what the catalogue says about a served model, or an entry with safe defaults for one it does not list."""
    host = urlsplit(base_url).hostname or ""
    for entry in read_catalogue(path):
        if entry.serves(name, host):
            return entry
    return ModelEntry(key=name, id=name, label=name.rsplit("/", 1)[-1], temperature=0.6, top_p=0.95)


def read_catalogue(path: Path) -> tuple[ModelEntry, ...]:
    """Return all entries; none if there is no file. Raises ValueError for a file that cannot be understood."""
    if not path.exists():
        return ()
    return _read(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=8)
def _read(path: Path, _changed: int) -> tuple[ModelEntry, ...]:
    try:
        models: dict[str, dict[str, Any]] = tomllib.loads(path.read_text(encoding="utf-8")).get("models", {})
        return tuple(_entry(key, fields) for key, fields in models.items())
    except (tomllib.TOMLDecodeError, ValueError, TypeError, KeyError) as error:
        raise ValueError(f"The catalogue of models {path} cannot be read: {error}") from error


def _entry(key: str, fields: dict[str, Any]) -> ModelEntry:
    """Return an entry; keys that only the launcher needs are passed over."""
    known = {name: fields[name] for name in ModelEntry.__dataclass_fields__ if name in fields}
    lists = {name: tuple(fields.get(name, ())) for name in ("match", "hosts")}
    if "efforts" in fields:
        little, usual, much = fields["efforts"]
        known["efforts"] = (little, usual, much)
    return ModelEntry(**known | lists | {"key": key})
