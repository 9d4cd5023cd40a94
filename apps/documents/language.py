"""The language of a text: by its script where that says it, else by its words, else by py3langid."""

import re
from collections import Counter
from dataclasses import replace
from functools import cache
from typing import Any

from apps.documents.parsing import Block, Page

_ENOUGH = 40
_SAMPLE = 4000
_FEW_WORDS, _MORE_TIMES = 4, 3
_LAST_LATIN = "\u036f"
_OTHER_SCRIPT = re.compile("[\u0370-\u1dff\u1f00-\u1fff\u3041-\ud7a3\uf900-\ufefc\uff66-\uff9d]")
_WIDE = 2
_FEWEST_LETTERS = 4
_LONG_WITHOUT_KANA = 40

_SCRIPTS = {
    "ja": re.compile("[\u3041-\u30ff\uff66-\uff9d]"),
    "zh": re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]"),
    "ko": re.compile("[\u1100-\u11ff\uac00-\ud7a3]"),
    "ru": re.compile("[\u0400-\u04ff]"),
    "el": re.compile("[\u0370-\u03ff\u1f00-\u1fff]"),
    "ar": re.compile("[\u0620-\u06ff\ufb50-\ufdff\ufe70-\ufefc]"),
    "he": re.compile("[\u05d0-\u05f2\ufb1d-\ufb4f]"),
    "th": re.compile("[\u0e01-\u0e4e]"),
    "hi": re.compile("[\u0900-\u0963]"),
    "bn": re.compile("[\u0985-\u09e3]"),
    "ta": re.compile("[\u0b83-\u0bcd]"),
    "ka": re.compile("[\u10a0-\u10ff]"),
    "hy": re.compile("[\u0531-\u0587]"),
}
_EAST_ASIAN = frozenset({"ja", "zh", "ko"})
_LETTERS_OF_ONE = (
    ("ru", "uk", re.compile("[іїєґІЇЄҐ]")),
    ("ru", "be", re.compile("[ўЎ]")),
    ("ru", "sr", re.compile("[ћђџљњјЋЂЏЉЊЈ]")),
    ("ar", "ur", re.compile("[ٹڈڑںے]")),
    ("ar", "fa", re.compile("[پچژگ]")),
)
_RELATED = {
    "uk": "ru",
    "be": "ru",
    "sr": "ru",
    "bg": "ru",
    "mk": "ru",
    "kk": "ru",
    "fa": "ar",
    "ur": "ar",
    "mr": "hi",
    "ne": "hi",
}
"""Languages whose script alone cannot tell them from the one that their script is taken for."""

_WORDS = {
    "en": "the of and to in is that for with on by this be are or an shall from which not have has was at any such",
    "de": "der die das und den von zu mit sich des auf für ist im dem nicht ein eine als auch werden wird oder einer bei in an",
    "fr": "le la les des et en un une du est dans que pour qui par sur au plus ne pas ce avec sont aux ou cette",
    "es": "el la los las de y en que un una del se por con para es al lo como más o sus su este ser no",
    "it": "il di e che la in un per è non una sono con del della si da le dei al come nel gli delle alla anche",
    "pt": "o os as de e que do da em um uma para com não no na por se dos das ao mais como foi pela são",
    "nl": "de het een van en in is dat op te zijn met voor niet aan door er als bij ook naar om wordt worden of",
    "sv": "och att det som en på är av för med den till inte har de om ett ska vid från kan eller",
    "da": "og at det som en på er af for med den til ikke har de om et skal ved fra kan eller der",
    "nb": "og at det som en på er av for med den til ikke har de om et skal ved fra kan eller",
    "fi": "ja on ei että se oli hän ovat mutta myös kun tai joka sekä voi mukaan sen jos ole",
    "pl": "i w na z do się nie że jest o przez od dla oraz po jako lub są tym ze które być",
    "cs": "a v na je se s z do že o pro jako za podle nebo by jsou od které není který při po",
    "hu": "a az és hogy nem is egy ez meg vagy csak de el mint volt szerint azonban által",
    "ro": "și în de la cu pe nu din care este pentru că un o mai au fost sau prin ale se",
    "tr": "ve bir bu da de için ile olarak olan gibi daha çok en ya veya kadar sonra tarafından",
    "id": "yang dan di dengan untuk dari pada ini dalam tidak adalah itu akan oleh atau ke sebagai",
    "vi": "và của là có trong được cho các một không với người những này khi đã để về",
}  # fmt: skip
_LANGUAGES_OF = {
    word: tuple(language for language, words in _WORDS.items() if word in words.split())
    for words in _WORDS.values()
    for word in words.split()
}


