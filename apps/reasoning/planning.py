"""Into which searches a question is taken apart, by rule. Pure.

A lookup never is. What compares named things or years is asked of each by itself; what goes through something that is not named
is asked, in a second round, of the names that the first round came upon.
"""

import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from apps.reasoning.names import Name, is_capital, is_little, may_stand_between, names_in
from apps.reasoning.routing import Kind, kind_of, shows, times_in
from apps.retrieval.analysis import terms_in_order
from apps.retrieval.passages import Passage

MOST_AT_ONCE = 6
"""Searches of one round: more of them would leave none its share of the passages read."""

MOST_DOCUMENTS = 8
"""Documents that are searched each by itself."""

_MOST_NAMES = 3  # followed of one thing
_ANCHORS = 3  # passages in which names are looked for
_NEAR = 12  # words within which a name belongs to a relation
_SAME_STEM = 5  # letters that words of one family have in common: directed, director
_CONJUNCTION = re.compile(r"[\s,!]\s*(?:or|and|oder|und|ou|et|o|y|e|vs\.?|versus)\s+(?=\S)")
_TOKEN = re.compile(r"[^\s,;:?!]+")


@dataclass(frozen=True, slots=True)
class Search:
    """A search to make: the words to look for, and why, in a sentence. `about` is the thing that it is about, `documents` are
    those that it is made in, if not in all."""

    question: str
    why: str
    about: str = ""
    documents: tuple[uuid.UUID, ...] = ()


def first_searches(question: str) -> list[Search]:
    """Return the searches that a question begins with beside the one for itself; none for most questions."""
    kind = kind_of(question)
    if kind is Kind.LOOKUP:
        return []
    if sides := sides_of(question):
        return [Search(asked, _("Looks for %(thing)s by itself.") % {"thing": side}, side) for side, asked in sides]
    if years := _years_apart(question):
        return [Search(asked, _("Looks for %(thing)s by itself.") % {"thing": year}) for year, asked in years]
    return []


def searches_by_document(question: str, asked: Sequence[uuid.UUID], passages: Sequence[Passage]) -> list[Search]:
    """Return a search in each document by itself, where a question is about each of several: of those that were `asked` of, else of
    those that the best passages are from."""
    compared = len(asked) > 1 and kind_of(question) is not Kind.LOOKUP
    if not (compared or shows(question, "each_document")):
        return []
    titles = {passage.document_id: passage.document_title for passage in reversed(passages)}
    best = list(dict.fromkeys(passage.document_id for passage in passages))
    chosen = [document for document in (*best, *asked) if not asked or document in asked]
    return [
        Search(question, _("Looks in “%(title)s” by itself.") % {"title": titles[document]}, documents=(document,))
        if document in titles
        else Search(question, _("Looks in one of the documents by itself."), documents=(document,))
        for document in list(dict.fromkeys(chosen))[:MOST_DOCUMENTS]
    ]


def next_searches(question: str, search: Search | None, passages: Sequence[Passage], done: set[str]) -> list[Search]:
    """Return the searches for the names that one search came upon, where a question goes through what it does not name.
    `search` is None for the question itself."""
    if kind_of(question) is not Kind.MULTI_STEP:
        return []
    asked = search.question if search else question
    about = search.about if search else ""
    rest = _without_names(asked, about)
    found = []
    for name, title in _names_on_the_way(asked, about, passages):
        key = name.casefold()
        if key not in done:
            done.add(key)
            why = _("%(name)s is named in “%(title)s”.") % {"name": name, "title": title}
            found.append(Search(f"{name} {rest}".strip(), why, name))
    return found


def sides_of(question: str) -> list[tuple[str, str]]:
    """Return the named things that a question holds against each other, each with the question as it is about that one only."""
    for conjunction in _CONJUNCTION.finditer(question):
        start = _begin_of_name(question, conjunction.start())
        end = _end_of_name(question, conjunction.end())
        if start < conjunction.start() and end > conjunction.end():
            first, last = question[start : conjunction.start()].strip(" ,"), question[conjunction.end() : end]
            things = [*_listed(first), last][:MOST_AT_ONCE]
            return [(thing, f"{question[:start]}{thing}{question[end:]}") for thing in things]
    return []


def _listed(text: str) -> list[str]:
    """Return the things of a list before its last; a name with a comma in it stays whole."""
    parts = [part.strip() for part in text.split(",") if part.strip()]
    is_list = len(parts) > 1 and all(len(part.split()) <= 2 for part in parts)
    return parts if is_list else [text]


