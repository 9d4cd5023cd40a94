"""What the OpenAPI document says beyond the signatures: problems, idempotency keys, and bodies that are not JSON."""

from typing import Any

from ninja.openapi.schema import OpenAPISchema

from apps.api.idempotency import HEADER
from apps.api.schemas.parts import Problem

_WRITES = {"post", "put", "patch", "delete"}
_WITHOUT_KEY = {"search", "begin_upload", "append_piece", "end_upload", "give_password"}
"""What changes nothing, what can be repeated anyway, and what must not be kept, not even as a hash."""

_KEY = {
    "in": "header",
    "name": HEADER,
    "schema": {"type": "string", "maxLength": 200},
    "required": False,
    "description": "The same call under the same key is carried out once and answered alike for a day.",
}


def produces(*media_types: str) -> dict[str, Any]:
    """Return the `openapi_extra` of an operation that answers with something else than JSON: one of some media types."""
    binary = {"type": "string", "format": "binary"}
    content = {each: {"schema": {"type": "string"} if each.startswith("text/") else binary} for each in media_types}
    return {"responses": {200: {"content": content}}}


def complete(schema: OpenAPISchema) -> OpenAPISchema:
    """Return the document with the Problem of every operation and the key of every write."""
    schema["components"]["schemas"]["Problem"] = Problem.model_json_schema()
    answer = {
        "description": "Problem",
        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    for methods in schema["paths"].values():
        for method, operation in methods.items():
            operation["responses"]["default"] = answer
            if method in _WRITES and operation["operationId"] not in _WITHOUT_KEY:
                operation["parameters"] = [*operation["parameters"], _KEY]
    return schema
