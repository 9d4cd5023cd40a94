"""The back half of the annual report: the financial statements, their notes, and five years side by side."""

from reportlab.lib.units import mm
from reportlab.platypus import Flowable, PageBreak, Paragraph, Spacer

from samples.make import figures as f
from samples.make.figures import Pair, money, ratio, said
from samples.make.front import opening
from samples.make.layout import MEASURE, SECTION, SMALL, TEXT
from samples.make.tables import Row, grid, statement

_WIDE = (MEASURE - 4 * 21 * mm, *[21 * mm] * 4)


def statements() -> list[Flowable]:
    """Return the pages from the income statement to the last."""
    return [
        *_income(), *_balance_sheet(), *_cash_flow(), *_notes_on_income(), *_notes_on_debt(), *_later_notes(),
        *_five_years(),
    ]  # fmt: skip


def _page(kicker: str, title: str, lede: str = "") -> list[Flowable]:
    return [PageBreak(), *opening(kicker, title, lede), Spacer(1, 3 * mm)]


def _earnings(pair: Pair) -> tuple[str, str]:
    return ratio(pair.now * 100, f.SHARES, 1), ratio(pair.before * 100, f.SHARES, 1)


def _income() -> list[Flowable]:
    rows = [
        Row("Revenue", f.REVENUE, "2", 1),
        *(Row(name, -pair, "3" if name == "Depreciation and amortisation" else "") for name, pair in f.COSTS.items()),
        Row("Operating profit before exceptional items", f.UNDERLYING_PROFIT, "2", 1),
        Row("Exceptional items", f.EXCEPTIONAL_TOTAL, "4"),
        Row("Operating profit", f.OPERATING_PROFIT, "", 1),
        Row("Finance income", f.FINANCE_INCOME),
        Row("Finance costs", f.FINANCE_COSTS, "5"),
        Row("Profit before tax", f.PROFIT_BEFORE_TAX, "", 1),
        Row("Current tax", f.CURRENT_TAX),
        Row("Deferred tax", f.DEFERRED_TAX),
        Row("Profit for the year", f.PROFIT, "", 2),
    ]
    other = [
        Row("Profit for the year", f.PROFIT),
        Row("Remeasurement of the pension scheme, net of tax", f.REMEASUREMENT, "8"),
        Row("Exchange differences on foreign operations", f.TRANSLATION),
        Row("Total comprehensive income", f.PROFIT + f.OTHER_INCOME, "", 2),
    ]
    now, before = _earnings(f.PROFIT)
    return [
        *_page("Financial statements", "Consolidated income statement", "For the year ended 31 December 2024"),
        statement(rows),
        Spacer(1, 4 * mm),
        grid(
            ["Earnings and dividends per share", "2024\npence", "2023\npence"],
            [
                ["Basic and diluted earnings", now, before],
                ["Dividend for the year", f"{f.DIVIDEND.now / 10}", f"{f.DIVIDEND.before / 10}"],
            ],
            [MEASURE - 44 * mm, 22 * mm, 22 * mm],
        ),
        Spacer(1, 6 * mm),
        Paragraph("Statement of comprehensive income", SECTION),
        statement(other),
        Spacer(1, 4 * mm),
        Paragraph("All activities are continuing. The notes on pages 14 to 16 are part of these statements.", SMALL),
    ]


