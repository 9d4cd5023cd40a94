"""Read the first line of an answer, on which a model says whether the passages answer at all. A pure state machine."""

import re
from enum import Enum

from apps.reasoning.prompts import NOT_IN_PASSAGES, PARTLY_IN_PASSAGES


class Opening(Enum):
    """What the model said about the passages before it answered."""

    ANSWERED = "answered"
    PARTLY = "partly"
    NOT_IN_PASSAGES = "not_in_documents"


_WORDS = {NOT_IN_PASSAGES: Opening.NOT_IN_PASSAGES, PARTLY_IN_PASSAGES: Opening.PARTLY}
_DECORATION = " \t\r\n*_#>\"'“”`:-"
_LONGEST = 80
_AFTER = re.compile(r"[\s*_\"'“”`.:,;!\-–—]*")


class OpeningReader:
    """Feed it the answer in pieces; it holds the beginning back until it is clear whether it is one of the two lines."""

    def __init__(self) -> None:
        self.opening = Opening.ANSWERED
        self._held = ""
        self._decided = False
        self._trim = False

    def feed(self, text: str) -> str:
        """Return the part of the answer that can be shown, without the line itself."""
        if self._decided:
            return self._trimmed(text)
        self._held += text
        begun = self._held.lstrip(_DECORATION).upper()
        for words, opening in _WORDS.items():
            if begun.startswith(words):
                self.opening, self._decided, self._trim = opening, True, True
                at = self._held.upper().index(words) + len(words)
                return self._trimmed(self._held[at:])
        if len(self._held) < _LONGEST and any(words.startswith(begun) for words in _WORDS):
            return ""
        self._decided = True
        return self._held

    def close(self) -> str:
        """Return what was still held back, at the end of the answer."""
        if self._decided:
            return ""
        self._decided = True
        return self._held if self._held.strip(_DECORATION) else ""

    def _trimmed(self, text: str) -> str:
        """Drop the punctuation between the line and what follows it."""
        if not self._trim:
            return text
        rest = _AFTER.sub("", text, count=1) if (match := _AFTER.match(text)) and match.end() else text
        self._trim = not rest
        return rest
