"""Providers as they behave on the wire: where they answer, which key and fields they take, how their reasoning comes.

One small server plays all of them, so that a test says which provider it is about and sees what was sent.
"""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

KEY = "sk-a-key-that-nobody-may-see-0123456789"
TOKEN = "ey.a-token-of-entra.that-nobody-may-see"
THOUGHT, SAID = "Each gets twice as many: 12, 24, 48.", "The second gets 24 apples."

_COMMON = {"model", "messages", "stream", "stream_options"}
_FIELDS = {
    "azure": _COMMON | {"max_tokens"},
    "serverless": (_COMMON | {"max_tokens"}) - {"model"},
    "deepseek": _COMMON | {"max_tokens", "thinking", "reasoning_effort"},
    "openai": _COMMON | {"max_completion_tokens", "reasoning_effort"},
    "google": _COMMON | {"max_tokens", "temperature", "top_p", "extra_body"},
    "vllm": _COMMON | {"max_tokens", "temperature", "top_p", "seed", "thinking_token_budget"},
}


class Provider(ThreadingHTTPServer):
    """Serves on a loopback port until closed. `paths`: where it answers, with the api-version it wants there, if any."""

    daemon_threads = True

    def __init__(
        self,
        shape: str,
        *,
        paths: dict[str, str] | None = None,
        models: list[str] | None = None,
        deployment: str = "",
        words: int = 1,
        echo_key: bool = False,
    ) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.shape, self.deployment, self.words, self.echo_key = shape, deployment, words, echo_key
        self.paths = paths or {"/v1/chat/completions": ""}
        self.models = models
        self.asked: list[tuple[str, dict[str, str], dict[str, Any]]] = []
        self.signed_in: list[dict[str, str]] = []

    @property
    def root(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    @property
    def body(self) -> dict[str, Any]:
        """Return the last request."""
        return self.asked[-1][2]

    def __enter__(self) -> Self:
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.server_close()

    def proves(self, headers: dict[str, str]) -> bool:
        """Return whether the headers prove who asks, as this provider wants it."""
        if self.shape == "azure":
            return headers.get("api-key") == KEY or headers.get("authorization") == f"Bearer {TOKEN}"
        return headers.get("authorization") == f"Bearer {KEY}"

    def pieces(self, body: dict[str, Any]) -> Iterator[dict[str, Any]]:
        """Yield the deltas of an answer."""
        thought = " ".join([THOUGHT] * self.words)
        if budget := body.get("thinking_token_budget"):
            thought = thought[: budget * 4]
        match self.shape:
            case "azure" | "serverless":
                yield from ({"content": text} for text in ("<thi", "nk>\n", thought, "</think>", f"\n\n{SAID}"))
            case "google":
                mark = {"extra_content": {"google": {"thought": True}}}
                yield {"content": f"<thought>{thought}", **mark}
                yield {"content": f"</thought>{SAID}", "extra_content": {"google": {}}}
            case "openai":
                yield {"content": SAID}
            case "deepseek":
                yield from ({"reasoning_content": thought}, {"content": SAID})
            case _:
                yield from ({"reasoning": thought}, {"content": SAID})

    def usage(self) -> dict[str, Any]:
        thought = 300 if self.words > 1 else 12
        counted = {"prompt_tokens": 40, "completion_tokens": thought + 10}
        if self.shape == "deepseek":
            return counted | {"prompt_cache_hit_tokens": 32}
        if self.shape == "azure":
            return counted
        details = {"prompt_tokens_details": {"cached_tokens": 16}}
        return counted | details | {"completion_tokens_details": {"reasoning_tokens": thought}}


class _Handler(BaseHTTPRequestHandler):
    server: Provider

    def log_message(self, format: str, *args: Any) -> None:
        """Keep quiet."""

    def do_GET(self) -> None:
        listing = [path.replace("/chat/completions", "/models") for path in self.server.paths]
        if self._headers().get("x-forward"):
            self._json(302, {})
        elif self.server.models is None or urlsplit(self.path).path not in listing:
            self._json(404, {"error": {"code": "404", "message": "Resource not found"}})
        elif not self.server.proves(self._headers()):
            self._refuse_key()
        else:
            self._json(200, {"data": [{"id": name, "owned_by": self.server.shape} for name in self.server.models]})

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        path, query = urlsplit(self.path).path, parse_qs(urlsplit(self.path).query)
        if path.endswith("/oauth2/v2.0/token"):
            return self._sign_in({name: values[0] for name, values in parse_qs(raw.decode()).items()})
        body = json.loads(raw)
        self.server.asked.append((self.path, self._headers(), body))
        if not self.server.proves(self._headers()):
            return self._refuse_key()
        if path not in self.server.paths:
            return self._json(404, {"error": {"code": "404", "message": "Resource not found"}})
        if (query.get("api-version") or [""])[0] != self.server.paths[path]:
            return self._json(400, {"error": {"message": "API version not supported"}})
        if self.server.deployment and body.get("model", self.server.deployment) != self.server.deployment:
            error = {"code": "DeploymentNotFound", "message": "The API deployment for this resource does not exist."}
            return self._json(404, {"error": error})
        if strange := set(body) - _FIELDS[self.server.shape]:
            message = f"Unrecognized request argument supplied: {sorted(strange)[0]}"
            return self._json(400, {"error": {"message": message}})
        return self._answer(body)

    def _answer(self, body: dict[str, Any]) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        for delta in self.server.pieces(body):
            self._chunk({"choices": [{"index": 0, "delta": delta}]})
        self._chunk({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
        self._chunk({"choices": [], "usage": self.server.usage()})
        self.wfile.write(b"data: [DONE]\n\n")

    def _chunk(self, value: dict[str, Any]) -> None:
        self.wfile.write(b"data: " + json.dumps({"id": "emulated", **value}).encode() + b"\n\n")

    def _sign_in(self, form: dict[str, str]) -> None:
        self.server.signed_in.append({**form, "path": self.path})
        if form.get("client_secret") != KEY:
            said = "AADSTS7000215: Invalid client secret provided.\r\nTrace ID: 1"
            return self._json(401, {"error": "invalid_client", "error_description": said})
        return self._json(200, {"access_token": TOKEN, "expires_in": 3600})

    def _refuse_key(self) -> None:
        said = "Access denied due to invalid subscription key."
        if self.server.echo_key:
            said = f"Incorrect API key provided: {self._headers().get('authorization', '').removeprefix('Bearer ')}"
        self._json(401, {"error": {"code": "401", "message": said}})

    def _headers(self) -> dict[str, str]:
        return {name.casefold(): value for name, value in self.headers.items()}

    def _json(self, status: int, value: dict[str, Any]) -> None:
        data = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        if status == 302:
            self.send_header("Location", "http://169.254.169.254/")
        self.end_headers()
        self.wfile.write(data)
