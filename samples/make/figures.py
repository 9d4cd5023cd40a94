"""Every figure of the invented company, once. All documents are set from here, so that they agree with one another.

Money is a whole number of £0.1 million: sums are exact, and what is printed adds up as printed. Totals are computed, never typed.
"""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

COMPANY = "Skerrivane plc"
YEAR = 2024
SHARES = 780  # 78.0 million, in the same tenths


@dataclass(frozen=True, slots=True)
class Pair:
    """A figure of this year and of the year before."""

    now: int
    before: int

    def __add__(self, other: "Pair") -> "Pair":
        return Pair(self.now + other.now, self.before + other.before)

    def __sub__(self, other: "Pair") -> "Pair":
        return Pair(self.now - other.now, self.before - other.before)

    def __neg__(self) -> "Pair":
        return Pair(-self.now, -self.before)


def total(*pairs: Pair) -> Pair:
    """Return the sum of some figures."""
    return sum(pairs, Pair(0, 0))


def money(tenths: int) -> str:
    """Return an amount as a statement prints it: 298.9, (9.7), –."""
    if tenths == 0:
        return "–"
    text = f"{abs(tenths) / 10:,.1f}"
    return f"({text})" if tenths < 0 else text


def said(tenths: int) -> str:
    """Return an amount as prose says it: £298.9 million."""
    return f"£{abs(tenths) / 10:,.1f} million"


def ratio(over: int, under: int, places: int = 2) -> str:
    """Return a quotient, rounded half up, with a fixed number of places."""
    return str((Decimal(over) / Decimal(under)).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP))


def growth(pair: Pair, places: int = 1) -> str:
    """Return the change on the year before, in per cent."""
    return ratio((pair.now - pair.before) * 100, pair.before, places)


# Segments
REVENUE_BY_SEGMENT = {
    "Ferries": Pair(2146, 2013),
    "Ports": Pair(589, 542),
    "Marine Services": Pair(318, 335),
}
BETWEEN_SEGMENTS = Pair(-64, -58)
PROFIT_BY_SEGMENT = {
    "Ferries": Pair(301, 214),
    "Ports": Pair(147, 136),
    "Marine Services": Pair(34, 38),
}
CENTRAL_COSTS = Pair(-46, -46)

# Income statement
REVENUE = total(*REVENUE_BY_SEGMENT.values(), BETWEEN_SEGMENTS)
DEPRECIATION = {
    "Depreciation of vessels and property": Pair(248, 237),
    "Depreciation of right-of-use assets": Pair(45, 43),
    "Amortisation of intangible assets": Pair(19, 18),
}
DEPRECIATION_TOTAL = total(*DEPRECIATION.values())
COSTS = {
    "Fuel": Pair(527, 581),
    "Crew and staff": Pair(843, 796),
    "Vessel maintenance": Pair(294, 272),
    "Port and terminal charges": Pair(186, 179),
    "Depreciation and amortisation": DEPRECIATION_TOTAL,
    "Other operating costs": Pair(391, 364),
}
OPERATING_COSTS = total(*COSTS.values())
UNDERLYING_PROFIT = REVENUE - OPERATING_COSTS
EXCEPTIONAL = {
    "Redundancy, Marine Services yard at Ullance": Pair(-17, 0),
    "Impairment of the Ullance floating dock": Pair(-21, 0),
}
EXCEPTIONAL_TOTAL = total(*EXCEPTIONAL.values())
OPERATING_PROFIT = UNDERLYING_PROFIT + EXCEPTIONAL_TOTAL
EBITDA = UNDERLYING_PROFIT + DEPRECIATION_TOTAL
FINANCE_INCOME = Pair(9, 6)
LEASE_INTEREST = Pair(11, 12)
FINANCE_COSTS = Pair(-97, -91)
PROFIT_BEFORE_TAX = OPERATING_PROFIT + FINANCE_INCOME + FINANCE_COSTS
CURRENT_TAX = Pair(-72, -58)
DEFERRED_TAX = Pair(-4, -4)
TAX = CURRENT_TAX + DEFERRED_TAX
PROFIT = PROFIT_BEFORE_TAX + TAX
REMEASUREMENT = Pair(9, 4)
TRANSLATION = Pair(-8, 3)
OTHER_INCOME = REMEASUREMENT + TRANSLATION

# Balance sheet
INTANGIBLES = Pair(182, 194)
VESSELS = Pair(3586, 3426)
RIGHTS_OF_USE = Pair(202, 216)
FIXED_ASSETS = total(INTANGIBLES, VESSELS, RIGHTS_OF_USE)
INVENTORIES = Pair(79, 83)
RECEIVABLES = Pair(386, 341)
CASH = Pair(239, 224)
CURRENT_ASSETS = total(INVENTORIES, RECEIVABLES, CASH)
ASSETS = FIXED_ASSETS + CURRENT_ASSETS

