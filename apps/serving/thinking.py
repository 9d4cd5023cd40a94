"""Tell a model's reasoning from its answer, wherever the endpoint puts it. A pure state machine.

Reasoning comes in a field of its own (`reasoning`, or `reasoning_content` before vLLM 0.16; some versions send both), or
between `<think>` and `</think>` inside the content, cut across chunks as chance has it. The opening tag is often missing,
because the chat template already wrote it into the prompt. After the reasoning has ended, a literal `</think>` is text.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto
from typing import Literal

Source = Literal["field", "tag", "none"]
OPEN, CLOSE = "<think>", "</think>"


@dataclass(frozen=True, slots=True)
class Reasoning:
    """A piece of the model's reasoning, and where it was found."""

    text: str
    source: Source


@dataclass(frozen=True, slots=True)
class Text:
    """A piece of the answer."""

    text: str


@dataclass(frozen=True, slots=True)
class Reclassified:
    """All that came as text was reasoning: its closing tag arrived and its opening tag never had."""


@dataclass(frozen=True, slots=True)
class Unopened:
    """All that came as reasoning was the answer: the model was expected to think, and stopped without having done so."""


Piece = Reasoning | Text | Reclassified | Unopened


class _State(Enum):
    START = auto()  # nothing but white space yet
    THINKING = auto()
    TEXT = auto()  # no reasoning was seen; it may still turn out to have been some
    ANSWER = auto()  # reasoning is over: everything is literal


class ThinkingSplitter:
    """Feed it the fields of each chunk; `source` says where reasoning was found."""

    def __init__(self, *, opened_in_prompt: bool) -> None:
        """`opened_in_prompt`: the chat template writes `<think>`, so content starts inside unless a field says otherwise."""
        self.source: Source = "none"
        self._opened_in_prompt = opened_in_prompt
        self._state = _State.START
        self._assumed = False
        self._held = ""
        self._trim = False
        self._thought = False

    @property
    def is_thinking(self) -> bool:
        """Return whether reasoning has begun and nothing of an answer has come."""
        return self._state is _State.THINKING or (self.source == "field" and self._trim)

    def feed(
        self, *, reasoning: str | None = None, reasoning_content: str | None = None, content: str | None = None
    ) -> Iterator[Piece]:
        """Yield what one chunk holds. `reasoning` wins where a server sends both names for the same words."""
        thought = reasoning or reasoning_content
        if thought:
            self.source = "field"
            if self._state is _State.START:
                self._state = _State.ANSWER
                self._trim = True
            yield from self._reasoning(thought)
        if content:
            yield from self._content(content)

    def close(self, finish: str | None) -> Iterator[Piece]:
        """Yield what was held back, at the end. `finish` is the endpoint's reason for ending."""
        held, self._held = self._held, ""
        if self._state is _State.THINKING:
            yield from self._reasoning(held)
            if self._assumed and finish == "stop":
                self.source = "none"
                yield Unopened()
        elif held.strip() or (held and self._state is not _State.START):
            yield Text(held)

    def _content(self, content: str) -> Iterator[Piece]:
        self._held += content
        if self._state is _State.START:
            self._start()
        if self._state is _State.THINKING:
            yield from self._think()
        elif self._state is _State.TEXT:
            yield from self._text()
        elif self._state is _State.ANSWER:
            yield from self._answer()

    def _start(self) -> None:
        """Decide by the first characters whether the content opens with reasoning."""
        begun = self._held.lstrip()
        if begun.startswith(OPEN):
            self._held = begun[len(OPEN) :]
            self.source = "tag"
            self._state = _State.THINKING
        elif begun.startswith(CLOSE):
            self._held = begun[len(CLOSE) :]
            self._state, self._trim = _State.ANSWER, True
        elif begun and not (OPEN.startswith(begun) or CLOSE.startswith(begun)):
            if self._opened_in_prompt:
                self._state, self._assumed, self.source = _State.THINKING, True, "tag"
            else:
                self._state = _State.TEXT

    def _think(self) -> Iterator[Piece]:
        end = self._held.find(CLOSE)
        if end >= 0:
            thought, self._held = self._held[:end], self._held[end + len(CLOSE) :]
            yield from self._reasoning(thought)
            self._state, self._trim = _State.ANSWER, True
            yield from self._answer()
            return
        keep = _possible_tag(self._held)
        ready, self._held = self._held[: len(self._held) - keep], self._held[len(self._held) - keep :]
        yield from self._reasoning(ready)

    def _reasoning(self, text: str) -> Iterator[Piece]:
        """Pass reasoning on without the white space at its head, which is the template's."""
        if not self._thought:
            text = text.lstrip()
        if text:
            self._thought = True
            yield Reasoning(text, self.source)

    def _text(self) -> Iterator[Piece]:
        """Pass text on; a closing tag that ends its line shows that it was reasoning all along."""
        end = self._held.find(CLOSE + "\n")
        if end >= 0:
            if self._held[:end]:
                yield Text(self._held[:end])
            self._held = self._held[end + len(CLOSE) :]
            self._state, self._trim, self.source = _State.ANSWER, True, "tag"
            yield Reclassified()
            yield from self._answer()
            return
        keep = _possible_tag(self._held, CLOSE + "\n")
        ready, self._held = self._held[: len(self._held) - keep], self._held[len(self._held) - keep :]
        if ready:
            yield Text(ready)

    def _answer(self) -> Iterator[Piece]:
        text, self._held = self._held, ""
        if self._trim:
            text = text.lstrip()
            if text and OPEN.startswith(text[: len(OPEN)]):
                yield from self._again(text)
                return
            if self.source == "field" and (text.startswith(CLOSE) or CLOSE.startswith(text)):
                # Some parsers leave the closing tag at the head of the content.
                if text.startswith(CLOSE):
                    text = text[len(CLOSE) :].lstrip()
                else:
                    self._held = text
                    return
        if text:
            self._trim = False
            yield Text(text)

    def _again(self, text: str) -> Iterator[Piece]:
        """Think once more: some models do, before they have said anything."""
        self._held = text
        if text.startswith(OPEN):
            self._held = text[len(OPEN) :]
            self._state, self._assumed = _State.THINKING, False
            self.source = "tag" if self.source == "none" else self.source
            yield from self._think()


def _possible_tag(text: str, tag: str = CLOSE) -> int:
    """Return how many characters at the end may be the beginning of the tag."""
    for size in range(min(len(tag) - 1, len(text)), 0, -1):
        if tag.startswith(text[-size:]):
            return size
    return 0
