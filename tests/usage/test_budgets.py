"""Budgets hold: reserved when asked, settled when ended, given back otherwise, however many ask at once."""

import threading
import uuid
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection, transaction
from django.utils import timezone
from django.utils.formats import date_format

from apps.accounts.models import ApiToken, User
from apps.accounts.scope import Permission, Scope
from apps.audit.actions import Action
from apps.audit.models import Record
from apps.core.errors import Conflict, Invalid, NotAllowed, NotFound
from apps.usage import budgets, services
from apps.usage.budgets import BudgetExceeded, ChargedTo, Estimate, release, reserve, settle, states_of
from apps.usage.charges import Named
from apps.usage.models import Budget, Reservation, Spending
from apps.usage.periods import today
from tests.factories import GroupFactory, UserFactory, scope_of, token_for
from tests.usage.conftest import administrator, budget, charged, days_ago, first_of_next_month, of_money

pytestmark = pytest.mark.django_db


@pytest.fixture
def asker() -> Scope:
    return scope_of(UserFactory(name="Ingrid Falk"))


def ask(scope: Scope, estimate: Estimate, answer: uuid.UUID | None = None) -> uuid.UUID:
    answer = answer or uuid.uuid4()
    with transaction.atomic():
        reserve(scope, answer, lambda: estimate)
    return answer


def end(scope: Scope, answer: uuid.UUID, amount: object, *, tokens: int = 0) -> None:
    with transaction.atomic():
        settle(answer, ChargedTo.of(scope), today(), tokens=tokens, amounts={"EUR": Decimal(str(amount))})


def test_what_is_set_aside_is_not_there_for_the_next(asker: Scope) -> None:
    budget(1)
    ask(asker, of_money("0.60"))
    with pytest.raises(BudgetExceeded):
        ask(asker, of_money("0.60"))
    assert [state.left for state in states_of(asker)] == [Decimal("0.40")]


def test_an_ended_answer_is_spent_at_what_it_took_and_the_rest_is_there_again(asker: Scope) -> None:
    budget(1)
    end(asker, ask(asker, of_money("0.60")), "0.10")
    (state,) = states_of(asker)
    assert (state.spent, state.reserved, state.left) == (Decimal("0.1"), 0, Decimal("0.9"))
    assert not Reservation.objects.exists()


def test_what_was_set_aside_for_an_answer_that_never_came_is_given_back(asker: Scope) -> None:
    budget(1)
    answer = ask(asker, of_money(1))
    with transaction.atomic():
        release(answer)
    assert states_of(asker)[0].left == 1
    with transaction.atomic():
        release(answer)
    assert states_of(asker)[0].left == 1


def test_an_answer_is_settled_once(asker: Scope) -> None:
    budget(1)
    answer = ask(asker, of_money("0.5"))
    with transaction.atomic():
        release(answer)
    end(asker, answer, "0.2")
    (state,) = states_of(asker)
    assert (state.spent, state.reserved) == (Decimal("0.2"), 0)


def test_a_reservation_whose_answer_was_lost_is_given_back_in_time(asker: Scope) -> None:
    budget(1)
    ask(asker, of_money("0.5"))
    assert budgets.release_expired() == 0
    Reservation.objects.update(ends=timezone.now() - timedelta(seconds=1))
    assert budgets.release_expired() == 1
    assert states_of(asker)[0].reserved == 0


def test_a_refusal_says_whose_budget_how_much_is_left_and_when_it_renews(asker: Scope) -> None:
    budget(50)
    charged(asker, "49.90")
    with pytest.raises(BudgetExceeded) as refused:
        ask(asker, of_money("0.25"))
    renews = first_of_next_month(today())
    assert refused.value.code == "budget_exceeded"
    assert refused.value.detail.startswith(
        "The organisation’s budget of the month, 50.00 EUR, has 0.10 EUR left, and this question may take 0.25 EUR."
    )
    assert f"It renews on {date_format(renews)}; until then" in refused.value.detail
    assert 0 < refused.value.retry_after <= 31 * 86_400


def test_a_refusal_for_what_is_only_set_aside_says_to_come_back_soon(asker: Scope) -> None:
    budget(1)
    ask(asker, of_money("0.90"))
    with pytest.raises(BudgetExceeded) as refused:
        ask(asker, of_money("0.20"))
    assert "0.90 EUR is set aside for answers that are being written" in refused.value.detail
    assert refused.value.retry_after == 30


