"""A model that judges passages beside the question (a cross-encoder), behind one Protocol; there need be none.

It is one of sentence-transformers in this process, or an endpoint: vLLM, Text Embeddings Inference and others serve `/rerank`.
"""

import json
import os
import threading
import urllib.request
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any, Protocol

from django.conf import settings
from django.utils.module_loading import import_string

from apps.core.errors import Unavailable

_AT_ONCE = 16
_LONGEST = 512  # tokens of question and passage together


class Reranker(Protocol):
    """Says how well each passage answers a question."""

    @property
    def name(self) -> str: ...

    def rank(self, question: str, passages: Sequence[str]) -> list[float]:
        """Return one score a passage, in order; the higher the better. Raises `Unavailable` if it cannot judge now."""
        ...


def get_reranker() -> Reranker | None:
    """Return this process's reranker; None where none is configured."""
    env = settings.ENV
    if env.reranker_url:
        return _endpoint(env.reranker_url, env.reranker_model, env.reranker_api_key.get_secret_value())
    return _model(settings.RERANKER, env.reranker_model) if env.reranker_model else None


@cache
def _endpoint(url: str, model: str, key: str) -> Reranker:
    return RerankingEndpoint(url, model=model, api_key=key)


@cache
def _model(factory: str, model: str) -> Reranker:
    reranker: Reranker = import_string(factory)(model)
    return reranker


class CrossEncoderReranker:
    """A sentence-transformers cross-encoder in this process: one from a hub, or a folder. Loaded when first asked."""

    def __init__(self, model: str) -> None:
        self.name = Path(model).name
        self._source = model
        self._loaded: Any = None
        self._lock = threading.Lock()

    def rank(self, question: str, passages: Sequence[str]) -> list[float]:
        if not passages:
            return []
        pairs = [(question, passage) for passage in passages]
        with self._lock:
            scores = self._model().predict(pairs, batch_size=_AT_ONCE, show_progress_bar=False)
        return [float(score) for score in scores]

    def _model(self) -> Any:
        if self._loaded is None:
            if Path(self._source).is_dir():
                os.environ.setdefault("HF_HUB_OFFLINE", "1")
            from sentence_transformers import CrossEncoder

            try:
                self._loaded = CrossEncoder(self._source, max_length=_LONGEST, device=_device())
            except (OSError, ValueError) as error:
                raise Unavailable(
                    f"The reranking model “{self._source}” could not be loaded ({type(error).__name__}). "
                    "Check TOULMIN_RERANKER_MODEL."
                ) from error
        return self._loaded


class RerankingEndpoint:
    """An endpoint that takes a query and documents: `…/rerank` or `…/v1/rerank` (vLLM, Jina, Cohere), TEI's `/rerank` with
    texts, and vLLM's `…/score`. Which of them it is follows from the address and from what comes back."""

    def __init__(self, url: str, *, model: str = "", api_key: str = "", timeout: float = 5.0) -> None:
        if not url.startswith(("http://", "https://")):
            raise Unavailable("TOULMIN_RERANKER_URL is no http or https address.")
        self.name = model or "endpoint"
        self._url = url
        self._model = model
        self._timeout = timeout
        self._headers = {"Content-Type": "application/json"}
        if api_key:
            self._headers["Authorization"] = f"Bearer {api_key}"

    def rank(self, question: str, passages: Sequence[str]) -> list[float]:
        if not passages:
            return []
        body = json.dumps(self._body(question, list(passages))).encode()
        request = urllib.request.Request(self._url, body, self._headers)  # noqa: S310  # the scheme was looked at
        try:
            with urllib.request.urlopen(request, timeout=self._timeout) as response:  # noqa: S310
                return _scores(json.load(response), len(passages))
        except OSError as error:
            raise Unavailable(f"The reranking service does not answer: {type(error).__name__}.") from error
        except (ValueError, KeyError, TypeError, IndexError) as error:
            raise Unavailable("The reranking service answers in a form that is not understood.") from error

    def _body(self, question: str, passages: list[str]) -> dict[str, Any]:
        model = {"model": self._model} if self._model else {}
        if self._url.rstrip("/").endswith("/score"):
            return model | {"text_1": question, "text_2": passages}
        # `texts` is what TEI reads, `documents` what the others do; each leaves the other's field alone.
        return model | {"query": question, "documents": passages, "texts": passages, "top_n": len(passages)}


def _scores(reply: Any, expected: int) -> list[float]:
    items = reply if isinstance(reply, list) else reply.get("results") or reply["data"]
    scores: dict[int, float] = {}
    for item in items:
        scores[int(item["index"])] = float(item["relevance_score"] if "relevance_score" in item else item["score"])
    return [scores[index] for index in range(expected)]


def _device() -> str:
    import torch

    configured = settings.ENV.embedding_device
    if configured != "auto":
        return str(configured)
    return "cuda" if torch.cuda.is_available() else "cpu"
