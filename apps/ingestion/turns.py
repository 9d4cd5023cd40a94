"""One at a time, the smallest first: a letter does not wait behind the batches of a long document."""

import heapq
import itertools
import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Turns:
    """Shared by threads; who comes first among equals goes first."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._waiting: list[tuple[int, int]] = []
        self._numbers = itertools.count()
        self._is_taken = False

    @contextmanager
    def taken(self, size: int) -> Iterator[None]:
        """Wait until nobody else has a turn and nobody waits for a smaller one."""
        with self._changed:
            mine = (size, next(self._numbers))
            heapq.heappush(self._waiting, mine)
            self._changed.wait_for(lambda: not self._is_taken and self._waiting[0] == mine)
            heapq.heappop(self._waiting)
            self._is_taken = True
        try:
            yield
        finally:
            with self._changed:
                self._is_taken = False
                self._changed.notify_all()
