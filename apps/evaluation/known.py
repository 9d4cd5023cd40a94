"""Questions whose answers are known: what is asked, of which documents, what is right, and where it stands."""

from dataclasses import dataclass

from apps.evaluation.grading.grades import Gold
from apps.evaluation.grounds import Ground


@dataclass(frozen=True, slots=True)
class Known:
    """A question and what is known of it. `answerable` is false where the right behaviour is to say that the documents do not answer;
    `answers` may be empty where only the grounds are known. `documents` narrows what is asked, by id; empty: the whole collection."""

    key: str
    text: str
    answers: tuple[str, ...] = ()
    answerable: bool = True
    grounds: tuple[Ground, ...] = ()
    scale: str = ""
    documents: tuple[str, ...] = ()

    @property
    def gold(self) -> Gold:
        return Gold(self.text, self.answers, self.scale)
