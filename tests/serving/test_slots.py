"""No endpoint writes more at once than it may, who came first goes first, and no slot stays busy whoever dies."""

import random
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import override_settings

from apps.serving import slots
from apps.serving.endpoints import Served
from apps.serving.slots import Slot, in_use, room

pytestmark = [pytest.mark.usefixtures("clean_cache"), pytest.mark.timeout(60)]


def served(name: str = "one", at_once: int = 2) -> Served:
    return Served(name, name, "vllm", "http://127.0.0.1:9/v1", "r1", at_once=at_once)


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slots, "LEASE", 0.2)


def test_there_are_as_many_slots_as_the_endpoint_has() -> None:
    holders = [Slot() for _ in range(3)]
    assert [bool(slot.take([served()])) for slot in holders] == [True, True, False]
    assert (in_use([served()]), room([served()])) == ({"one": 2}, 0)
    holders[0].release()
    assert holders[2].take([served()])


def test_no_limit_lets_everybody_in_and_counts_them() -> None:
    holders = [Slot() for _ in range(40)]
    assert all(slot.take([served(at_once=0)]) for slot in holders)
    assert in_use([served(at_once=0)]) == {"one": 40}
    assert room([served(), served("two", at_once=0)]) is None


def test_the_first_endpoint_with_room_is_taken() -> None:
    line = [served("one", 1), served("two", 1)]
    holders = [Slot() for _ in range(3)]
    assert [one.id if (one := slot.take(line)) else "" for slot in holders] == ["one", "two", ""]


def test_those_who_are_ahead_are_left_their_room() -> None:
    late = Slot()
    assert late.take([served(at_once=2)], ahead=2) is None
    assert late.take([served(at_once=2)], ahead=1)


def test_moving_to_another_endpoint_frees_the_first() -> None:
    slot = Slot()
    slot.take([served("one")])
    assert slot.wait_for(served("two"), stopped=lambda: False, until=time.monotonic())
    assert in_use([served("one"), served("two")]) == {"one": 0, "two": 1}


def test_waiting_ends_when_there_is_room_when_stopped_and_in_time() -> None:
    first, second = Slot(), Slot()
    one = served(at_once=1)
    first.take([one])
    assert not second.wait_for(one, stopped=lambda: True, until=time.monotonic() + 30)
    assert not second.wait_for(one, stopped=lambda: False, until=time.monotonic())
    threading.Timer(0.1, first.release).start()
    assert second.wait_for(one, stopped=lambda: False, until=time.monotonic() + 5)


@pytest.mark.usefixtures("short")
def test_the_slot_of_a_dead_holder_is_free_within_its_lease() -> None:
    dead, next_one = Slot(), Slot()
    one = served(at_once=1)
    dead.take([one])
    assert next_one.take([one]) is None
    time.sleep(0.25)
    assert next_one.take([one])
    dead.renew()  # it was only asleep: what was lost is lost
    dead.release()
    assert in_use([one]) == {"one": 1}


@pytest.mark.usefixtures("short")
def test_a_renewed_slot_is_kept() -> None:
    slot = Slot()
    slot.take([served()])
    for _ in range(4):
        time.sleep(0.1)
        slot.renew()
    assert in_use([served()]) == {"one": 1}


def test_releasing_twice_frees_nobody_elses() -> None:
    slot, other = Slot(), Slot()
    slot.take([served()])
    slot.release()
    other.take([served()])
    slot.release()
    assert in_use([served()]) == {"one": 1}


@pytest.mark.usefixtures("short")
@pytest.mark.parametrize("seed", range(3))
def test_whoever_dies_and_however_the_limit_holds_and_all_slots_come_back(seed: int) -> None:
    """Thirty answers on eight threads, each of which ends, is forgotten, loses its lease or moves midway."""
    chance = random.Random(seed)
    line = [served("one", 2), served("two", 3)]
    fates = [chance.choice(["ends", "dies", "sleeps", "moves"]) for _ in range(30)]
    most = dict.fromkeys(("one", "two"), 0)
    over = threading.Event()

    def watch() -> None:
        while not over.is_set():
            for name, count in in_use(line).items():
                most[name] = max(most[name], count)

    def write(work: Iterator[str], lock: Any) -> None:
        while True:
            with lock:
                fate = next(work, None)
            if fate is None:
                return
            slot = Slot()
            while slot.take(line) is None:
                time.sleep(0.01)
            _meet(slot, fate, line)

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    lock, work = threading.Lock(), iter(fates)
    writers = [threading.Thread(target=write, args=(work, lock)) for _ in range(8)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(30)
    assert not any(writer.is_alive() for writer in writers)
    time.sleep(0.25)
    assert in_use(line) == {"one": 0, "two": 0}
    over.set()
    watcher.join()
    assert most["one"] <= 2
    assert most["two"] <= 3


def _meet(slot: Slot, fate: str, line: list[Served]) -> None:
    """Let a holder meet its fate."""
    time.sleep(0.02)
    if fate == "dies":
        return
    if fate == "sleeps":
        time.sleep(0.3)
        slot.renew()
    if fate == "moves":
        slot.wait_for(line[-1], stopped=lambda: False, until=time.monotonic() + 2)
    slot.release()


def test_without_redis_everybody_is_let_in() -> None:
    with override_settings(REDIS_URL="redis://127.0.0.1:9/0"):
        slots._client.cache_clear()
        slot = Slot()
        assert slot.take([served(at_once=1)]) == served(at_once=1)
        slot.renew()
        slot.release()
        assert (in_use([served()]), room([served()])) == ({"one": 0}, 2)
    slots._client.cache_clear()
