"""One sealed record told in plain words: made from its sealed bytes, not from the rows that live on beside it."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.audit import log
from apps.audit.actions import Action
from apps.audit.models import Record
from apps.web import wording
from apps.web.audit_page import ANSWERS

_BEGIN = re.compile(r"\[passage \d+ begin\]")
_END = re.compile(r"\[passage \d+ end\]")
_MARKER = re.compile(r"\s*\[\d{1,4}\]")


@dataclass(frozen=True, slots=True)
class Check:
    ok: bool
    text: str


@dataclass(frozen=True, slots=True)
class Seal:
    """A record's place in the chain, checked now."""

    holds: bool
    problem: str
    previous: Record | None
    following: Record | None
    checks: tuple[Check, ...]


@dataclass(frozen=True, slots=True)
class Shown:
    """A passage that was given to the model."""

    marker: int
    title: str
    version: str
    sha256: str
    cited: bool
    document: str
    page: int | None
    passage: str


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a prompt; `role` is set on the first line of a message; evidence comes from documents."""

    text: str
    evidence: bool
    role: str = ""


@dataclass(frozen=True, slots=True)
class Said:
    """A claim as it was shown."""

    text: str
    verdict: str
    why: str
    markers: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class AnswerRecord:
    """The sealed answer, in the parts in which it is told."""

    data: Mapping[str, Any]
    asked_at: datetime | None
    summary: str
    asked_of: str
    shown: tuple[Shown, ...]
    aside: tuple[tuple[str, int], ...]
    claims: tuple[Said, ...]
    prompt: tuple[Line, ...]
    prompt_name: str
    prompt_hash: str
    reasoning: tuple[str, ...]
    settings: str
    tokens: str


@dataclass(frozen=True, slots=True)
class Field:
    """A value of any other record; a list or an object is shown as its parts."""

    name: str
    value: str
    parts: tuple["Field", ...] = ()


def seal_of(entry: Record) -> Seal:
    """Return a record's place in the chain and what recomputing it says now."""
    previous = Record.objects.filter(sequence=entry.sequence - 1).first()
    following = Record.objects.filter(sequence=entry.sequence + 1).first()
    expected = previous.hash if previous else log.GENESIS if entry.sequence == 1 else ""
    checked = log.verify_chain(start=entry.sequence, end=entry.sequence)
    follows = entry.previous_hash == expected
    untouched = log.link(entry.previous_hash, bytes(entry.body)) == entry.hash
    before = wording.count(entry.sequence - 1)
    checks = [
        Check(follows, _("Follows from record %(number)s") % {"number": before})
        if entry.sequence > 1
        else Check(follows, _("Begins the chain")),
        Check(untouched, _("Its contents give the hash it was sealed with")),
        Check(checked.ok or not (follows and untouched), _("The list says what was sealed")),
    ]
    if following is not None:
        after = {"number": wording.count(following.sequence)}
        checks.append(Check(following.previous_hash == entry.hash, _("Record %(number)s follows from it") % after))
    holds = checked.ok and all(check.ok for check in checks)
    return Seal(holds, checked.problem, previous, following, tuple(checks))


def tells_an_answer(entry: Record) -> bool:
    """Return whether a record holds an answer with its grounds."""
    return entry.action in ANSWERS and "prompts" in log.read_body(entry)["data"]


def answer_record(sealed: Mapping[str, Any]) -> AnswerRecord:
    """Return the parts of a sealed answer."""
    data = sealed["data"]
    documents = {d["version_id"]: d for d in data["documents"]}
    cited = {c["marker"] for c in data["citations"]}
    read = sorted((c for c in data["candidates"] if c["marker"]), key=lambda c: c["marker"])
    prompt = data["prompts"][0] if data["prompts"] else None
    return AnswerRecord(
        data=data,
        asked_at=wording.moment(data["asked_at"]),
        summary=_summary(sealed, read, cited),
        asked_of=", ".join(c["name"] for c in data["scope"]["permitted"]),
        shown=tuple(_shown(candidate, documents, cited) for candidate in read),
        aside=_aside(data["candidates"]),
        claims=tuple(_said(claim) for claim in data["claims"]),
        prompt=tuple(line for p in data["prompts"] for line in _lines(_turns(p))),
        prompt_name=prompt["name"] if prompt else "",
        prompt_hash=prompt["hash"] if prompt else "",
        reasoning=tuple(p for p in (part.strip() for part in data["reasoning"]["text"].split("\n\n")) if p),
        settings=_settings(data["model"] or {}),
        tokens=_tokens(data["usage"]),
    )


def fields_of(data: Mapping[str, Any]) -> list[Field]:
    """Return what any other record holds, name by name, with nothing left out."""
    return [_field(name, value) for name, value in sorted(data.items())]


