"""Names in a claim, and whether a passage knows them: titles, initials, acronyms and ways of writing are no difference. Pure."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from apps.retrieval.analysis import stop_words_of
from apps.verification.sentences import sentences
from apps.verification.tokens import common_words

_WORD = re.compile(r"[^\W_]+(?:[’'.&-][^\W_]+)*")
_AFTER_PAUSE = re.compile(r"[:：;–—(\"“„«\n*•-]\s*[\"“„«(]?|(?<=\s)[-–]\s")
_PERSONS = (
    "mr mrs ms miss dr prof professor sir lady lord dame president chairman chairwoman chair ceo cfo coo cto minister judge justice "
    "senator rep captain colonel general herr frau monsieur madame mme m señor señora sr sra sig signora"
)
_FIRMS = "inc ltd llc plc corp corporation company co ag gmbh sa se nv bv spa limited incorporated group holdings"
_TITLES = frozenset(f"{_PERSONS} {_FIRMS}".split())
_SPELLINGS = (
    ("tsch", "c"), ("tch", "c"), ("sch", "s"), ("sh", "s"), ("ch", "c"), ("kh", "h"), ("ph", "f"), ("th", "t"), ("ck", "k"),
    ("ae", "a"), ("oe", "o"), ("ue", "u"), ("ou", "u"), ("oo", "u"), ("ee", "i"), ("ij", "i"), ("y", "i"), ("j", "i"), ("w", "v"), ("q", "k"),
    ("x", "ks"), ("z", "s"),
)  # fmt: skip
_CAPITALISES_NOUNS = 0.2  # share of German stop words from which on a capital says nothing
_LEAST_PREFIX, _LEAST_STEM = 4, 5
_LONGEST_ENDING = 3
_LEAST_ACRONYM = 2


@dataclass(frozen=True, slots=True)
class Name:
    """A run of words with capitals, as a half-open range. `opens`: it is but the first word of its sentence, so that the capital says little."""

    start: int
    end: int
    words: tuple[str, ...]
    opens: bool


@dataclass(frozen=True, slots=True)
class Known:
    """The words of a passage by which names are found there."""

    folded: frozenset[str]
    skeletons: frozenset[str]
    prefixes: frozenset[str]
    initials: str


def names_in(text: str) -> list[Name]:
    """Return the names of a claim in order, without the common words and titles about them."""
    common = common_words(text)
    german = common == stop_words_of("de")
    begins = {start for start, _ in sentences(text)} | {match.end() for match in _AFTER_PAUSE.finditer(text)}
    found: list[Name] = []
    run: list[re.Match[str]] = []
    for match in [*_WORD.finditer(text), None]:
        is_name = match is not None and _has_capital(match[0]) and match[0].casefold() not in common
        if run and (match is None or not is_name or not _continues(text, run[-1].end(), match.start())):
            found += _name(text, run, begins, german=german)
            run = []
        if is_name and match is not None:
            run.append(match)
    return found


@lru_cache(maxsize=1024)
def known_in(text: str) -> Known:
    """Return the words of a passage."""
    words = [match[0] for match in _WORD.finditer(text)]
    parts = [part for word in words for part in {word, *re.split(r"[’'.&-]", word)} if part]
    folded = frozenset(map(fold, parts))
    return Known(
        folded,
        frozenset(map(_skeleton, folded)),
        frozenset(word[:end] for word in folded for end in range(_LEAST_PREFIX, len(word) + 1)),
        "".join(word[0] for word in parts_in_order(text)).upper(),
    )


def knows(known: Known, word: str) -> bool:
    """Return whether a passage holds a word of a name, however it is written there."""
    folded = fold(word)
    if folded in known.folded or folded in known.prefixes:
        return True
    if len(folded) == 1:
        return any(other.startswith(folded) for other in known.folded)
    if any(folded[:end] in known.folded for end in range(max(_LEAST_STEM, len(folded) - _LONGEST_ENDING), len(folded))):
        return True
    if len(folded) > _LEAST_PREFIX and _skeleton(folded) in known.skeletons:
        return True
    if len(word) > _LEAST_ACRONYM and word.isupper() and word in known.initials:
        return True
    parts = [part for part in re.split(r"[’'.&-]", word) if part]
    return len(parts) > 1 and all(knows(known, part) for part in parts if len(part) > 1 or part.isdigit())


def known_as_acronym(known: Known, words: Iterable[str]) -> bool:
    """Return whether a passage holds the initials of the words as one word."""
    initials = "".join(word[0] for word in words if word[0].isupper()).casefold()
    return len(initials) > _LEAST_ACRONYM and initials in known.folded


def parts_in_order(text: str) -> list[str]:
    """Return the words of a text, those of compounds one by one."""
    return re.findall(r"[^\W_]+", text)


def fold(word: str) -> str:
    """Return a word without case, marks on letters and the genitive."""
    word = re.sub(r"['’]s?$", "", word.casefold())
    plain = unicodedata.normalize("NFKD", word)
    return "".join(char for char in plain if char.isalnum())


@lru_cache(maxsize=20_000)
def _skeleton(folded: str) -> str:
    """Return what is left of a name when letters that alphabets and countries write differently are made one."""
    for spelled, letter in _SPELLINGS:
        folded = folded.replace(spelled, letter)
    return re.sub(r"(.)\1+", r"\1", folded)


def _has_capital(word: str) -> bool:
    return any(char.isupper() for char in word)


def _continues(text: str, end: int, start: int) -> bool:
    return text[end:start] in (" ", ". ", "-", " & ", "\u00a0") and (
        text[end:start] != ". " or end < 2 or text[end - 2] in " ."
    )


def _name(text: str, run: list[re.Match[str]], begins: set[int], *, german: bool) -> list[Name]:
    kept = list(run)
    while kept and kept[0][0].casefold() in _TITLES:
        kept.pop(0)
    while kept and kept[-1][0].casefold() in _TITLES:
        kept.pop()
    kept = [match for match in kept if not re.fullmatch(r"[\d.,%]+\w{0,2}", match[0])]
    if not kept:
        return []
    opens = run[0].start() in begins and len(run) == 1 and not _is_marked(kept[0][0])
    if german and len(kept) == 1 and not _is_marked(kept[0][0]):
        return []
    return [Name(kept[0].start(), kept[-1].end(), tuple(match[0] for match in kept), opens)]


def _is_marked(word: str) -> bool:
    """Return whether a word is a name by its letters alone: an acronym, a code, a capital inside."""
    return any(char.isupper() for char in word[1:]) or any(char.isdigit() for char in word)