def _begin_of_name(question: str, end: int) -> int:
    start, first = end, end
    tokens = list(_TOKEN.finditer(question, 0, end))
    for at, token in reversed(list(enumerate(tokens))):
        gap = question[token.end() : first]
        if "," in gap and not is_capital(token[0]):
            break
        if not (_is_of_name(token[0]) or may_stand_between(token[0])) or ("," not in gap and set(gap) & set(";:?!.")):
            break
        first = token.start()
        if _is_of_name(token[0]) and not (at == 0 and is_little(token[0])):
            start = first
    return start


def _end_of_name(question: str, start: int) -> int:
    end = last = start
    for token in _TOKEN.finditer(question, start):
        if "," in question[last : token.start()] or not (_is_of_name(token[0]) or may_stand_between(token[0])):
            break
        last = token.end()
        end = last if _is_of_name(token[0]) else end
    return end


def _is_of_name(word: str) -> bool:
    bare = word.lstrip("(\"“'‘")
    return bool(bare) and (is_capital(bare) or bare[0].isdigit())


def _years_apart(question: str) -> list[tuple[str, str]]:
    """Return the years that a question is about, each with the question as it is about that one only."""
    times = list(dict.fromkeys(times_in(question)))
    if not 1 < len(times) <= MOST_AT_ONCE:
        return []
    return [(time, _without(question, [other for other in times if other != time])) for time in times]


def _without(question: str, times: Sequence[str]) -> str:
    for time in times:
        question = re.sub(
            rf"(?:,|\b(?:from|to|and|or|von|bis|und|oder|de|à|et|a|y)\b)?\s*{re.escape(time)}", "", question
        )
    return " ".join(question.split())


def _without_names(question: str, about: str) -> str:
    """Return what is asked, without of what."""
    if about:
        return " ".join(question.replace(about, " ").split())
    for name in reversed(names_in(question)):
        question = question[: name.start] + question[name.end :]
    return " ".join(question.split())


def _names_on_the_way(question: str, about: str, passages: Sequence[Passage]) -> list[tuple[str, str]]:
    """Return the names, each with the title of where it stands, that stand nearest to what is asked in the best passages."""
    known = set(terms_in_order(question, "en"))
    asked = [term for term in terms_in_order(_without_names(question, about), "en") if len(term) > 2]
    thing = set(terms_in_order(about, "en")) if about else known.difference(asked)
    weighed: dict[str, tuple[float, str]] = {}
    for rank, passage in enumerate(_anchors(thing, passages)):
        for order, name in enumerate(names_in(passage.text)):
            own = set(terms_in_order(name.text, "en"))
            if not own or len(own & known) * 2 > len(own) or own <= set(terms_in_order(passage.document_title, "en")):
                continue
            shape = 0.1 * (name.words > 1) + 0.05 / (1 + order)
            weight = (_nearness(passage.text, name, asked) + shape) / (1 + rank)
            if weight > weighed.get(name.text, (0.0, ""))[0]:
                weighed[name.text] = (weight, passage.document_title)
    best = sorted(weighed, key=lambda name: -weighed[name][0])[:_MOST_NAMES]
    return [(name, weighed[name][1]) for name in best]


def _anchors(thing: set[str], passages: Sequence[Passage]) -> list[Passage]:
    """Return the passages that are about a thing, the one that names it most wholly first."""

    def held(passage: Passage) -> float:
        words = set(terms_in_order(f"{passage.document_title} {passage.heading} {passage.text}", "en"))
        return len(thing & words) / len(thing) if thing else 1.0

    shares = [(held(passage), passage) for passage in passages[: 2 * _ANCHORS]]
    best = max((share for share, _passage in shares), default=0.0)
    return [passage for share, passage in shares if share >= best > 0.5][:_ANCHORS]


def _nearness(text: str, name: Name, asked: Sequence[str]) -> float:
    before = terms_in_order(text[max(name.start - 120, 0) : name.start], "en")[::-1]
    after = terms_in_order(text[name.end : name.end + 80], "en")
    near = 0.0
    for weight, words in ((1.0, before), (0.7, after)):
        for distance, word in enumerate(words[:_NEAR]):
            if any(_of_one_family(word, term) for term in asked):
                near = max(near, weight / (1 + distance))
    return near


def _of_one_family(one: str, other: str) -> bool:
    length = min(len(one), len(other), _SAME_STEM)
    return length > 3 and one[:length] == other[:length]
