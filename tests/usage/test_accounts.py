"""What an answer cost, from its tokens or from its share of a machine."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.serving.prices import Hardware, Price
from apps.usage.accounts import Account, Part, Window, account_of, basis_sentence, shared_seconds

NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)
TOKENS = Price(prompt=Decimal("0.50"), cached=Decimal("0.05"), output=Decimal("2.00"), currency="USD")
SERVER = Hardware(gpu_price_hour=Decimal("1.80"), gpus=2, currency="EUR")


def window(begin: float, end: float) -> Window:
    return NOON + timedelta(seconds=begin), NOON + timedelta(seconds=end)


def test_tokens_are_charged_by_the_million_and_cached_ones_at_their_own_price() -> None:
    part = Part(prompt_tokens=6000, cached_tokens=4000, output_tokens=3000, price=TOKENS)
    account = account_of([part])
    # 2,000 × 0.50 + 4,000 × 0.05 + 3,000 × 2.00, each by the million
    assert (account.amount, account.currency) == (Decimal("0.007200000"), "USD")
    assert basis_sentence(account.basis) == (
        "6000 prompt tokens, 4000 of them cached, and 3000 written, at 0.5, 0.05 and 2 USD a million."
    )


def test_a_machine_of_ones_own_is_charged_by_the_share_of_its_seconds() -> None:
    account = account_of([Part(output_tokens=900, held_seconds=40, shared_seconds=10, hardware=SERVER)])
    assert account.amount == Decimal("0.01")  # 10 s of two GPUs at 1.80 an hour
    assert account.energy_wh is None
    assert "10 s of the server, its share of 40 s" in basis_sentence(account.basis)


def test_energy_is_counted_where_the_draw_is_known_and_charged_where_its_price_is() -> None:
    measured = Hardware(Decimal("1.80"), 2, "EUR", watts=1800, energy_price_kwh=Decimal("0.40"))
    account = account_of([Part(held_seconds=10, shared_seconds=10, hardware=measured)])
    assert account.energy_wh == 5.0
    assert account.amount == Decimal("0.012")
    assert "5.0 Wh at 0.4 EUR" in basis_sentence(account.basis)


def test_without_a_price_there_is_no_amount_and_the_account_says_so() -> None:
    account = account_of([Part(prompt_tokens=100, output_tokens=50)])
    assert (account.amount, account.currency, account.amounts) == (None, "", {})
    assert basis_sentence(account.basis) == "Tokens and seconds are counted. No price is set."


def test_where_no_model_was_asked_nothing_was_spent() -> None:
    assert account_of([]) == Account(basis={"code": "no_model"})


def test_endpoints_of_one_answer_add_up_in_one_currency_and_stay_apart_in_two() -> None:
    hosted = Part(prompt_tokens=1_000_000, price=TOKENS)
    own = Part(held_seconds=100, shared_seconds=100, hardware=SERVER)
    assert account_of([hosted, hosted]).amount == Decimal("1.000000000")
    both = account_of([hosted, own])
    assert both.amount is None
    assert both.amounts == {"USD": Decimal("0.5"), "EUR": Decimal("0.1")}


def test_an_amount_of_which_a_part_has_no_price_is_not_given_as_the_whole() -> None:
    account = account_of([Part(prompt_tokens=1_000_000, price=TOKENS), Part(prompt_tokens=5)])
    assert account.amount is None
    assert account.amounts == {"USD": Decimal("0.5")}


@pytest.mark.parametrize(
    ("others", "share"),
    [
        ([], 10.0),
        ([window(-5, 20)], 5.0),
        ([window(5, 10)], 7.5),
        ([window(-5, 2), window(8, 30)], 1 + 6 + 1),
        ([window(10, 20), window(-9, 0)], 10.0),
        ([window(0, 10)] * 3, 2.5),
    ],
)
def test_each_second_is_divided_among_those_who_ran_in_it(others: list[Window], share: float) -> None:
    assert shared_seconds(window(0, 10), others) == pytest.approx(share)


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(1, 40)), min_size=1, max_size=8))
def test_the_shares_of_all_answers_add_up_to_the_seconds_in_which_the_machine_was_busy(
    runs: list[tuple[int, int]],
) -> None:
    windows = [window(begin, begin + length) for begin, length in runs]
    shares = [shared_seconds(mine, windows[:n] + windows[n + 1 :]) for n, mine in enumerate(windows)]
    busy = {second for begin, length in runs for second in range(begin, begin + length)}
    assert sum(shares) == pytest.approx(len(busy))
