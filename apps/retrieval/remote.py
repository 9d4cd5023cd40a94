"""Vectors of questions for processes that load no model: asked of the answers worker over Redis.

One list carries requests, one short-lived list each reply. The worker serves them on a thread of its own, so a search never
waits behind answers that take minutes. Nothing outlives its few seconds.
"""

import json
import threading
import time
import uuid
from collections.abc import Callable, Sequence
from typing import cast

import numpy as np
import redis
import structlog
from django.conf import settings

from apps.core.errors import Unavailable
from apps.retrieval.embedding import Embedder, Vectors, get_embedder, index_name

_REQUESTS = "embedding:requests"
_REPLY = "embedding:reply:{}"
_KEEP = 10  # seconds that an unclaimed reply, or an unserved list of requests, stays

log = structlog.get_logger(__name__)


class RemoteEmbedder:
    """Asks the worker; embeds questions only."""

    def __init__(self, model: str, *, timeout: float = 5.0) -> None:
        self.name = index_name(model)
        self._model = model
        self._timeout = timeout
        self._redis = redis.Redis.from_url(settings.REDIS_URL, socket_connect_timeout=2, socket_timeout=timeout + 2)

    @property
    def dimensions(self) -> int:
        return int(self.embed_question("dimensions").shape[0])

    def warm_up(self) -> None:
        """Nothing is loaded here."""

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """Passages are embedded by workers, many at a time; here one after the other."""
        return np.stack([self.embed_question(text) for text in texts]) if texts else np.empty((0, 0), np.float32)

    def embed_question(self, text: str) -> Vectors:
        request = uuid.uuid4().hex
        message = json.dumps({"id": request, "model": self._model, "text": text, "until": time.time() + self._timeout})
        try:
            with self._redis.pipeline() as pipe:
                pipe.rpush(_REQUESTS, message)
                pipe.expire(_REQUESTS, _KEEP)
                pipe.execute()
            reply = self._redis.blpop([_REPLY.format(request)], timeout=self._timeout)
        except redis.RedisError as error:
            raise Unavailable("Redis does not answer, so the question could not be embedded.") from error
        if not reply or not reply[1]:
            raise Unavailable("The answers worker does not answer, so the question could not be embedded.")
        return np.frombuffer(cast(bytes, reply[1]), dtype=np.float32)  # this client does not decode


def serve_questions(embedder: Embedder, stop: threading.Event) -> None:
    """Answer requests until `stop` is set. Redis going away is waited out.

    Another model than the embedder's is loaded when it is first asked for: an index may have been switched to it.
    """
    client = redis.Redis.from_url(settings.REDIS_URL, socket_connect_timeout=2, socket_timeout=5)
    try:
        embedder.warm_up()
    except Unavailable as error:
        log.error("embedding.not_loaded", detail=error.detail)  # noqa: TRY400  # expected: its sentence says it all
    while not stop.is_set():
        try:
            request = client.blpop([_REQUESTS], timeout=1)
            if request:
                _reply(client, embedder, cast(bytes, request[1]))
        except redis.RedisError:
            log.warning("embedding.redis_unreachable")
            stop.wait(1)
    client.close()


def start_serving(embedder: Embedder) -> Callable[[], None]:
    """Serve on a daemon thread, and return what ends it."""
    ending = threading.Event()
    thread = threading.Thread(target=serve_questions, args=(embedder, ending), name="embed-questions", daemon=True)
    thread.start()

    def stop() -> None:
        ending.set()
        thread.join()

    return stop


def _reply(client: "redis.Redis", embedder: Embedder, message: bytes) -> None:
    request = json.loads(message)
    if request["until"] < time.time():
        return
    model = request["model"]
    try:
        asked = embedder if index_name(model) == embedder.name else get_embedder(model)
        vector = asked.embed_question(request["text"]).astype(np.float32).tobytes()
    except Exception:  # whatever the model raises, the asker must hear at once and the thread live on
        log.exception("embedding.question_failed")
        vector = b""
    key = _REPLY.format(request["id"])
    with client.pipeline() as pipe:
        pipe.rpush(key, vector)
        pipe.expire(key, _KEEP)
        pipe.execute()
