"""What each effort buys: how many passages are read, how long the model may think, how long it may answer.

The wishes are fitted to the model's context: thinking gives way first, then passages. Tokens are estimated before a call,
since the tokenizer lives with the model.
"""

import math
import re
from dataclasses import dataclass, replace

from apps.reasoning.models import Effort

_DEMONSTRATION_THINKING = 160
_SHORTEST_THINKING = 128
_MARGIN = 0.06  # of the context, since tokens are estimated
_WORD = re.compile(r"[^\W\d_]+|\d|[^\w\s]|_")
_DENSE = re.compile(r"[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


@dataclass(frozen=True, slots=True)
class Limits:
    """`found` passages are looked for and at most `passages` are read, in up to `steps` searches of which each builds on what the
    one before has found; the rest are tokens, `prompt` for all that is sent."""

    found: int
    passages: int
    thinking: int
    answer: int
    prompt: int
    steps: int = 1

    @property
    def max_tokens(self) -> int:
        """Thinking and answer come out of the same allowance."""
        return self.thinking + self.answer


_WISHES = {
    Effort.QUICK: Limits(found=24, passages=6, thinking=512, answer=700, prompt=4000),
    Effort.STANDARD: Limits(found=40, passages=12, thinking=3072, answer=1400, prompt=9000, steps=2),
    Effort.DEEP: Limits(found=60, passages=24, thinking=12288, answer=2400, prompt=18000, steps=4),
}


def limits_for(effort: str, *, context: int, thinking_limit: int = 0, demonstration: bool = False) -> Limits:
    """Return the limits of an effort on a model with this context; 0 is an unknown context, taken as 8,192."""
    wish = _WISHES[Effort(effort)]
    room = int((context or 8192) * (1 - _MARGIN))
    caps = [cap for cap in (thinking_limit, _DEMONSTRATION_THINKING if demonstration else 0) if cap]
    thinking = min([wish.thinking, *caps])
    answer = min(wish.answer, max(room // 5, 64), *([320] if demonstration else []))
    if demonstration:
        wish = replace(wish, passages=min(wish.passages, 5), prompt=min(wish.prompt, 1500))
    # Half of the context is for reading, as long as thinking keeps its least.
    spare = room - answer - min(wish.prompt, room // 2)
    thinking = max(min(thinking, spare), min(_SHORTEST_THINKING, thinking))
    prompt = max(min(wish.prompt, room - answer - thinking), 0)
    return replace(wish, thinking=thinking, answer=answer, prompt=prompt)


def estimate_tokens(text: str) -> int:
    """Return about how many tokens a text takes: a word about one for six letters, a digit one, two for three of CJK."""
    total = 0.0
    for part in _WORD.findall(text):
        if _DENSE.match(part):
            total += len(part) / 1.5
        elif part[0].isalpha():
            total += math.ceil(len(part) / (6 if part.isascii() else 3))
        else:
            total += 1
    return math.ceil(total)
