"""From a catalogue and a machine to one model. Pure: nothing here touches the machine."""

from collections.abc import Callable, Iterable

from inference.catalogue import Entry
from inference.hardware import Hardware
from inference.parallel import lay_out
from inference.wishes import Wishes

_CPU_ROOM_GB = 6.0
_LARGEST_ON_CPU_GB = 4.0
"""A processor reads all weights for every word: above this nobody waits for the answer."""
_LEAST_CAPABILITY = {"fp8": 7.5, "awq": 7.5, "w4a16": 8.0}
"""By way of storing weights, what vLLM's kernels need of a GPU (`get_min_capability` in its layers.quantization). FP8 below
8.9 is read as FP8 and computed as 16 bits: half the memory, no faster arithmetic."""
_INVARIANT_CAPABILITY = 8.0
"""What batch-invariant kernels need (docs/features/batch_invariance.md of vLLM)."""


class NothingFits(Exception):
    """No model of the catalogue can be served here; the message says why."""


def choose(
    catalogue: Iterable[Entry], hardware: Hardware, at_hand: Callable[[Entry], bool], wishes: Wishes | None = None
) -> Entry:
    """Return the model to serve: the one asked for, else the largest that fits and whose weights can be had.

    Variants with smaller weights answer a little worse, so they are served only when asked for. `at_hand` says whether
    weights are on disk or can be fetched; it is asked only about models that fit. Raises NothingFits.
    """
    entries, wishes = list(catalogue), wishes or Wishes()
    if objection := invariance_objection(hardware, wishes):
        raise NothingFits(objection)
    if wishes.model:
        return _asked_for(entries, hardware, wishes)
    fitting = [entry for entry in entries if not entry.is_variant and fits(entry, hardware)]
    for entry in sorted(fitting, key=lambda entry: (entry.demonstration, -entry.memory_gb)):
        if at_hand(entry):
            return entry
    if fitting:
        raise NothingFits("No model's weights are on this machine, and no hub could be reached to fetch them.")
    raise NothingFits(f"{hardware.memory_gb:.0f} GB of memory is too little for any model of the catalogue.")


def fits(entry: Entry, hardware: Hardware) -> bool:
    """Return whether weights and a useful cache go into the memory there is."""
    if hardware.gpus:
        return lay_out(entry, hardware) is not None
    if entry.demonstration:
        return entry.memory_gb + 3.0 <= hardware.memory_gb
    return entry.memory_gb <= _LARGEST_ON_CPU_GB and entry.memory_gb + _CPU_ROOM_GB <= hardware.memory_gb


def invariance_objection(hardware: Hardware, wishes: Wishes) -> str:
    """Return why answers cannot be made independent of what else is answered, where that was asked for."""
    capable = hardware.gpus and all(gpu.compute_capability >= _INVARIANT_CAPABILITY for gpu in hardware.gpus)
    if not wishes.batch_invariant or capable:
        return ""
    return "TOULMIN_BATCH_INVARIANT needs GPUs of compute capability 8.0 or more, and this machine has none."


def _asked_for(entries: list[Entry], hardware: Hardware, wishes: Wishes) -> Entry:
    for entry in entries:
        if wishes.model == entry.key or (wishes.model == entry.id and not entry.is_variant):
            if objection := _objection(entry, hardware, wishes):
                raise NothingFits(objection)
            return entry
    known = ", ".join(entry.key for entry in entries)
    raise NothingFits(f"TOULMIN_MODEL names {wishes.model}, which the catalogue does not hold. It holds: {known}.")


def _objection(entry: Entry, hardware: Hardware, wishes: Wishes) -> str:
    """Return why a model that was asked for by name cannot run; that it may be slow or tight is the operator's choice."""
    needed = _LEAST_CAPABILITY.get(entry.quantisation, 0.0)
    if needed and not any(gpu.compute_capability >= needed for gpu in hardware.gpus):
        return f"{entry.label} needs a GPU of compute capability {needed} or more, and this machine has none."
    if wishes.nodes > 1 and lay_out(entry, hardware, nodes=wishes.nodes) is None:
        return f"{wishes.nodes} machines like this one are too small for {entry.label}."
    return ""
