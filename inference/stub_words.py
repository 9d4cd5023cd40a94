"""What the deterministic server says, and in what style it sends it. Pure."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

STYLES = ("reasoning", "reasoning_content", "both", "tags", "tags-no-opener", "azure", "none")
TAGGED = ("tags", "tags-no-opener", "azure")
_PASSAGE = re.compile(r"\[passage (\d+) begin\]\n(.*?)\n\[passage \1 end\]", re.DOTALL)
_QUESTION = re.compile(r"Question:\n(.*?)(?:\n\nYou have already worked|\Z)", re.DOTALL)
_SENTENCE = re.compile(r"[^\n.!?。]+(?:[.!?](?!\s|$)[^\n.!?。]*)*[.!?。]?")
_WORD = re.compile(r"\w+")
_TOKEN = re.compile(r"\s*\S+")
_RUNS_ON = re.compile(r"(?<![|.])\n(?=[^\W\nA-ZÄÖÜ])")  # a printed line that goes on in the next
_ENGLISH = (
    "the a an and or of in on at to for from by with is are was were be been has have had do does did how what which who "
    "when where why much many it its this that these those as not no than then there their they i we you"
)
_GERMAN = "der die das und ist war wie was wer wo wann ein eine in im den dem des zu von für mit auf"
_COMMON = set(f"{_ENGLISH} {_GERMAN}".split())


def answer(body: Mapping[str, Any], style: str, delay: float) -> Iterator[Mapping[str, Any]]:
    """Yield the steps of an answer made from the passages in the prompt."""
    prompt = str(body.get("prompt") or "\n\n".join(str(turn.get("content") or "") for turn in body.get("messages", [])))
    thought, answer = compose(prompt)
    goes_on = "prompt" in body
    thinking = [] if style == "none" or goes_on else _TOKEN.findall(thought)
    budget = body.get("thinking_token_budget")
    thinking = thinking[:budget] if isinstance(budget, int) else thinking
    most = int(body.get("max_tokens") or 4096)
    finish = "length" if len(thinking) + len(_TOKEN.findall(answer)) > most else "stop"
    thinking = thinking[:most]
    saying = _TOKEN.findall(answer)[: most - len(thinking)]
    fields = ("reasoning", "reasoning_content") if style == "both" else (style,)
    names = fields if style.startswith(("reasoning", "both")) else ("content",)
    tagged = style in TAGGED and not goes_on
    if style == "azure":
        yield {"chunk": {"choices": [], "prompt_filter_results": [{"prompt_index": 0, "content_filter_results": {}}]}}
    yield {"delta": {"role": "assistant", "content": ""}}
    if tagged and style != "tags-no-opener":
        yield {"delta": {"content": "<think>\n"}}
    for token in thinking:
        yield {"delta": dict.fromkeys(names, token), "sleep": delay}
    if tagged:
        yield {"delta": {"content": "\n</th"}}
        yield {"delta": {"content": "ink>\n\n"}}
    for token in saying:
        yield {"delta": {"content": token}, "sleep": delay}
    yield {"finish": finish}
    details = {"completion_tokens_details": {"reasoning_tokens": len(thinking)}}
    prompt_tokens = len(_TOKEN.findall(prompt))
    yield {"usage": {"prompt_tokens": prompt_tokens, "completion_tokens": len(thinking) + len(saying), **details}}


def compose(prompt: str) -> tuple[str, str]:
    """Return the reasoning and the answer for a prompt: the best sentence of each of up to three passages, cited."""
    asked = _QUESTION.search(prompt)
    question = asked.group(1).strip() if asked else prompt[-400:]
    wanted = _telling(question)
    ranked: list[tuple[int, int, str]] = []
    for number, text in _PASSAGE.findall(prompt):
        _, _, words = text.partition("\n")  # the first line names the document
        words = _RUNS_ON.sub(" ", words)
        best = max(
            ((len(wanted & _telling(sentence)), sentence.strip()) for sentence in _SENTENCE.findall(words)),
            key=lambda pair: pair[0],
            default=(0, ""),
        )
        ranked.append((best[0], int(number), best[1]))
    chosen = sorted((one for one in ranked if one[0] > 0), key=lambda one: (-one[0], one[1]))[:3]
    if not chosen:
        return f"The question is: {question} None of the passages speaks of it.", (
            "NOT IN THE PASSAGES\nNone of the passages speaks of this."
        )
    looked = " ".join(f"Passage {number} says: {sentence}" for _, number, sentence in chosen)
    said = " ".join(f"{sentence.rstrip('.!?。')} [{number}]." for _, number, sentence in chosen)
    return f"The question is: {question} {looked} That answers it.", said


def _telling(text: str) -> set[str]:
    return {word[:6] for word in _WORD.findall(text.casefold()) if word not in _COMMON and len(word) > 1}
