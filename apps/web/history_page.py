"""The list of one's own questions: what is looked for, as the address says it, and the words of an answer that were found."""

import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from urllib.parse import urlencode

from django.utils.dateparse import parse_date

from apps.accounts.scope import Scope
from apps.reasoning.history import Wanted, terms_of
from apps.reasoning.models import Answer, Effort, Outcome
from apps.web.ask_page import Asked, asked

_BEFORE, _AFTER = 70, 130  # characters around what was found
_MARKUP = re.compile(r"\s*\[\d{1,4}\]|[*#`]+|(\|)")


@dataclass(frozen=True, slots=True)
class Found:
    """One question with what came of it; where words of its answer were looked for, those words and what stands around them."""

    asked: Asked
    before: str = ""
    hit: str = ""
    after: str = ""


def wanted_of(query: Mapping[str, str]) -> Wanted:
    """Return what an address looks for; what it says wrongly narrows nothing."""
    outcome, effort = query.get("outcome", ""), query.get("effort", "")
    return Wanted(
        words=query.get("q", "").strip(),
        outcome=outcome if outcome in Outcome.values else "",
        effort=effort if effort in Effort.values else "",
        since=_day(query.get("from", "")),
        until=_day(query.get("to", "")),
        conversation=_conversation(query.get("conversation", "")),
    )


def query_of(wanted: Wanted) -> str:
    """Return what is looked for as the query of an address."""
    parts = {
        "q": wanted.words,
        "outcome": wanted.outcome,
        "effort": wanted.effort,
        "from": wanted.since.isoformat() if wanted.since else "",
        "to": wanted.until.isoformat() if wanted.until else "",
        "conversation": str(wanted.conversation or ""),
    }
    return urlencode({name: value for name, value in parts.items() if value})


def is_narrowed(wanted: Wanted) -> bool:
    """Whether something other than words is looked for."""
    return replace(wanted, words="") != Wanted()


def found_rows(scope: Scope, answers: Sequence[Answer], words: str) -> list[Found]:
    """Return the rows of a page of answers, fetched with their claims; of one that is withheld no more than the question."""
    texts = {str(answer.pk): answer.text for answer in answers}
    return [
        _found(row, "" if row.is_withheld else texts[str(row.answer["id"])], words) for row in asked(scope, answers)
    ]


def _found(row: Asked, text: str, words: str) -> Found:
    plain = " ".join(_MARKUP.sub(lambda sign: " " if sign[1] else "", text).split())
    for sought in (words, *terms_of(words)):
        at = plain.casefold().find(sought.casefold()) if sought else -1
        if at >= 0 and len(plain.casefold()) == len(plain):
            end = at + len(sought)
            before, after = plain[max(at - _BEFORE, 0) : at], plain[end : end + _AFTER]
            lead, trail = "…" if at > _BEFORE else "", "…" if end + _AFTER < len(plain) else ""
            return Found(row, lead + before, plain[at:end], after + trail)
    return Found(row)


def _day(text: str) -> date | None:
    try:
        return parse_date(text)
    except ValueError:
        return None


def _conversation(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text) if text else None
    except ValueError:
        return None
