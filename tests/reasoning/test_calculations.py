"""Lines that only say how a figure was computed are kept back from readers, and put back for the ledger."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from apps.reasoning.calculations import Calculation, CalculationReader, Worked
from apps.reasoning.saying import Saying

SAID = (
    "Net debt rose 10.76 % [1].\ncalc: (1,204 − 1,087) ÷ 1,087 = 10.76 %\n\nCalculated on the same basis:\n"
    "- it fell by 40 [2].\n  - Calc: 100 − 60 = 40\n\nCalc"
)
SHOWN = "Net debt rose 10.76 % [1].\n\nCalculated on the same basis:\n- it fell by 40 [2].\n\nCalc"


def said(pieces: list[str]) -> Saying:
    saying = Saying(passages=2)
    shown = "".join(saying.feed(piece) for piece in pieces) + saying.close()
    assert shown == saying.shown
    return saying


@given(st.lists(st.integers(0, len(SAID)), max_size=40))
def test_calculations_are_kept_back_however_the_text_is_cut(cuts: list[int]) -> None:
    edges = [0, *sorted(cuts), len(SAID)]
    saying = said([SAID[a:b] for a, b in itertools.pairwise(edges)])
    assert saying.shown == SHOWN
    assert [one.text for one in saying.calculations] == [
        "calc: (1,204 − 1,087) ÷ 1,087 = 10.76 %",
        "- Calc: 100 − 60 = 40",
    ]
    assert [SHOWN[: one.at].rsplit("\n", 2)[-2] for one in saying.calculations] == [
        "Net debt rose 10.76 % [1].", "- it fell by 40 [2].",
    ]  # fmt: skip


def test_words_that_cannot_become_a_calculation_are_shown_at_once() -> None:
    reader = CalculationReader()
    assert reader.feed("Ca") == ""
    assert reader.feed("sh") == "Cash"
    assert reader.feed(" calc: ") == " calc: "
    assert reader.feed("1\nca") == "1\n"
    assert reader.close() == "ca"


def test_a_calculation_stands_again_where_it_stood() -> None:
    saying = said([SAID])
    worked = Worked(saying.shown, saying.calculations)
    assert "[1].\ncalc: (1,204 − 1,087) ÷ 1,087 = 10.76 %\n\nCalculated" in worked.text
    for words in ("Net debt rose 10.76 % [1].", "Calculated on the same basis:", "it fell by 40 [2]."):
        start = SHOWN.index(words)
        there = worked.there((start, start + len(words)))
        assert worked.text[slice(*there)] == words
        assert worked.back(there) == (start, start + len(words))


def test_a_calculation_at_the_end_of_a_text_that_was_cut_stands_at_its_end() -> None:
    worked = Worked("It rose 3 %.", (Calculation("calc: 103 ÷ 100 − 1 = 3 %", 40),))
    assert worked.text == "It rose 3 %.\ncalc: 103 ÷ 100 − 1 = 3 %\n"
