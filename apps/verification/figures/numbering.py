"""Digits that state no quantity: markers, numbers of lists, sections and standards, dates, periods, codes. And periods as years."""

import re
from collections.abc import Iterator

_MONTH = (
    r"(?:jan(?:uary|uar|vier)?|feb(?:ruary|ruar)?|f[ée]vr(?:ier)?|mar(?:ch|s|zo)?|mär(?:z)?|apr(?:il)?|avr(?:il)?|ma[iy]|mei|june?i?|juin|jul[iy]?|juillet"
    r"|aug(?:ust)?|août|sept?(?:ember|embre|iembre)?|o[ck]t(?:ober|obre|ubre)?|nov(?:ember|embre|iembre)?|de[cz](?:ember|embre)?|déc(?:embre)?|dic(?:iembre|embre)?"
    r"|enero|febrero|abril|mayo|junio|julio|agosto|gennaio|febbraio|aprile|maggio|giugno|luglio|settembre)(?![^\W\d_])\.?"
)
_YEAR = r"(?:19|20)\d\d"
_NAMED = (
    r"sections?|sec\.|§§?|articles?|art\.|clauses?|paragraphs?|paras?\.?|items?|notes?|footnotes?|pages?|pp?\.|tables?|figures?|fig\.|exhibits?|appendix|annex|schedules?"
    r"|chapters?|parts?|steps?|lines?|rows?|columns?|col\.|questions?|forms?|no\.|nos\.|nr\.|number|rules?|regulations?|levels?|scopes?|tiers?|phases?|stages?|class|series"
    r"|ziffern?|absatz|abs\.|kapitel|seiten?|s\.|tabelle|anhang|punkt|artikel|chapitre|annexe|tableau|sección|artículo|página|capítulo|tabla|nota"
    r"|passages?|sources?|documents?|clause|amendment|versions?|basel|covid|iso(?:/iec)?|ifrs|ias|asc|asu|sfas|fas|ifric|sic|din|en|bs|rfc|sab"
)
_PASSED_OVER = tuple(
    re.compile(pattern, re.IGNORECASE | re.MULTILINE)
    for pattern in (
        r"https?://\S+|\b[\w.+-]+@[\w-]+\.\w+",
        r"\[\s*(?:passage |source |citation:? ?)?\d{1,3}(?:\s*[,;–-]\s*\d{1,3})*\s*\]",
        r"^\s*(?:>\s*)*(?:#{1,6}\s*)?(?:\d{1,3}(?:\.\d{1,3})*[.)](?=\s)|\(\d{1,2}\)(?=\s+\S{2}))",
        r"^\s*#{1,6}\s*\d+(?:\.\d+)*(?=\s)",
        # Section 4.2(b), Notes 7 and 8, § 12, IFRS 16
        rf"(?<![^\W\d_])(?:{_NAMED})\s?\d+(?:[.-]\d+)*(?:\s?\([a-z\d]{{1,4}}\))*(?:(?:\s?,\s?|\s(?:and|und|et|y|or|to|&)\s|[–-])\d{{1,3}}(?:\.\d+)*(?!\d|[.,]\d|\s?(?:%|million|billion|percent)))*",
        r"第\s?\d+(?:[.-]\d+)*\s?(?:章|条|項|号|節|期|四半期|回|位|季度|节)?|\d+\s?(?:章|条|項|号)(?!\w)",
        # 31 March 2025, March 31st, 2025, 31. Dezember, 31 décembre 2024
        rf"(?<!\w)\d{{1,2}}(?:st|nd|rd|th|er|\.)?\s+(?:of\s+|de\s+)?{_MONTH}(?:,?\s+(?:de\s+|del\s+)?{_YEAR})?",
        rf"(?<![^\W\d_]){_MONTH}\s+\d{{1,2}}(?:st|nd|rd|th)?(?!\d|[.,]\d)(?:\s?,?\s+{_YEAR})?",
        rf"{_YEAR}\s?年(?:度|\s?\d{{1,2}}\s?月(?:期|末|\s?\d{{1,2}}\s?日)?)?|\d{{1,2}}\s?月(?:期|末|\s?\d{{1,2}}\s?日)?|\d{{1,2}}\s?日(?=時点|現在)|(?:令和|平成)\s?\d{{1,2}}\s?年(?:度)?",
        rf"(?<!\w){_YEAR}[-/.]\d{{1,2}}[-/.]\d{{1,2}}(?!\d)|(?<!\w)\d{{1,2}}[-/.]\d{{1,2}}[-/.](?:{_YEAR}|\d\d)(?!\d)",
        # FY19, FY 2018/19, Q3 2024, 2017/2018, H1, 2018-19
        r"(?<![^\W\d_])(?:FY|CY|GJ)\s?[’']?\d{2,4}(?:[-/]\d{2,4})?|(?<!\w)[1-4]?[QHTS][1-4]?(?=\W|\d)(?:\s?[’']?\d{2,4}(?!\d))?(?<=\d)|(?<!\w)[1-4][QH](?!\w)",
        rf"(?<![\d.,$€£¥]){_YEAR}\s?[-/–]\s?(?:{_YEAR}|\d\d)(?![\d%]|[.,]\d)",
        r"(?<!\w)\d{1,2}:\d\d(?::\d\d)?(?!\d)",
        r"(?<![\w.,])\d{1,3}(?:st|nd|rd|th|er|ère|ème|º|ª)(?!\w)",
        # COVID-19, 10-K, A4, version 1.2.3
        r"(?<!\w)[^\W\d_]+-\d+(?:\.\d+)*(?![\d%]|[.,]\d)|(?<!\w)\d{1,3}-[A-Z](?!\w)|(?<![\w.,])\d+(?:\.\d{1,2}){2,}(?!\d|[.,]\d)",
        # 3-for-1, 555-1234, 1/3
        r"(?<![\w.,])\d+-for-\d+|(?<![\w.,])\d{3}-\d{4}(?!\w)|(?<![\w.,/])\d{1,2}/\d{1,2}(?![\w/]|[.,]\d)",
        r"(?<=\d):1(?!\d|[.,]\d)|(?<=\d) to 1(?!\d|[.,]\d)",
    )
)
_YEAR_ALONE = re.compile(
    rf"(?<![\d.,$€£¥%\w-]){_YEAR}(?![\d%]|[.,]\d|[^\W\d_]|\s?(?:%|percent|million|billion|thousand))"
)
_SAID_YEARS = re.compile(
    rf"(?<![A-Za-z\d])(?P<year>{_YEAR})(?:(?:\s?[/–-]\s?|\s(?:to|through|until|bis|à|a|al|tot)\s|年?(?:3月期)?から)(?P<second>{_YEAR}|\d\d))?(?![\d%]|[.,]\d)|(?<![^\W\d_])(?:FY|CY|GJ)\s?[’']?(?P<short>\d\d)(?!\d)"
    rf"|(?P<era>令和|平成)\s?(?P<eranumber>\d{{1,2}})\s?年"
)
_ERAS = {"令和": 2018, "平成": 1988}


def passed_over(text: str) -> Iterator[tuple[int, int]]:
    """Yield the ranges of a text in which digits state no quantity; years that stand alone are among them."""
    for pattern in (*_PASSED_OVER, _YEAR_ALONE):
        for match in pattern.finditer(text):
            if match.end() > match.start():
                yield match.span()


def may_be_year(text: str) -> bool:
    """Return whether a text is four digits that read like a year."""
    return re.fullmatch(_YEAR, text) is not None


def years_in(text: str) -> frozenset[int]:
    """Return the years that a text names; of a financial year over two calendar years both."""
    years: set[int] = set()
    for match in _SAID_YEARS.finditer(text):
        if match["year"]:
            year = int(match["year"])
            years.add(year)
            if second := match["second"]:
                last = int(second) if len(second) == 4 else year - year % 100 + int(second)
                years |= set(range(min(year, last), max(year, last) + 1)) if abs(last - year) < 30 else set()
        elif match["short"]:
            years.add(2000 + int(match["short"]))
        else:
            years.add(_ERAS[match["era"]] + int(match["eranumber"]))
    return frozenset(years)
