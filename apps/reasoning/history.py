"""One's own questions and answers, searched by their words and narrowed.

The words of an answer are searched only while its asker may see it: where it rests on documents that they may no longer open, only
their question finds it, so that no search tells what a withheld answer says.
"""

import re
import uuid
from dataclasses import dataclass
from datetime import date, datetime, time

from django.contrib.postgres.search import SearchQuery, SearchVector
from django.db.models import Prefetch, Q, QuerySet
from django.utils import timezone

from apps.accounts.scope import Scope
from apps.reasoning.conversation import in_conversation
from apps.reasoning.models import Answer, Candidate, Outcome
from apps.reasoning.withholding import hidden_from, is_withheld, seen_absence

_TERM = re.compile(r"\w+")
_MOST_TERMS, _LONGEST = 12, 200
_MOST_JUDGED = 1000
"""Answers, the latest, of which it is asked whether they are withheld."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for in one's history; what is empty narrows nothing. Days are the reader's, both included."""

    words: str = ""
    status: str = ""
    outcome: str = ""
    effort: str = ""
    matter: str = ""
    since: date | None = None
    until: date | None = None
    conversation: uuid.UUID | None = None


def history(scope: Scope, wanted: Wanted) -> QuerySet[Answer]:
    """Return the asker's own answers that are wanted, newest first; those of one conversation oldest first."""
    rows: QuerySet[Answer] = Answer.objects.visible_to(scope)
    exact = {"status": wanted.status, "outcome": wanted.outcome, "effort": wanted.effort}
    rows = rows.filter(**{name: value for name, value in exact.items() if value})
    if wanted.matter:
        rows = rows.filter(matter__iexact=wanted.matter)
    if wanted.since:
        rows = rows.filter(created_at__gte=_begin_of(wanted.since))
    if wanted.until:
        rows = rows.filter(created_at__lte=timezone.make_aware(datetime.combine(wanted.until, time.max)))
    if wanted.conversation:
        rows = rows.filter(in_conversation(wanted.conversation)).order_by("created_at", "pk")
    if wanted.outcome:  # which a withheld answer does not tell
        rows = rows.filter(pk__in=_seen(scope, rows))
    words = " ".join(wanted.words.replace("\x00", "").split())[:_LONGEST]
    return rows.filter(_holding(scope, rows, words)) if words else rows


def terms_of(words: str) -> list[str]:
    """Return what is looked for of some words, each as the beginning of a word."""
    return _TERM.findall(words)[:_MOST_TERMS]


def _holding(scope: Scope, rows: QuerySet[Answer], words: str) -> Q:
    """Return the condition that a question holds the words, or that a question with its answer does and may be seen.

    Words are looked up in the index; what it does not part, such as Chinese or a figure with its decimals, is looked for as it stands.
    """
    asked, written = set(_ids(rows.filter(question__icontains=words))), set(_ids(rows.filter(text__icontains=words)))
    if terms := terms_of(words):
        query = SearchQuery(" & ".join(f"'{term}':*" for term in terms), search_type="raw", config="simple")
        asked |= set(_ids(rows.annotate(held=SearchVector("question", config="simple")).filter(held=query)))
        written |= set(_ids(rows.annotate(held=SearchVector("question", "text", config="simple")).filter(held=query)))
    unproven = Answer.objects.filter(pk__in=written - asked)
    return Q(pk__in=[*asked, *_seen(scope, unproven)])


def _ids(rows: QuerySet[Answer]) -> QuerySet[Answer, uuid.UUID]:
    return rows.order_by().values_list("pk", flat=True)


def _seen(scope: Scope, rows: QuerySet[Answer]) -> list[uuid.UUID]:
    """Return which of these answers, of many the latest, the asker may see. A constant number of queries."""
    read = Prefetch("candidates", Candidate.objects.only("answer", "marker", "document_id"))
    latest = rows.order_by("-created_at").only("outcome", "absence", "leans_on").prefetch_related(read)
    answers = list(latest[:_MOST_JUDGED])
    hidden = hidden_from(scope, answers)
    return [
        answer.pk
        for answer in answers
        if not is_withheld(answer, hidden)
        and (answer.outcome != Outcome.NOT_IN_DOCUMENTS or seen_absence(answer.absence, hidden) is not None)
    ]


def _begin_of(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
