"""How a model lies on the GPUs there are: spread over several, in several copies, over several machines. Pure.

What fits on one GPU is served once on each, because copies share nothing and so cost nothing to keep in step. What does not
is spread by tensor parallelism, over a power of two that divides its attention heads, because every word needs all parts and
the exchange between them is the price. Over machines it is cut into stages, as vLLM advises for networks slower than NVLink
(docs/serving/parallelism_scaling.md of vLLM): tensor parallel within a machine, pipeline parallel between them.
"""

from dataclasses import dataclass

from inference.catalogue import Entry
from inference.hardware import Hardware

GPU_SHARE = 0.9
"""Share of a GPU's memory that vLLM takes; the driver and others have the rest."""
_GPU_ROOM_GB = 3.0
"""What vLLM takes of it beside weights and cache: activations, compiled graphs, the program itself."""
_MOST_PARTS = 8
"""GPUs of one machine that are joined by fast links."""
LEAST_CONTEXT = 8192
"""Less holds no question with its passages and the reasoning about them."""


@dataclass(frozen=True, slots=True)
class Layout:
    """`tensor` GPUs hold a stage together, `stages` machines a model, and there are `copies` of it."""

    tensor: int = 1
    copies: int = 1
    stages: int = 1

    @property
    def gpus(self) -> int:
        return self.tensor * self.copies * self.stages


def lay_out(entry: Entry, hardware: Hardware, *, nodes: int = 1) -> Layout | None:
    """Return how to serve the model on the GPUs, or None if all of them together are too small.

    Over several machines each is taken to have the GPUs of this one.
    """
    if nodes > 1:
        tensor = _largest_part(entry, len(hardware.gpus))
        layout = Layout(tensor=tensor, stages=nodes)
        return layout if tokens_in_cache(entry, hardware, layout) >= LEAST_CONTEXT else None
    for tensor in _parts(entry, len(hardware.gpus)):
        if tokens_in_cache(entry, hardware, Layout(tensor=tensor)) >= LEAST_CONTEXT:
            return Layout(tensor=tensor, copies=len(hardware.gpus) // tensor)
    return None


def widest(entry: Entry, hardware: Hardware) -> Layout:
    """Return the layout that holds most of a model that is too large: the operator asked for it all the same."""
    return Layout(tensor=_largest_part(entry, len(hardware.gpus)))


def tokens_in_cache(entry: Entry, hardware: Hardware, layout: Layout) -> int:
    """Return how many tokens of context one copy holds beside the weights.

    Keys and values are split by their heads; where there are fewer heads than GPUs, as in R1's compressed attention with
    one, each GPU holds them whole.
    """
    memory_gb = min((gpu.memory_gb for gpu in hardware.gpus), default=0.0)
    left_gb = GPU_SHARE * memory_gb - _GPU_ROOM_GB - entry.memory_gb / (layout.tensor * layout.stages)
    cache_kb = entry.cache_kb / min(layout.tensor, entry.cache_heads) / layout.stages
    return max(0, int(left_gb * 1e9 / (cache_kb * 1024)))


def _parts(entry: Entry, gpus: int) -> list[int]:
    """Return over how many GPUs the model can be spread, fewest first."""
    return [count for count in (1, 2, 4, 8) if count <= min(gpus, _MOST_PARTS) and entry.heads % count == 0]


def _largest_part(entry: Entry, gpus: int) -> int:
    return max(_parts(entry, gpus), default=1)