def _balance_sheet() -> list[Flowable]:
    rows = [
        Row("Non-current assets", weight=3),
        Row("Goodwill and other intangible assets", f.INTANGIBLES),
        Row("Vessels, property and equipment", f.VESSELS),
        Row("Right-of-use assets", f.RIGHTS_OF_USE),
        Row("Total non-current assets", f.FIXED_ASSETS, "", 1),
        Row("Current assets", weight=3),
        Row("Inventories", f.INVENTORIES),
        Row("Trade and other receivables", f.RECEIVABLES),
        Row("Cash and cash equivalents", f.CASH, "7"),
        Row("Total current assets", f.CURRENT_ASSETS, "", 1),
        Row("Total assets", f.ASSETS, "", 2),
        Row("Current liabilities", weight=3),
        Row("Borrowings", -f.BORROWINGS_CURRENT, "6"),
        Row("Lease liabilities", -f.LEASES_CURRENT, "7"),
        Row("Trade and other payables", -f.PAYABLES),
        Row("Current tax", -f.TAX_DUE),
        Row("Total current liabilities", -f.CURRENT_LIABILITIES, "", 1),
        Row("Non-current liabilities", weight=3),
        Row("Borrowings", -f.BORROWINGS_LATER, "6"),
        Row("Lease liabilities", -f.LEASES_LATER, "7"),
        Row("Pension deficit", -f.PENSION, "8"),
        Row("Deferred tax", -f.DEFERRED_TAX_DUE),
        Row("Total non-current liabilities", -f.LATER_LIABILITIES, "", 1),
        Row("Total liabilities", -f.LIABILITIES, "", 1),
        Row("Net assets", f.NET_ASSETS, "", 2),
        Row("Equity", weight=3),
        Row("Share capital", f.SHARE_CAPITAL),
        Row("Share premium", f.SHARE_PREMIUM),
        Row("Translation reserve", f.TRANSLATION_RESERVE),
        Row("Retained earnings", f.RETAINED_EARNINGS),
        Row("Total equity", f.EQUITY, "", 2),
    ]
    return [
        *_page("Financial statements", "Consolidated balance sheet", "At 31 December 2024"),
        statement(rows),
        Spacer(1, 4 * mm),
        Paragraph(
            "Approved by the board on 12 March 2025 and signed for it by Edvard Sollis and Callum Strand, directors.",
            SMALL,
        ),
    ]


def _cash_flow() -> list[Flowable]:
    rows = [
        Row("Operating activities", weight=3),
        Row("Operating profit", f.OPERATING_PROFIT),
        Row("Depreciation and amortisation", f.DEPRECIATION_TOTAL, "3"),
        Row("Impairment of the floating dock", f.IMPAIRMENT, "4"),
        Row("Gain on disposals", f.DISPOSAL_GAIN),
        Row("Change in working capital", f.WORKING_CAPITAL),
        Row("Pension contributions above the charge", f.PENSION_PAID, "8"),
        Row("Cash generated from operations", f.CASH_GENERATED, "", 1),
        Row("Tax paid", f.TAX_PAID),
        Row("Interest paid", f.INTEREST_PAID, "5"),
        Row("Net cash from operating activities", f.FROM_OPERATIONS, "", 1),
        Row("Investing activities", weight=3),
        Row("Purchase of vessels, property and software", f.INVESTED),
        Row("Proceeds of disposals", f.DISPOSALS),
        Row("Interest received", f.INTEREST_RECEIVED),
        Row("Net cash used in investing activities", f.FROM_INVESTING, "", 1),
        Row("Financing activities", weight=3),
        Row("New borrowings", f.BORROWED, "6"),
        Row("Repayment of borrowings", f.REPAID, "6"),
        Row("Lease payments, principal", f.LEASES_PAID, "7"),
        Row("Dividends paid", f.DIVIDENDS_PAID, "9"),
        Row("Net cash used in financing activities", f.FROM_FINANCING, "", 1),
        Row("Change in cash and cash equivalents", f.CASH_CHANGE, "", 1),
        Row("Cash at the beginning of the year", f.CASH_OPENING),
        Row("Exchange differences", f.CASH_EXCHANGE),
        Row("Cash at the end of the year", f.CASH, "7", 2),
    ]
    free = f.FROM_OPERATIONS + f.FROM_INVESTING
    return [
        *_page("Financial statements", "Consolidated cash flow statement", "For the year ended 31 December 2024"),
        statement(rows),
        Spacer(1, 5 * mm),
        Paragraph(
            f"Net cash from operating activities less net cash used in investing activities was {said(free.now)} "
            f"(2023: {said(free.before)}).",
            SMALL,
        ),
    ]


