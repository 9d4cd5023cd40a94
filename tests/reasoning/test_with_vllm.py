"""A question answered by a real vLLM on the packaged weights: the whole path, not the wits of the model."""

import sys
import time
import uuid
from typing import Any

import pytest

from apps.reasoning.models import AnswerStatus, Outcome
from apps.reasoning.pipeline import Answering, write_answer
from apps.reasoning.written import Question
from apps.serving import probing
from apps.serving.line import look_along
from tests.factories import UserFactory, scope_of
from tests.reasoning.conftest import COVENANT, NET_DEBT, FakeSearch, followed, make_passage

pytestmark = [
    pytest.mark.vllm,
    pytest.mark.django_db,
    pytest.mark.timeout(600),
    pytest.mark.usefixtures("clean_cache"),
]


def test_a_question_comes_to_a_definite_end_within_its_budget(vllm_server: str, settings: Any) -> None:
    settings.ENV = settings.ENV.model_copy(update={"llm_base_url": vllm_server, "llm_timeout": 120.0})
    state = probing.probe()
    assert state.can_answer
    assert (state.demonstration, state.engine) == (True, "vllm")
    using = Answering(
        look_along(),
        lambda: False,
        time.monotonic() + 300,
        search=FakeSearch(make_passage(NET_DEBT), make_passage(COVENANT)),
    )
    steps = write_answer(
        Question(uuid.UUID(int=11), "What was net debt at 31 March 2025?", scope_of(UserFactory()), effort="quick"),
        using,
    )
    _events, written = followed(steps)
    sys.stdout.write(f"{written.outcome} {written.notice} {written.usage}\n{written.reasoning!r}\n{written.text!r}\n")
    assert written.status == AnswerStatus.DONE
    assert written.outcome in Outcome.values
    assert written.text
    assert written.reasoning
    assert written.reasoning_source == "field"
    assert written.model["demonstration"]
    assert written.model["parameters"]["thinking_token_budget"] == 160
    assert 0 < written.usage["reasoning_tokens"] <= 2 * 160
    assert written.usage["source"]["prompt_tokens"] == "server"
    assert written.usage["seconds"]["first_token"] > 0
