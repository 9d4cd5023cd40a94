"""Retrieve for a question: it and the steps that it is taken apart into, all in the scope and within the filters of its asker."""

import uuid
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from django.utils.translation import gettext as _

from apps.accounts.scope import Scope
from apps.reasoning import planning
from apps.reasoning.effort import Limits
from apps.reasoning.events import Event, StatusChanged
from apps.reasoning.routing import Kind, kind_of
from apps.reasoning.steps import Step, merged, step_objects, take_steps, took_apart
from apps.reasoning.written import Question
from apps.retrieval.passages import SearchResult
from apps.retrieval.within import Filters

_PLANNED = {Kind.COMPARISON, Kind.MULTI_STEP}
_PLANNED_FROM = 3
"""Rounds that an effort must allow for a model to be asked for a plan, which takes some seconds."""

Propose = Callable[[str], Sequence[planning.Search]]


class Search(Protocol):
    def __call__(
        self, scope: Scope, question: str, *, collections: Any, documents: Any, filters: Filters, limit: int
    ) -> SearchResult: ...


@dataclass(frozen=True, slots=True)
class Retrieval:
    """What the steps of a question found: `together` is all of it, best first."""

    steps: tuple[Step, ...]
    together: SearchResult

    def step_objects(self) -> list[dict[str, Any]]:
        """Return the steps as the answer keeps them; none for a single search for what was asked."""
        return step_objects(self.steps, self.together)

    def certified(self, absence: dict[str, Any] | None) -> dict[str, Any] | None:
        """Return a certificate of absence with all the searches that were made."""
        if absence is None or not took_apart(self.steps):
            return absence
        queries = [{"text": step.search.question, "legs": list(step.result.legs)} for step in self.steps]
        return absence | {"queries": queries}


def retrieve(
    question: Question, search: Search, limits: Limits, *, stopped: Callable[[], bool], propose: Propose
) -> Generator[Event, None, Retrieval]:
    """Yield an event for each step, where there are several, and return what they found. A model is asked to `propose` searches
    only for questions that are no lookups, and only with an effort that pays for it."""

    def look(words: str, documents: Sequence[uuid.UUID], limit: int) -> SearchResult:
        return search(
            question.scope,
            words,
            collections=question.collections,
            documents=documents or question.documents,
            filters=question.filters,
            limit=limit,
        )

    asked = question.by_itself
    why = _("Takes up what was asked before.") if asked != question.text else ""
    planned = limits.steps >= _PLANNED_FROM and kind_of(asked) in _PLANNED
    proposed = propose(asked) if planned else []
    steps: list[Step] = []
    for step in take_steps(
        asked,
        look,
        found=limits.found,
        rounds=limits.steps,
        documents=question.documents,
        why=why,
        proposed=proposed,
    ):
        steps.append(step)
        if took_apart(steps):
            told = {"step": len(steps), "question": step.search.question, "found": len(step.result.passages)}
            yield StatusChanged("retrieving", told)
        if stopped():
            break
    return Retrieval(tuple(steps), merged(steps))
