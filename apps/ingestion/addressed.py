"""Tell readers of a document, as it is read, on which of its pages it addresses a model instead of them.

Only a warning: what is left out of a prompt is decided when it is made, by the same signs.
"""

from django.utils.translation import gettext as _

from apps.documents.parsing import Page, ReadingNote
from apps.verification.instructions import instructions_in

CODE = "instruction_like"
_MOST = 50  # notes; a document that has more says no more by them
_LONGEST_QUOTE = 160
_SEAM = 300  # characters of the page before, in which an order may begin


class AddressWatch:
    """Takes pages in order; `notes` has what was found so far, at most one for each page."""

    def __init__(self) -> None:
        self.notes: list[ReadingNote] = []
        self._before = ""
        self._noted = 0

    def look(self, page: Page) -> None:
        """Look at the next page, or the next part of one."""
        text = "\n".join(block.text for block in page.blocks)
        shown = f"{self._before}\n{text}"
        self._before = text[-_SEAM:]
        if page.number == self._noted or len(self.notes) >= _MOST:
            return
        found = [each for each in instructions_in(shown) if each.end > len(shown) - len(text)]
        if found:
            worst = max(found, key=lambda each: each.score)
            self._noted = page.number
            self.notes.append(_note(page.number, shown[worst.start : worst.end]))


def _note(page: int, words: str) -> ReadingNote:
    quote = " ".join("".join(char for char in words if char.isprintable() or char.isspace()).split())
    quote = quote if len(quote) <= _LONGEST_QUOTE else f"{quote[:_LONGEST_QUOTE]} …"
    said = _(
        "This page addresses a model instead of its readers: “%(quote)s” Answers are written without that passage."
    )
    return ReadingNote(CODE, said % {"quote": quote}, page)
