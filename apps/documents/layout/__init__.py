"""From words with places to blocks in reading order. Pure: knows neither files nor libraries."""

from apps.documents.layout.drawing import Drawing
from apps.documents.layout.page import PageLayout, among, arrange
from apps.documents.layout.words import Frame, Word

__all__ = ["Drawing", "Frame", "PageLayout", "Word", "among", "arrange"]
