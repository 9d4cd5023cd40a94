"""A deterministic server that speaks the OpenAI wire format, for machines without a model and for tests.

It reads the numbered passages in the prompt and answers with their sentences that share most words with the question, cited.
It knows nothing else and invents nothing, so the whole product can be tried on a laptop. Asked for a model named
`script:<name>` it replays that script instead: exact chunks, pauses, errors and broken connections.

    python -m inference.stub --port 8100 [--style tags] [--delay 0.02] [--scripts folder]

A script is a list of replies, one for each call, the last one for all further calls; a reply is a list of steps:

    {"delta": {"reasoning": "…"}}   one chunk               {"finish": "length"}    the chunk that ends the choice
    {"usage": {…}}                  the usage chunk         {"sleep": 0.5}          silence
    {"raw": "…"}, {"base64": "…"}   bytes as they are       {"error": "…"}          an error in place of a chunk
    {"status": 429, "headers": {}}  a refusal (first step)  {"disconnect": true}    the line goes dead

Without `finish` a reply ends with `stop`; `{"open_end": true}` leaves even that out.
"""

import argparse
import base64
import json
import re
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

Step = Mapping[str, Any]
Script = Sequence[Sequence[Step]]

STYLES = ("reasoning", "reasoning_content", "tags", "tags-no-opener", "none")
_PASSAGE = re.compile(r"\[passage (\d+) begin\]\n(.*?)\n\[passage \1 end\]", re.DOTALL)
_QUESTION = re.compile(r"Question:\n(.*?)(?:\n\nYou have already worked|\Z)", re.DOTALL)
_SENTENCE = re.compile(r"[^\n.!?。]+(?:[.!?](?!\s|$)[^\n.!?。]*)*[.!?。]?")
_WORD = re.compile(r"\w+")
_TOKEN = re.compile(r"\s*\S+")
_RUNS_ON = re.compile(r"(?<![|.])\n(?=[^\W\nA-ZÄÖÜ])")  # a printed line that goes on in the next
_ENGLISH = (
    "the a an and or of in on at to for from by with is are was were be been has have had do does did how what which who "
    "when where why much many it its this that these those as not no than then there their they i we you"
)
_GERMAN = "der die das und ist war wie was wer wo wann ein eine in im den dem des zu von für mit auf"
_COMMON = set(f"{_ENGLISH} {_GERMAN}".split())


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
        self.active = 0
        self.calls: Counter[str] = Counter()
        self.lock = threading.Lock()

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
        return list(_answer(body, self.style, self.delay))


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
        if self.path == "/health":
            self._json(200, {"status": "ok"})
        elif self.path == "/v1/models":
            model = {"object": "model", "owned_by": self.server.owner, "max_model_len": self.server.context}
            self._json(200, {"object": "list", "data": [{"id": name, **model} for name in self.server.models]})
        else:
            self._json(404, {"error": {"message": "There is nothing here."}})

    def do_POST(self) -> None:
        try:
            body = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))))
        except ValueError:
            return self._json(400, {"error": {"message": "The body is not JSON."}})
        if self.path == "/v1/completions":
            body["messages"] = [{"role": "user", "content": str(body.get("prompt", ""))}]
        elif self.path != "/v1/chat/completions":
            return self._json(404, {"error": {"message": "There is nothing here."}})
        self.server.active += 1
        try:
            return self._reply(body, self.server.reply_to(body))
        except OSError:
            self.server.hung_up += 1
            self.close_connection = True
        finally:
            self.server.active -= 1

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
        for step in steps:
            time.sleep(step.get("sleep", 0))
            if "disconnect" in step:
                return self._hang_up()
            if "error" in step:
                return self._json(500, {"error": {"message": step["error"]}})
            message.take(step)
        content = {"role": "assistant", "content": message.parts.get("content")} | message.parts
        choice: dict[str, Any] = {"index": 0, "finish_reason": message.finish, "message": content}
        if self.path == "/v1/completions":
            choice = {"index": 0, "finish_reason": message.finish, "text": message.parts.get("content", "")}
        usage = {"usage": message.usage} if message.usage else {}
        return self._json(200, {"id": "stub", "model": body.get("model"), "choices": [choice]} | usage)

    def _stream(self, body: Mapping[str, Any], steps: Sequence[Step]) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream; charset=utf-8")
        self.send_header("Connection", "close")
        self.end_headers()
        finished = False
        for step in steps:
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
    head = {"id": "stub", "object": "chat.completion.chunk", "model": body.get("model")}
    chunk: dict[str, Any]
    if "error" in step:
        chunk = {"error": {"message": step["error"], "code": 500}}
    elif "usage" in step:
        if not (body.get("stream_options") or {}).get("include_usage"):
            return b""
        chunk = head | {"choices": [], "usage": step["usage"]}
    elif "delta" in step or "finish" in step:
        choice = {"index": 0, "delta": step.get("delta", {}), "finish_reason": step.get("finish")}
        chunk = head | {"choices": [choice]}
    else:
        return b""
    return b"data: " + json.dumps(chunk, ensure_ascii=False).encode() + b"\n\n"


