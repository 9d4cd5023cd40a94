"""A deterministic server that speaks the OpenAI wire format, for machines without a model and for tests.

It reads the numbered passages in the prompt and answers with their sentences that share most words with the question, cited.
It knows nothing else and invents nothing, so the whole product can be tried on a laptop. Asked for a model named
`script:<name>` it replays that script instead: exact chunks, pauses, errors and broken connections. It knows vLLM's fields
that ask for the templated prompt and for token ids, and goes on from a prompt at /v1/completions.

    python -m inference.stub --port 8100 [--style tags] [--delay 0.02] [--scripts folder]

A script is a list of replies, one for each call, the last one for all further calls; a reply is a list of steps:

    {"delta": {"reasoning": "…"}}   one chunk               {"finish": "length"}    the chunk that ends the choice
    {"usage": {…}}                  the usage chunk         {"sleep": 0.5}          silence
    {"raw": "…"}, {"base64": "…"}   bytes as they are       {"error": "…"}          an error in place of a chunk
    {"status": 429, "headers": {}}  a refusal (first step)  {"disconnect": true}    the line goes dead
    {"chunk": {…}}  a chunk as it is                        {"repeat": 400, "steps": […]}  the same again and again
    {"content_type": "text/html"}  (first step) the response calls itself something else

Without `finish` a reply ends with `stop`; `{"open_end": true}` leaves even that out.
"""

import argparse
import base64
import json
import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

from inference.stub_words import STYLES, answer

Step = Mapping[str, Any]
Script = Sequence[Sequence[Step]]


class StubServer(ThreadingHTTPServer):
    """Serves on a loopback port until closed. Use as a context manager; `url` ends in /v1, as clients want it."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(
        self,
        port: int = 0,
        *,
        models: Sequence[str] = ("stub-reasoner",),
        style: str = "reasoning",
        delay: float = 0.0,
        owner: str = "stub",
        context: int = 32768,
        scripts: Mapping[str, Script] | None = None,
        bind: str = "127.0.0.1",
    ) -> None:
        """`owner` is how the server names itself in its list of models; `delay` is the pause before each token."""
        super().__init__((bind, port), _Handler)
        self.models, self.style, self.delay, self.owner, self.context = list(models), style, delay, owner, context
        self.scripts: dict[str, Script] = dict(scripts or {})
        self.requests: list[dict[str, Any]] = []
        self.hung_up = 0
        self.open: Counter[str] = Counter()
        self.calls: Counter[str] = Counter()
        self.lock = threading.Lock()

    @property
    def active(self) -> int:
        """Return how many requests are being answered; `open` has them by model."""
        return self.open.total()

    @property
    def url(self) -> str:
        host, port = self.server_address[:2]
        return f"http://{host!s}:{port}/v1"

    def __enter__(self) -> Self:
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.server_close()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of clients that hang up: that is part of the play."""

    def reply_to(self, body: Mapping[str, Any]) -> Sequence[Step]:
        """Return the steps of the reply to a request."""
        with self.lock:
            self.requests.append(dict(body))
            name = str(body.get("model", "")).removeprefix("script:")
            call = self.calls[name]
            self.calls[name] += 1
        if script := self.scripts.get(name):
            return script[min(call, len(script) - 1)]
        return list(answer(body, self.style, self.delay))


@dataclass(slots=True)
class _Message:
    """A whole message, put together from steps, for requests that do not stream."""

    parts: dict[str, str] = field(default_factory=dict)
    finish: str = "stop"
    usage: Any = None

    def take(self, step: Step) -> None:
        for name, text in step.get("delta", {}).items():
            if isinstance(text, str) and name != "role":
                self.parts[name] = self.parts.get(name, "") + text
        self.finish = step.get("finish", self.finish)
        self.usage = step.get("usage", self.usage)


