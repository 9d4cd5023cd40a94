"""Lines of an answer that only say how a figure was computed: they are read by the number ledger and not shown. Pure.

A model writes `calc: (1,204 − 1,087) ÷ 1,087 = 10.76 %` under the sentence that states the result. How the text was cut into chunks
never changes the outcome.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from apps.verification.figures.proposals import calculation_lines, may_become_calculation
from apps.verification.sentences import Range


@dataclass(frozen=True, slots=True)
class Calculation:
    """A line as written, and the place in the shown text at which it stood."""

    text: str
    at: int


class CalculationReader:
    """Feed it the answer in pieces; `found` are the lines that it kept back."""

    def __init__(self) -> None:
        self.found: list[Calculation] = []
        self._shown = 0
        self._held = ""
        self._within = False
        """The line that is being written has been shown in part."""

    def feed(self, text: str) -> str:
        """Return what can be shown now: all but a line that may yet prove to be a calculation."""
        self._held += text
        shown = ""
        while (end := self._held.find("\n") + 1) > 0:
            line, self._held = self._held[:end], self._held[end:]
            shown += self._line(line)
            self._within = False
        if self._within or not may_become_calculation(self._held):
            shown += self._show(self._held)
            self._within = self._within or bool(self._held)
            self._held = ""
        return shown

    def close(self) -> str:
        """Return what was still held back, at the end of the answer."""
        line, self._held = self._held, ""
        return self._line(line)

    def _line(self, line: str) -> str:
        if not self._within and calculation_lines(line):
            self.found.append(Calculation(line.strip(), self._shown))
            return ""
        return self._show(line)

    def _show(self, text: str) -> str:
        self._shown += len(text)
        return text


class Worked:
    """A text with its calculations where they stood, and the places in one for those in the other."""

    def __init__(self, text: str, calculations: Sequence[Calculation]) -> None:
        self._at = [min(one.at, len(text)) for one in calculations]
        self._lines = [
            f"{one.text}\n" if at == 0 or text[at - 1] == "\n" else f"\n{one.text}\n"
            for one, at in zip(calculations, self._at, strict=True)
        ]
        parts, before = [], 0
        for at, line in zip(self._at, self._lines, strict=True):
            parts += [text[before:at], line]
            before = at
        self.text = "".join([*parts, text[before:]])

    def there(self, span: Range) -> Range:
        """Return where a range of the shown text, not an empty one, stands in the text with the calculations."""
        start, end = span
        return start + self._inserted(start), end + self._inserted(end - 1)

    def back(self, span: Range) -> Range:
        """Return the range of the shown text for one that holds no calculation."""
        start, end = span
        before = 0
        for at, line in zip(self._at, self._lines, strict=True):
            if at + before + len(line) > start:
                break
            before += len(line)
        return start - before, end - before

    def _inserted(self, at: int) -> int:
        return sum(len(line) for line in self._lines[: bisect_right(self._at, at)])
