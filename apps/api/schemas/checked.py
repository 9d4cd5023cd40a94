"""What was checked of an answer: its figures, its steps, what contradicts what, and its reasoning sentence by sentence."""

from typing import Literal

from pydantic import Field

from apps.api.schemas.documents import PassageDocument
from apps.api.schemas.parts import Shown, Span

SourceName = Literal["cell", "span", "computed", "none"]
FigureVerdictName = Literal["traced", "computed", "wrong", "unfound", "given", "unchecked"]


class FigurePlace(Shown):
    """A cell of a table of the passage with this marker, or a half-open range of that passage’s text."""

    marker: int
    span: Span | None = None
    table: str | None = None
    row: int | None = None
    column: int | None = None
    row_path: list[str] = []
    column_path: list[str] = []


class FigureInput(Shown):
    text: str
    value: str
    unit: str
    at: Span = Field(description="Where the expression shows it; `[0, 0]` without an expression.")
    constant: bool = False
    place: FigurePlace | None = None


class Figure(Shown):
    """A number of the answer, and where it is from. Numbers are decimal strings."""

    ordinal: int = 0
    claim: int | None = Field(None, description="Ordinal of the claim that it stands in.")
    text: str
    span: Span = Field(description="Half-open range in the answer’s text.")
    value: str
    unit: str
    source: SourceName
    verdict: FigureVerdictName = Field(
        description="`unfound`: no source; `given`: stands in the question; `unchecked`: a count, of which no source is asked."
    )
    flaws: list[str] = Field([], description="In what a wrong figure departs: value, sign, scale, currency, period.")
    corrected: str | None = Field(None, description="How it should read, where that is known.")
    expression: str | None = Field(None, description="`(1,204 − 1,087) ÷ 1,087 = 10.76 %`")
    exact: str | None = Field(None, description="What the expression gives, not rounded.")
    by: Literal["model", "sentence", "search"] | None = Field(None, description="Who said how it is computed.")
    inputs: list[FigureInput] = []
    years: list[int] = []
    scale_said: bool = True


class Step(Shown):
    """One of the questions that a question was taken apart into."""

    ordinal: int
    question: str
    why: str = ""
    found: int
    passages: list[int] = Field([], description="Ranks of the candidates that it found.")
    seconds: float | None = None


class ConflictSide(Shown):
    marker: int
    value: str
    quote: str
    date: str | None = None
    version: int | None = None
    used: bool = Field(description="Whether the answer follows it.")


class Conflict(Shown):
    """Passages that give different values for the same thing."""

    entity: str
    attribute: str
    period: str
    sides: list[ConflictSide]
    why: str


class Suspicious(Shown):
    """A passage with text that addresses the model."""

    rank: int
    document: PassageDocument
    page: int | None = None
    quote: str
    kind: str


class TraceSentence(Shown):
    text: str
    start: int = Field(description="First character in the reasoning’s text.")
    end: int
    kind: Literal["plan", "restates", "inference", "memory", "contradicts"]
    marker: int | None = Field(None, description="The passage that it restates or contradicts.")


class TraceNote(Shown):
    code: str
    text: str
