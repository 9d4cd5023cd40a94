"""What stands beside and under the text of an answer: conflicts, the searches, the reasoning by sentence, what addresses the model."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.template.defaultfilters import date as date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.web import wording
from apps.web.exhibits import PageShape, Spot, place_of, source_href

Answer = Mapping[str, Any]
Passages = Mapping[int, Mapping[str, Any]]
_FIRST_SENTENCES = 12


@dataclass(frozen=True, slots=True)
class Side:
    """One of the values in a conflict, and where it stands. `rest` is what is known of the source: its date and version."""

    value: str
    used: bool
    place: str
    rest: str
    quote: str
    marker: int
    href: str


@dataclass(frozen=True, slots=True)
class Conflict:
    number: int
    title: str
    sides: tuple[Side, ...]
    why: str


@dataclass(frozen=True, slots=True)
class Thought:
    """A sentence of the reasoning: what it is, and of which passage."""

    kind: str
    word: str
    text: str
    marker: int | None
    href: str


@dataclass(frozen=True, slots=True)
class Trace:
    summary: str
    first: tuple[Thought, ...]
    rest: tuple[Thought, ...]
    notes: tuple[str, ...]

    @property
    def total(self) -> int:
        return len(self.first) + len(self.rest)


@dataclass(frozen=True, slots=True)
class Search:
    """One of the searches that a question was taken apart into."""

    question: str
    why: str
    found: str


@dataclass(frozen=True, slots=True)
class Suspect:
    """A passage that speaks to the model instead of to its reader."""

    title: str
    href: str
    quote: str
    word: str


def conflicts_of(answer: Answer, passages: Passages, shapes: Mapping[Spot, PageShape]) -> tuple[Conflict, ...]:
    """Return the conflicts whose sides may all be shown."""
    made = []
    for number, conflict in enumerate(answer.get("conflicts", []), start=1):
        if all(side["marker"] in passages for side in conflict["sides"]):
            sides = tuple(_side(side, passages, shapes, str(answer["id"])) for side in conflict["sides"])
            made.append(Conflict(number, _conflict_title(conflict), sides, conflict["why"]))
    return tuple(made)


def _conflict_title(conflict: Mapping[str, Any]) -> str:
    count = len(conflict["sides"])
    values = {
        "count": wording.count(count),
        "what": " · ".join(part for part in (conflict["entity"], conflict["attribute"]) if part),
        "period": conflict["period"],
    }
    if conflict["period"]:
        text = ngettext(
            "%(count)s source differs on %(what)s, %(period)s",
            "%(count)s sources differ on %(what)s, %(period)s",
            count,
        )
    else:
        text = ngettext("%(count)s source differs on %(what)s", "%(count)s sources differ on %(what)s", count)
    return text % values


def _side(side: Mapping[str, Any], passages: Passages, shapes: Mapping[Spot, PageShape], answer: str) -> Side:
    passage = passages[side["marker"]]
    said = []
    if side["date"]:
        said.append(_("of %(date)s") % {"date": _date(side["date"])})
    if side["version"]:
        said.append(_("version %(number)s") % {"number": wording.count(side["version"])})
    return Side(
        value=side["value"],
        used=side["used"],
        place=place_of(passage, shapes),
        rest=", ".join(said),
        quote=side["quote"],
        marker=side["marker"],
        href=source_href(passage, answer=answer, marker=side["marker"]),
    )


def _date(text: str) -> str:
    try:
        return date_format(date.fromisoformat(text[:10]), _("j F Y"))
    except ValueError:
        return text


def trace_of(answer: Answer, passages: Passages) -> Trace | None:
    """Return the reasoning by sentence; None where it has not been read so."""
    sentences: Sequence[Mapping[str, Any]] = answer.get("trace", [])
    if not sentences:
        return None
    thoughts = [_thought(sentence, passages, str(answer["id"])) for sentence in sentences]
    notes = tuple(note["text"] for note in answer.get("trace_notes", []))
    return Trace(
        _trace_summary(thoughts), tuple(thoughts[:_FIRST_SENTENCES]), tuple(thoughts[_FIRST_SENTENCES:]), notes
    )


def _thought(sentence: Mapping[str, Any], passages: Passages, answer: str) -> Thought:
    words = {
        "plan": _("Plan"),
        "restates": _("Restates"),
        "inference": _("Infers"),
        "memory": _("From memory"),
        "contradicts": _("Contradicts"),
    }
    marker = sentence["marker"]
    href = source_href(passages[marker], answer=answer, marker=marker) if marker in passages else ""
    return Thought(sentence["kind"], words[sentence["kind"]], sentence["text"].strip(), marker if href else None, href)


def _trace_summary(thoughts: Sequence[Thought]) -> str:
    tally = Counter(thought.kind for thought in thoughts)
    sayings = {
        "restates": ngettext(
            "%(n)s sentence restates a passage", "%(n)s sentences restate a passage", tally["restates"]
        ),
        "inference": ngettext("%(n)s infers", "%(n)s infer", tally["inference"]),
        "memory": ngettext("%(n)s is from memory", "%(n)s are from memory", tally["memory"]),
        "contradicts": ngettext("%(n)s contradicts a passage", "%(n)s contradict a passage", tally["contradicts"]),
        "plan": ngettext("%(n)s plans", "%(n)s plan", tally["plan"]),
    }
    return ", ".join(say % {"n": wording.count(tally[kind])} for kind, say in sayings.items() if tally[kind])


def searches_of(answer: Answer) -> tuple[Search, ...]:
    """Return the searches, where there was more than one."""
    steps = answer.get("steps", [])
    return tuple(_search(step) for step in steps) if len(steps) > 1 else ()


def _search(step: Mapping[str, Any]) -> Search:
    found = wording.passages(step["found"])
    if step["seconds"] is not None:
        found = _("%(what)s in %(time)s") % {"what": found, "time": wording.seconds(step["seconds"])}
    return Search(step["question"], step["why"], found)


def suspects_of(answer: Answer, shapes: Mapping[Spot, PageShape]) -> tuple[Suspect, ...]:
    """Return the passages that were found to address the model."""
    by_rank = {candidate["rank"]: candidate["passage"] for candidate in answer["candidates"]}
    found = []
    for one in answer.get("suspicious", []):
        passage = by_rank.get(one["rank"])
        if passage is not None:
            found.append(Suspect(place_of(passage, shapes), source_href(passage), one["quote"], _kind(one["kind"])))
    return tuple(found)


def _kind(code: str) -> str:
    return {
        "hidden": _("Hidden from readers"),
        "override": _("Sets aside its instructions"),
        "control": _("Forged turn of a chat"),
        "role": _("Gives it a role"),
        "demand": _("Demands an answer"),
        "active": _("Wants a link or picture shown"),
        "concealed": _("Wants something kept quiet"),
    }.get(code, _("Addressed to the model"))
