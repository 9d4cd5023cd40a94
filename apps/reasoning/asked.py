"""A question made ready for one model: the calls it can make, each within its budget and in the endpoint's own terms."""

from dataclasses import dataclass
from typing import Any

from apps.reasoning.effort import Limits
from apps.reasoning.prompts import Prompt, closing, concluding
from apps.serving.catalogue import ModelEntry
from apps.serving.llm import ChatRequest

# vLLM ends a call when the same 16 to 160 tokens come six times in a row: more than the rows of an empty table.
_REPETITION = {"min_pattern_size": 16, "max_pattern_size": 160, "min_count": 6}
_EXACT = {"return_token_ids": True, "return_prompt_text": True, "repetition_detection": _REPETITION}
_CONCLUDING_THOUGHT = 256
_NOTES = 6000  # characters of the reasoning that the second call is given: its end, where it had got to
_NOT_RECORDED = {"messages", "prompt", "cache_salt"}


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a model. `thinking` is the budget that is held here, whatever the endpoint does."""

    prompt: Prompt
    request: ChatRequest
    thinking: int

    def parameters(self, sent: dict[str, Any] | None = None) -> dict[str, Any]:
        """Return what is sent besides the prompt, without secrets. `sent` is the body as it went out, where that is known."""
        return {name: value for name, value in (sent or self.request.body()).items() if name not in _NOT_RECORDED}


@dataclass(frozen=True, slots=True)
class Asked:
    """A question made ready for one model. `keeps_budget`: the endpoint takes vLLM's fields; `cache_salt`, which only such
    an endpoint is sent, keeps those with other permissions from telling by the time what it has read already."""

    prompt: Prompt
    passages: int
    name: str
    entry: ModelEntry
    limits: Limits
    keeps_budget: bool = False
    seed: int | None = None
    streaming: bool = True
    cache_salt: str = ""

    def first(self) -> Call:
        """Return the call with which the question is asked."""
        return self._call(self.prompt, self.limits.thinking)

    def last(self, reasoning: str) -> Call:
        """Return the call for the final answer only, as any endpoint takes it: with the end of the reasoning as notes."""
        prompt = concluding(self.prompt, reasoning[-_NOTES:])
        return self._call(prompt, min(_CONCLUDING_THOUGHT, self.limits.thinking))

    def last_from(self, prompt_text: str, reasoning: str) -> Call | None:
        """Return that call as vLLM takes it: the model's own turn, with all of its reasoning closed for it. The server has
        read nearly all of it already. None for a model that is not known to reason between tags, or whose template did
        not come back; a chat request cannot say this, since R1's templates cut what stands before the closing tag."""
        tags = prompt_text.rstrip().endswith("<think>") or self.entry.reasoning_parser == "deepseek_r1"
        if not (self.keeps_budget and prompt_text and tags):
            return None
        prompt = closing(prompt_text, reasoning)
        request = ChatRequest(
            model=self.name,
            messages=(),
            max_tokens=self.limits.answer,
            temperature=self.entry.temperature,
            top_p=self.entry.top_p,
            seed=self.seed,
            streaming=self.streaming,
            continued=prompt.text,
            extra={"return_token_ids": True, "repetition_detection": _REPETITION} | self._salt(),
        )
        return Call(prompt, request, thinking=0)

    def _call(self, prompt: Prompt, thinking: int) -> Call:
        messages = prompt.messages
        extra: dict[str, Any] = _EXACT | self._salt() if self.keeps_budget else {}
        if self.entry.think_prefix == "force":
            messages = (*messages, {"role": "assistant", "content": "<think>\n"})
            extra = extra | {"add_generation_prompt": False, "continue_final_message": True}
        request = ChatRequest(
            model=self.name,
            messages=messages,
            max_tokens=thinking + self.limits.answer,
            temperature=self.entry.temperature,
            top_p=self.entry.top_p,
            seed=self.seed if self.keeps_budget else None,
            thinking_budget=thinking if self.keeps_budget else None,
            opened_in_prompt=self.entry.think_prefix != "none",
            streaming=self.streaming,
            extra=extra,
        )
        return Call(prompt, request, thinking)

    def _salt(self) -> dict[str, str]:
        return {"cache_salt": self.cache_salt} if self.cache_salt else {}
