"""The ways in which a reasoning model's reply arrives, as steps for the deterministic server. Pure."""

from dataclasses import dataclass

from inference.stub import Step

THOUGHT = "Größe zählt: passage 1 names net debt, passage 2 the covenant. So both are needed…"
ANSWER = "Net debt was £1,204 million [1]. The cap is 3.75 [2]."
FIRST_SENTENCE = "Net debt was £1,204 million [1]."

Reply = list[Step]


@dataclass(frozen=True, slots=True)
class Shape:
    """A way in which reasoning arrives. `fields` hold the reasoning, with tags where it is in `content`; `opened`: the chat
    template is known to open it; `tells`: reasoning that never ends can be told from an answer; `envelope`: Azure's filters
    speak first; `own_fields`: the endpoint is sent vLLM's fields, and goes on from a prompt."""

    name: str
    fields: tuple[str, ...] = ("content",)
    opener: str = ""
    closer: str = ""
    opened: bool = False
    tells: bool = True
    envelope: bool = False
    own_fields: bool = False

    def think(self, *texts: str) -> Reply:
        return [{"delta": dict.fromkeys(self.fields, text)} for text in texts] if self.fields else []

    def begin(self) -> Reply:
        filtered = {"choices": [], "prompt_filter_results": [{"prompt_index": 0, "content_filter_results": {}}]}
        before: Reply = [{"chunk": filtered}] if self.envelope else []
        return [
            *before,
            {"delta": {"role": "assistant", "content": ""}},
            *(self.think(self.opener) if self.opener else []),
        ]

    def end(self) -> Reply:
        return self.think(self.closer) if self.closer else []

    def well(self, thought: str = THOUGHT, answer: str = ANSWER) -> Reply:
        """Return a whole reply without its finish."""
        return [*self.begin(), *self.think(*pieces(thought)), *self.end(), *say(answer)]


def pieces(text: str, size: int = 5) -> list[str]:
    return [text[at : at + size] for at in range(0, len(text), size)]


def say(text: str) -> Reply:
    return [{"delta": {"content": piece}} for piece in pieces(text)]


SHAPES = (
    Shape("vLLM with its own fields", ("reasoning",), opened=True, own_fields=True),
    Shape("reasoning", ("reasoning",), opened=True),
    Shape("reasoning_content, as older servers", ("reasoning_content",), opened=True),
    Shape("both fields", ("reasoning", "reasoning_content"), opened=True),
    Shape("tags in the content", opener="<think>\n", closer="\n</think>\n\n"),
    Shape("tags, the template opens", closer="\n</think>\n\n", opened=True),
    Shape("tags, opened unexpectedly", closer="\n</think>\n\n", tells=False),
    Shape("Azure", opener="<think>\n", closer="\n</think>\n\n", envelope=True),
    Shape("no reasoning", (), tells=False),
)