class _Handler(BaseHTTPRequestHandler):
    server: StubServer
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: Any) -> None:
        """Keep quiet."""

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        if path == "/health":
            self._json(200, {"status": "ok"})
        elif path.endswith("/models"):
            model = {"object": "model", "owned_by": self.server.owner, "max_model_len": self.server.context}
            self._json(200, {"object": "list", "data": [{"id": name, **model} for name in self.server.models]})
        else:
            self._json(404, {"error": {"message": "There is nothing here."}})

    def do_POST(self) -> None:
        try:
            body = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))))
        except ValueError:
            return self._json(400, {"error": {"message": "The body is not JSON."}})
        if not urlsplit(self.path).path.endswith("/completions"):
            return self._json(404, {"error": {"message": "There is nothing here."}})
        name = str(body.get("model", ""))
        with self.server.lock:
            self.server.open[name] += 1
        try:
            return self._reply(body, self.server.reply_to(body))
        except OSError:
            self.server.hung_up += 1
            self.close_connection = True
        finally:
            with self.server.lock:
                self.server.open[name] -= 1

    def _reply(self, body: Mapping[str, Any], steps: Sequence[Step]) -> None:
        if steps and "status" in steps[0]:
            refusal = steps[0]
            error = {"error": {"message": refusal.get("message", "scripted refusal")}}
            return self._json(refusal["status"], error, refusal.get("headers", {}))
        if body.get("stream"):
            return self._stream(body, steps)
        return self._whole(body, steps)

    def _whole(self, body: Mapping[str, Any], steps: Sequence[Step]) -> None:
        message = _Message()
        for step in _unrolled(steps):
            self._pause(step.get("sleep", 0))
            if "disconnect" in step:
                return self._hang_up()
            if "error" in step:
                return self._json(500, {"error": {"message": step["error"]}})
            message.take(step)
        content = {"role": "assistant", "content": message.parts.get("content")} | message.parts
        choice: dict[str, Any] = {"index": 0, "finish_reason": message.finish, "message": content}
        if "prompt" in body:
            choice = {"index": 0, "finish_reason": message.finish, "text": message.parts.get("content", "")}
        usage = {"usage": message.usage} if message.usage else {}
        return self._json(200, {"id": "stub", "model": body.get("model"), "choices": [choice]} | usage | _echo(body))

    def _stream(self, body: Mapping[str, Any], steps: Sequence[Step]) -> None:
        self.send_response(200)
        kind = steps[0].get("content_type", "text/event-stream; charset=utf-8") if steps else "text/event-stream"
        self.send_header("Content-Type", kind)
        self.send_header("Connection", "close")
        self.end_headers()
        finished = False
        if echo := _echo(body):
            self._write(_bytes({"chunk": {"choices": [{"index": 0, "delta": {"role": "assistant"}}]} | echo}, body))
        for step in _unrolled(steps):
            self._pause(step.get("sleep", 0))
            if "disconnect" in step:
                return self._hang_up()
            if "open_end" in step:
                return None
            finished = finished or "finish" in step
            self._write(_bytes(step, body))
        if not finished:
            self._write(_bytes({"finish": "stop"}, body))
        self._write(b"data: [DONE]\n\n")
        self.close_connection = True
        return None

    def _pause(self, seconds: float) -> None:
        """Wait, but notice a client that hangs up meanwhile."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            time.sleep(min(left, 0.05))
            with suppress(BlockingIOError):
                if not self.connection.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT):
                    raise ConnectionResetError

    def _write(self, data: bytes) -> None:
        if data:
            self.wfile.write(data)
            self.wfile.flush()

    def _hang_up(self) -> None:
        self.close_connection = True
        with suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)

    def _json(self, status: int, value: Any, headers: Mapping[str, str] | None = None) -> None:
        data = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        for name, text in (headers or {}).items():
            self.send_header(name, text)
        self.end_headers()
        self.wfile.write(data)


def _bytes(step: Step, body: Mapping[str, Any]) -> bytes:
    """Return a step as it goes over the wire."""
    if "raw" in step:
        return str(step["raw"]).encode()
    if "base64" in step:
        return base64.b64decode(step["base64"])
    chunk: dict[str, Any]
    if "error" in step:
        chunk = {"error": {"message": step["error"], "code": 500}}
    elif "chunk" in step:
        chunk = dict(step["chunk"])
    elif "usage" in step:
        if not (body.get("stream_options") or {}).get("include_usage"):
            return b""
        chunk = {"choices": [], "usage": step["usage"]}
    elif "delta" in step or "finish" in step:
        chunk = {"choices": [_streamed(step, body)]}
    else:
        return b""
    if "error" not in chunk:
        kind = "text_completion" if "prompt" in body else "chat.completion.chunk"
        chunk = {"id": "stub", "object": kind, "model": body.get("model")} | chunk
    return b"data: " + json.dumps(chunk, ensure_ascii=False).encode() + b"\n\n"


def _streamed(step: Step, body: Mapping[str, Any]) -> dict[str, Any]:
    """Return one choice of a chunk."""
    delta = step.get("delta", {})
    choice = {"index": 0, "finish_reason": step.get("finish")}
    choice |= {"text": delta.get("content") or ""} if "prompt" in body else {"delta": delta}
    if body.get("return_token_ids") and any(text for name, text in delta.items() if name != "role"):
        choice["token_ids"] = list(range(step.get("tokens", 1)))
    return choice


def _unrolled(steps: Sequence[Step]) -> Iterator[Step]:
    for step in steps:
        if "repeat" in step:
            for _ in range(step["repeat"]):
                yield from step["steps"]
        else:
            yield step


def _echo(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return what vLLM sends of the prompt where it is asked to."""
    text = "".join(f"<{turn['role']}>{turn['content']}" for turn in body.get("messages", [])) + "<assistant><think>\n"
    prompt = {"prompt_text": text} if body.get("return_prompt_text") else {}
    return prompt | ({"prompt_token_ids": list(range(len(text.split())))} if prompt else {})


def load_scripts(folder: Path) -> dict[str, Script]:
    """Return the scripts in a folder of JSON files, by file name."""
    return {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.json"))}


def main() -> None:
    parser = argparse.ArgumentParser(description="A deterministic stand-in for a model server.")
    parser.add_argument("--port", type=int, default=8100)
    parser.add_argument("--bind", default="127.0.0.1")
    parser.add_argument("--model", action="append", help="name to list; may be given more than once")
    parser.add_argument("--style", choices=STYLES, default="reasoning", help="where the reasoning is put")
    parser.add_argument("--delay", type=float, default=0.0, help="seconds before each token")
    parser.add_argument("--context", type=int, default=32768)
    parser.add_argument("--scripts", type=Path, help="folder of JSON files to replay")
    options = parser.parse_args()
    scripts = load_scripts(options.scripts) if options.scripts else {}
    with StubServer(
        options.port,
        bind=options.bind,
        models=options.model or ["stub-reasoner", *(f"script:{name}" for name in scripts)],
        style=options.style,
        delay=options.delay,
        context=options.context,
        scripts=scripts,
    ) as server:
        print(f"Listening on {server.url}", flush=True)
        with suppress(KeyboardInterrupt):
            threading.Event().wait()


if __name__ == "__main__":
    main()
