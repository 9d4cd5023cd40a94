"""Have a model say into which searches a question is taken apart: one short call, whose word is only ever added to the rules'.

A model that fails, thinks too long or writes anything else than short lines has proposed nothing; the question is answered all the
same.
"""

import re
import secrets
import time
from collections.abc import Callable
from dataclasses import replace

from django.utils.translation import gettext as _

from apps.reasoning.asked import Asked
from apps.reasoning.effort import Limits
from apps.reasoning.planning import Search
from apps.reasoning.prompts import ONE_SEARCH, plan_prompt
from apps.reasoning.reason import Draft, End, reason
from apps.serving.kinds import takes_budget
from apps.serving.line import Ready

_THINKING, _ANSWER = 384, 200  # tokens
_LONGEST = 30.0  # seconds
_MOST_CHARACTERS = 160
_BULLET = re.compile(r"^\s*(?:[-*•–]|\(?\d{1,2}[.):]|(?:step|search|schritt|suche)\s*\d*\s*:)\s*", re.IGNORECASE)


def propose(
    question: str, ready: Ready, limits: Limits, *, stopped: Callable[[], bool], until: float
) -> tuple[list[Search], Draft]:
    """Return the searches that a model proposes, none if it has nothing to propose, and what it wrote. `until` is a moment of
    `time.monotonic`."""
    asked = Asked(
        prompt=plan_prompt(question, limits.steps, system_prompt=ready.entry.system_prompt),
        passages=0,
        name=ready.state.name,
        entry=ready.entry,
        limits=replace(limits, thinking=min(limits.thinking, _THINKING), answer=min(limits.answer, _ANSWER)),
        keeps_budget=takes_budget(ready.served.kind, ready.state.engine, ready.entry),
        cache_salt=secrets.token_urlsafe(32),  # nobody can tell by the time what was asked before
    )
    writing = reason(asked, ready.model, stopped=stopped, deadline=min(until, time.monotonic() + _LONGEST))
    while True:
        try:
            next(writing)  # nobody sees a plan being written, only what comes of it
        except StopIteration as end:
            draft: Draft = end.value
            break
    lines = searches_in(draft.text, question, limits.steps) if draft.end is End.WHOLE else []
    return [Search(line, _("The model asked for this.")) for line in lines], draft


def searches_in(text: str, question: str, most: int) -> list[str]:
    """Return the searches that a model wrote down, one a line, however it marked them; none if it wrote something else."""
    if ONE_SEARCH.casefold() in text.casefold():
        return []
    lines = [_BULLET.sub("", line).strip(" \t`*\"'") for line in text.splitlines()]
    kept = [line for line in dict.fromkeys(lines) if line and line.casefold() != question.casefold()]
    if any(len(line) > _MOST_CHARACTERS for line in kept):
        return []
    return kept[:most]
