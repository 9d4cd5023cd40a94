"""The front half of the annual report: what the company says about its year."""

from reportlab.lib.units import mm
from reportlab.platypus import Flowable, FrameBreak, NextPageTemplate, PageBreak, Paragraph, Spacer

from samples.make import figures as f
from samples.make.charts import Bars, Cover, Routes, Tiles
from samples.make.figures import growth, ratio, said
from samples.make.layout import BULLET, KICKER, LEDE, MEASURE, SECTION, SMALL, TEXT, TITLE
from samples.make.tables import contents, grid, worded

CONTENTS = (
    ("At a glance", "3"), ("Chair’s statement", "4"), ("Strategic report", "5"), ("Key performance indicators", "7"),
    ("Financial review", "8"), ("Principal risks", "9"), ("Corporate governance", "10"),
    ("Consolidated income statement", "11"), ("Consolidated balance sheet", "12"),
    ("Consolidated cash flow statement", "13"), ("Notes to the financial statements", "14"),
    ("Five-year summary and shareholder information", "17"),
)  # fmt: skip


def front() -> list[Flowable]:
    """Return the pages from the cover to the governance report."""
    return [
        *_cover(), *_contents(), *_at_a_glance(), *_chair(), *_strategy(), *_prospects(), *_indicators(), *_review(), *_risks(),
        *_governance(),
    ]  # fmt: skip


def opening(kicker: str, title: str, lede: str = "") -> list[Flowable]:
    """Return the head of a section."""
    head: list[Flowable] = [Paragraph(kicker.upper(), KICKER), Paragraph(title, TITLE)]
    return [*head, Paragraph(lede, LEDE)] if lede else head


def _columns(kicker: str, title: str, lede: str, *parts: Flowable | str) -> list[Flowable]:
    body = [Paragraph(part, TEXT) if isinstance(part, str) else part for part in parts]
    return [NextPageTemplate("columns"), PageBreak(), *opening(kicker, title, lede), FrameBreak(), *body]


def _section(text: str) -> Paragraph:
    return Paragraph(text, SECTION)


def _cover() -> list[Flowable]:
    return [Cover()]


def _contents() -> list[Flowable]:
    return [
        NextPageTemplate("full"),
        PageBreak(),
        *opening(f"Annual Report {f.YEAR}", "Contents"),
        Spacer(1, 6 * mm),
        contents(CONTENTS),
        Spacer(1, 10 * mm),
        Paragraph(
            "Skerrivane plc is a public limited company registered under number 0417729 with its registered office at "
            "4 Customs Quay, Skerrivane. The financial statements on pages 11 to 16 cover the year ended "
            "31 December 2024 and were approved by the board on 12 March 2025.",
            TEXT,
        ),
        Paragraph(
            "Amounts are in millions of pounds and are rounded to one decimal place. Adjusted EBITDA, net debt and leverage are "
            "alternative performance measures; page 8 says how each is worked out.",
            TEXT,
        ),
    ]


def _at_a_glance() -> list[Flowable]:
    tiles = [
        (f"£{f.REVENUE.now / 10:.1f}m", "Revenue", f"2023: £{f.REVENUE.before / 10:.1f}m"),
        (f"£{f.EBITDA.now / 10:.1f}m", "Adjusted EBITDA", f"2023: £{f.EBITDA.before / 10:.1f}m"),
        (f"{ratio(f.PROFIT.now * 10, 78, 1)}p", "Earnings per share", f"2023: {ratio(f.PROFIT.before * 10, 78, 1)}p"),
        (f"{f.DIVIDEND.now / 10:.1f}p", "Dividend per share", f"2023: {f.DIVIDEND.before / 10:.1f}p"),
    ]
    return [
        PageBreak(),
        *opening(
            "At a glance",
            "Twelve ships, four ports, one timetable",
            "Skerrivane carries people, freight and the post between the outer islands and two mainland coasts, "
            "runs the ports they sail from, and repairs the ships that do it.",
        ),
        Spacer(1, 7 * mm),
        Tiles(tiles, MEASURE),
        Spacer(1, 8 * mm),
        Routes(MEASURE),
        Spacer(1, 3 * mm),
        Paragraph(
            "Six routes in 2024. The route from Trelby to Rostock is operated by Skerrivane Deutschland GmbH.", SMALL
        ),
        Spacer(1, 4 * mm),
        worded(
            ["Segment", "What it does", "Where", "Share of external revenue"],
            [
                ["Ferries", "Passenger and freight services with twelve ships", "Six routes", _share("Ferries")],
                ["Ports", "Four owned ports: berths, terminals, storage", "Ullance, Marholm, Port Iskar, Trelby",
                 _share("Ports")],
                ["Marine Services", "Repair yard and dry dock for own and other ships", "Ullance",
                 _share("Marine Services")],
            ],
            [30 * mm, 62 * mm, 48 * mm, 30 * mm],
        ),
    ]  # fmt: skip


