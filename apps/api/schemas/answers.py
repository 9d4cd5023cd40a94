"""Questions, answers with their grounds, and the events by which an answer grows."""

from typing import Any, Literal
from uuid import UUID

from pydantic import Field

from apps.api.schemas.checked import Conflict, Figure, Step, Suspicious, TraceNote, TraceSentence
from apps.api.schemas.documents import Narrowed, Passage, PassageDocument
from apps.api.schemas.parts import Body, Box, ErrorNote, Id, Shown, Span, Time

EffortName = Literal["quick", "standard", "deep"]
AskedEffort = Literal["auto", "quick", "standard", "deep"]
AnswerStatusName = Literal["queued", "retrieving", "reasoning", "verifying", "done", "failed", "cancelled"]
OutcomeName = Literal["answered", "partly", "not_in_documents", "extracted"]
ExportFormatName = Literal["docx", "pdf", "xlsx", "txt"]
VerdictName = Literal["supported", "partly", "unsupported", "contradicted", "unchecked"]
ReasonName = Literal[
    "used",
    "used_not_cited",
    "rerank_cut",
    "below_k",
    "duplicate_of",
    "old_version",
    "token_budget",
    "low_parse_confidence",
    "instruction_like",
]


class Question(Narrowed):
    question: str = Field(min_length=1, max_length=4000)
    effort: AskedEffort = Field(
        "standard", description="`auto`: the one that fits the question, as `routed` then says."
    )
    conversation: UUID | None = Field(
        None, description="Goes on with this conversation, that of an earlier answer; without it a new one begins."
    )
    matter: str = Field("", max_length=60, description="Code of what else the answer is charged to.")
    stream: bool = Field(False, description="Answer with the events at once instead of with 202.")


class EstimateOf(Body):
    question: str = Field("", max_length=4000, description="Told apart by its words where the effort is `auto`.")
    effort: AskedEffort = "standard"


class Routed(Shown):
    """Where the effort was left to us: what kind of question this was taken for, and why."""

    kind: Literal["lookup", "comparison", "calculation", "multi_step"]
    why: str


class EstimateBasis(Shown):
    code: Literal["history", "rate", "assumed", "no_model"]
    sentence: str


class Estimate(Shown):
    """What an answer is likely to take: half of such answers at most that much, nine of ten at most the high figure."""

    effort: EffortName
    routed: Routed | None = Field(
        description="Where the effort was left to the product: what the question is taken for."
    )
    seconds: float | None
    seconds_high: float | None
    tokens: int | None
    amount: str | None
    amount_high: str | None
    currency: str | None
    basis: EstimateBasis
    of_answers: int = Field(description="Answers that this is from.")
    model: str | None


class Citation(Shown):
    marker: int = Field(description="`[1]` in the text.")
    passage: Id = Field(description="The passage, which is among the candidates.")
    quote: str
    quote_found: bool = Field(description="Whether the quote stands in the passage word for word.")
    boxes: list[Box] = Field([], description="Where the quote stands on the page.")
    page: int | None = None
    document: PassageDocument | None = None
    found_afterwards: bool = Field(
        False, description="The model did not cite it; the check found that it bears a claim out."
    )


class Claim(Shown):
    text: str
    markers: list[int]
    verdict: VerdictName
    score: float | None
    why: str
    ordinal: int = 0
    start: int = Field(0, description="First character in the answer’s text.")
    end: int = 0
    unsupported: list[Span] = Field([], description="Half-open ranges of the answer’s text that nothing bears out.")
    found_afterwards: list[int] = Field(
        [], description="Markers of passages that bear it out and are not cited for it."
    )


class Candidate(Shown):
    """A passage that was considered, and its fate."""

    rank: int = 0
    marker: int | None = Field(None, description="Its number in the prompt, if the model was shown it.")
    stage: str
    reason: ReasonName
    duplicate_of: int | None = Field(None, description="Rank of the passage that says the same.")
    passage: Passage


class Fate(Shown):
    """What became of a document: the reason of its best candidate, or where a search loses it: `not_read`, `old_version`,
    `narrowed_out`, `below_depth` (in neither leg’s first hundred), `below_k`, `duplicate_of`; `found` if it is found now."""

    reason: str
    stage: str
    passage: Passage | None = Field(None, description="Its best passage, with its scores and ranks.")
    searched: int = Field(description="Passages among which it was ranked.")
    limit: int = Field(description="How many passages there was a place for.")
    duplicate_of: int | None = None
    marker: int | None = None
    again: bool = Field(description="It was no candidate; the search was made anew, in the index of now.")
    facts: dict[str, Any] = {}