def _notes_on_income() -> list[Flowable]:
    segments = [
        [name, *(money(x) for x in (pair.now, pair.before, profit.now, profit.before))]
        for (name, pair), profit in zip(f.REVENUE_BY_SEGMENT.items(), f.PROFIT_BY_SEGMENT.values(), strict=True)
    ]
    segments.append(["Between segments", money(f.BETWEEN_SEGMENTS.now), money(f.BETWEEN_SEGMENTS.before), "", ""])
    segments.append(["Central costs", "", "", money(f.CENTRAL_COSTS.now), money(f.CENTRAL_COSTS.before)])
    totals = (f.REVENUE.now, f.REVENUE.before, f.UNDERLYING_PROFIT.now, f.UNDERLYING_PROFIT.before)
    segments.append(["Group", *map(money, totals)])
    on_debt = Pair(-f.FINANCE_COSTS.now - f.LEASE_INTEREST.now, -f.FINANCE_COSTS.before - f.LEASE_INTEREST.before)
    return [
        *_page("Notes", "Notes to the financial statements"),
        Paragraph("1 Basis of preparation", SECTION),
        Paragraph(
            "The group financial statements are prepared under UK-adopted international accounting standards on the historical "
            "cost basis. Ships are depreciated to their residual value over 25 years, refitted ships over 30 years from first "
            "delivery, port structures over 40 years. From 1 January 2024 the longer life of two refitted ships lowered the "
            f"yearly charge by {said(9)}. The directors have adopted the going concern basis.",
            TEXT,
        ),
        Paragraph("2 Segments", SECTION),
        grid(["£m", "Revenue\n2024", "Revenue\n2023", "Profit\n2024", "Profit\n2023"], segments, _WIDE, totals=1),
        Spacer(1, 2 * mm),
        Paragraph(
            "Segment profit is operating profit before exceptional items. No customer brings in more than 10% of revenue. "
            f"Revenue of {said(243)} (2023: {said(251)}) was earned in Germany.",
            TEXT,
        ),
        Paragraph("3 Depreciation and amortisation", SECTION),
        statement(
            [
                *(Row(name, pair) for name, pair in f.DEPRECIATION.items()),
                Row("Total", f.DEPRECIATION_TOTAL, "", 2),
            ],
            notes=False,
        ),
        Paragraph("4 Exceptional items", SECTION),
        statement(
            [*(Row(name, pair) for name, pair in f.EXCEPTIONAL.items()), Row("Total", f.EXCEPTIONAL_TOTAL, "", 2)],
            notes=False,
        ),
        Paragraph("5 Finance costs", SECTION),
        statement(
            [
                Row("Interest and fees on borrowings", on_debt),
                Row("Interest on leases", f.LEASE_INTEREST),
                Row("Total", -f.FINANCE_COSTS, "", 2),
            ],
            notes=False,
        ),
        Spacer(1, 2 * mm),
        Paragraph(f"Interest on borrowings includes {said(4)} (2023: {said(4)}) for the amortisation of fees.", SMALL),
    ]