def _share(segment: str) -> str:
    whole = sum(pair.now for pair in f.REVENUE_BY_SEGMENT.values())
    return f"{ratio(f.REVENUE_BY_SEGMENT[segment].now * 100, whole, 1)}%"


def _chair() -> list[Flowable]:
    return _columns(
        "Chair’s statement",
        "A year that paid for the next one",
        f"Revenue rose by {growth(f.REVENUE)}% to {said(f.REVENUE.now)}, and for the first time more than four and a half "
        "million people sailed with us in two years running.",
        "Islands do not care for excuses. A sailing that does not happen is a hospital appointment missed, a school trip "
        "sent home, a lorry of fish that is worth half of what it was. In 2024 we ran "
        f"{f.PUNCTUALITY.now / 10:.1f}% of our sailings within ten minutes of the timetable, against "
        f"{f.PUNCTUALITY.before / 10:.1f}% in the year before. That is the figure I am proudest of, and it is the one that "
        "earned the others.",
        _section("Results"),
        f"Adjusted EBITDA grew from {said(f.EBITDA.before)} to {said(f.EBITDA.now)}. Two things moved it: more traffic on "
        f"every route but one, and a fuel bill that fell by {said(f.COSTS['Fuel'].before - f.COSTS['Fuel'].now)} as prices "
        "eased and the two refitted ships burned less. Profit after tax was "
        f"{said(f.PROFIT.now)}, after exceptional costs of {said(f.EXCEPTIONAL_TOTAL.now)} for the closing of the floating "
        "dock at Ullance.",
        _section("Dividend"),
        f"The board proposes a final dividend of {f.FINAL.now / 10:.1f} pence a share. With the interim dividend of "
        f"{f.INTERIM.now / 10:.1f} pence this makes {f.DIVIDEND.now / 10:.1f} pence for the year "
        f"(2023: {f.DIVIDEND.before / 10:.1f} pence). If shareholders agree on 21 May 2025 it will be paid on 6 June 2025.",
        FrameBreak(),
        _section("A new ship"),
        f"In October we ordered <i>Sula Wind</i>, a hybrid ferry for 900 passengers, at a price of {said(f.NEW_SHIP_PRICE)}. "
        f"A first instalment of {said(f.NEW_SHIP_PAID)} was paid on signing; {said(f.NEW_SHIP_DUE)} falls due as the hull is "
        "built, most of it in the first half of 2025. She will take over the Ullance route in May 2026. Our borrowings will "
        "rise before she earns, and our lenders have been told so; page 16 says what was agreed.",
        _section("People"),
        f"We employed {f.STAFF.now:,} people at the end of the year. Injuries that cost a shift fell to "
        f"{f.INJURIES.now / 10:.1f} for each million hours worked. One is still too many. Ingrid Halloran retires as a "
        "director after nine years, the last four as chair of the audit committee. The board thanks her.",
        "The year ahead asks for patience: a large ship in the yard, pay talks in the spring, and a carbon levy on every "
        "tonne we burn. We enter it with full order books at the ports and a timetable that people trust.",
        Paragraph("Morag Tennick<br/>Chair, 12 March 2025", SMALL),
    )


