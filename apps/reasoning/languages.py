"""In which language a question is asked, and so which its answer is to be in. Quotes stay in that of their document. Pure.

Questions are short, so that small words and scripts say more of them than statistics: what cannot be told is left to the model,
which sees the question itself.
"""

from collections import Counter

from apps.documents.language import detect_language
from apps.retrieval.analysis import stop_words_of

NAMES = {
    "ar": "Arabic",
    "bn": "Bengali",
    "cs": "Czech",
    "da": "Danish",
    "de": "German",
    "el": "Greek",
    "en": "English",
    "es": "Spanish",
    "fa": "Persian",
    "fi": "Finnish",
    "fr": "French",
    "he": "Hebrew",
    "hi": "Hindi",
    "hu": "Hungarian",
    "id": "Indonesian",
    "it": "Italian",
    "ja": "Japanese",
    "ko": "Korean",
    "nb": "Norwegian",
    "nl": "Dutch",
    "no": "Norwegian",
    "pl": "Polish",
    "pt": "Portuguese",
    "ro": "Romanian",
    "ru": "Russian",
    "sv": "Swedish",
    "th": "Thai",
    "tr": "Turkish",
    "uk": "Ukrainian",
    "vi": "Vietnamese",
    "zh": "Chinese",
}
"""How a prompt names a language, by its ISO 639-1 code."""

_SCRIPTS = {
    "ja": ((0x3041, 0x30FF),),
    "zh": ((0x3400, 0x9FFF),),
    "ko": ((0x1100, 0x11FF), (0xAC00, 0xD7A3)),
    "th": ((0x0E01, 0x0E4E),),
    "el": ((0x0370, 0x03FF), (0x1F00, 0x1FFF)),
    "he": ((0x0590, 0x05FF),),
    "hi": ((0x0900, 0x097F),),
    "bn": ((0x0980, 0x09FF),),
}
"""Scripts that say the language of a short question by themselves; kana before what Japanese shares with Chinese."""

_FEW = 0.3  # of the letters: fewer in another script are a name within the question
_SURE = 60  # letters from which statistics outweigh small words
_RELATED = (frozenset({"nb", "no", "da", "nn"}), frozenset({"hr", "sr", "bs"}), frozenset({"id", "ms"}))


def language_of(question: str) -> str:
    """Return the ISO 639-1 code of a question's language, "" where it cannot be told."""
    letters = [char for char in question if char.isalpha()]
    for language, ranges in _SCRIPTS.items():
        of_script = sum(any(first <= ord(char) <= last for first, last in ranges) for char in letters)
        if of_script and of_script >= (0.1 if language == "ja" else _FEW) * len(letters):
            return language
    if len(letters) >= _SURE or not question.isascii():
        told = detect_language(question)
        if told in NAMES:
            return told
    return _by_small_words(question)


def name_of(language: str) -> str:
    """Return the English name of a language, "" where it is not known."""
    return NAMES.get(language, "")


def differ(one: str, other: str) -> bool:
    """Return whether two languages are known, and a reader of one may not read the other."""
    if not one or not other or one == other:
        return False
    return not any(one in related and other in related for related in _RELATED)


def _by_small_words(question: str) -> str:
    """Return the language most of whose small words stand in a question; "" where two have as many, or none has any."""
    words = [word.strip("¿¡?!.,;:“”\"'’()").casefold() for word in question.split()]
    counts = Counter({language: sum(word in stop_words_of(language) for word in words) for language in NAMES})
    (first, most), (second, next_most) = counts.most_common(2)
    if not most:
        return ""
    return first if most > next_most or not differ(first, second) else ""
