"""Parts of the answer's page: claims at a glance, notices above the text, and what became of every other passage."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.web import wording
from apps.web.exhibits import PageShape, Spot, place_of, source_href

Answer = Mapping[str, Any]
_SHOWN_FATES = 8


@dataclass(frozen=True, slots=True)
class Cell:
    """One sentence in the strip. `mark` is the icon of a sentence that falls short, else empty."""

    number: int
    verdict: str
    cited: bool
    label: str
    mark: str


@dataclass(frozen=True, slots=True)
class Health:
    """One sentence on all claims, in parts with a tone each, a second one where something must be added, and the strip."""

    parts: tuple[tuple[str, str], ...]
    addition: str
    cells: tuple[Cell, ...]

    @property
    def sentence(self) -> str:
        return ", ".join(text for text, _tone in self.parts)


@dataclass(frozen=True, slots=True)
class Notice:
    tone: str
    icon: str
    title: str
    text: str
    ask_again: bool = False


@dataclass(frozen=True, slots=True)
class Fate:
    """A passage that was considered and is not cited."""

    title: str
    href: str
    word: str
    tone: str
    excerpt: str


@dataclass(frozen=True, slots=True)
class Fates:
    summary: str
    first: tuple[Fate, ...]
    rest: tuple[Fate, ...]

    @property
    def total(self) -> int:
        return len(self.first) + len(self.rest)


def health_of(answer: Answer) -> Health:
    """Return the claims at a glance. Unchecked claims are only counted by whether they cite a passage."""
    claims: Sequence[Mapping[str, Any]] = answer["claims"]
    cells = tuple(_cell(number, claim) for number, claim in enumerate(claims, start=1))
    if not claims:
        return Health((), "", ())
    if answer["outcome"] == "extracted":
        quoted = ngettext("%(count)s quotation", "%(count)s quotations", len(claims)) % {
            "count": wording.count(len(claims))
        }
        return Health(((quoted, ""),), _("Each stands on its page word for word."), cells)
    if all(claim["verdict"] == "unchecked" for claim in claims):
        cited = sum(1 for claim in claims if claim["markers"])
        said = ngettext(
            "%(cited)s of %(count)s sentence cites a passage",
            "%(cited)s of %(count)s sentences cite a passage",
            len(claims),
        ) % {"cited": wording.count(cited), "count": wording.count(len(claims))}
        return Health(((said, ""),), _("Whether each passage bears its sentence out has not been checked."), cells)
    return Health(tuple(_verdict_parts(claims)), "", cells)


def _verdict_parts(claims: Sequence[Mapping[str, Any]]) -> list[tuple[str, str]]:
    tally = Counter(claim["verdict"] for claim in claims)
    supported = _("%(some)s of %(all)s claims supported") % {
        "some": wording.count(tally["supported"]),
        "all": wording.count(len(claims)),
    }
    sayings = {
        "partly": (_("%(n)s partly"), "part"),
        "unsupported": (_("%(n)s not supported"), "bad"),
        "contradicted": (_("%(n)s contradicted"), "bad"),
        "unchecked": (_("%(n)s not checked"), ""),
    }
    rest = [(say % {"n": wording.count(tally[v])}, tone) for v, (say, tone) in sayings.items() if tally[v]]
    return [(supported, ""), *rest]


_MARKS = {"partly": "half", "unsupported": "open", "contradicted": "contra"}


def _cell(number: int, claim: Mapping[str, Any]) -> Cell:
    verdict, cited = claim["verdict"], bool(claim["markers"])
    values = {"number": number, "markers": ", ".join(str(m) for m in claim["markers"])}
    labels = {
        "supported": _("Sentence %(number)s: supported"),
        "partly": _("Sentence %(number)s: partly supported"),
        "unsupported": _("Sentence %(number)s: not supported"),
        "contradicted": _("Sentence %(number)s: contradicted"),
    }
    unchecked = _("Sentence %(number)s: cites %(markers)s") if cited else _("Sentence %(number)s: cites no passage")
    mark = _MARKS.get(verdict, "" if cited or verdict == "supported" else "open")
    return Cell(number, verdict, cited, labels.get(verdict, unchecked) % values, mark)


def notices_of(answer: Answer) -> tuple[Notice, ...]:
    """Return what must be said above the text, the most serious first."""
    found = [
        _ending(answer),
        _extracted(answer),
        _cut(answer),
        _shortfall(answer),
        _addressed(answer),
        _degraded(answer),
        _demonstration(answer),
    ]
    return tuple(notice for notice in found if notice)


def _ending(answer: Answer) -> Notice | None:
    if answer["status"] == "failed":
        title = _("The answer was cut off.") if answer["text"] else _("No answer was written.")
        error = answer["error"] or {}
        return Notice("bad", "warn", title, error.get("detail", ""), ask_again=True)
    if answer["status"] == "cancelled":
        kept = (
            _("What had been written until then is kept below.") if answer["text"] else _("Nothing had been written.")
        )
        return Notice("part", "info", _("You stopped this answer."), kept, ask_again=True)
    return None


def _extracted(answer: Answer) -> Notice | None:
    if answer["outcome"] != "extracted":
        return None
    notice = answer["notice"] or {}
    text = notice.get("detail") or _("No model wrote this. Below are the sentences that come nearest.")
    return Notice("part", "info", _("What follows is quoted, not reasoned."), text, ask_again=True)


def _cut(answer: Answer) -> Notice | None:
    notice = answer["notice"] or {}
    if answer["outcome"] == "extracted":
        return None
    if notice.get("detail"):
        titles = {
            "partly": _("The documents answer a part of this."),
            "mostly_short": _("More than half of this answer is not supported by the passages."),
            "not_checked": _("This answer was not checked."),
        }
        title = titles.get(notice.get("code", ""), _("This answer is less than was asked for."))
        return Notice("part", "warn", title, notice["detail"])
    if answer["reasoning"]["cut"]:
        text = _("The reasoning reached its limit. It is kept; the answer below was written from it.")
        return Notice("part", "warn", _("The model stopped reasoning before it had finished."), text)
    return None


def _shortfall(answer: Answer) -> Notice | None:
    claims = answer["claims"]
    short = [c for c in claims if c["verdict"] in {"unsupported", "contradicted"} or _is_bare(c)]
    said_already = (answer["notice"] or {}).get("code") in {"no_citations", "mostly_short", "not_checked"}
    if answer["status"] != "done" or said_already or len(short) * 2 <= len(claims):
        return None
    if any(c["verdict"] in {"unsupported", "contradicted"} for c in short):
        text = _("Each is marked, and the margin says why. Look for them in the documents before you rely on them.")
        return Notice("part", "warn", _("More than half of this answer is not supported by the passages."), text)
    text = _("They may come from the model’s memory. Look for each of them in the documents before you rely on it.")
    return Notice("part", "warn", _("Most sentences of this answer rest on no passage."), text)


def _addressed(answer: Answer) -> Notice | None:
    found = len(answer.get("suspicious", []))
    if not found:
        return None
    title = ngettext(
        "%(count)s passage gives instructions to the model.",
        "%(count)s passages give instructions to the model.",
        found,
    ) % {"count": wording.count(found)}
    text = _("They are listed under the answer. Tell those who keep the documents if they should not stand there.")
    return Notice("part", "warn", title, text)


def _is_bare(claim: Mapping[str, Any]) -> bool:
    """Whether a claim was not checked and cites nothing either."""
    return claim["verdict"] == "unchecked" and not claim["markers"]


def _degraded(answer: Answer) -> Notice | None:
    """Say that another endpoint answered than the first; what became of the first is the pipeline's to know."""
    model = answer["model"] or {}
    degraded = model.get("degraded")
    if not degraded or answer["outcome"] == "extracted":
        return None
    title = _("%(model)s wrote this in place of %(first)s.") % {
        "model": model.get("endpoint_name") or model.get("name", ""),
        "first": degraded["from"],
    }
    return Notice("info", "info", title, degraded.get("detail", ""))


