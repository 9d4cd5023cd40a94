"""The client of every endpoint: our own vLLM, Azure AI Foundry, and whatever else speaks OpenAI's format.

What differs from one kind to the next, and from model to model, a `Wire` says.

The conversation with the endpoint runs on a thread of its own, so that the caller can look up every quarter of a second,
stop, and have the connection closed at once: no model goes on writing for somebody who has left.
"""

import asyncio
import contextlib
import json
import queue
import random
import threading
import time
from collections.abc import AsyncIterator, Callable, Generator, Mapping
from typing import Any, NoReturn

import httpx

from apps.serving.addresses import Inside, NotAllowedAddress
from apps.serving.catalogue import ModelEntry
from apps.serving.chunks import checked, field_of, fingerprint_of, finish_of, prompted_of, read, said_in
from apps.serving.faults import Fault, fault_of_exception, fault_of_status
from apps.serving.kinds import Kind, Wire
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
from apps.serving.transport import async_transport_for, certificates, transport_for

_CONNECT_TIMEOUT = 5.0
_ATTEMPTS = 3
_LOOK_UP = 0.25
_LONGEST_WAIT = 10.0
_LONGEST_LINE = 4_000_000


class OpenAICompatible:
    """A client of one endpoint."""

    def __init__(
        self,
        base_url: str,
        *,
        api_key: str = "",
        silence: float = 60.0,
        wire: Wire | None = None,
        authorise: Callable[[], dict[str, str]] | None = None,
        entry_of: Callable[[str], ModelEntry] | None = None,
        inside: Inside | None = None,
        attempts: int = _ATTEMPTS,
    ) -> None:
        """`silence`: seconds without a byte after which the endpoint counts as silent. `wire`: how its kind wants to be
        spoken to. `authorise` returns the headers that say who asks. `inside`: what it may reach inside; None: all."""
        self.wire = wire or Wire.at(Kind.COMPATIBLE, base_url)
        self.silence = silence
        self.attempts = attempts
        self.reasoning_field = ""  # as the endpoint calls it, once some has come
        self.inside = inside
        self.authorise = authorise or (lambda: self.wire.key_headers(api_key))
        self.entry_of = entry_of or _unknown

    @property
    def base_url(self) -> str:
        return self.wire.base_url

    def list_models(self) -> list[ServedModel]:
        """Return the models that the endpoint lists; none where its kind keeps no list."""
        url = self.wire.models_url
        if url is None:
            return []
        headers = self.authorise()
        try:
            transport = transport_for(url, self.inside)
            with httpx.Client(
                timeout=_CONNECT_TIMEOUT, headers=headers, verify=certificates(), transport=transport
            ) as client:
                response = client.get(url)
            if response.status_code >= 300:
                _raise_for(response.status_code, _said(response.content, headers))
            return [_served(item) for item in response.json()["data"]]
        except NotAllowedAddress as error:
            raise ModelRefused(error.detail, fault=Fault.ADDRESS) from error
        except httpx.HTTPError as error:
            raise _down(error) from error
        except (ValueError, KeyError, TypeError, AttributeError, httpx.InvalidURL) as error:
            message = "The model service lists its models in a form that is not understood."
            raise ModelError(message, fault=Fault.FORM) from error

    def stream(self, request: ChatRequest) -> Generator[Delta, None, None]:
        splitter = ThinkingSplitter(opened_in_prompt=request.opened_in_prompt)
        exchange = _Exchange(self, request)
        finish, fingerprint, first = "", "", True
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
                if isinstance(item, Begun | Waiting):
                    yield item
                    continue
                if first:
                    first = False
                    yield prompted_of(item)
                self.reasoning_field = self.reasoning_field or field_of(item)
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
        self.items: queue.Queue[dict[str, Any] | Begun | Waiting | ModelError | None] = queue.Queue()
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
            endpoint, timeout = self._endpoint, httpx.Timeout(self._endpoint.silence, connect=_CONNECT_TIMEOUT)
            url = endpoint.wire.url(self._request.model, self._request.path)
            headers, transport = endpoint.authorise(), async_transport_for(url, endpoint.inside)
            async with httpx.AsyncClient(
                timeout=timeout, headers=headers, verify=certificates(), transport=transport
            ) as client:
                await self._attempt(client, url)
        except ModelError as error:
            outcome = error
        except NotAllowedAddress as error:
            outcome = ModelRefused(error.detail, fault=Fault.ADDRESS)
        except (httpx.ReadTimeout, httpx.WriteTimeout):
            outcome = ModelSilent(f"The model sent nothing for {self._endpoint.silence:.0f} seconds.")
        except httpx.ConnectError as error:
            outcome = _down(error)
        except httpx.HTTPError:
            outcome = ModelDisconnected("The connection to the model ended in the middle of its answer.")
        except (ValueError, KeyError, TypeError, AttributeError, IndexError, httpx.InvalidURL) as error:
            message = f"The model service answered in a form that is not understood: {_name(error)}."
            outcome = ModelError(message, fault=Fault.FORM)
        self.items.put(outcome)

    async def _attempt(self, client: httpx.AsyncClient, url: str) -> None:
        """Ask until the endpoint takes the request; after its first byte there is no second try."""
        body = self._endpoint.wire.body(self._request, self._endpoint.entry_of(self._request.model))
        for attempt in range(1, self._endpoint.attempts + 1):
            last = attempt == self._endpoint.attempts
            try:
                async with client.stream("POST", url, json=body) as response:
                    if response.status_code < 300:
                        await self._read(response, body)
                        return
                    wait = await _refusal(response, last=last)
            except (httpx.ConnectError, httpx.ConnectTimeout) as error:
                if last:
                    raise _down(error) from error
                wait = None
            await asyncio.sleep(wait if wait is not None else 0.4 * 2**attempt * random.uniform(0.5, 1.0))  # noqa: S311

    async def _read(self, response: httpx.Response, sent: dict[str, Any]) -> None:
        self.items.put(Begun(response.headers.get("x-request-id", ""), sent))
        if "event-stream" not in response.headers.get("content-type", ""):
            chunk = json.loads(await response.aread())
            self.items.put(checked(chunk))
            return
        async for data in _events(response):
            if data == "[DONE]":
                return
            if not data:
                self.items.put(Waiting())
                continue
            self.items.put(checked(json.loads(data)))


