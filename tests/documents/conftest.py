"""Shared by the tests of documents: parsing in this process, and a stored file."""

from collections.abc import Callable
from pathlib import Path

import pytest

from apps.documents.formats import parser_for
from apps.documents.media import detect
from apps.documents.parsing import Block, Parsed, Source

Parse = Callable[[Path], Parsed]


@pytest.fixture
def parse() -> Parse:
    """Read a file in this process, as the child does."""
    return lambda path: (
        parser_for(detect(path, path.name)).parse(Source(path, path.name), progress=lambda done, total: None).whole()
    )


def blocks_of(parsed: Parsed) -> list[Block]:
    return [block for page in parsed.pages for block in page.blocks]


def text_of(parsed: Parsed) -> str:
    return "\n".join(block.text for block in blocks_of(parsed))