def _answer(body: Mapping[str, Any], style: str, delay: float) -> Iterator[Step]:
    """Yield the steps of an answer made from the passages in the prompt."""
    prompt = "\n\n".join(str(message.get("content") or "") for message in body.get("messages", []))
    thought, answer = compose(prompt)
    thinking = [] if style == "none" else _TOKEN.findall(thought)
    budget = body.get("thinking_token_budget")
    thinking = thinking[:budget] if isinstance(budget, int) else thinking
    most = int(body.get("max_tokens") or 4096)
    finish = "length" if len(thinking) + len(_TOKEN.findall(answer)) > most else "stop"
    thinking = thinking[:most]
    saying = _TOKEN.findall(answer)[: most - len(thinking)]
    field_name = style if style.startswith("reasoning") else "content"
    yield {"delta": {"role": "assistant", "content": ""}}
    if style == "tags":
        yield {"delta": {"content": "<think>\n"}}
    for token in thinking:
        yield {"delta": {field_name: token}, "sleep": delay}
    if style.startswith("tags"):
        yield {"delta": {"content": "\n</th"}}
        yield {"delta": {"content": "ink>\n\n"}}
    for token in saying:
        yield {"delta": {"content": token}, "sleep": delay}
    yield {"finish": finish}
    spent = len(thinking) + len(saying)
    details = {"completion_tokens_details": {"reasoning_tokens": len(thinking)}}
    prompt_tokens = len(_TOKEN.findall(prompt))
    yield {"usage": {"prompt_tokens": prompt_tokens, "completion_tokens": spent, **details}}


def compose(prompt: str) -> tuple[str, str]:
    """Return the reasoning and the answer for a prompt: the best sentence of each of up to three passages, cited."""
    asked = _QUESTION.search(prompt)
    question = asked.group(1).strip() if asked else prompt[-400:]
    wanted = _telling(question)
    ranked: list[tuple[int, int, str]] = []
    for number, text in _PASSAGE.findall(prompt):
        _, _, words = text.partition("\n")  # the first line names the document
        words = _RUNS_ON.sub(" ", words)
        best = max(
            ((len(wanted & _telling(sentence)), sentence.strip()) for sentence in _SENTENCE.findall(words)),
            key=lambda pair: pair[0],
            default=(0, ""),
        )
        ranked.append((best[0], int(number), best[1]))
    chosen = sorted((one for one in ranked if one[0] > 0), key=lambda one: (-one[0], one[1]))[:3]
    if not chosen:
        return f"The question is: {question} None of the passages speaks of it.", (
            "NOT IN THE PASSAGES\nNone of the passages speaks of this."
        )
    looked = " ".join(f"Passage {number} says: {sentence}" for _, number, sentence in chosen)
    said = " ".join(f"{sentence.rstrip('.!?。')} [{number}]." for _, number, sentence in chosen)
    return f"The question is: {question} {looked} That answers it.", said


def _telling(text: str) -> set[str]:
    return {word[:6] for word in _WORD.findall(text.casefold()) if word not in _COMMON and len(word) > 1}


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
