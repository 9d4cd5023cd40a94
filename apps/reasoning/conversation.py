"""A question that follows others: what it asks when it is taken by itself, and what the model is told of what came before.

Of earlier turns only the question and the final answer are kept, shortened; of one whose grounds its asker may no longer open,
only the question, which is their own.
"""

import re
import uuid
from collections.abc import Sequence

from django.db.models import Q

from apps.accounts.scope import Scope
from apps.core.errors import NotFound
from apps.reasoning.models import Answer, AnswerStatus
from apps.reasoning.names import names_in
from apps.reasoning.planning import sides_of
from apps.reasoning.routing import shows, times_in
from apps.reasoning.turns import Turn
from apps.reasoning.withholding import grounds_of, hidden_from, is_withheld
from apps.retrieval.analysis import question_words
from apps.verification.figures.proposals import without_calculations

MOST_TURNS = 4
"""Earlier turns that a model is told of."""

_FEW_WORDS = 3  # that carry meaning: a question of fewer, without a name, is not whole
_NAMES_OF_ANSWER = 2
_QUESTION, _ANSWER, _REASONING = 400, 1200, 2400  # characters that are kept of each
_MARKERS = re.compile(r"\s*(?:\[\d{1,3}\])+")
_SEARCHED = ("en", "de", "fr", "es")


def conversation_of(scope: Scope, wanted: uuid.UUID | None, own: uuid.UUID) -> uuid.UUID:
    """Return the conversation that an answer belongs to: the one that was asked for, else one that begins with it. Raises
    `NotFound` for one in which the asker has asked nothing."""
    if wanted is None:
        return own
    asked = Answer.objects.visible_to(scope).filter(Q(conversation=wanted) | Q(pk=wanted))
    if not asked.exists():
        raise NotFound
    return wanted


def in_conversation(conversation: uuid.UUID) -> Q:
    """Return the condition that an answer belongs to a conversation."""
    return Q(conversation=conversation) | Q(pk=conversation)


def turns_before(scope: Scope, answer: Answer) -> tuple[Turn, ...]:
    """Return the latest turns of a conversation before an answer, in their order, as the asker may see them now."""
    if answer.conversation is None or answer.conversation == answer.pk:
        return ()
    rows = Answer.objects.visible_to(scope).filter(
        in_conversation(answer.conversation), status=AnswerStatus.DONE, created_at__lt=answer.created_at
    )
    earlier = list(rows.order_by("-created_at").with_grounds()[:MOST_TURNS])[::-1]
    hidden = hidden_from(scope, earlier)
    return tuple(Turn(each.question) if is_withheld(each, hidden) else _turn(each) for each in earlier)


def standalone(question: str, turns: Sequence[Turn]) -> str:
    """Return what a question asks when it is taken by itself; the question as it is, if it needs nothing of earlier ones."""
    resolved, answer = "", ""
    for turn in turns:
        resolved, answer = _resolved(turn.question, resolved, answer), turn.answer
    return _resolved(question, resolved, answer)


def _resolved(question: str, before: str, answer: str) -> str:
    """Return a question with what it takes from the one before and its answer."""
    if not before or not _leans_on(question):
        return question
    if shows(question, "points_back"):
        said = _names(answer.split("\n", 1)[0])[:_NAMES_OF_ANSWER]
        if _is_short(question):
            return _joined(before, [question, *said])
        return _joined(question, [*(_names(before) or [before]), *said])
    if changed := _with_what_changed(question, before):
        return changed
    return _joined(before, [question])


def _leans_on(question: str) -> bool:
    return shows(question, "goes_on", "points_back") or _is_short(question)


def _is_short(question: str) -> bool:
    """Return whether a question says too little to be looked for by itself: no name, and hardly a word that carries meaning."""
    words = [word for word in question_words(question, _SEARCHED) if not _is_time(word.terms[0])]
    return len(words) < _FEW_WORDS and not _names(question)


def _with_what_changed(question: str, before: str) -> str:
    """Return the earlier question with the year, or the one name, that the later puts in the place of its own; "" if there is none."""
    times, earlier = times_in(question), list(dict.fromkeys(times_in(before)))
    if times and len(earlier) == 1 and _is_short(question):
        return before.replace(earlier[0], " ".join(times))
    if times and not earlier and _is_short(question):
        return _joined(before, times)
    names, known = _names(question), _names(before)
    if (
        len(names) == len(known) == 1
        and not shows(question, "open")
        and not sides_of(before)
        and _says_only(question, names[0])
    ):
        return before.replace(known[0], names[0])
    return ""


def _says_only(question: str, name: str) -> bool:
    return (
        not question_words(question.replace(name, " "), _SEARCHED)
        or len(question.replace(name, "").split()) <= _FEW_WORDS
    )


def _names(text: str) -> list[str]:
    return list(dict.fromkeys(name.text for name in names_in(text)))


def _joined(question: str, more: Sequence[str]) -> str:
    held = question.casefold()
    return " ".join([question, *(each for each in more if each.casefold() not in held)])


def _is_time(term: str) -> bool:
    return bool(times_in(term))


def _turn(answer: Answer) -> Turn:
    said = _MARKERS.sub("", without_calculations(answer.text))
    documents = frozenset(grounds_of(answer))
    return Turn(_cut(answer.question, _QUESTION), _cut(said, _ANSWER), answer.reasoning[-_REASONING:], documents)


def _cut(text: str, most: int) -> str:
    text = text.strip()
    return text if len(text) <= most else f"{text[:most].rsplit(' ', 1)[0]} …"