def _summary(sealed: Mapping[str, Any], read: Sequence[Mapping[str, Any]], cited: set[int]) -> str:
    data = sealed["data"]
    asked = _("%(who)s asked one question.") % {"who": sealed["actor_label"] or _("Nobody known")}
    return " ".join(
        [asked, _what_was_shown(read, asked_model=bool(data["prompts"])), _what_came_back(data, cited)]
    ).strip()


def _what_was_shown(read: Sequence[Mapping[str, Any]], *, asked_model: bool) -> str:
    if not read:
        return _("No passage was shown to a model.")
    documents = len({c["document"] for c in read})
    of = ngettext("%(count)s document", "%(count)s documents", documents) % {"count": wording.count(documents)}
    given = (
        _("The model was given %(passages)s of %(documents)s, all of them open to the asker at that moment.")
        if asked_model
        else _("No model was asked. It was answered from %(passages)s of %(documents)s, all open to the asker then.")
    )
    return given % {"passages": wording.passages(len(read)), "documents": of}


def _what_came_back(data: Mapping[str, Any], cited: set[int]) -> str:
    if data["status"] == "failed":
        return _("No answer came of it.")
    if data["status"] == "cancelled":
        return _("The asker stopped it.")
    if data["outcome"] == "not_in_documents":
        return _("The documents did not answer it.")
    count = len(data["claims"])
    with_citation = sum(1 for claim in data["claims"] if claim["markers"])
    back = ngettext("%(count)s sentence came back", "%(count)s sentences came back", count) % {
        "count": wording.count(count)
    }
    cites = _("%(back)s; %(cited)s of them cite a passage.") % {"back": back, "cited": wording.count(with_citation)}
    return f"{cites} {_('No model wrote them: they are quotations.')}" if data["outcome"] == "extracted" else cites


def _shown(candidate: Mapping[str, Any], documents: Mapping[str, Mapping[str, Any]], cited: set[int]) -> Shown:
    document = documents.get(candidate["version_id"], {})
    title = str(document.get("title") or _("A document that was deleted meanwhile"))
    page = candidate["page"]
    return Shown(
        marker=candidate["marker"],
        title=_("%(title)s, p. %(page)s") % {"title": title, "page": page} if page else title,
        version=wording.count(document["version"]) if document else "",
        sha256=str(document.get("sha256") or ""),
        cited=candidate["marker"] in cited,
        document=candidate["document"],
        page=page,
        passage=candidate["passage"],
    )


def _aside(candidates: Sequence[Mapping[str, Any]]) -> tuple[tuple[str, int], ...]:
    counted = Counter(c["reason"] for c in candidates if not c["marker"])
    return tuple((wording.reason(reason), n) for reason, n in counted.most_common())


def _said(claim: Mapping[str, Any]) -> Said:
    return Said(_MARKER.sub("", claim["text"]), claim["verdict"], claim["why"], tuple(claim["markers"]))


def _turns(prompt: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """Return the turns of a prompt; where the model went on from a text, that text as a turn of its own."""
    turns: Sequence[Mapping[str, Any]] = prompt["messages"]
    return turns or [{"role": "assistant", "content": prompt.get("text", "")}]


def _lines(messages: Sequence[Mapping[str, Any]]) -> list[Line]:
    """Return the prompt line by line. What stands between a passage's two fences is evidence."""
    lines: list[Line] = []
    for message in messages:
        evidence = False
        for at, text in enumerate(str(message["content"]).split("\n")):
            evidence = evidence or _BEGIN.match(text) is not None
            lines.append(Line(text, evidence, str(message["role"]) if at == 0 else ""))
            evidence = evidence and _END.match(text) is None
    return lines


def _settings(model: Mapping[str, Any]) -> str:
    shown = {"temperature", "top_p", "seed", "max_tokens", "thinking_token_budget"}
    parameters = model.get("parameters") or {}
    return ", ".join(f"{name} {parameters[name]}" for name in sorted(shown & parameters.keys()))


def _tokens(usage: Mapping[str, Any]) -> str:
    if usage.get("prompt_tokens") is None:
        return ""
    return _("%(prompt)s prompt, %(reasoning)s reasoning, %(answer)s answer") % {
        "prompt": wording.count(usage["prompt_tokens"]),
        "reasoning": wording.count(usage.get("reasoning_tokens") or 0),
        "answer": wording.count(usage.get("answer_tokens") or 0),
    }


def _field(name: str, value: Any) -> Field:
    if isinstance(value, dict):
        return Field(name, "", tuple(_field(key, inner) for key, inner in sorted(value.items())))
    if isinstance(value, list):
        if all(not isinstance(inner, dict | list) for inner in value):
            return Field(name, ", ".join(str(inner) for inner in value) or "–")
        return Field(name, "", tuple(_field(str(at), inner) for at, inner in enumerate(value, start=1)))
    words = {True: _("yes"), False: _("no")}
    return Field(name, words[value] if isinstance(value, bool) else "–" if value in (None, "") else str(value))


def action_label(entry: Record) -> str:
    return str(Action(entry.action).label)
