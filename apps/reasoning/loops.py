"""Notice that a model has begun to repeat itself for ever. Pure; for endpoints that do not stop it themselves."""

_TAIL = 60
_LEAST = 360  # characters that must have been said over again
_REPEATS = 3
_WINDOW = 6000
_STEP = 80


class LoopWatch:
    """Feed it what is written; it answers whether the end of it goes round in a circle."""

    def __init__(self) -> None:
        self._text = ""
        self._unseen = 0

    def feed(self, text: str) -> bool:
        """Return whether the text so far ends in a loop. Looks every few words, so a loop is noticed soon, not at once."""
        self._text = (self._text + text)[-_WINDOW:]
        self._unseen += len(text)
        if self._unseen < _STEP:
            return False
        self._unseen = 0
        return ends_in_loop(self._text)


def ends_in_loop(text: str) -> bool:
    """Return whether the last characters repeat, word for word, at least three times and for several lines."""
    if len(text) < _LEAST:
        return False
    tail = text[-_TAIL:]
    before = text.rfind(tail, 0, len(text) - 1)
    if before < 0:
        return False
    period = len(text) - _TAIL - before
    needed = max(_REPEATS * period, _LEAST)
    if len(text) < needed + period:
        return False
    said = text[-needed:]
    return said == text[-needed - period : -period]
