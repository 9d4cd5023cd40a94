"""Find the markers in an answer while it is being written. Pure: text in, text out.

Models write `[1]`, `[1, 2]`, `[1][2]`, `[1-3]`, `[citation:3]`, `[passage 3]`. What leaves here is always `[n]`, one
marker a passage. Half a marker is held back until the rest of it arrives; a marker without a passage is dropped together
with the space before it. How the text was cut into chunks never changes the outcome.
"""

import re

_LONGEST = 64  # characters that a group of markers may take
_NAME = r"(?:(?:citations?|passages?|sources?|quelle|webpage|ref)\s*[:#]?\s*)?"
_GROUP = re.compile(
    rf"\[\s*{_NAME}\d{{1,3}}(?:\s*(?:,|;|&|and|und|et|y|-|–|—)\s*{_NAME}\d{{1,3}})*\s*\]", re.IGNORECASE
)
_NUMBER_OR_DASH = re.compile(r"\d+|[-–—]")
_POSSIBLE = re.compile(r"\[[\w\s,;:#&\-–—]*")
MARKER = re.compile(r"\[(\d{1,3})\]")


class MarkerReader:
    """Feed it the answer in pieces; `dropped` counts the markers that named no passage."""

    def __init__(self, passages: int) -> None:
        """Markers run from 1 to `passages`."""
        self.passages = passages
        self.dropped = 0
        self._held = ""

    def feed(self, text: str) -> str:
        """Return what can be shown now: all but what may yet become part of a marker."""
        return self._read(self._held + text, final=False)

    def close(self) -> str:
        """Return what was still held back, at the end of the answer."""
        return self._read(self._held, final=True)

    def _read(self, text: str, *, final: bool) -> str:
        shown: list[str] = []
        at = 0
        while (bracket := text.find("[", at)) >= 0:
            if group := _GROUP.match(text, bracket, bracket + _LONGEST):
                markers = self._markers(group.group())
                before = text[at:bracket]
                shown.append(before + markers if markers else before.rstrip(" \u00a0"))
                at = group.end()
                continue
            if not final and self._may_become_marker(text, bracket):
                break
            shown.append(text[at : bracket + 1])
            at = bracket + 1
        rest = text[at:]
        keep = 0 if final else self._holds(rest)
        self._held = rest[len(rest) - keep :] if keep else ""
        shown.append(rest[: len(rest) - keep])
        return "".join(shown)

    def _holds(self, rest: str) -> int:
        """Return how many characters at the end wait: an open bracket and the spaces before it, or trailing spaces."""
        bracket = rest.find("[")
        end = bracket if bracket >= 0 and self._may_become_marker(rest, bracket) else len(rest)
        return len(rest) - len(rest[:end].rstrip(" \u00a0"))

    @staticmethod
    def _may_become_marker(text: str, bracket: int) -> bool:
        tail = text[bracket:]
        return len(tail) < _LONGEST and _POSSIBLE.fullmatch(tail) is not None

    def _markers(self, group: str) -> str:
        numbers: list[int] = []
        through = False
        for part in _NUMBER_OR_DASH.findall(group):
            if not part.isdigit():
                through = True
                continue
            number = int(part)
            wanted = range(numbers[-1] + 1, number + 1) if through and numbers and number > numbers[-1] else [number]
            numbers.extend(n for n in wanted if n not in numbers)
            through = False
        known = [n for n in numbers if 1 <= n <= self.passages]
        self.dropped += len(numbers) - len(known)
        return "".join(f"[{n}]" for n in known)


def markers_in(text: str) -> list[int]:
    """Return the marker numbers in a text that `MarkerReader` has been through, each once, in order."""
    return list(dict.fromkeys(int(number) for number in MARKER.findall(text)))


def without_markers(text: str) -> str:
    """Return the text as a reader would speak it."""
    return re.sub(r"\s*\[\d{1,3}\]", "", text)
