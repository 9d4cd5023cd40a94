"""Who acts: copied into every record by value, so that history outlives people and tokens."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Actor:
    """A person, a person's token, or the system itself."""

    type: Literal["user", "token", "system"]
    id: str = ""
    label: str = ""
    address: str = ""
    request_id: str = ""


SYSTEM = Actor(type="system", label="System")

_current: ContextVar[Actor] = ContextVar("actor", default=SYSTEM)


@contextmanager
def acting(actor: Actor) -> Iterator[None]:
    """Within the block, records name this actor; the former one is restored on the way out."""
    token = _current.set(actor)
    try:
        yield
    finally:
        _current.reset(token)


def current_actor() -> Actor:
    """Return who acts now; the system where nobody was named."""
    return _current.get()