def _demonstration(answer: Answer) -> Notice | None:
    if not (answer["model"] or {}).get("demonstration") or answer["outcome"] == "extracted":
        return None
    text = _("It is there to show how the parts work together. Check every sentence against its passage.")
    return Notice("info", "info", _("A demonstration model wrote this, and it does not reason well."), text)


def fates_of(answer: Answer, shapes: Mapping[Spot, PageShape]) -> Fates:
    """Return the passages that were considered and are not cited, those that were read first."""
    unused = [c for c in answer["candidates"] if c["reason"] != "used"]
    unused.sort(key=lambda c: c["reason"] != "used_not_cited")
    read = sum(1 for c in unused if c["reason"] == "used_not_cited")
    found = len(answer["candidates"])
    summary = _("%(found)s found: %(cited)s cited, %(read)s read and not cited, %(aside)s set aside") % {
        "found": wording.passages(found),
        "cited": wording.count(found - len(unused)),
        "read": wording.count(read),
        "aside": wording.count(len(unused) - read),
    }
    made = [_fate(candidate, shapes) for candidate in unused]
    return Fates(summary, tuple(made[:_SHOWN_FATES]), tuple(made[_SHOWN_FATES:]))


def _fate(candidate: Mapping[str, Any], shapes: Mapping[Spot, PageShape]) -> Fate:
    passage = candidate["passage"]
    tone = {"low_parse_confidence": "part", "instruction_like": "bad"}.get(candidate["reason"], "")
    text = " ".join(passage["text"].split())
    return Fate(
        title=place_of(passage, shapes),
        href=source_href(passage),
        word=_fate_word(candidate),
        tone=tone,
        excerpt=text if len(text) <= 160 else text[:160].rsplit(" ", 1)[0] + " …",
    )


def _fate_word(candidate: Mapping[str, Any]) -> str:
    other = candidate.get("duplicate_of")
    if candidate["reason"] == "duplicate_of" and other:
        return _("Same as %(number)s") % {"number": wording.count(other)}
    return wording.reason(candidate["reason"])
