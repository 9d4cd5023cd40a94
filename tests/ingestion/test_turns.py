"""One at a time, the smallest first."""

import contextlib
import threading
import time

from apps.ingestion.turns import Turns


def test_small_ones_go_before_large_ones_and_never_two_at_once() -> None:
    turns, order, inside = Turns(), [], []
    begun, may_end = threading.Event(), threading.Event()

    def first() -> None:
        with turns.taken(100):
            begun.set()
            may_end.wait()

    def later(size: int) -> None:
        with turns.taken(size):
            inside.append(size)
            assert len(inside) == 1
            order.append(size)
            inside.remove(size)

    holder = threading.Thread(target=first)
    holder.start()
    begun.wait()
    waiting = [threading.Thread(target=later, args=[size]) for size in (128, 2, 64)]
    for thread in waiting:
        thread.start()
    while len(turns._waiting) < len(waiting):
        time.sleep(0.001)
    may_end.set()
    for thread in [holder, *waiting]:
        thread.join()
    assert order == [2, 64, 128]


def test_a_turn_that_fails_is_given_back() -> None:
    turns = Turns()
    with contextlib.suppress(ValueError), turns.taken(1):
        raise ValueError
    with turns.taken(1):
        assert turns._waiting == []