def test_a_refusal_sets_nothing_aside_elsewhere(asker: Scope) -> None:
    budget(5)
    budget(1, principal="user", principal_id=asker.user_id)
    with pytest.raises(BudgetExceeded):
        ask(asker, of_money(2))
    assert not Reservation.objects.exists()
    assert not Spending.objects.exclude(reserved=0).exists()


def test_a_soft_budget_warns_and_lets_everything_through(asker: Scope) -> None:
    budget(1, hard=False)
    with transaction.atomic():
        calm = reserve(asker, uuid.uuid4(), lambda: of_money("0.50"))
        near = reserve(asker, uuid.uuid4(), lambda: of_money("0.40"))
        over = reserve(asker, uuid.uuid4(), lambda: of_money("0.40"))
    assert calm.warnings == []
    assert "is nearly spent: 0.10 EUR left" in near.warnings[0]
    assert "1.00 EUR, is spent" in over.warnings[0]


def test_people_groups_and_tokens_have_budgets_of_their_own() -> None:
    person, colleague = UserFactory(), UserFactory()
    group = GroupFactory(name="Legal", members=[person])
    token_for(person)
    token = ApiToken.objects.get()
    for principal, id in (("user", person.pk), ("group", group.pk), ("token", token.pk)):
        budget(1, principal=principal, principal_id=id)
    assert len(states_of(Scope.of_token(token))) == 3
    assert {state.budget.principal for state in states_of(scope_of(person))} == {"user", "group"}
    assert states_of(scope_of(colleague)) == []
    ask(scope_of(colleague), of_money(100))


def test_tokens_are_budgeted_where_there_is_no_price(asker: Scope) -> None:
    budget(10_000, currency="")
    end(asker, ask(asker, Estimate(6000)), 0, tokens=4500)
    with pytest.raises(BudgetExceeded, match="has 5,500 tokens left, and this question may take 6,000 tokens"):
        ask(asker, Estimate(6000))


def test_money_of_another_currency_is_not_counted(asker: Scope) -> None:
    budget(1, currency="USD")
    end(asker, ask(asker, of_money(100)), 100)
    assert states_of(asker)[0].left == 1


def test_a_new_budget_counts_what_its_period_has_spent_already(asker: Scope) -> None:
    group = GroupFactory(members=[User.objects.get(pk=asker.user_id)])
    of_group = (Named(str(group.pk), group.name),)
    charged(asker, "0.30", groups=of_group)
    charged(asker, "0.20")
    charged(asker, "9", at=days_ago(40))
    assert Spending.objects.get(budget=budget(1)).spent == Decimal("0.50")
    assert Spending.objects.get(budget=budget(1, principal="group", principal_id=group.pk)).spent == Decimal("0.30")
    assert Spending.objects.get(budget=budget(9000, currency="")).spent == 2 * 1400
    daily = budget(1, principal="user", principal_id=asker.user_id, period="day")
    assert Spending.objects.get(budget=daily).spent == Decimal("0.50")


def test_an_answer_that_was_being_written_when_a_budget_was_made_is_charged_to_it(asker: Scope) -> None:
    answer = ask(asker, of_money(1))
    budget(5)
    charged(asker, "0.75", answer=answer)
    assert states_of(asker)[0].spent == Decimal("0.75")


def test_a_new_day_begins_with_nothing_spent(asker: Scope) -> None:
    daily = budget(1, period="day")
    charged(asker, "0.99", at=days_ago(1))
    assert states_of(asker)[0].left == 1
    assert set(Spending.objects.filter(budget=daily).values_list("spent", flat=True)) == {Decimal("0.99"), Decimal(0)}


def test_budgets_change_only_in_the_transaction_of_an_answer(asker: Scope, transactional_db: None) -> None:
    with pytest.raises(transaction.TransactionManagementError):
        reserve(asker, uuid.uuid4(), Estimate)