def _strategy() -> list[Flowable]:
    revenue = [(name, pair.now, f"£{pair.now / 10:.1f}m") for name, pair in f.REVENUE_BY_SEGMENT.items()]
    profit = [(name, pair.now, f"£{pair.now / 10:.1f}m") for name, pair in f.PROFIT_BY_SEGMENT.items()]
    ferries, ports, marine = (f.REVENUE_BY_SEGMENT[name] for name in ("Ferries", "Ports", "Marine Services"))
    return _columns(
        "Strategic report",
        "How the year went",
        "We do three things that need each other: sail, run the quays that the ships sail from, and keep them fit to sail.",
        _section("The business model"),
        "Seven tenths of what we earn comes from tickets, vehicles and freight on routes where we are the only year-round "
        "service. Fares on four of the six routes are capped by public service contracts that run until 31 March 2029; "
        "they rise each April with consumer prices less half a percentage point. Freight is priced by the lane metre and "
        "is not capped.",
        Bars("Revenue by segment, 2024", revenue),
        Spacer(1, 4 * mm),
        Bars("Segment profit, 2024", profit),
        Spacer(1, 2 * mm),
        FrameBreak(),
        _section("Ferries"),
        f"Revenue grew by {growth(ferries)}% to {said(ferries.now)}. Passengers rose from {f.PASSENGERS.before:,} thousand to "
        f"{f.PASSENGERS.now:,} thousand and freight from {f.FREIGHT.before:,} to {f.FREIGHT.now:,} thousand lane metres. "
        "Traffic on the route from Trelby to Rostock fell by 3.1% after a competitor cut its fares; every other route grew. "
        "<i>Iskar Light</i> and <i>Marholm Light</i> came back from refit in February and April and use 11% less fuel than "
        "before.",
        _section("Ports"),
        f"Revenue grew by {growth(ports)}% to {said(ports.now)}. The new berth at Port Iskar opened in June, four weeks early "
        "and at its budget of £9.8 million. Turbine parts for two wind farms now fill the storage land at Marholm; the "
        "contract runs to the end of 2027.",
        _section("Marine Services"),
        f"Revenue fell from {said(marine.before)} to {said(marine.now)}. We closed the floating dock at Ullance in September "
        "because its repair would have cost more than it earned in ten years. Forty-six people left, all but seven of them "
        f"by choice. The closing cost {said(f.EXCEPTIONAL_TOTAL.now)} and saves {said(12)} a year from 2025.",
    )


def _prospects() -> list[Flowable]:
    fuel = [(str(f.YEAR), f.COSTS["Fuel"].now, f"£{f.COSTS['Fuel'].now / 10:.1f}m"),
            (str(f.YEAR - 1), f.COSTS["Fuel"].before, f"£{f.COSTS['Fuel'].before / 10:.1f}m")]  # fmt: skip
    return _columns(
        "Strategic report",
        "What comes next",
        "A cleaner ship, a tight year for cash until she sails, and a route network that does not change.",
        _section("Outlook"),
        "For 2025 the board expects revenue of £305 million to £312 million, adjusted EBITDA of £73 million to £77 million, "
        "and capital expenditure of £74 million, of which the new ship takes £43 million. Net debt will be highest in June "
        "2025 and is expected to be below its level of today by the end of 2026.",
        _section("Fuel and carbon"),
        "We buy 60% of the fuel that we expect to need in the next twelve months at fixed prices, 30% of that for the twelve "
        "months after, and nothing beyond. A change of 10% in the price of fuel, with this cover, moves profit before tax by "
        f"about {said(21)}. Emissions fell to {f.CARBON.now} grams of carbon dioxide for each passenger kilometre, from "
        f"{f.CARBON.before}. The aim is 95 grams in 2028; <i>Sula Wind</i> alone brings nine.",
        Bars("Cost of fuel", fuel),
        _section("Our people"),
        "Pay for seagoing staff rose by 4.8% in April 2024. The agreement with the unions ends on 30 April 2025 and talks "
        "have begun. Of our officers, 14% are women (2023: 12%); of our cadets, 31%. Staff of Skerrivane Deutschland GmbH "
        "travel under their own policy, renewed in March 2024.",
        FrameBreak(),
        _section("Section 172"),
        "The directors have had regard to the long-term consequences of their decisions, the interests of staff, islanders, "
        "suppliers and lenders, and the company’s standing. Two decisions stand out: ordering <i>Sula Wind</i>, where the board "
        "weighed higher debt against cleaner air in Ullance harbour, and closing the dock, where it offered work elsewhere in "
        "the group to everyone who asked.",
        _section("The climate, as a cost"),
        "From January 2026 a levy of £45 is due on each tonne of carbon dioxide that our ships emit. At the traffic of 2024 "
        "this would be £6.8 million a year. Half of it can be passed on under the public service contracts, with a delay of "
        "one year; for freight we expect to pass on all of it. Higher seas matter too: the quay at Port Iskar was built for "
        "a storm that now comes every eleven years. Raising it by 60 centimetres will cost about £4 million and is planned "
        "for 2027.",
        _section("Digital"),
        "A new booking system replaces three old ones in the autumn of 2025. It has cost £2.3 million so far and will cost "
        "£1.1 million more. Seven in ten tickets are bought on a telephone today; boarding passes on paper stay for as long "
        "as anyone asks for them.",
    )


