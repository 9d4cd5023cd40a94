"""The client of an OpenAI-compatible endpoint, such as vLLM or Azure AI Foundry. The only file that imports httpx.

The conversation with the endpoint runs on a thread of its own, so that the caller can look up every quarter of a second,
stop, and have the connection closed at once: no model goes on writing for somebody who has left.
"""

import asyncio
import contextlib
import json
import queue
import random
import ssl
import threading
import time
from collections.abc import AsyncIterator, Generator
from functools import lru_cache
from typing import Any

import httpx

from apps.serving.chunks import checked, fingerprint_of, finish_of, read, said_in
from apps.serving.llm import (
    Begun,
    ChatRequest,
    Delta,
    Finish,
    ModelDisconnected,
    ModelDown,
    ModelError,
    ModelRefused,
    ModelSilent,
    ServedModel,
    Waiting,
)
from apps.serving.thinking import ThinkingSplitter

_CONNECT_TIMEOUT = 5.0
_ATTEMPTS = 3
_LOOK_UP = 0.25
_LONGEST_WAIT = 10.0
_LONGEST_LINE = 4_000_000


class OpenAICompatible:
    """A client of one endpoint, such as vLLM or Azure AI Foundry."""

    def __init__(self, base_url: str, *, api_key: str = "", silence: float = 60.0) -> None:
        """`silence`: seconds without a byte after which the endpoint counts as silent."""
        self.base_url = base_url.rstrip("/")
        self.silence = silence
        self._headers = {"Authorization": f"Bearer {api_key}", "api-key": api_key} if api_key else {}

    def list_models(self) -> list[ServedModel]:
        try:
            with httpx.Client(timeout=_CONNECT_TIMEOUT, headers=self._headers, verify=_tls()) as client:
                response = client.get(f"{self.base_url}/models")
            response.raise_for_status()
            items = response.json()["data"]
            return [
                ServedModel(str(item["id"]), str(item.get("owned_by") or ""), int(item.get("max_model_len") or 0))
                for item in items
            ]
        except httpx.HTTPError as error:
            raise ModelDown(f"The model service does not answer: {_name(error)}.") from error
        except (ValueError, KeyError, TypeError) as error:
            raise ModelError("The model service lists its models in a form that is not understood.") from error

    def stream(self, request: ChatRequest) -> Generator[Delta, None, None]:
        splitter = ThinkingSplitter(opened_in_prompt=request.opened_in_prompt)
        exchange = _Exchange(self, request)
        finish = fingerprint = ""
        last_byte = time.monotonic()
        exchange.start()
        try:
            while True:
                try:
                    item = exchange.items.get(timeout=_LOOK_UP)
                except queue.Empty:
                    if time.monotonic() - last_byte > self.silence:
                        raise ModelSilent(f"The model sent nothing for {self.silence:.0f} seconds.") from None
                    yield Waiting()
                    continue
                last_byte = time.monotonic()
                if item is None:
                    break
                if isinstance(item, ModelError):
                    raise item
                if isinstance(item, Begun):
                    yield item
                    continue
                finish = finish_of(item) or finish
                fingerprint = fingerprint_of(item) or fingerprint
                yield from read(item, splitter)
            if not finish:
                raise ModelDisconnected("The connection to the model ended in the middle of its answer.")
            yield from splitter.close(finish)
            yield Finish(finish, splitter.source, fingerprint)
        finally:
            exchange.stop()


