"""A client of the wire format that does nothing but look at the clock. The standard library alone, as it runs anywhere."""

import http.client
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

_SILENCE = 300.0  # seconds without a byte after which an answer counts as failed


@dataclass(frozen=True, slots=True)
class Asked:
    """One answer: seconds to its first token and to its last, and what it took. `error` says why there is none."""

    first: float = 0.0
    last: float = 0.0
    chunks: int = 0
    tokens_by_server: int | None = None
    prompt_tokens: int | None = None
    cached_tokens: int | None = None
    error: str | None = None

    @property
    def tokens(self) -> int:
        """Return how many tokens were written: by the server's word, else the number of chunks."""
        return self.chunks if self.tokens_by_server is None else self.tokens_by_server

    @property
    def rate(self) -> float:
        """Return tokens a second once the first is there; 0 where there are too few to tell."""
        return (self.tokens - 1) / (self.last - self.first) if self.tokens > 1 and self.last > self.first else 0.0


class Service:
    """An endpoint and the model to ask. Raises OSError or ValueError if none is named and none can be listed."""

    def __init__(self, address: str, key: str = "", model: str = "") -> None:
        self.address = address.rstrip("/")
        self._headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {key}"} if key else {})
        self.model = model or self._first_model()

    def ask(self, text: str, tokens: int) -> Asked:
        """Return how one answer went; one that fails is told, not raised."""
        body = {
            "model": self.model,
            "messages": [{"role": "user", "content": text}],
            "max_tokens": tokens,
            "temperature": 0.6,
            "stream": True,
            "stream_options": {"include_usage": True},
        }
        started = time.perf_counter()
        connection = self._connection()
        try:
            connection.request("POST", self._path("/chat/completions"), json.dumps(body), self._headers)
            response = connection.getresponse()
            if response.status != 200:
                return Asked(error=f"status {response.status}")
            return _watched(_chunks(response), started)
        except (OSError, ValueError, http.client.HTTPException) as error:
            return Asked(error=type(error).__name__)
        finally:
            connection.close()

    def _first_model(self) -> str:
        connection = self._connection()
        try:
            connection.request("GET", self._path("/models"), headers=self._headers)
            response = connection.getresponse()
            if response.status != 200:
                raise ValueError(f"{self.address} answers with status {response.status}.")
            listed: list[dict[str, Any]] = json.load(response)["data"]
        finally:
            connection.close()
        if not listed:
            raise ValueError(f"{self.address} lists no model. Name one with --model.")
        return str(listed[0]["id"])

    def _connection(self) -> http.client.HTTPConnection:
        place = urlsplit(self.address)
        kind = http.client.HTTPSConnection if place.scheme == "https" else http.client.HTTPConnection
        return kind(place.hostname or "", place.port, timeout=_SILENCE)

    def _path(self, rest: str) -> str:
        return urlsplit(self.address).path + rest


def _chunks(response: http.client.HTTPResponse) -> Iterator[dict[str, Any]]:
    for line in response:
        data = line.decode("utf-8").strip().removeprefix("data:").strip()
        if data == "[DONE]":
            return
        if data.startswith("{"):
            yield json.loads(data)


def _watched(chunks: Iterator[dict[str, Any]], started: float) -> Asked:
    first = last = 0.0
    count = 0
    usage: dict[str, Any] = {}
    for chunk in chunks:
        if "error" in chunk:
            return Asked(error="error in the stream")
        usage = chunk.get("usage") or usage
        for choice in chunk.get("choices", []):
            delta = choice.get("delta") or {}
            if any(delta.get(name) for name in ("content", "reasoning", "reasoning_content")):
                last = time.perf_counter() - started
                first, count = first or last, count + 1
    if not count:
        return Asked(error="nothing was written")
    details = usage.get("prompt_tokens_details") or {}
    return Asked(
        first, last, count, usage.get("completion_tokens"), usage.get("prompt_tokens"), details.get("cached_tokens")
    )