def _indicators() -> list[Flowable]:
    rows = [
        ["Passengers (thousand)", f"{f.PASSENGERS.now:,}", f"{f.PASSENGERS.before:,}", f"{growth(f.PASSENGERS)}%"],
        ["Freight (thousand lane metres)", f"{f.FREIGHT.now:,}", f"{f.FREIGHT.before:,}", f"{growth(f.FREIGHT)}%"],
        ["Sailings within ten minutes (%)", f"{f.PUNCTUALITY.now / 10}", f"{f.PUNCTUALITY.before / 10}", "1.6 points"],
        ["Lost-time injuries per million hours", f"{f.INJURIES.now / 10}", f"{f.INJURIES.before / 10}",
         f"{growth(f.INJURIES)}%".replace("-", "−")],
        ["CO2, grams per passenger kilometre", str(f.CARBON.now), str(f.CARBON.before),
         f"{growth(f.CARBON)}%".replace("-", "−")],
        ["Staff at year end", f"{f.STAFF.now:,}", f"{f.STAFF.before:,}", f"{growth(f.STAFF)}%"],
        ["Revenue (£m)", f"{f.REVENUE.now / 10}", f"{f.REVENUE.before / 10}", f"{growth(f.REVENUE)}%"],
        ["Adjusted EBITDA (£m)", f"{f.EBITDA.now / 10}", f"{f.EBITDA.before / 10}", f"{growth(f.EBITDA)}%"],
        ["Adjusted EBITDA margin (%)", ratio(f.EBITDA.now * 100, f.REVENUE.now, 1),
         ratio(f.EBITDA.before * 100, f.REVENUE.before, 1), "2.4 points"],
        ["Net debt to adjusted EBITDA (times)", ratio(f.NET_DEBT.now, f.EBITDA.now),
         ratio(f.NET_DEBT.before, f.EBITDA.before), ""],
    ]  # fmt: skip
    width = [MEASURE - 78 * mm, 26 * mm, 26 * mm, 26 * mm]
    years = list(reversed(f.FIVE_YEARS))
    passengers = [(str(y.year), y.passengers, f"{y.passengers / 1000:.1f}m") for y in years]
    ebitda = [(str(y.year), y.ebitda, f"£{y.ebitda / 10:.1f}m") for y in years]
    return [
        NextPageTemplate("full"),
        PageBreak(),
        *opening("Strategic report", "Key performance indicators", "Ten figures by which the board judges the year."),
        Spacer(1, 6 * mm),
        grid(["", "2024", "2023", "Change"], rows, width),
        Spacer(1, 12 * mm),
        Bars("Passengers", passengers, MEASURE),
        Spacer(1, 9 * mm),
        Bars("Adjusted EBITDA", ebitda, MEASURE),
        Spacer(1, 8 * mm),
        Paragraph(
            "The annual bonus of executive directors depends on three of these: punctuality (30%), lost-time injuries (20%) "
            "and adjusted EBITDA (50%). Nothing is paid where a passenger or member of staff lost their life through the "
            "company’s fault.",
            TEXT,
        ),
    ]


