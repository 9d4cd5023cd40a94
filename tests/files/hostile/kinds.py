"""What a hostile file is to a test: how it is made, how it is called, and how reading it may end."""

from collections.abc import Callable
from dataclasses import dataclass

READ = "read"
"""Not an error: what can be had of the file is read."""


@dataclass(frozen=True, slots=True)
class Hostile:
    """`ends` are the codes that reading it may end with, `read` where it need not end in an error."""

    name: str
    filename: str
    make: Callable[[], bytes]
    ends: frozenset[str]


def hostile(name: str, filename: str, make: Callable[[], bytes], *ends: str) -> Hostile:
    return Hostile(name, filename, make, frozenset(ends))