async def _events(response: httpx.Response) -> AsyncIterator[str]:
    """Yield the data of each server-sent event; nothing but an empty text for a comment, which says that the endpoint still
    lives. Cut at bytes, so that neither half a character nor a line separator inside a string can break an event in two."""
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
            elif line.startswith(":"):
                yield ""
            elif not line and data:
                yield "\n".join(data)
                data = []
    if data:
        yield "\n".join(data)


async def _refusal(response: httpx.Response, *, last: bool) -> float | None:
    """Return how long to wait before asking again, or raise if that is of no use."""
    status = response.status_code
    said = _said(await response.aread(), response.request.headers)
    if last or not _may_pass(status):
        _raise_for(status, said)
    with contextlib.suppress(ValueError):
        return min(float(response.headers.get("retry-after", "")), _LONGEST_WAIT)
    return None


def _may_pass(status: int) -> bool:
    """Return whether a refusal may be over in a moment."""
    return status in {408, 409, 425, 429} or status >= 500


def _raise_for(status: int, said: str) -> NoReturn:
    fault = fault_of_status(status, said)
    if _may_pass(status):
        raise ModelDown(f"The model service answers with status {status}: {said}", fault=fault)
    raise ModelRefused(f"The model service refused the request with status {status}: {said}", fault=fault)


def _said(body: bytes, shown: Mapping[str, str]) -> str:
    """Return the message in an error body. Some servers repeat the key: what was `shown` to them is left out."""
    words = said_in(body)
    for name, text in shown.items():
        key = text.removeprefix("Bearer ")
        if name.casefold() in {"authorization", "api-key"} and key:
            words = words.replace(key, "…")
    return words


def _served(item: dict[str, Any]) -> ServedModel:
    """Return a model of the list. Google puts `models/` before each name."""
    name = str(item["id"]).removeprefix("models/")
    return ServedModel(name, str(item.get("owned_by") or ""), int(item.get("max_model_len") or 0))


def _unknown(name: str) -> ModelEntry:
    return ModelEntry(key=name, id=name, label=name)


def _down(error: Exception) -> ModelDown:
    return ModelDown(f"The model service does not answer: {_name(error)}.", fault=fault_of_exception(error))


def _name(error: Exception) -> str:
    return str(error).strip().rstrip(".") or type(error).__name__
