"""What the documents must say about the code: rows of their tables, made from what they describe."""

import types
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin

from pydantic import SecretStr
from pydantic.fields import FieldInfo

from config.env import ROOT


def variable_name(field: str) -> str:
    """Return the environment variable of a settings field."""
    return f"TOULMIN_{field.upper()}"


def setting_row(name: str, field: FieldInfo) -> str:
    """Return the row of docs/configuration.md that describes a setting."""
    return f"| `{variable_name(name)}` | {_type(field.annotation)} | {_default(field.default)} | {field.description} |"


def example_lines(name: str, field: FieldInfo) -> str:
    """Return the two lines of .env.example that describe a setting."""
    plain = _plain(field.default)
    return f"# {field.description}\n#{variable_name(name)}={plain}"


def _default(value: Any) -> str:
    plain = _plain(value)
    return f"`{plain}`" if plain else "empty"


def _plain(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Path):
        return str(value.relative_to(ROOT)) if value.is_relative_to(ROOT) else str(value)
    if isinstance(value, list):
        return ",".join(value)
    return f"{value:g}" if isinstance(value, float) else str(value)


def _type(annotation: Any) -> str:
    if get_origin(annotation) is Literal:
        return " or ".join(f"`{choice}`" for choice in get_args(annotation))
    if get_origin(annotation) in {Union, types.UnionType}:
        return _type(next(part for part in get_args(annotation) if part is not type(None)))
    if get_origin(annotation) is list:
        return "list"
    words = {
        str: "text",
        SecretStr: "secret",
        bool: "true or false",
        int: "whole number",
        float: "number",
        Path: "path",
    }
    return words[annotation]