class CandidateList(Shown):
    items: list[Candidate]
    fate: Fate | None = None


class Reasoning(Shown):
    text: str
    source: Literal["field", "tag", "none"]
    tokens: int | None
    cut: bool = Field(description="It ran out of its budget.")


class Model(Shown):
    name: str = ""
    revision: str = ""
    endpoint: str = ""
    endpoint_id: str = ""
    endpoint_name: str = ""
    degraded: dict[str, str] | None = Field(
        None, description="In whose place this was written: `from` an endpoint’s name, `code` and `detail` why."
    )
    parameters: dict[str, Any] = Field({}, description="As they were sent.")
    demonstration: bool = Field(False, description="It is there to show the path, and does not reason well.")
    label: str = ""
    licence: str = ""
    engine: str = ""


class Prompt(Shown):
    name: str
    hash: str


class Seconds(Shown):
    queue: float | None = None
    retrieve: float | None = None
    prefill: float | None = Field(None, description="From the request to its first token.")
    decode: float | None = Field(None, description="From the first token to the end.")
    first_token: float | None = None
    reason: float | None = None
    verify: float | None = None
    total: float | None = None


class Usage(Shown):
    prompt_tokens: int | None = None
    cached_tokens: int | None = None
    reasoning_tokens: int | None = None
    answer_tokens: int | None = None
    source: dict[str, str] = Field({}, description="Whether a count is the server’s or ours.")
    calls: int = Field(0, description="Times that the model was asked.")
    attempts: list[dict[str, Any]] = Field([], description="Each endpoint that was asked, and what that took.")
    seconds: Seconds


class Cost(Shown):
    amount: str | None = Field(description="Null where no price is known, or the answer has not ended.")
    currency: str | None
    basis: str = Field(description="In a sentence how the amount came about.")
    basis_code: str = ""
    energy_wh: float | None = Field(None, description="Own hardware, where its draw is known.")
    warnings: list[str] = Field(
        [], description="Budgets that were nearly spent when this was asked, each in a sentence."
    )


class RecordRef(Shown):
    sequence: int
    hash: str


class Feedback(Shown):
    rating: Literal["up", "down"]
    comment: str
    claim: int | None


class Answer(Shown):
    """A question, its answer, and everything that the answer rests on."""

    id: Id
    question: str
    status: AnswerStatusName
    outcome: OutcomeName | None = Field(description="Null until it has ended.")
    effort: EffortName
    routed: Routed | None = Field(None, description="Why this effort, where it was left to us.")
    matter: str | None = Field(None, description="What else it is charged to.")
    collections: list[Id]
    documents: list[Id]
    conversation: Id | None
    as_of: str | None
    filters: dict[str, Any] = Field({}, description="What was searched only, by the names of the question.")
    withheld: bool = Field(
        False, description="It rests on documents that the caller may no longer open: nothing of it is shown."
    )
    place: int | None = Field(None, description="Place in the line while it waits, 1 being the next.")
    text: str
    notice: ErrorNote | None = Field(None, description="Why the answer is less than was asked for.")
    error: ErrorNote | None = Field(None, description="Why there is no answer.")
    citations: list[Citation]
    claims: list[Claim]
    figures: list[Figure]
    steps: list[Step] = []
    conflicts: list[Conflict] = []
    suspicious: list[Suspicious] = []
    trace: list[TraceSentence] = Field([], description="The reasoning by sentence, each with what it is.")
    trace_notes: list[TraceNote] = []
    reasoning: Reasoning
    candidates: list[Candidate]
    absence: dict[str, Any] | None = Field(None, description="What was searched, where nothing was found.")
    model: Model | None
    prompt: Prompt
    searched: int = Field(description="Passages that the asker could be answered from.")
    index_generation: str
    usage: Usage
    cost: Cost | None
    feedback: list[Feedback]
    record: RecordRef | None = Field(description="The sealed entry, once there is one.")
    created_at: Time
    finished_at: Time | None


class AnswerList(Shown):
    items: list[Answer]
    next: str | None


class NewFeedback(Body):
    rating: Literal["up", "down"]
    comment: str = Field("", max_length=4000)
    claim: int | None = Field(None, description="Ordinal of the claim meant; none for the whole answer.")


class ModelEntry(Shown):
    """A model that can answer."""

    id: str
    label: str
    default: bool
    healthy: bool
    state: Literal["ready", "slow", "starting", "down", "none"]
    detail: str
    revision: str
    licence: str
    context: int
    demonstration: bool
    retires_on: str | None
    endpoint: str = Field("", description="Name of the endpoint that serves it.")


class ModelList(Shown):
    items: list[ModelEntry]
    next: str | None
