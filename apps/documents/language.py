"""The language of a text, by py3langid."""

import re
from functools import cache
from typing import Any

_ENOUGH = 40
_SAMPLE = 4000


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


@cache
def _identifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