def _notes_on_debt() -> list[Flowable]:
    due = [
        ["Within one year", "12.5", "–", "–", money(f.DUE_IN_A_YEAR)],
        ["Between one and two years", "12.5", "–", "–", money(f.DUE_IN_TWO)],
        ["Between two and five years", money(f.TERM_LOAN.now - 250), money(f.REVOLVER.now), money(f.NOTES.now),
         money(f.DUE_LATER)],
        ["Total", money(f.TERM_LOAN.now), money(f.REVOLVER.now), money(f.NOTES.now), money(f.GROSS_BORROWINGS.now)],
    ]  # fmt: skip
    return [
        *_page("Notes", "Borrowings and net debt"),
        Paragraph("6 Borrowings", SECTION),
        statement(
            [
                Row("Term loan, due 30 June 2028", f.TERM_LOAN),
                Row("Revolving credit facility, due 30 June 2028", f.REVOLVER),
                Row("Senior secured notes 5.15%, due 15 November 2029", f.NOTES),
                Row("Borrowings before fees", f.GROSS_BORROWINGS, "", 1),
                Row("Unamortised fees", f.FEES),
                Row("Borrowings", f.GROSS_BORROWINGS + f.FEES, "", 2),
                Row("of which current", f.BORROWINGS_CURRENT),
                Row("of which non-current", f.BORROWINGS_LATER),
            ],
            notes=False,
        ),
        Spacer(1, 3 * mm),
        Paragraph(
            f"The term loan of originally {said(f.TERM_ORIGINAL)} is repaid by £6.25 million on 30 June and 31 December of "
            "each year and in full on 30 June 2028. The term loan and the revolving facility are provided by four banks under "
            "the facilities agreement of 21 June 2022, with Lothmoor Bank plc as agent, and bear interest at SONIA plus a "
            "margin that depends on leverage. Both are secured on nine ships.",
            TEXT,
        ),
        Paragraph("Borrowings before fees by the time they fall due", SECTION),
        grid(["£m", "Term loan", "Revolving", "Notes", "Total"], due, _WIDE, totals=1),
        Paragraph("7 Net debt", SECTION),
        statement(
            [
                Row("Borrowings before fees", f.GROSS_BORROWINGS, "6"),
                Row("Lease liabilities, current", f.LEASES_CURRENT),
                Row("Lease liabilities, non-current", f.LEASES_LATER),
                Row("Cash and cash equivalents", -f.CASH),
                Row("Net debt", f.NET_DEBT, "", 2),
            ],
        ),
        Spacer(1, 3 * mm),
        Paragraph(
            f"Lease liabilities were {said(f.LEASES.before)} at the beginning of the year. New leases added {said(29)}, interest "
            f"{said(f.LEASE_INTEREST.now)} and exchange differences {said(2)}; {said(57)} was paid. Cash of {said(18)} "
            "(2023: nil) is held by Skerrivane Deutschland GmbH and can be used by the group at any time.",
            TEXT,
        ),
    ]


def _later_notes() -> list[Flowable]:
    now, before = _earnings(f.PROFIT)
    return [
        *_page("Notes", "Pensions, shares and later events"),
        Paragraph("8 Pensions", SECTION),
        statement(
            [
                Row("Deficit at the beginning of the year", f.PENSION_OPENING),
                Row("Contributions above the charge", f.PENSION_PAID),
                Row("Remeasurement before tax", -f.REMEASUREMENT_BEFORE_TAX),
                Row("Deficit at the end of the year", f.PENSION, "", 2),
            ],
            notes=False,
        ),
        Spacer(1, 2 * mm),
        Paragraph(
            "The scheme has been closed to new members since 2009 and to new service since 2016. The liabilities are "
            "discounted at 5.4% (2023: 4.7%); a rate half a percentage point lower would add £6.2 million to the deficit.",
            TEXT,
        ),
        Paragraph("9 Dividends, commitments and events after the year end", SECTION),
        Paragraph(
            f"<b>Dividends.</b> {said(f.DIVIDENDS_PAID.now)} was paid in 2024: the final dividend for 2023 of "
            f"{f.FINAL.before / 10} pence and the interim dividend for 2024 of {f.INTERIM.now / 10} pence on 78.0 million "
            f"shares. The proposed final dividend of {f.FINAL.now / 10} pence would cost £5.9 million and is not in these "
            f"statements. Earnings per share of {now} pence (2023: {before} pence) are profit for the year divided by the same "
            "number of shares; there are no instruments that could dilute them.",
            TEXT,
        ),
        Paragraph(
            f"<b>Commitments.</b> Capital expenditure contracted for but not provided was {said(f.NEW_SHIP_DUE + 37)}: "
            f"{said(f.NEW_SHIP_DUE)} for <i>Sula Wind</i> and {said(37)} for fenders and shore power at Trelby "
            "(2023: £8.1 million in all).",
            TEXT,
        ),
        Paragraph(
            "<b>Covenants.</b> The facilities agreement limits leverage as it defines it to 3.25 times and asks for interest "
            "cover of at least 4.00 times, both tested on 30 June and 31 December. For 30 June and 31 December 2025 the lenders "
            "have agreed to a limit of 3.75 times, at a higher margin and on condition that no more than "
            f"{f.DIVIDEND_LIMIT / 10} pence a share is declared in dividends for 2025. The agent’s letter of 10 March 2025 "
            "confirms the consent.",
            TEXT,
        ),
        Paragraph(
            "<b>Claim.</b> In February 2025 a former customer of the floating dock claimed £1.4 million for delay. The directors, "
            "on legal advice, think that no payment is likely and have made no provision.",
            TEXT,
        ),
        Paragraph("10 Related parties", SECTION),
        Paragraph(
            "The pension scheme rents an office in Skerrivane to the company at £96 thousand a year, a price set by an "
            "independent valuer. Directors and their families bought tickets for £3 thousand at the prices that all staff pay.",
            TEXT,
        ),
        Paragraph("Independent auditor’s report, in short", SECTION),
        Paragraph(
            "In our opinion the group financial statements give a true and fair view of the state of the group’s affairs at "
            "31 December 2024 and of its profit for the year then ended. Overall materiality was £1.5 million, which is 4.8% of "
            "profit before tax. The key audit matters were the recoverable value of the floating dock and the directors’ use of "
            "the going concern basis. Brackwell Lyle LLP, 12 March 2025.",
            TEXT,
        ),
    ]


