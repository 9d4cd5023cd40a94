"""The prompts: text files beside this one, and how a question and its passages are put into them.

Instructions come first, passages in a stable order, then what was said before and the question, so that a server can reuse what
it has read. What a document says is evidence, never instruction: text that imitates the fences, or a model's control tokens, is disarmed.
"""

import hashlib
import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

from apps.reasoning.turns import Turn
from apps.retrieval.neighbours import Surroundings
from apps.retrieval.passages import Passage

NOT_IN_PASSAGES = "NOT IN THE PASSAGES"
PARTLY_IN_PASSAGES = "PARTLY IN THE PASSAGES"
ONE_SEARCH = "ONE SEARCH"

_OPEN = "<think>"
_FOLDER = Path(__file__).parent
_FENCE = re.compile(
    r"\[(?=[\s\u200b-\u200f\u2060\ufeff]*(?:passage|notes|earlier)\b[^\]\n]{0,40}\b(?:begin|end)\b)", re.IGNORECASE
)
_EARLIER = re.compile(r"Earlier in this conversation\.[^\n]*\n\n\{earlier\}\n\n")
_CONTROL = re.compile(r"<(?=/?think>|[|｜])", re.IGNORECASE)
_INVISIBLE = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff\U000e0000-\U000e007f]"
)


@dataclass(frozen=True, slots=True)
class Prompt:
    """The messages to send, and by what prompt: `name` is a file here, `hash` the SHA-256 of its text. `text` is what the
    model reads, as the endpoint's chat template made it; empty where the endpoint does not say."""

    messages: tuple[dict[str, str], ...]
    name: str
    hash: str
    text: str = ""


def answer_prompt(
    question: str,
    passages: Sequence[Passage],
    *,
    around: Mapping[uuid.UUID, Surroundings] | None = None,
    system_prompt: Literal["native", "fold_into_user"],
    turns: Sequence[Turn] = (),
    reasoning_back: Literal["none", "required"] = "none",
) -> Prompt:
    """Return the prompt for an answer. Passage 1 is the first of `passages`; `around` is what stands around some of them.

    `turns` came before in the conversation. They stand before the question, without their reasoning, which models like R1 are not
    to be given again; where it is `required` they are turns of the chat, with it.
    """
    around = around or {}
    rules, _, rest = _template("answer").partition("\nPassages:\n")
    shown = "\n\n".join(
        _shown(number, passage, around.get(passage.id, Surroundings()))
        for number, passage in enumerate(passages, start=1)
    )
    as_chat = reasoning_back == "required"
    earlier = "" if as_chat else "\n".join(_earlier(turn) for turn in turns)
    user = _filled("Passages:\n" + rest, passages=shown, earlier=earlier, question=disarmed(question))
    messages = _messages(rules, user, system_prompt, before=_chat(turns) if as_chat else ())
    return Prompt(messages, "answer", prompt_hash("answer"))


def plan_prompt(question: str, steps: int, *, system_prompt: Literal["native", "fold_into_user"]) -> Prompt:
    """Return the prompt that asks into which searches a question is taken apart, of which there may be `steps`."""
    text = _filled(_template("plan"), steps=str(steps), question=disarmed(question))
    rules, mark, asked = text.rpartition("\nQuestion:\n")
    return Prompt(_messages(rules, f"{mark.strip()}\n{asked}", system_prompt), "plan", prompt_hash("plan"))


def concluding(prompt: Prompt, notes: str) -> Prompt:
    """Return the prompt that asks for the final answer only, from notes taken so far."""
    *before, last = prompt.messages
    conclusion = _template("conclude").replace("{notes}", disarmed(notes), 1).strip()
    return Prompt(
        (*before, {"role": "user", "content": f"{last['content']}\n\n{conclusion}"}),
        "conclude",
        prompt_hash("conclude"),
    )


def closing(text: str, reasoning: str) -> Prompt:
    """Return the prompt that closes a model's reasoning for it, in its own turn. `text` is the first prompt as the chat
    template made it. There are no messages: the model goes on from the text."""
    opened = text if text.rstrip().endswith(_OPEN) else f"{text}{_OPEN}\n"
    thought = "\n\n".join(part for part in (disarmed(reasoning).strip(), _template("closing").strip()) if part)
    return Prompt((), "closing", prompt_hash("closing"), f"{opened}{thought}\n</think>\n\n")


def disarmed(text: str) -> str:
    """Return text that can neither close a fence nor pass for a control token; what cannot be seen is taken out."""
    return _CONTROL.sub("‹", _FENCE.sub("(", _INVISIBLE.sub("", text)))


@lru_cache
def prompt_hash(name: str) -> str:
    """Return the SHA-256 of a prompt file, in hex."""
    return hashlib.sha256(_template(name).encode()).hexdigest()


@lru_cache
def _template(name: str) -> str:
    return (_FOLDER / f"{name}.txt").read_text(encoding="utf-8")


def _messages(
    rules: str,
    user: str,
    system_prompt: Literal["native", "fold_into_user"],
    *,
    before: tuple[dict[str, str], ...] = (),
) -> tuple[dict[str, str], ...]:
    """Return the rules as the system's where a model knows that, else at the beginning of the user's turn."""
    if system_prompt == "native":
        return ({"role": "system", "content": rules.strip()}, *before, {"role": "user", "content": user})
    return (*before, {"role": "user", "content": f"{rules.strip()}\n\n{user}"})


def _filled(template: str, **parts: str) -> str:
    """Return a template with its parts put in, all at once: what is put in may look like a placeholder. A paragraph whose part is
    empty falls out, with what introduces it."""
    if not parts.get("earlier"):
        template = _EARLIER.sub("", template)
    return re.sub(r"\{(\w+)\}", lambda part: parts[part[1]], template).strip()


def _earlier(turn: Turn) -> str:
    answer = [f"Answer: {disarmed(turn.answer)}"] if turn.answer else []
    return "\n".join(["[earlier begin]", f"Question: {disarmed(turn.question)}", *answer, "[earlier end]"])


def _chat(turns: Sequence[Turn]) -> tuple[dict[str, str], ...]:
    """Return earlier turns as turns of the chat; one without an answer that may be seen is left out."""
    return tuple(
        message
        for turn in turns
        if turn.answer
        for message in (
            {"role": "user", "content": disarmed(turn.question)},
            {"role": "assistant", "content": disarmed(turn.answer), "reasoning_content": disarmed(turn.reasoning)},
        )
    )


def _shown(number: int, passage: Passage, around: Surroundings) -> str:
    place = [f"Document: {_on_one_line(passage.document_title)}"]
    if passage.page is not None:
        place.append(f"page {passage.page}")
    if passage.heading:
        place.append(f"section: {_on_one_line(passage.heading)}")
    lines = [
        f"[passage {number} begin]",
        ", ".join(place),
        *([f"(before it: … {_on_one_line(around.before)})"] if around.before else []),
        disarmed(passage.text),
        *([f"(after it: {_on_one_line(around.after)} …)"] if around.after else []),
        f"[passage {number} end]",
    ]
    return "\n".join(lines)


def _on_one_line(text: str) -> str:
    return disarmed(" ".join(text.split()))[:300]
