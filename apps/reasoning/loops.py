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


def before_loop(text: str) -> str:
    """Return the text without the turns that a loop at its end goes round again; the text itself if it ends in none."""
    end = text[-_WINDOW:]
    period = _period(end)
    if not period:
        return text
    turn, kept = text[-period:], len(text)
    while text.startswith(turn, kept - 2 * period) and kept >= 2 * period:
        kept -= period
    return text[:kept]


def ends_in_loop(text: str) -> bool:
    """Return whether the last characters repeat, word for word, at least three times and for several lines."""
    return _period(text) > 0


def _period(text: str) -> int:
    """Return after how many characters the end of the text comes again and again; 0 if it does not."""
    if len(text) < _LEAST:
        return 0
    tail = text[-_TAIL:]
    before = text.rfind(tail, 0, len(text) - 1)
    if before < 0:
        return 0
    period = len(text) - _TAIL - before
    needed = max(_REPEATS * period, _LEAST)
    if len(text) < needed + period:
        return 0
    return period if text[-needed:] == text[-needed - period : -period] else 0