@pytest.mark.django_db(transaction=True)
def test_of_two_hundred_questions_at_once_exactly_the_budget_is_let_in(asker: Scope) -> None:
    """A budget for fifty, asked by threads that begin together, each with a connection of its own."""
    budget("0.50")
    budget("0.50", principal="user", principal_id=asker.user_id)
    let_in, refused = _at_once(200, lambda: end(asker, ask(asker, of_money("0.01")), "0.01"))
    assert (let_in, len(refused)) == (50, 150)
    assert {type(error) for error in refused} == {BudgetExceeded}
    assert all("has 0.00 EUR left" in str(error) or "set aside" in str(error) for error in refused)
    assert [(state.spent, state.reserved) for state in states_of(asker)] == [(Decimal("0.50"), 0)] * 2


@pytest.mark.django_db(transaction=True)
def test_answers_that_end_while_a_budget_is_made_are_counted_once(asker: Scope) -> None:
    made: list[Budget] = []
    maker = administrator()

    def make() -> None:
        made.append(
            services.create_budget(maker, principal="organisation", period="month", limit=Decimal(9), currency="EUR")
        )

    def one() -> None:
        with transaction.atomic():
            charged(asker, "0.01")

    _at_once(24, one, beside=make)
    assert Spending.objects.get(budget=made[0]).spent == Decimal("0.24")


def _at_once(
    count: int, act: Callable[[], None], *, beside: Callable[[], None] | None = None
) -> tuple[int, list[Exception]]:
    """Run `act` in many threads, twenty at a time since PostgreSQL takes a hundred; return how many succeeded, and errors."""
    errors: list[Exception] = []
    slots, begin = threading.Semaphore(20), threading.Event()

    def run(action: Callable[[], None]) -> None:
        begin.wait()
        with slots:
            try:
                action()
            except BudgetExceeded as error:
                errors.append(error)
            finally:
                connection.close()

    threads = [threading.Thread(target=run, args=(act,)) for _ in range(count)]
    threads += [threading.Thread(target=run, args=(beside,))] if beside else []
    for thread in threads:
        thread.start()
    begin.set()
    for thread in threads:
        thread.join(timeout=60)
    return count - len(errors), errors


def test_budgets_are_set_by_administrators_only(asker: Scope) -> None:
    with pytest.raises(NotAllowed):
        services.create_budget(asker, principal="organisation", period="month", limit=Decimal(1), currency="EUR")
    with pytest.raises(NotAllowed):
        services.change_budget(asker, budget(1), limit=Decimal(2))
    with pytest.raises(NotAllowed):
        services.delete_budget(asker, budget(1, period="day"))


def test_what_is_no_budget_is_refused() -> None:
    with pytest.raises(Invalid):
        budget(-1)
    with pytest.raises(Invalid):
        budget(1, currency="Euro")
    with pytest.raises(Invalid):
        budget(1, period="year")
    with pytest.raises(Invalid):
        budget(1, soft_share=Decimal(0))
    with pytest.raises(NotFound):
        budget(1, principal="group", principal_id=uuid.uuid4())
    with pytest.raises(NotFound):
        budget(1, principal="user")


def test_a_second_budget_of_the_same_kind_is_in_conflict() -> None:
    budget(1)
    with pytest.raises(Conflict):
        budget(2)


def test_a_changed_limit_holds_at_once_and_is_recorded(asker: Scope) -> None:
    row = budget(1)
    services.change_budget(administrator(), row, limit=Decimal(3), hard=False)
    ask(asker, of_money(3))
    record = Record.objects.get(action=Action.BUDGET_CHANGED)
    assert record.subject_id == str(row.pk)


def test_a_removed_budget_binds_nobody_and_answers_in_between_end_all_the_same(asker: Scope) -> None:
    row = budget(1)
    answer = ask(asker, of_money(1))
    services.delete_budget(administrator(), row)
    services.delete_budget(administrator(), row)
    end(asker, answer, "0.5")
    ask(asker, of_money(5))
    assert Record.objects.filter(action=Action.BUDGET_DELETED).count() == 1


def test_matters_are_listed_by_administrators(asker: Scope) -> None:
    with pytest.raises(NotAllowed):
        services.create_matter(asker, code="A-1")
    matter = services.create_matter(administrator(), code=" a-1 ", name="Acme")
    assert matter.code == "A-1"
    with pytest.raises(Conflict):
        services.create_matter(administrator(), code="A-1")
    assert not services.change_matter(administrator(), matter, open=False).open
    assert Permission.ADMINISTER not in asker.permissions
