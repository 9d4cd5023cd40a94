"""A ledger opens as a workbook whose formulas live and whose links lead to the pages."""

import io
import zipfile

import pytest
from lxml import etree

from apps.verification.figures.ledger import ledger_of
from apps.verification.figures.workbook import workbook_of
from tests.verification.tables import NET_DEBT, ground

ANSWER = "Net debt rose by 10.76 % to £1,204 million [1].\ncalc: (1,204 − 1,087) ÷ 1,087 × 100"
_NAMES = {"m": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}


def opened(content: bytes) -> tuple[dict[str, tuple[str, str]], str]:
    """Return formula and value of the cells of the first sheet that have a formula, and the links of the second."""
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        sheet = etree.fromstring(book.read("xl/worksheets/sheet1.xml"))
        links = "xl/worksheets/_rels/sheet2.xml.rels"
        formulas = {
            cell.get("r"): (cell.findtext("m:f", namespaces=_NAMES), cell.findtext("m:v", namespaces=_NAMES))
            for cell in sheet.iterfind(".//m:c[m:f]", namespaces=_NAMES)
        }
        return formulas, book.read(links).decode() if links in book.namelist() else ""


def workbook(link: str = "https://toulmin.example/d/1?page=84", text: str = "") -> bytes:
    figures = ledger_of(ANSWER, [(0, 47, (1,))], {1: ground(NET_DEBT, text)})
    return workbook_of(figures, lambda place: link)


def test_a_computed_figure_is_a_formula_over_the_cells_of_its_sources() -> None:
    formulas, _ = opened(workbook())
    formula, value = formulas["D2"]
    assert formula == "((('Sources'!$B$2-'Sources'!$B$3)/'Sources'!$B$3)*100)/100"
    assert float(value) == pytest.approx(117 / 1087)


def test_a_traced_figure_points_to_its_source() -> None:
    formulas, _ = opened(workbook())
    formula, value = formulas["D3"]
    assert (formula, float(value)) == ("'Sources'!$B$2", 1_204_000_000)


def test_each_source_links_to_its_page() -> None:
    _, links = opened(workbook())
    assert links.count("https://toulmin.example/d/1?page=84") == 2


def test_no_link_but_one_of_the_web_is_written() -> None:
    assert opened(workbook("javascript:alert(1)"))[1] == ""


def test_text_that_looks_like_a_formula_stays_text() -> None:
    rows = [["(£ million)", "2025"], ['=HYPERLINK("http://evil.example")', "1,204"], ["=1+1", "1,087"]]
    figures = ledger_of("It was £1,204 million.", [(0, 22, (1,))], {1: ground(rows)})
    formulas, links = opened(workbook_of(figures, lambda place: ""))
    assert list(formulas) == ["D2"]
    assert "evil" not in links
