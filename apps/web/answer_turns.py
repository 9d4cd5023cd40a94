"""The other questions of an answer's conversation: those before it, those after it."""

from dataclasses import dataclass

from django.db.models import Q

from apps.accounts.scope import Scope
from apps.reasoning.models import Answer
from apps.web.ask_page import Asked, asked

_MOST = 40


@dataclass(frozen=True, slots=True)
class Turns:
    """`conversation` is what a follow-up names."""

    conversation: str
    earlier: tuple[Asked, ...]
    later: tuple[Asked, ...]


def turns_of(scope: Scope, answer: Answer) -> Turns:
    """Return the conversation around an answer; one that stands alone begins its own."""
    root = answer.conversation or answer.pk
    own = Answer.objects.visible_to(scope).filter(Q(conversation=root) | Q(pk=root)).exclude(pk=answer.pk)
    rows = list(own.prefetch_related("claims").order_by("created_at")[:_MOST])
    turns = asked(scope, rows) if rows else []
    earlier = sum(1 for row in rows if row.created_at < answer.created_at)
    return Turns(str(root), tuple(turns[:earlier]), tuple(turns[earlier:]))
