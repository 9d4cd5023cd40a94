"""The workbook made from a stored ledger is the one that the ledger itself would make."""

import io
import json
import zipfile

import pytest

from apps.reasoning.exports.ledger import stored_figures
from apps.verification.figures.ledger import ledger_of
from apps.verification.figures.objects import figure_objects
from apps.verification.figures.workbook import workbook_of
from tests.verification.tables import NET_DEBT, ground

ANSWERS = [
    "Net debt rose by 10.76 % to £1,204 million [1].\ncalc: (1,204 − 1,087) ÷ 1,087 × 100",
    "Net debt rose by 10.76 % [1].\ncalc: (1,204 − 1,087) ÷ 1,087",
    "On average it was £1,145.5 million [1].\ncalc: (1,204 + 1,087) ÷ 2",
    "It fell by £117 million [1].\ncalc: 1,087 − 1,204",
    "The difference was 117 million [1].\ncalc: |1,087 − 1,204|",
    "Together £2,291 million [1].\ncalc: 1,204 − (−1,087)",
    "It was £1,204 million, or £1,999 million [1].",
]


def sheets(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        return {name: book.read(name) for name in book.namelist() if name.startswith("xl/worksheets/sheet")}


@pytest.mark.parametrize("answer", ANSWERS)
def test_a_ledger_comes_back_from_what_is_stored(answer: str) -> None:
    end = answer.find("\n") if "\n" in answer else len(answer)
    figures = ledger_of(answer, [(0, end, (1,))], {1: ground(NET_DEBT)})
    kept = json.loads(json.dumps(figure_objects(figures)))
    assert figures
    assert sheets(workbook_of(stored_figures(kept), lambda place: "")) == sheets(workbook_of(figures, lambda place: ""))


def test_a_calculation_that_does_not_give_what_was_stored_is_no_formula() -> None:
    answer = ANSWERS[1]
    [first, *_] = figure_objects(ledger_of(answer, [(0, answer.find("\n"), (1,))], {1: ground(NET_DEBT)}))
    assert stored_figures([first])[0].tree is not None
    for change in ({"exact": "0.2"}, {"expression": "(1,204 − 1,087"}, {"expression": "1,204 ** 1,087 = 10.76 %"}):
        assert stored_figures([first | change])[0].tree is None
