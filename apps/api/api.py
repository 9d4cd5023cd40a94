"""The REST interface, version 1: its routers, how callers are known, and how its errors look."""

import inspect
from collections.abc import Callable
from functools import wraps
from typing import Any

from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema
from ninja.operation import Operation

from apps.api.auth import Bearer
from apps.api.errors import add_handlers
from apps.api.openapi import complete
from apps.api.reference import Reference
from apps.api.routers import (
    access,
    answers,
    audit,
    collections,
    documents,
    endpoints,
    me,
    people,
    search,
    uploads,
    usage,
)
from apps.audit.actors import acting


class Interface(NinjaAPI):
    """NinjaAPI whose document is complete, and whose operation ids stay when a file is moved."""

    def get_openapi_operation_id(self, operation: Operation) -> str:
        return operation.view_func.__name__

    def get_openapi_schema(self, **options: Any) -> OpenAPISchema:
        return complete(super().get_openapi_schema(**options))


def _as_caller(view: Callable[..., Any]) -> Callable[..., Any]:
    """Have records name the caller: the token, where there is one, instead of the session's person."""
    if inspect.iscoroutinefunction(view):

        @wraps(view)
        async def asynchronous(request: Any, *args: Any, **kwargs: Any) -> Any:
            with acting(request.auth.actor):
                return await view(request, *args, **kwargs)

        return asynchronous

    @wraps(view)
    def synchronous(request: Any, *args: Any, **kwargs: Any) -> Any:
        with acting(request.auth.actor):
            return view(request, *args, **kwargs)

    return synchronous


api = Interface(
    title="Toulmin",
    version="1",
    description="Everything that the browser can do, with the same objects.",
    docs=Reference(),
    docs_url="docs",
    openapi_url="openapi.json",
    auth=Bearer(),
    urls_namespace="api",
)
add_handlers(api)
api.add_decorator(_as_caller)
api.add_router("me", me.router)
api.add_router("collections", collections.router)
api.add_router("documents", documents.router)
api.add_router("documents", access.documents)
api.add_router("uploads", uploads.router)
api.add_router("search", search.router)
api.add_router("answers", answers.router)
api.add_router("models", answers.models)
api.add_router("endpoints", endpoints.router)
api.add_router("users", people.users)
api.add_router("users", access.users)
api.add_router("groups", people.groups)
api.add_router("audit", audit.router)
api.add_router("usage", usage.router)
api.add_router("budgets", usage.budgets)
api.add_router("matters", usage.matters)