def _review() -> list[Flowable]:
    lease = f.LEASES.now
    return _columns(
        "Financial review",
        "More cash, most of it put into ships",
        f"Cash generated from operations was {said(f.CASH_GENERATED.now)}; {said(f.INVESTED.now)} went back into ships, ports "
        "and software.",
        _section("Income"),
        f"Revenue was {said(f.REVENUE.now)} (2023: {said(f.REVENUE.before)}). Operating costs before exceptional items rose by "
        f"{growth(f.OPERATING_COSTS)}% to {said(f.OPERATING_COSTS.now)}: crew and staff cost {said(47)} more, fuel "
        f"{said(54)} less. Operating profit before exceptional items was {said(f.UNDERLYING_PROFIT.now)} (2023: "
        f"{said(f.UNDERLYING_PROFIT.before)}).",
        f"Finance costs were {said(f.FINANCE_COSTS.now)}, of which {said(f.LEASE_INTEREST.now)} on leases, and finance income "
        f"{said(f.FINANCE_INCOME.now)}. The tax charge of {said(f.TAX.now)} is "
        f"{ratio(-f.TAX.now * 100, f.PROFIT_BEFORE_TAX.now, 1)}% of profit before tax.",
        _section("Cash"),
        f"Cash flow from operating activities was {said(f.FROM_OPERATIONS.now)} after tax and interest. New borrowings of "
        f"{said(f.BORROWED.now)} under the revolving facility helped to pay the first instalment of <i>Sula Wind</i>; "
        f"{said(f.REPAID.now)} was repaid, {said(125)} of it on the term loan. Cash at the end of the year was "
        f"{said(f.CASH.now)}.",
        _section("Net debt and leverage"),
        f"Net debt was {said(f.NET_DEBT.now)} at 31 December 2024 (2023: {said(f.NET_DEBT.before)}): borrowings before fees of "
        f"{said(f.GROSS_BORROWINGS.now)} and lease liabilities of {said(lease)}, less cash of {said(f.CASH.now)}. It is "
        f"{ratio(f.NET_DEBT.now, f.EBITDA.now)} times adjusted EBITDA (2023: {ratio(f.NET_DEBT.before, f.EBITDA.before)} "
        "times).",
        "The covenants of the facilities agreement of 21 June 2022 are measured differently: lease liabilities do not count "
        "as debt there, nor does interest on leases count as a finance charge. The group met both covenants at 30 June and "
        "31 December 2024.",
        FrameBreak(),
        _section("Alternative performance measures"),
        Paragraph(
            "<b>Adjusted EBITDA</b>: operating profit before exceptional items, depreciation and amortisation. For 2024: "
            f"{f.UNDERLYING_PROFIT.now / 10} + {f.DEPRECIATION_TOTAL.now / 10} = {f.EBITDA.now / 10}.",
            BULLET, bulletText="•",
        ),
        Paragraph(
            "<b>Net debt</b>: borrowings before unamortised fees, plus lease liabilities, less cash and cash equivalents.",
            BULLET, bulletText="•",
        ),
        Paragraph("<b>Leverage</b>: net debt divided by adjusted EBITDA of the last twelve months.", BULLET, bulletText="•"),
        _section("Liquidity"),
        f"Of the revolving facility of {said(f.REVOLVER_LIMIT)}, {said(f.REVOLVER.now)} was drawn at the end of the year and "
        f"{said(f.HEADROOM)} was not. The directors have looked at cash for eighteen months ahead, also with traffic 15% lower "
        "and fuel 25% dearer, and find that the group can pay its debts throughout, given the change of covenant described in "
        "note 9.",
        _section("Pensions"),
        f"The deficit of the closed defined benefit scheme fell from {said(f.PENSION.before)} to {said(f.PENSION.now)}. "
        f"Contributions of {said(f.PENSION_PAID.now)} a year are agreed until December 2029.",
        Paragraph("Callum Strand<br/>Chief financial officer", SMALL),
    )  # fmt: skip


