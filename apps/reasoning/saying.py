"""The answer while it is being said: what the model wrote, and what of it can be shown. Pure."""

from dataclasses import dataclass, field

from apps.reasoning.citations import MarkerReader
from apps.reasoning.opening import Opening, OpeningReader


@dataclass(slots=True)
class Saying:
    """Feed it the answer in pieces. `raw` is as the model wrote it; `shown` is without the opening line, and with markers of
    passages that exist only."""

    passages: int
    raw: str = ""
    shown: str = ""
    _markers: MarkerReader = field(init=False)
    _opening: OpeningReader = field(init=False)

    def __post_init__(self) -> None:
        self._markers, self._opening = MarkerReader(self.passages), OpeningReader()

    @property
    def opening(self) -> Opening:
        return self._opening.opening

    @property
    def dropped(self) -> int:
        """Return how many markers named no passage."""
        return self._markers.dropped

    def feed(self, text: str) -> str:
        """Return what can be shown now."""
        self.raw += text
        return self._show(self._markers.feed(self._opening.feed(text)))

    def close(self) -> str:
        """Return what was still held back, at the end."""
        return self._show(self._markers.feed(self._opening.close()) + self._markers.close())

    def _show(self, text: str) -> str:
        if not self.shown:
            text = text.lstrip()
        self.shown += text
        return text
