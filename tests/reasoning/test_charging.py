"""What an answer costs, from the reservation when it is asked to the charge that is sealed with it, with a model over HTTP."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from apps.accounts.models import ApiToken, User
from apps.accounts.scope import Scope
from apps.audit import log as audit
from apps.audit.models import Record
from apps.reasoning import services, stream, sweeping, tasks, writing
from apps.reasoning.charging import worst_case
from apps.reasoning.events import ReasoningDelta
from apps.reasoning.models import Answer, AnswerStatus
from apps.reasoning.objects import answer_object
from apps.usage.budgets import BudgetExceeded, states_of
from apps.usage.models import Charge, Reservation
from inference.stub import StubServer
from tests.factories import DocumentFactory, GroupFactory, UserFactory, owned_by, scope_of, token_for
from tests.reasoning.conftest import NET_DEBT, FakeSearch, make_passage
from tests.usage.conftest import budget

pytestmark = [pytest.mark.django_db, pytest.mark.timeout(60), pytest.mark.usefixtures("clean_cache", "no_broker")]

COUNTED = {"prompt_tokens": 5000, "completion_tokens": 1000, "prompt_tokens_details": {"cached_tokens": 3000}}
PRICES = {"llm_price_prompt": 1.0, "llm_price_cached": 0.1, "llm_price_output": 4.0, "llm_currency": "EUR"}


@pytest.fixture
def no_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks.write_answer, "delay", lambda _answer: None)


@pytest.fixture
def asker(monkeypatch: pytest.MonkeyPatch) -> User:
    """Somebody in the group Legal, whose every search finds one passage of theirs."""
    person: User = UserFactory(name="Ingrid Falk")
    GroupFactory(name="Legal", members=[person])
    document = DocumentFactory(collection=owned_by(person, name="Credit file"))
    place = {"document_id": document.pk, "collection_id": document.collection_id, "version_id": document.latest.pk}
    search, original = FakeSearch(make_passage(NET_DEBT, **place)), writing.Answering
    monkeypatch.setattr(writing, "Answering", lambda **fields: original(**fields, search=search))
    return person


@pytest.fixture
def priced(settings: Any) -> Iterator[Any]:
    """Settings in which a model server answers that counts 5,000 tokens of prompt, 3,000 of them cached, and 1,000 written."""
    script = [
        {"delta": {"reasoning": "Passage 1 says it."}},
        {"delta": {"content": "Net debt was £1,204 million [1]."}},
        {"finish": "stop"},
        {"usage": COUNTED},
    ]
    with StubServer(scripts={"case": [script]}, models=["script:case"]) as server:
        settings.ENV = settings.ENV.model_copy(update={"llm_base_url": server.url, "llm_timeout": 5.0, **PRICES})
        yield settings


def ask(scope: Scope, **options: Any) -> Answer:
    return services.ask(scope, question="What was net debt?", **options)


def answered(scope: Scope, **options: Any) -> Answer:
    answer = ask(scope, **options)
    tasks.write_answer(str(answer.pk))
    answer.refresh_from_db()
    return answer


def test_an_answer_is_charged_by_its_tokens_and_the_account_is_sealed(priced: Any, asker: User) -> None:
    answer = answered(scope_of(asker), matter="a-1")
    cost = answer_object(scope_of(asker), answer)["cost"]
    # 2,000 × 1.00 + 3,000 × 0.10 + 1,000 × 4.00, each by the million
    assert (cost["amount"], cost["currency"], cost["basis_code"]) == ("0.0063", "EUR", "tokens")
    assert cost["basis"].startswith("5000 prompt tokens, 3000 of them cached, and 1000 written, at 1, 0.1 and 4 EUR")
    sealed = audit.read_body(Record.objects.get(sequence=answer.record_sequence))["data"]["account"]
    assert (sealed["amount"], sealed["currency"], sealed["matter"]) == ("0.0063", "EUR", "A-1")
    assert [group["name"] for group in sealed["charged_to"]["groups"]] == ["Legal"]


def test_a_charge_says_by_value_whose_it_is_and_what_it_is_of(priced: Any, asker: User) -> None:
    token_for(asker)
    token = ApiToken.objects.get()
    answer = answered(Scope.of_token(token), effort="quick", matter="A-1")
    charge = Charge.objects.get(answer=answer.pk)
    assert (charge.asker, charge.asker_label, charge.group_names) == (asker.pk, "Ingrid Falk", ["Legal"])
    assert (charge.token, charge.matter, charge.effort, charge.status) == (token.pk, "A-1", "quick", "done")
    assert (charge.collection_names, charge.documents) == (["Credit file"], answer_documents(answer))
    assert (charge.model, charge.endpoint) == ("script:case", "environment")
    assert (charge.prompt_tokens, charge.cached_tokens) == (5000, 3000)
    assert charge.reasoning_tokens + charge.answer_tokens == 1000
    assert charge.amount == Decimal("0.0063")
    assert charge.held_from
    assert charge.held_until
    assert charge.held_from < charge.held_until
    asker.member_of.all().delete()
    token.delete()
    assert Charge.objects.get(answer=answer.pk).group_names == ["Legal"]


def answer_documents(answer: Answer) -> list[Any]:
    return sorted(answer.candidates.filter(marker=1).values_list("document_id", flat=True))


def test_own_hardware_is_charged_by_its_seconds(priced: Any, asker: User) -> None:
    hardware = {"llm_price_prompt": None, "llm_price_output": None, "llm_gpu_price_hour": 3600.0, "llm_watts": 720}
    priced.ENV = priced.ENV.model_copy(update=hardware)
    answer = answered(scope_of(asker))
    charge = Charge.objects.get()
    assert charge.held_from
    assert charge.held_until
    assert charge.amount is not None
    seconds = (charge.held_until - charge.held_from).total_seconds()
    assert float(charge.amount) == pytest.approx(seconds, abs=1e-6)  # one GPU at one a second, nobody beside
    assert charge.energy_wh == pytest.approx(seconds * 720 / 3600, abs=1e-5)
    assert answer_object(scope_of(asker), answer)["cost"]["energy_wh"] == charge.energy_wh


def test_passages_without_a_model_cost_nothing_and_free_what_was_set_aside(asker: User) -> None:
    budget(1_000_000, currency="")
    answer = answered(scope_of(asker))
    assert answer.account["basis"] == {"code": "no_model"}
    assert Charge.objects.get().amount is None
    (state,) = states_of(scope_of(asker))
    assert (state.spent, state.reserved) == (0, 0)


def test_a_question_sets_aside_the_most_it_may_take_and_spends_what_it_took(priced: Any, asker: User) -> None:
    budget(1)
    answer = ask(scope_of(asker))
    (state,) = states_of(scope_of(asker))
    assert state.reserved == worst_case("standard").amounts["EUR"] > Decimal("0.0063")
    tasks.write_answer(str(answer.pk))
    (state,) = states_of(scope_of(asker))
    assert (state.spent, state.reserved) == (Decimal("0.0063"), 0)


def test_more_effort_sets_more_aside(priced: Any, asker: User) -> None:
    amounts = [worst_case(effort).amounts["EUR"] for effort in ("quick", "standard", "deep")]
    assert amounts == sorted(amounts)
    budget(amounts[0])
    with pytest.raises(BudgetExceeded):
        ask(scope_of(asker), effort="deep")
    assert not Answer.objects.exists()
    ask(scope_of(asker), effort="quick")


def test_stopping_an_answer_nobody_began_gives_everything_back(priced: Any, asker: User) -> None:
    budget(1)
    services.cancel_answer(scope_of(asker), ask(scope_of(asker)))
    assert states_of(scope_of(asker))[0].left == 1
    assert not Charge.objects.exists()


def test_a_budget_that_is_nearly_spent_is_said_on_the_answer(priced: Any, asker: User) -> None:
    budget(worst_case("standard").amounts["EUR"])
    warnings = answer_object(scope_of(asker), answered(scope_of(asker)))["cost"]["warnings"]
    assert len(warnings) == 1
    assert warnings[0].startswith("The organisation’s budget of the month")


def test_what_a_dead_worker_had_streamed_is_charged_by_estimate(priced: Any, asker: User) -> None:
    budget(1)
    answer = ask(scope_of(asker))
    stream.append(answer.pk, ReasoningDelta("Net debt is in note 19. " * 40))
    past = timezone.now() - timedelta(seconds=30)
    Answer.objects.filter(pk=answer.pk).update(status=AnswerStatus.REASONING, started_at=past, lease_until=past)
    assert sweeping.end_abandoned() == 1
    charge = Charge.objects.get(answer=answer.pk)
    assert charge.status == "failed"
    assert charge.reasoning_tokens > 100
    assert charge.token_source["reasoning_tokens"] == "estimated"
    assert charge.amount
    (state,) = states_of(scope_of(asker))
    assert (state.spent, state.reserved) == (charge.amount, 0)
    assert not Reservation.objects.exists()