def _five_years() -> list[Flowable]:
    years = f.FIVE_YEARS
    rows = [
        ["Revenue (£m)", *(money(y.revenue) for y in years)],
        ["Adjusted EBITDA (£m)", *(money(y.ebitda) for y in years)],
        ["Operating profit or loss before exceptional items (£m)", *(money(y.underlying) for y in years)],
        ["Profit or loss for the year (£m)", *(money(y.profit) for y in years)],
        ["Net debt (£m)", *(money(y.net_debt) for y in years)],
        ["Net debt to adjusted EBITDA (times)", *(ratio(y.net_debt, y.ebitda) for y in years)],
        ["Earnings or loss per share (pence)", *(_pence(y.profit) for y in years)],
        ["Dividend per share (pence)", *(money(y.dividend) for y in years)],
        ["Passengers (thousand)", *(f"{y.passengers:,}" for y in years)],
        ["Ships", *(str(y.ships) for y in years)],
    ]
    calendar = [
        ["Annual general meeting", "21 May 2025"],
        ["Record date of the final dividend", "9 May 2025"],
        ["Payment of the final dividend", "6 June 2025"],
        ["Half-year results", "4 September 2025"],
    ]
    return [
        *_page("Further information", "Five-year summary and shareholder information"),
        Spacer(1, 2 * mm),
        grid(["", *(str(y.year) for y in years)], rows, [MEASURE - 5 * 18 * mm, *[18 * mm] * 5]),
        Spacer(1, 3 * mm),
        Paragraph("2020 and 2021 were marked by restrictions on travel. No figures have been restated.", SMALL),
        Spacer(1, 6 * mm),
        Paragraph("Financial calendar", SECTION),
        grid(["", "Date"], calendar, [MEASURE - 50 * mm, 50 * mm]),
        Spacer(1, 6 * mm),
        Paragraph("Addresses", SECTION),
        Paragraph(
            "Registered office: 4 Customs Quay, Skerrivane. Registrar: Tollgate Registrars, 17 Fell Street, Trelby. "
            "Auditor: Brackwell Lyle LLP. Agent bank: Lothmoor Bank plc, Agency Services, 2 Lothmoor Square. "
            "German subsidiary: Skerrivane Deutschland GmbH, Am Alten Hafen 11, Rostock.",
            TEXT,
        ),
        Spacer(1, 8 * mm),
        Paragraph(
            "Skerrivane plc, its ships, ports, banks, auditors and people are invented. This report was written for a "
            "demonstration and is in the public domain (CC0 1.0). Any likeness to a real company is chance.",
            SMALL,
        ),
    ]


def _pence(profit: int) -> str:
    value = ratio(abs(profit) * 100, f.SHARES, 1)
    return f"({value})" if profit < 0 else value