class _Exchange:
    """One request and its response, read on a thread with an event loop of its own, which can be stopped at any moment."""

    def __init__(self, endpoint: OpenAICompatible, request: ChatRequest) -> None:
        self.items: queue.Queue[dict[str, Any] | Begun | ModelError | None] = queue.Queue()
        self._endpoint = endpoint
        self._request = request
        self._loop = asyncio.new_event_loop()
        self._task: asyncio.Task[None] | None = None
        self._lock = threading.Lock()
        self._stopped = False
        self._thread = threading.Thread(target=self._run, name="model-exchange", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Close the connection, if it is still open."""
        with self._lock:
            self._stopped = True
            if self._task is not None and not self._task.done():
                self._loop.call_soon_threadsafe(self._task.cancel)
        self._thread.join(timeout=2)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            with self._lock:
                if self._stopped:
                    return
                self._task = self._loop.create_task(self._converse())
            with contextlib.suppress(asyncio.CancelledError):
                self._loop.run_until_complete(self._task)
        finally:
            with self._lock:
                self._loop.run_until_complete(self._loop.shutdown_asyncgens())
                self._loop.close()

    async def _converse(self) -> None:
        outcome: ModelError | None = None
        try:
            timeout = httpx.Timeout(self._endpoint.silence, connect=_CONNECT_TIMEOUT)
            async with httpx.AsyncClient(timeout=timeout, headers=self._endpoint._headers, verify=_tls()) as client:
                await self._attempt(client)
        except ModelError as error:
            outcome = error
        except (httpx.ReadTimeout, httpx.WriteTimeout):
            outcome = ModelSilent(f"The model sent nothing for {self._endpoint.silence:.0f} seconds.")
        except httpx.ConnectError as error:
            outcome = ModelDown(f"The model service does not answer: {_name(error)}.")
        except httpx.HTTPError:
            outcome = ModelDisconnected("The connection to the model ended in the middle of its answer.")
        except (ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
            outcome = ModelError(f"The model service answered in a form that is not understood: {_name(error)}.")
        self.items.put(outcome)

    async def _attempt(self, client: httpx.AsyncClient) -> None:
        """Ask until the endpoint takes the request; after its first byte there is no second try."""
        url = f"{self._endpoint.base_url}/{self._request.path}"
        for attempt in range(1, _ATTEMPTS + 1):
            last = attempt == _ATTEMPTS
            try:
                async with client.stream("POST", url, json=self._request.body()) as response:
                    if response.status_code < 400:
                        await self._read(response)
                        return
                    wait = await _refusal(response, last=last)
            except (httpx.ConnectError, httpx.ConnectTimeout) as error:
                if last:
                    raise ModelDown(f"The model service does not answer: {_name(error)}.") from error
                wait = None
            await asyncio.sleep(wait if wait is not None else 0.4 * 2**attempt * random.uniform(0.5, 1.0))  # noqa: S311

    async def _read(self, response: httpx.Response) -> None:
        self.items.put(Begun(response.headers.get("x-request-id", "")))
        if "event-stream" not in response.headers.get("content-type", ""):
            chunk = json.loads(await response.aread())
            self.items.put(checked(chunk))
            return
        async for data in _events(response):
            if data == "[DONE]":
                return
            self.items.put(checked(json.loads(data)))


@lru_cache(maxsize=1)
def _tls() -> ssl.SSLContext:
    """Return the certificates to trust: reading them takes some 30 ms, which no answer should wait for."""
    return httpx.create_ssl_context()


async def _events(response: httpx.Response) -> AsyncIterator[str]:
    """Yield the data of each server-sent event. Cut at bytes, so that neither half a character nor a line separator
    inside a string can break an event in two."""
    pending = b""
    data: list[str] = []
    async for piece in response.aiter_bytes():
        pending += piece
        if len(pending) > _LONGEST_LINE:
            raise ModelError("The model service sent a line without end.")
        *lines, pending = pending.split(b"\n")
        for raw in lines:
            line = raw.rstrip(b"\r").decode("utf-8", errors="replace")
            if line.startswith("data:"):
                data.append(line[5:].removeprefix(" "))
            elif not line and data:
                yield "\n".join(data)
                data = []
    if data:
        yield "\n".join(data)


async def _refusal(response: httpx.Response, *, last: bool) -> float | None:
    """Return how long to wait before asking again, or raise if that is of no use."""
    status = response.status_code
    detail = said_in(await response.aread())
    if status not in {408, 409, 425, 429} and status < 500:
        raise ModelRefused(f"The model service refused the request with status {status}: {detail}")
    if last:
        raise ModelDown(f"The model service answers with status {status}: {detail}")
    with contextlib.suppress(ValueError):
        return min(float(response.headers.get("retry-after", "")), _LONGEST_WAIT)
    return None


def _name(error: Exception) -> str:
    return str(error).strip().rstrip(".") or type(error).__name__
