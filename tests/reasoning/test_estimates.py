"""What an answer is likely to take, from what earlier ones took."""

import uuid
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.cache import cache
from django.utils import timezone

from apps.accounts.scope import Scope
from apps.core.errors import Invalid
from apps.reasoning.estimates import Estimate, basis_sentence, estimate, estimate_object
from apps.serving.endpoints import ENVIRONMENT
from apps.serving.health import ModelState, keep_state
from apps.usage.models import Charge
from tests.factories import UserFactory, scope_of

pytestmark = pytest.mark.django_db

MODEL = "DeepSeek-R1-Distill-Qwen-32B"


@pytest.fixture(autouse=True)
def _served(settings: Any) -> None:
    cache.clear()
    settings.ENV = settings.ENV.model_copy(update={"llm_base_url": "http://127.0.0.1:9/v1"})
    keep_state(ModelState("ready", name=MODEL, context=32768, first_token_seconds=1.0, endpoint_id=ENVIRONMENT))


@pytest.fixture
def asker() -> Scope:
    return scope_of(UserFactory())


def charge(seconds: float, *, effort: str = "standard", amount: str | None = "0.002", **fields: Any) -> None:
    now = timezone.now()
    Charge.objects.create(
        answer=uuid.uuid4(), day=now.date(), asked_at=fields.pop("asked_at", now), effort=effort, status="done",
        endpoint=ENVIRONMENT, model=fields.pop("model", MODEL), prompt_tokens=3000, reasoning_tokens=500, answer_tokens=100,
        total_seconds=seconds, decode_seconds=seconds / 2, amount=Decimal(amount) if amount else None,
        currency="EUR" if amount else "", **fields,
    )  # fmt: skip


def test_it_is_the_median_of_recent_answers_of_the_same_effort_and_model(asker: Scope) -> None:
    for seconds in (10, 20, 30, 40, 90):
        charge(seconds)
    charge(900, effort="deep")
    charge(900, model="another")
    charge(900, asked_at=timezone.now() - timedelta(days=60))
    found = estimate(asker, "standard")
    assert (found.basis, found.seconds, found.seconds_high, found.of_answers) == ("history", 30, 90, 5)
    assert (found.tokens, found.amount, found.currency) == (3600, Decimal("0.002"), "EUR")
    assert basis_sentence(found) == "From the last 5 answers of this effort with this model."


def test_without_answers_of_this_effort_the_rate_of_others_tells(asker: Scope) -> None:
    for _ in range(3):
        charge(20, effort="quick")
    found = estimate(asker, "deep")
    assert (found.basis, found.of_answers) == ("rate", 3)
    assert found.seconds == pytest.approx(1.0 + (12288 + 2400) / 2 / 60, abs=0.1)  # 600 tokens in ten seconds


def test_without_any_history_it_says_that_a_speed_is_assumed(asker: Scope) -> None:
    found = estimate(asker, "standard")
    assert found.basis == "assumed"
    assert found.seconds is not None
    assert found.amount is None
    assert estimate_object(found)["basis"]["sentence"].startswith("This model has written too few answers")


def test_without_a_price_there_is_no_money(asker: Scope) -> None:
    for _ in range(3):
        charge(5, amount=None)
    assert (estimate(asker, "standard").amount, estimate(asker, "standard").currency) == (None, "")


def test_left_to_the_product_the_effort_is_the_one_that_fits_the_question(asker: Scope) -> None:
    found = estimate(asker, "auto", question="Where was the founder of the parent company of Nordwind born?")
    shown = estimate_object(found)
    assert shown["effort"] == "deep"
    assert shown["routed"]["kind"] == "multi_step"


def test_it_is_kept_for_a_minute(asker: Scope, django_assert_max_num_queries: Any) -> None:
    first: Estimate = estimate(asker, "standard")
    with django_assert_max_num_queries(1):
        assert estimate(asker, "standard") == first


def test_an_effort_that_there_is_none_of_is_refused(asker: Scope) -> None:
    with pytest.raises(Invalid):
        estimate(asker, "heroic")


def test_without_a_model_there_is_nothing_to_estimate(asker: Scope, settings: Any) -> None:
    settings.ENV = settings.ENV.model_copy(update={"llm_base_url": ""})
    assert estimate(asker, "quick").basis == "no_model"
