"""What a machine can be expected to serve: `python -m inference.sizing` prints the table of docs/operations.md.

Computed, not measured. Writing is taken to be bound by memory: each step reads all weights once, however many answers share it,
and the cache of every answer (R1 reads a part of them for one answer, nearly all for many: all are counted); tokens a second of one stream are bandwidth over what is read, times what real kernels reach.
Reading prompts, checking and everything else is left out, so a machine does less than this; `inference.bench` says how much.
"""

from dataclasses import dataclass

from inference.catalogue import Entry, load_catalogue
from inference.hardware import Gpu, Hardware
from inference.parallel import Layout, lay_out, tokens_in_cache

REACHED = 0.6
"""Share of the memory bandwidth that decoding reaches: assumed."""
CONTEXT = 8_000
"""Tokens of one answer at its end, prompt included: assumed; `standard` effort stays below."""
WRITTEN = 1_500
"""Tokens that an answer writes, reasoning included: assumed."""
LEAST_RATE = 15.0
"""Tokens a second below which people find a stream slow: assumed, somewhat above the speed of reading."""
ASKED_PER_HOUR = 4.0
"""Questions that somebody asks in a busy hour: assumed."""


@dataclass(frozen=True, slots=True)
class Card:
    """A GPU by its data sheet: memory in GB, bandwidth in GB a second."""

    name: str
    memory_gb: float
    bandwidth_gb_s: float
    capability: float


CARDS = (
    Card("L4", 24, 300, 8.9),
    Card("RTX 4090", 24, 1008, 8.9),
    Card("L40S", 48, 864, 8.9),
    Card("A100 80 GB", 80, 2039, 8.0),
    Card("H100 80 GB", 80, 3350, 9.0),
    Card("H200", 141, 4800, 9.0),
)


@dataclass(frozen=True, slots=True)
class Sized:
    """What a number of cards makes of a model. Rates are tokens a second; `people` ask as often as ASKED_PER_HOUR says."""

    layout: Layout
    alone: float
    at_once: int
    in_all: float
    people: int


def size(entry: Entry, card: Card, count: int) -> Sized | None:
    """Return what can be expected, or None if the model does not fit."""
    hardware = Hardware((Gpu(card.name, card.memory_gb, card.capability),) * count, 16, 128.0, "x86_64", frozenset())
    layout = lay_out(entry, hardware)
    if layout is None:
        return None
    bandwidth = REACHED * card.bandwidth_gb_s * layout.tensor
    cache_gb = CONTEXT * entry.cache_kb * 1024 / 1e9
    held = tokens_in_cache(entry, hardware, layout) // CONTEXT
    quick = int((bandwidth / LEAST_RATE - entry.memory_gb) / cache_gb)
    at_once = max(1, min(64, held, quick))
    rate = bandwidth / (entry.memory_gb + at_once * cache_gb)
    in_all = at_once * rate * layout.copies
    return Sized(
        layout=layout,
        alone=bandwidth / (entry.memory_gb + cache_gb),
        at_once=at_once * layout.copies,
        in_all=in_all,
        people=int(in_all / WRITTEN * 3600 / ASKED_PER_HOUR),
    )


def table() -> str:
    """Return the table in Markdown: for each model the smallest of usual machines that hold it, with its variants."""
    catalogue = load_catalogue()
    lines = [
        "| model | GPUs | one stream alone | answers at once | all together | people |",
        "|---|---|---|---|---|---|",
    ]
    for key, name, count in MACHINES:
        card = next(card for card in CARDS if card.name == name)
        sized = size(catalogue[key], card, count)
        if sized is not None:
            lines.append(
                f"| {catalogue[key].label} | {count} × {name} | {sized.alone:.0f} tokens/s | {sized.at_once} "
                f"| {_rounded(sized.in_all)} tokens/s | {_rounded(sized.people)} |"
            )
    return "\n".join(lines)


MACHINES = (
    ("deepseek-r1-distill-qwen-7b", "L4", 1),
    ("deepseek-r1-0528-qwen3-8b", "RTX 4090", 1),
    ("deepseek-r1-distill-qwen-14b-w4a16", "RTX 4090", 1),
    ("deepseek-r1-distill-qwen-14b", "L40S", 1),
    ("deepseek-r1-distill-qwen-32b-fp8", "L40S", 1),
    ("deepseek-r1-distill-qwen-32b-fp8", "H100 80 GB", 1),
    ("deepseek-r1-distill-qwen-32b", "A100 80 GB", 2),
    ("deepseek-r1-distill-qwen-32b", "H200", 1),
    ("deepseek-r1-distill-llama-70b-fp8", "H100 80 GB", 2),
    ("deepseek-r1-distill-llama-70b", "H100 80 GB", 4),
    ("deepseek-r1-distill-llama-70b", "H200", 2),
    ("deepseek-r1-0528", "H200", 8),
)
"""What is often bought, smallest first."""


def _rounded(value: float) -> str:
    """Return two digits that count: more would pretend to be measured."""
    step = max(1, 10 ** (len(str(int(value))) - 2))
    return f"{round(value / step) * step:,}"


if __name__ == "__main__":
    print(table())
