"""Whether a small model should guess ahead for a large one. Pure.

A guess is checked by the large model in the same pass that would have written one word, so it costs only what the small
model takes, and pays while reading weights is what takes the time: few people at once. The expected gain is Theorem 3.8 of
Leviathan, Kalman and Matias, "Fast Inference from Transformers via Speculative Decoding" (arXiv 2211.17192):
(1 − α^(γ+1)) / ((1 − α)(γc + 1)), with γ words guessed, each kept with probability α, and c the time of the small model over
that of the large one; both read all their weights for a word, so c is the ratio of their sizes.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace

from inference.catalogue import Entry

_KEPT = 0.6
"""Probability that a guess is kept: assumed, near what the paper measured at temperature 1 for models of one family. Dividing
`vllm:spec_decode_num_accepted_tokens_total` by `vllm:spec_decode_num_draft_tokens_total` shows the real one."""
_GUESSED = 4
_WORTH_IT = 1.3
"""Least gain for which the memory of a second model and its upkeep are spent."""
OWN_HEAD = "mtp"
"""R1's weights carry a layer trained to guess the next word (DeepSeek-V3 report, arXiv 2412.19437, 5.4.3: 85 to 90 % kept)."""


@dataclass(frozen=True, slots=True)
class Drafting:
    """`drafter` is None where the model guesses for itself; `gain` is how many times as fast one answer is expected to be."""

    method: str
    guessed: int
    gain: float
    drafter: Entry | None = None

    def config(self, weights: str = "") -> str:
        """Return the value of vLLM's --speculative-config; `weights` is the drafter's folder."""
        told: dict[str, object] = {"method": self.method, "num_speculative_tokens": self.guessed}
        return json.dumps(told | ({"model": weights} if self.drafter is not None else {}), separators=(",", ":"))


def drafting_for(entry: Entry, catalogue: Mapping[str, Entry]) -> Drafting | None:
    """Return how to guess ahead for a model, or None where it does not pay.

    A drafter must have the target's tokenizer and a table of words as long: vLLM refuses other pairs (the 1.5B model has
    151,936 rows, the larger ones of its family 152,064).
    """
    if entry.drafter == OWN_HEAD:
        return Drafting(OWN_HEAD, 1, gain=expected_gain(0.85, 1, 14.0 / 671.0))  # the extra layer has 14 of 671 billion
    drafter = catalogue.get(entry.drafter)
    if drafter is None or drafter.vocabulary != entry.vocabulary:
        return None
    gain = expected_gain(_KEPT, _GUESSED, drafter.memory_gb / entry.memory_gb)
    return Drafting("draft_model", _GUESSED, gain, drafter) if gain >= _WORTH_IT else None


def with_drafter(entry: Entry, drafting: Drafting) -> Entry:
    """Return the model as large as it is together with its drafter: what has to fit the memory."""
    if drafting.drafter is None:
        return entry
    drafter = drafting.drafter
    return replace(entry, memory_gb=entry.memory_gb + drafter.memory_gb, cache_kb=entry.cache_kb + drafter.cache_kb)


def expected_gain(kept: float, guessed: int, cost: float) -> float:
    """Return by what factor one answer is faster: `kept` is a probability below 1, `cost` the drafter's time over the target's."""
    return (1 - kept ** (guessed + 1)) / ((1 - kept) * (guessed * cost + 1))
