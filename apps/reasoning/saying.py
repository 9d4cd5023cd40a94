"""The answer while it is being said: what the model wrote, and what of it can be shown. Pure."""

from dataclasses import dataclass, field

from apps.reasoning.calculations import Calculation, CalculationReader
from apps.reasoning.citations import MarkerReader
from apps.reasoning.opening import Opening, OpeningReader


@dataclass(slots=True)
class Saying:
    """Feed it the answer in pieces. `raw` is as the model wrote it; `shown` is without the opening line and the lines that
    only calculate, and with markers of passages that exist only."""

    passages: int
    raw: str = ""
    shown: str = ""
    _begun: bool = False
    _markers: MarkerReader = field(init=False)
    _opening: OpeningReader = field(init=False)
    _calculations: CalculationReader = field(init=False)

    def __post_init__(self) -> None:
        self._markers, self._opening = MarkerReader(self.passages), OpeningReader()
        self._calculations = CalculationReader()

    @property
    def opening(self) -> Opening:
        return self._opening.opening

    @property
    def dropped(self) -> int:
        """Return how many markers named no passage."""
        return self._markers.dropped

    @property
    def calculations(self) -> tuple[Calculation, ...]:
        """Return the lines that only calculate, with their places in `shown`."""
        return tuple(self._calculations.found)

    def feed(self, text: str) -> str:
        """Return what can be shown now."""
        self.raw += text
        return self._show(self._calculations.feed(self._begin(self._markers.feed(self._opening.feed(text)))))

    def close(self) -> str:
        """Return what was still held back, at the end."""
        rest = self._begin(self._markers.feed(self._opening.close()) + self._markers.close())
        return self._show(self._calculations.feed(rest) + self._calculations.close())

    def _begin(self, text: str) -> str:
        """Drop blanks before the first word."""
        text = text if self._begun else text.lstrip()
        self._begun = self._begun or bool(text)
        return text

    def _show(self, text: str) -> str:
        self.shown += text
        return text