TERM_LOAN = Pair(1075, 1200)
REVOLVER = Pair(500, 300)
NOTES = Pair(400, 400)
FEES = Pair(-16, -20)
GROSS_BORROWINGS = total(TERM_LOAN, REVOLVER, NOTES)
BORROWINGS_CURRENT = Pair(125, 125)
BORROWINGS_LATER = GROSS_BORROWINGS + FEES - BORROWINGS_CURRENT
LEASES_CURRENT = Pair(44, 45)
LEASES_LATER = Pair(169, 183)
LEASES = LEASES_CURRENT + LEASES_LATER
PAYABLES = Pair(498, 505)
TAX_DUE = Pair(33, 30)
PENSION = Pair(96, 127)
DEFERRED_TAX_DUE = Pair(214, 206)
CURRENT_LIABILITIES = total(BORROWINGS_CURRENT, LEASES_CURRENT, PAYABLES, TAX_DUE)
LATER_LIABILITIES = total(BORROWINGS_LATER, LEASES_LATER, PENSION, DEFERRED_TAX_DUE)
LIABILITIES = CURRENT_LIABILITIES + LATER_LIABILITIES
NET_ASSETS = ASSETS - LIABILITIES
SHARE_CAPITAL = Pair(78, 78)
SHARE_PREMIUM = Pair(415, 415)
TRANSLATION_RESERVE = Pair(21, 29)
RETAINED_EARNINGS = Pair(1147, 986)
EQUITY = total(SHARE_CAPITAL, SHARE_PREMIUM, TRANSLATION_RESERVE, RETAINED_EARNINGS)

# Net debt, as reported and as the facilities agreement defines it
NET_DEBT = GROSS_BORROWINGS + LEASES - CASH
COVENANT_DEBT = GROSS_BORROWINGS - CASH
COVENANT_FINANCE_CHARGES = -FINANCE_COSTS - LEASE_INTEREST - FINANCE_INCOME
REVOLVER_LIMIT = 800
HEADROOM = REVOLVER_LIMIT - REVOLVER.now

# Cash flow
DISPOSAL_GAIN = Pair(-4, -1)
IMPAIRMENT = Pair(21, 0)
WORKING_CAPITAL = Pair(-45, -21)
PENSION_PAID = Pair(-18, -18)
CASH_GENERATED = total(OPERATING_PROFIT, DEPRECIATION_TOTAL, IMPAIRMENT, DISPOSAL_GAIN, WORKING_CAPITAL, PENSION_PAID)
TAX_PAID = Pair(-69, -54)
INTEREST_PAID = Pair(-94, -89)
FROM_OPERATIONS = total(CASH_GENERATED, TAX_PAID, INTEREST_PAID)
INVESTED = Pair(-468, -383)
DISPOSALS = Pair(29, 7)
INTEREST_RECEIVED = FINANCE_INCOME
FROM_INVESTING = total(INVESTED, DISPOSALS, INTEREST_RECEIVED)
BORROWED = Pair(250, 150)
REPAID = Pair(-175, -125)
LEASES_PAID = Pair(-46, -43)
DIVIDENDS_PAID = Pair(-82, -74)
FROM_FINANCING = total(BORROWED, REPAID, LEASES_PAID, DIVIDENDS_PAID)
CASH_CHANGE = total(FROM_OPERATIONS, FROM_INVESTING, FROM_FINANCING)
CASH_EXCHANGE = Pair(-3, 2)
CASH_OPENING = Pair(224, 227)

# Dividends, in tenths of a penny
INTERIM = Pair(40, 35)
FINAL = Pair(75, 65)
DIVIDEND = INTERIM + FINAL

# Loan repayments still due on the term loan: £6.25 million each half year, the rest at the end
TERM_ORIGINAL = 1325
DUE_IN_A_YEAR = 125
DUE_IN_TWO = 125
DUE_LATER = GROSS_BORROWINGS.now - DUE_IN_A_YEAR - DUE_IN_TWO


@dataclass(frozen=True, slots=True)
class Year:
    """One column of the five-year summary; money in tenths, the dividend in tenths of a penny."""

    year: int
    revenue: int
    ebitda: int
    underlying: int
    profit: int
    net_debt: int
    dividend: int
    passengers: int  # thousands
    ships: int


FIVE_YEARS = (
    Year(2024, REVENUE.now, EBITDA.now, UNDERLYING_PROFIT.now, PROFIT.now, NET_DEBT.now, DIVIDEND.now, 4812, 12),
    Year(
        2023, REVENUE.before, EBITDA.before, UNDERLYING_PROFIT.before, PROFIT.before, NET_DEBT.before,
        DIVIDEND.before, 4604, 12,
    ),
    Year(2022, 2619, 583, 294, 164, 1962, 90, 4287, 12),
    Year(2021, 2217, 456, 168, 72, 2035, 30, 3391, 11),
    Year(2020, 1684, 241, -69, -131, 2148, 0, 2073, 11),
)  # fmt: skip

# What is not money
PASSENGERS = Pair(4812, 4604)  # thousands
FREIGHT = Pair(1946, 1872)  # thousand lane metres
PUNCTUALITY = Pair(924, 908)  # tenths of a per cent
INJURIES = Pair(17, 21)  # lost-time injuries a million hours, in tenths
CARBON = Pair(118, 126)  # grams of CO2 a passenger kilometre
STAFF = Pair(2143, 2087)
NEW_SHIP_PRICE = 620
NEW_SHIP_PAID = 124
NEW_SHIP_DUE = NEW_SHIP_PRICE - NEW_SHIP_PAID
DIVIDEND_LIMIT = 120  # tenths of a penny a share, for 2025

# Pension deficit: contributions and a remeasurement before tax bring the opening figure to the closing one
REMEASUREMENT_BEFORE_TAX = Pair(13, 6)
PENSION_OPENING = PENSION - PENSION_PAID + REMEASUREMENT_BEFORE_TAX
