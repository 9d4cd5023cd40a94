"""What is said beside a reasoning: what only it concludes, what only the answer says, and that it is no proof. Pure."""

from collections.abc import Iterator, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.reasoning.citations import without_markers
from apps.reasoning.claims import Claimed
from apps.reasoning.trace import Kind, Thought, concludes, content_of, figures_of, stop_terms
from apps.retrieval.passages import Passage
from apps.verification.matching import terms_of

_MOST = 3  # notes of one sort
_LATE = 0.6  # of the reasoning: what is concluded before that is a step on the way
_SAID = 0.4  # share of a sentence's words by which another text says it too
_FEWEST_WORDS = 3
_LONGEST = 160

Note = dict[str, str]
"""`code`, and a sentence as `text`."""


def trace_notes(
    thoughts: Sequence[Thought],
    claims: Sequence[Claimed],
    passages: Sequence[Passage],
    question: str,
    *,
    broken_off: bool = False,
) -> list[Note]:
    """Return the notes on a reasoning; none where there is none."""
    if not thoughts:
        return []
    read = " ".join([question, *(f"{each.document_title} {each.heading} {each.text}" for each in passages)])
    notes = [
        *_counted(thoughts),
        *list(_only_in_trace(thoughts, claims))[-_MOST:],
        *list(_only_in_answer(thoughts, claims, read))[:_MOST],
    ]
    if broken_off:
        notes.append({"code": "broken_off", "text": _("The reasoning was cut before its end.")})
    no_proof = _(
        "This is what the model wrote while it worked, not proof of how it decided. What counts is whether a passage bears a "
        "sentence out."
    )
    return [*notes, {"code": "not_proof", "text": no_proof}]


def _counted(thoughts: Sequence[Thought]) -> Iterator[Note]:
    memory = sum(thought.kind is Kind.MEMORY for thought in thoughts)
    if memory:
        said = ngettext(
            "%(count)s sentence states what no passage that was read holds.",
            "%(count)s sentences state what no passage that was read holds.",
            memory,
        )
        yield {"code": "from_memory", "text": said % {"count": memory}}
    against = sorted({thought.marker or 0 for thought in thoughts if thought.kind is Kind.CONTRADICTS})
    if against:
        named = ", ".join(f"[{marker}]" for marker in against)
        yield {
            "code": "contradicts",
            "text": _("The reasoning gives another figure than %(passages)s does.") % {"passages": named},
        }


def _only_in_trace(thoughts: Sequence[Thought], claims: Sequence[Claimed]) -> Iterator[Note]:
    """Yield the conclusions near the end whose figures, or whose words, no sentence of the answer has."""
    answer = " ".join(without_markers(claim.text) for claim in claims)
    told = frozenset(terms_of(answer))
    stop_words = stop_terms(" ".join(thought.text for thought in thoughts[-8:]))
    end = thoughts[-1].end
    for thought in thoughts:
        if thought.kind is not Kind.INFERENCE or thought.start < _LATE * end or not concludes(thought.text):
            continue
        figures, words = figures_of(thought.text), content_of(thought.text, stop_words)
        missing = figures - told
        silent = not figures and len(words) >= _FEWEST_WORDS and len(words & told) < _SAID * len(words)
        if missing == figures and (figures or silent):
            said = _("Only the reasoning concludes: “%(sentence)s”")
            yield {"code": "only_in_trace", "text": said % {"sentence": _short(thought.text)}}


def _only_in_answer(thoughts: Sequence[Thought], claims: Sequence[Claimed], read: str) -> Iterator[Note]:
    """Yield the claims with a figure, or without a citation with words, that neither the reasoning nor a passage has."""
    thought = " ".join(one.text for one in thoughts)
    known = frozenset(terms_of(f"{thought} {read}"))
    stop_words = stop_terms(" ".join(claim.text for claim in claims))
    for claim in claims:
        text = without_markers(claim.text)
        words = content_of(text, stop_words)
        strange = bool(figures_of(text) - known)
        silent = not claim.markers and len(words) >= _FEWEST_WORDS and len(words & known) < _SAID * len(words)
        if strange or silent:
            said = _("Only the answer says, neither the reasoning nor a passage: “%(sentence)s”")
            yield {"code": "only_in_answer", "text": said % {"sentence": _short(text)}}


def _short(text: str) -> str:
    words = " ".join(text.split())
    return words if len(words) <= _LONGEST else words[: words.rfind(" ", 0, _LONGEST)] + " …"
