"""What office documents say of their pictures, for those who cannot see them."""

import re

_FILE_NAME = re.compile(r"\S+\.(?:png|jpe?g|gif|bmp|tiff?|wmf|emf|svg)", re.IGNORECASE)
_OF_PROGRAMS = re.compile(r"\s*(?:Description automatically generated.*|AI-generated content may be incorrect\.?)$")
_LONGEST = 1000


def description_of(text: str | None) -> str:
    """Return the description of a picture; "" for a file's name and what programs put there of their own."""
    said = " ".join((text or "").split())
    return "" if _FILE_NAME.fullmatch(said) else _OF_PROGRAMS.sub("", said)[:_LONGEST]
