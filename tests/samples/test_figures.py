"""The invented company keeps its books: what is printed adds up."""

from samples.make import figures as f
from samples.make.agreement import repayments


def test_the_balance_sheet_balances() -> None:
    assert f.NET_ASSETS == f.EQUITY


def test_cash_moves_from_the_opening_to_the_closing_figure() -> None:
    assert f.CASH_OPENING + f.CASH_CHANGE + f.CASH_EXCHANGE == f.CASH
    assert f.CASH_OPENING.now == f.CASH.before


def test_segments_add_up_to_the_group() -> None:
    assert f.total(*f.PROFIT_BY_SEGMENT.values(), f.CENTRAL_COSTS) == f.UNDERLYING_PROFIT


def test_equity_moves_by_profit_other_income_and_dividends() -> None:
    change = f.PROFIT + f.OTHER_INCOME + f.DIVIDENDS_PAID
    assert f.NET_ASSETS.before + change.now == f.NET_ASSETS.now
    assert f.RETAINED_EARNINGS.before + (f.PROFIT + f.REMEASUREMENT + f.DIVIDENDS_PAID).now == f.RETAINED_EARNINGS.now


def test_borrowings_move_by_what_was_borrowed_and_repaid() -> None:
    assert f.GROSS_BORROWINGS.before + f.BORROWED.now + f.REPAID.now == f.GROSS_BORROWINGS.now


def test_pension_deficit_and_tax_due_follow_from_the_year_before() -> None:
    assert f.PENSION_OPENING.now == f.PENSION.before
    assert f.TAX_DUE.before - f.CURRENT_TAX.now + f.TAX_PAID.now == f.TAX_DUE.now


def test_dividends_paid_are_last_years_final_and_this_years_interim() -> None:
    pence = (f.FINAL.before + f.INTERIM.now) / 10
    assert round(pence * f.SHARES / 100) == -f.DIVIDENDS_PAID.now


def test_what_falls_due_is_what_the_schedule_of_repayments_says() -> None:
    due = {year: sum(amount for day, amount in repayments() if day.year == year) for year in (2025, 2026)}
    assert due == {2025: f.DUE_IN_A_YEAR, 2026: f.DUE_IN_TWO}


def test_the_term_loan_is_repaid_to_the_balance_of_the_report() -> None:
    by_year_end = sum(amount for day, amount in repayments() if day.year <= f.YEAR)
    assert f.TERM_ORIGINAL - by_year_end == f.TERM_LOAN.now
    assert sum(amount for _, amount in repayments()) == f.TERM_ORIGINAL


def test_both_covenants_were_met() -> None:
    assert f.COVENANT_DEBT.now / f.EBITDA.now < 3.25
    assert f.EBITDA.now / f.COVENANT_FINANCE_CHARGES.now > 4
