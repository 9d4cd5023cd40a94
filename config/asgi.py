"""The ASGI application."""

import os
from typing import IO, Any

import django
from django.core.handlers.asgi import ASGIHandler, ASGIRequest

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")


class _Request(ASGIRequest):
    """A request whose `scope` is free for who is asking, as under every other server; Django keeps the connection's there."""

    def __init__(self, scope: dict[str, Any], body_file: IO[bytes]) -> None:
        super().__init__(scope, body_file)
        self._connection_scheme: str = scope.get("scheme") or "http"
        del self.scope

    def _get_scheme(self) -> str:
        return self._connection_scheme


class _Handler(ASGIHandler):
    request_class = _Request


django.setup(set_prefix=False)
application = _Handler()
