"""The terms of passages and questions: their words as the language of each inflects them.

A passage is analysed in its own language, a question in every language that is searched. What a language does not change is the
same term in all of them: names, figures, identifiers.
"""

import threading
import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from hashlib import blake2b
from pathlib import Path

import Stemmer

from apps.retrieval.segmentation import words_of

STEMMERS = {
    "ar": "arabic", "hy": "armenian", "eu": "basque", "ca": "catalan", "cs": "czech", "da": "danish", "nl": "dutch",
    "en": "english", "eo": "esperanto", "et": "estonian", "fi": "finnish", "fr": "french", "de": "german", "el": "greek",
    "hi": "hindi", "hu": "hungarian", "id": "indonesian", "ga": "irish", "it": "italian", "lt": "lithuanian",
    "ne": "nepali", "no": "norwegian", "nb": "norwegian", "nn": "norwegian", "fa": "persian", "pl": "polish",
    "pt": "portuguese", "ro": "romanian", "ru": "russian", "sr": "serbian", "st": "sesotho", "es": "spanish",
    "sv": "swedish", "ta": "tamil", "tr": "turkish", "yi": "yiddish",
}  # fmt: skip
_STOP_WORDS = Path(__file__).parent / "stopwords"
_SAME_STOP_WORDS = {"nb": "no", "nn": "no"}
_MOST_WORDS = 48
_MOST = 255
_LONGEST_ACRONYM = 5
_WITHOUT_DECOMPOSITION = str.maketrans(
    {"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ı": "i", "ё": "е"}
)
_MARKS_TELL_APART = frozenset({"vi"})
_LAST_FOLDED = "\u03ff"  # Latin and Greek; in other scripts a mark makes another letter

_stemmers = threading.local()


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a question: the terms that it is in the languages searched."""

    terms: tuple[str, ...]


def terms_of(text: str, language: str) -> Counter[str]:
    """Return the terms of a passage with how often each occurs."""
    return Counter(terms_in_order(text, language))


def terms_in_order(text: str, language: str) -> list[str]:
    """Return the terms of a passage as they stand in it, without the stop words of its language.

    If nothing else is left, they are kept.
    """
    words, language = words_of(text), language.lower()[:2]
    return _terms(_without_stop_words(words, language), language)


def posted_terms(text: str, context: str, language: str) -> list[int]:
    """Return what is posted of a passage: each term's key with its count in the text and in the context, 8 bits each."""
    in_text, in_context = terms_of(text, language), terms_of(context, language)
    return [
        term_key(term) << 16 | min(in_text[term], _MOST) << 8 | min(in_context[term], _MOST)
        for term in sorted(in_text | in_context)
    ]


def question_words(question: str, languages: Iterable[str]) -> list[Word]:
    """Return the question's words, each once, without the stop words of the language it seems to be in."""
    words = words_of(question)
    kept = _without_stop_words(words, _language_of(words))
    searched = sorted({language.lower()[:2] for language in languages})
    by_language = [_terms(kept, language) for language in searched] or [_terms(kept, "")]
    found = {Word(tuple(sorted(set(variants)))): None for variants in zip(*by_language, strict=True)}
    return list(found)[:_MOST_WORDS]


@lru_cache(maxsize=100_000)
def term_key(term: str) -> int:
    """Return the number, below 2^47, under which a term is posted. The words themselves are not kept."""
    return int.from_bytes(blake2b(term.encode(), digest_size=6).digest()) >> 1


def _without_stop_words(words: list[str], language: str) -> list[str]:
    """Return the words that carry meaning. One in capitals among others is a name: `IT`, `WHO`."""
    stop_words = stop_words_of(language)
    if not stop_words:
        return words
    kept = [
        word
        for place, word in enumerate(words)
        if word.lower() not in stop_words or (_is_acronym(word) and not _is_shouted(words, place))
    ]
    return kept or words


def _is_acronym(word: str) -> bool:
    return 1 < len(word) <= _LONGEST_ACRONYM and word.isascii() and word.isupper()


def _is_shouted(words: list[str], place: int) -> bool:
    """Return whether a word stands in capitals because the words beside it do."""
    beside = (words[place - 1] if place else "", words[place + 1] if place + 1 < len(words) else "")
    return len(words) > 1 and any(word.isupper() for word in beside)


def _terms(words: list[str], language: str) -> list[str]:
    lowered = [_lower(word, language) for word in words]
    stemmer = _stemmer(language)
    stems = stemmer.stemWords(lowered) if stemmer else lowered
    if language in _MARKS_TELL_APART:
        return stems
    return [stem if stem.isascii() else _folded(stem) for stem in stems]


def _lower(word: str, language: str) -> str:
    if language == "tr":
        word = word.replace("I", "ı").replace("İ", "i")
    return word.lower()


def _stemmer(language: str) -> Stemmer.Stemmer | None:
    """Return the thread's own stemmer: one must not be used by two at once."""
    if language not in STEMMERS:
        return None
    if not hasattr(_stemmers, language):
        setattr(_stemmers, language, Stemmer.Stemmer(STEMMERS[language]))
    stemmer: Stemmer.Stemmer = getattr(_stemmers, language)
    return stemmer


@lru_cache(maxsize=50_000)
def _folded(word: str) -> str:
    """Return the word without the marks on its letters, where they are often left out."""
    word = word.translate(_WITHOUT_DECOMPOSITION)
    if word[:1] > _LAST_FOLDED:
        return word
    return "".join(char for char in unicodedata.normalize("NFD", word) if not unicodedata.combining(char))


@cache
def stop_words_of(language: str) -> frozenset[str]:
    """Return the words of a language that carry no meaning of their own; none where they are not known."""
    path = _STOP_WORDS / f"{_SAME_STOP_WORDS.get(language, language)}.txt"
    return frozenset(path.read_text().split()) if language and path.exists() else frozenset()


@cache
def _languages_with_stop_words() -> tuple[str, ...]:
    return tuple(sorted(path.stem for path in _STOP_WORDS.glob("*.txt")))


def _language_of(words: list[str]) -> str:
    """Return the language of most of the words that carry no meaning; "" where there are none."""
    lowered = [word.lower() for word in words]
    counts = {
        language: sum(word in stop_words_of(language) for word in lowered) for language in _languages_with_stop_words()
    }
    most = max(counts, key=lambda language: (counts[language], language == "en"))
    return most if counts[most] else ""