def _risks() -> list[Flowable]:
    rows = [
        ["Loss of a ship", "Fire, grounding or collision takes a ship out of service in summer.",
         "Safety management system audited twice a year; a relief ship within 72 hours by agreement with another operator.",
         "Unchanged"],
        ["Fuel price and carbon levy", "A levy on carbon dioxide applies to all routes from January 2026.",
         "60% of next year’s fuel at fixed prices; fares contracts pass on half of the levy.", "Higher"],
        ["Financing", "Borrowings rise while Sula Wind is built; a covenant could be missed.",
         "Covenant relaxed for 2025 by the lenders’ letter of 10 March 2025; dividends limited meanwhile.", "Higher"],
        ["Public service contracts", "Four routes are tendered again for April 2029.",
         "Punctuality; investment agreed with the islands’ councils; bid team from 2027.", "Unchanged"],
        ["Strike", "The pay agreement for seagoing staff ends on 30 April 2025.",
         "Talks since January; timetable for 70% of sailings with officers and contract crews.", "Higher"],
        ["Cyber attack", "Booking or port systems are held to ransom.",
         "Offline copies tested each quarter; paper boarding drilled at each port every year.", "Unchanged"],
        ["Shipyard", "The yard delivers Sula Wind late or not at all.",
         "Instalments secured by a refund guarantee; £40,000 a day for delay, up to £3.1 million.", "New"],
    ]  # fmt: skip
    return [
        NextPageTemplate("full"),
        PageBreak(),
        *opening(
            "Strategic report",
            "Principal risks",
            "Seven risks could change the company’s course. The board went through each of them twice in 2024.",
        ),
        Spacer(1, 6 * mm),
        worded(
            ["Risk", "What could happen", "What is done about it", "Against 2023"],
            rows,
            [32 * mm, 49 * mm, 67 * mm, 22 * mm],
        ),
        Spacer(1, 6 * mm),
        Paragraph("Viability", SECTION),
        Paragraph(
            "The directors have judged the group’s prospects over three years, to 31 December 2027, the period of the business "
            "plan. They tested the plan against the loss of the largest ship for a summer, a fuel price 25% higher for two "
            "years, and both together. In the last case leverage as the lenders measure it would reach 3.6 times at 30 June "
            "2025, within the relaxed covenant of 3.75 times, and the dividend would be halved. On this ground they expect the "
            "group to stay in business and pay its debts over the period.",
            TEXT,
        ),
    ]


def _governance() -> list[Flowable]:
    directors = [
        ["Morag Tennick", "Chair", "2018", "8/8", "–", "4/4"],
        ["Edvard Sollis", "Chief executive", "2020", "8/8", "–", "–"],
        ["Callum Strand", "Chief financial officer", "2021", "8/8", "–", "–"],
        ["Ingrid Halloran", "Independent; audit (chair)", "2016", "7/8", "5/5", "–"],
        ["Priya Anand", "Independent; pay (chair)", "2019", "8/8", "5/5", "4/4"],
        ["Tomasz Wieland", "Independent; senior director", "2022", "8/8", "4/5", "4/4"],
    ]
    pay = [
        ["Edvard Sollis", "468", "281", "37", "786"],
        ["Callum Strand", "332", "186", "27", "545"],
    ]
    return [
        NextPageTemplate("full"),
        PageBreak(),
        *opening(
            "Corporate governance",
            "The board and what it did",
            "Six directors, four of them without an executive role, met eight times.",
        ),
        Spacer(1, 5 * mm),
        grid(
            ["Director", "Role", "Since", "Board", "Audit", "Pay"],
            directors,
            [42 * mm, 58 * mm, 17 * mm, 18 * mm, 18 * mm, 17 * mm],
            words=2,
        ),
        Spacer(1, 3 * mm),
        Paragraph("Meetings attended of those that could be attended.", SMALL),
        Paragraph("Audit committee", SECTION),
        Paragraph(
            "The committee met five times. It looked hardest at three judgements: the impairment of the floating dock at "
            "Ullance, where it agreed with a write-down to the value of the steel; the useful life of the two refitted ships, "
            "which it let management extend from 25 to 30 years; and going concern, where it asked for the written consent of "
            "the lenders before the accounts were signed. The auditor, Brackwell Lyle LLP, has held office since 2017; fees "
            "were £412 thousand for the audit and £38 thousand for other work. The audit will be put out to tender in 2026.",
            TEXT,
        ),
        Paragraph("Directors’ pay", SECTION),
        grid(
            ["£ thousand", "Salary", "Bonus", "Pension", "Total 2024"],
            pay,
            [MEASURE - 104 * mm, 26 * mm, 26 * mm, 26 * mm, 26 * mm],
        ),
        Spacer(1, 3 * mm),
        Paragraph(
            "The chief executive earned 21.4 times what the median member of staff did (2023: 22.0 times). Executive directors "
            "hold shares worth at least two years’ salary, which both do.",
            TEXT,
        ),
        Paragraph("Statement of directors’ responsibilities", SECTION),
        Paragraph(
            "The directors are responsible for preparing the annual report and the group financial statements in accordance "
            "with applicable law and UK-adopted international accounting standards. Each of them confirms that, to the best of "
            "their knowledge, the financial statements give a true and fair view, and that the report taken as a whole is fair, "
            "balanced and understandable.",
            TEXT,
        ),
    ]
