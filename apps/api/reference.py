"""The reference: the OpenAPI document as a page that needs no script and loads nothing from elsewhere."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from ninja import NinjaAPI
from ninja.openapi.docs import DocsBase

from apps.api.errors import PROBLEMS

_METHODS = ("get", "post", "put", "patch", "delete")


@dataclass(frozen=True, slots=True)
class Field:
    """A parameter or a property, as a reader wants it; `type` and `description` are HTML."""

    name: str
    type: SafeString
    required: bool
    description: SafeString
    place: str = ""


@dataclass(frozen=True, slots=True)
class Operation:
    id: str
    method: str
    path: str
    summary: str
    description: SafeString
    fields: tuple[Field, ...]
    answers: tuple[tuple[str, SafeString], ...]


@dataclass(frozen=True, slots=True)
class Section:
    name: str
    operations: tuple[Operation, ...]


@dataclass(frozen=True, slots=True)
class Type:
    name: str
    description: SafeString
    fields: tuple[Field, ...]


class Reference(DocsBase):
    """Draws the page at `/api/v1/docs`."""

    def render_page(self, request: HttpRequest, api: NinjaAPI, **kwargs: Any) -> HttpResponse:
        schema = api.get_openapi_schema()
        context = {"sections": sections_of(schema), "types": types_of(schema), "problems": PROBLEMS}
        return render(request, "api/reference.html", context)


def sections_of(schema: dict[str, Any]) -> tuple[Section, ...]:
    """Return the operations of an OpenAPI document by tag, in the order in which they are declared."""
    sections: dict[str, list[Operation]] = {}
    for path, methods in schema["paths"].items():
        for method in _METHODS:
            if method in methods:
                found = methods[method]
                sections.setdefault(found["tags"][0], []).append(_operation(schema, path, method, found))
    return tuple(Section(name, tuple(operations)) for name, operations in sections.items())


def types_of(schema: dict[str, Any]) -> tuple[Type, ...]:
    """Return the named types of an OpenAPI document by name."""
    named = schema["components"]["schemas"]
    return tuple(
        Type(name, _words(found.get("description", "")), _fields(found)) for name, found in sorted(named.items())
    )


def _operation(schema: dict[str, Any], path: str, method: str, found: dict[str, Any]) -> Operation:
    sent: dict[str, dict[str, Any]] = found.get("requestBody", {}).get("content", {})
    media = next(iter(sent), "")
    body = _resolved(schema, sent[media]["schema"]) if media else {}
    parameters = tuple(
        Field(p["name"], _type(p["schema"]), p["required"], _words(p.get("description", "")), p["in"])
        for p in found["parameters"]
    )
    return Operation(
        id=found["operationId"],
        method=method.upper(),
        path=path,
        summary=found["summary"],
        description=_words(found.get("description", "")),
        fields=parameters + _fields(body, "form" if media.startswith("multipart/") else "body"),
        answers=tuple(
            (str(status), _answer(each)) for status, each in found["responses"].items() if status != "default"
        ),
    )


def _answer(response: dict[str, Any]) -> SafeString:
    """Return the type that is answered, or the media type of what is no JSON."""
    contents: dict[str, dict[str, Any]] = response.get("content", {})
    media = next(iter(contents), "")
    if media != "application/json":
        return format_html("<code>{}</code>", media) if media else SafeString("")
    return _type(contents[media]["schema"])


def _resolved(schema: dict[str, Any], found: dict[str, Any]) -> dict[str, Any]:
    reference = found.get("$ref")
    return schema["components"]["schemas"][reference.rsplit("/", 1)[-1]] if reference else found


def _fields(found: dict[str, Any], place: str = "") -> tuple[Field, ...]:
    required = set(found.get("required", ()))
    return tuple(
        Field(name, _type(each), name in required, _words(each.get("description", "")), place)
        for name, each in found.get("properties", {}).items()
    )


def _type(found: dict[str, Any]) -> SafeString:
    """Return a type in words, with links to the types that have names: `Passage[]`, `reader | contributor`, `uuid`."""
    if "$ref" in found:
        return format_html('<a href="#type-{0}">{0}</a>', str(found["$ref"]).rsplit("/", 1)[-1])
    for key in ("anyOf", "allOf", "oneOf"):
        if key in found:
            return format_html_join(" | ", "{}", ((_type(each),) for each in found[key]))
    if "enum" in found:
        return format_html_join(" | ", "{}", ((str(value),) for value in found["enum"]))
    if found.get("type") == "array":
        return format_html("{}[]", _type(found.get("items", {})))
    return format_html("{}", found.get("const") or found.get("format") or found.get("type") or "any")


def _words(text: str) -> SafeString:
    """Return a description with what stands between backticks as code."""
    parts = enumerate(text.split("`"))
    return format_html_join("", "{}", ((format_html("<code>{}</code>", part) if i % 2 else part,) for i, part in parts))