def detect_language(text: str) -> str:
    """Return the ISO 639-1 code of a text's language, or "" where the text is too short or the guess too weak."""
    words = re.sub(r"[\d\W_]+", " ", text).strip()
    letters = len(words.replace(" ", ""))
    if letters < _ENOUGH and words.isascii():
        return ""
    if letters < _ENOUGH // 4:
        return ""
    language, certainty = _identifier().classify(words[:_SAMPLE])
    return str(language) if certainty > 0.7 else ""


def likely_languages(text: str) -> tuple[str, ...]:
    """Return the languages with Latin letters whose small words stand in a text, the likeliest first, close ones with it."""
    hits: Counter[str] = Counter()
    for word in text[:_SAMPLE].lower().split():
        hits.update(_LANGUAGES_OF.get(word, ()))
    most = max(hits.values(), default=0)
    return tuple(language for language, count in hits.most_common() if count > 1 and count > 0.7 * most)


def mark_languages(page: Page, default: str) -> Page:
    """Return the page with the language of each block that clearly differs from the document's, which is `default`.

    Asks py3langid at most once for each language that the words suggest, since it costs more than reading the page does.
    """
    confirmed: dict[str, bool] = {}
    blocks = tuple(_marked(block, default, confirmed) for block in page.blocks)
    return replace(page, blocks=blocks) if blocks != page.blocks else page


def _marked(block: Block, default: str, confirmed: dict[str, bool]) -> Block:
    if block.language:
        return block
    language = _by_script(block.text, default) if _OTHER_SCRIPT.search(block.text) else None
    if language is None:
        language = _by_words(block.text, default)
        if language and language not in confirmed:
            confirmed[language] = detect_language(block.text) == language
        if not confirmed.get(language):
            return block
    return replace(block, language=language) if language and language != default else block


def _by_script(text: str, default: str) -> str | None:
    """Return the language that the script of most letters says, "" where that may be the default; None for Latin letters."""
    counts = {language: len(script.findall(text)) for language, script in _SCRIPTS.items()}
    weights = {
        language: count * (_WIDE if language in _EAST_ASIAN else 1) for language, count in counts.items() if count
    }
    if counts["ja"] and counts["ja"] * 10 > counts["zh"]:
        weights["ja"] += weights.pop("zh", 0)
    if not weights:
        return None
    language = max(weights, key=weights.__getitem__)
    latin = sum(character.isalpha() and character <= _LAST_LATIN for character in text)
    if weights[language] < max(_FEWEST_LETTERS, latin):
        return None
    if language == "zh" and default == "ja" and counts["zh"] < _LONG_WITHOUT_KANA:
        return ""
    for script, exact, letters in _LETTERS_OF_ONE:
        if script == language and len(letters.findall(text)) * 100 > weights[language]:
            return exact
    return "" if _RELATED.get(default) == language else language


def _by_words(text: str, default: str) -> str:
    """Return the language whose small words stand in a text several times as often as the default's; "" if none does.

    Words that both have speak for neither.
    """
    hits: Counter[str] = Counter()
    common = Counter(map(_LANGUAGES_OF.get, text[:_SAMPLE].lower().split()))
    for languages, times in common.items():
        for language in languages or ():
            hits[language] += times
    hits.pop(default, None)
    if not hits:
        return ""
    language, found = hits.most_common(1)[0]
    shared = sum(times for both, times in common.items() if both and language in both and default in both)
    against = sum(times for both, times in common.items() if both and default in both and language not in both)
    return language if found - shared >= max(_FEW_WORDS, _MORE_TIMES * against + 1) else ""


@cache
def _identifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
