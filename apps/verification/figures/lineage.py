"""What the ledger says of a figure: where it stands, how it was computed, and whether it holds."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from apps.verification.figures.expressions import Expression
from apps.verification.figures.grounds import Place
from apps.verification.figures.quantities import Flaw


class Source(StrEnum):
    CELL = "cell"
    SPAN = "span"
    COMPUTED = "computed"
    NONE = "none"


class Verdict(StrEnum):
    """`given`: stands in the question. `unchecked`: a count or a number in words, of which no source is asked."""

    TRACED = "traced"
    COMPUTED = "computed"
    WRONG = "wrong"
    UNFOUND = "unfound"
    GIVEN = "given"
    UNCHECKED = "unchecked"


class Author(StrEnum):
    """Who said how a figure is computed: the model in a calculation, the sentence itself, or a search over the passages."""

    MODEL = "model"
    SENTENCE = "sentence"
    SEARCH = "search"


@dataclass(frozen=True, slots=True)
class Input:
    """A figure that another rests on, as printed, and where it stands; `place` is None for a constant or one that was not found.

    `at` is the range of `Figure.expression` that shows it.
    """

    text: str
    value: Decimal
    unit: str
    place: Place | None
    at: tuple[int, int] = (0, 0)
    is_constant: bool = False


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure of an answer with its half-open range and its lineage. `scale_said` is false where a word such as million beside it can
    not be judged, since no passage says in what its figures stand.

    `value` is in full; a rate as printed. `expression` reads `(1,204 − 1,087) ÷ 1,087 = 10.76 %`. `flaws` say in what a wrong figure
    departs, `corrected` how it should read, empty where that is not known. `tree` is the calculation itself, for those who write formulas.
    """

    start: int
    end: int
    text: str
    value: Decimal
    unit: str
    source: Source
    verdict: Verdict
    flaws: tuple[Flaw, ...] = ()
    corrected: str = ""
    expression: str = ""
    exact: Decimal | None = None
    by: Author | None = None
    inputs: tuple[Input, ...] = ()
    years: tuple[int, ...] = ()
    scale_said: bool = True
    tree: Expression | None = None

    @property
    def is_marked(self) -> bool:
        """Whether readers are warned of it."""
        return self.verdict in (Verdict.WRONG, Verdict.UNFOUND)
