"""Configuration: what one search is run with, by value. What is live is settled elsewhere (see `settled_by`); by default it is
what the code was measured with.
"""

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Self

from django.utils.translation import gettext as _

from apps.core.errors import Invalid
from apps.retrieval.fusion import WORDS
from apps.retrieval.second_stage import CLOSENESS, HEADINGS

Source = Callable[[], "Configuration"]

_sources: list[Source] = []


@dataclass(frozen=True, slots=True)
class Configuration:
    """The tunables of search.

    `generation` is the number of an index, None for the one that is live. `words` is what the share of a question's words
    counts in the fused score, of 1, beside meaning. `closeness` and `headings` are what the second stage adds at most, `judged`
    how many fused passages it looks at, and `reranked` how many where a model judges; with 0 there is no such stage.
    """

    generation: int | None = None
    words: float = WORDS
    closeness: float = CLOSENESS
    headings: float = HEADINGS
    judged: int = 30
    reranked: int = 30

    def __post_init__(self) -> None:
        shares = (self.words, self.closeness, self.headings)
        depths = (self.judged, self.reranked)
        if not all(0 <= share <= 1 for share in shares) or not all(0 <= depth <= 200 for depth in depths):
            raise Invalid(_("Weights of a configuration lie between 0 and 1, depths between 0 and 200."))
        if self.generation is not None and self.generation < 1:
            raise Invalid(_("An index has a number from 1 on."))

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Self:
        """Return a configuration of JSON values or of texts, those that are not given as by default."""
        kinds = {
            each.name: int if each.name in {"generation", "judged", "reranked"} else float
            for each in dataclasses.fields(cls)
        }
        if unknown := set(values) - kinds.keys():
            raise Invalid(
                _("A configuration has no %(names)s; it has %(known)s.")
                % {"names": ", ".join(sorted(unknown)), "known": ", ".join(kinds)}
            )
        try:
            given: dict[str, Any] = {
                name: kinds[name](value) for name, value in values.items() if value not in (None, "")
            }
        except (TypeError, ValueError) as error:
            raise Invalid(_("The values of a configuration are numbers.")) from error
        return cls(**given)

    def as_json(self) -> dict[str, int | float | None]:
        return {each.name: getattr(self, each.name) for each in dataclasses.fields(self)}

    def __str__(self) -> str:
        """Return what differs from the default, as it is typed."""
        usual = type(self)()
        changed = [
            f"{name}={value:g}"
            for name, value in self.as_json().items()
            if value is not None and value != getattr(usual, name)
        ]
        return ",".join(changed) or "default"


def settled_by(source: Source) -> None:
    """Have searches that name no configuration run with what `source` returns."""
    _sources[:] = [source]


def live_configuration() -> Configuration:
    """Return what searches run with now."""
    return _sources[0]() if _sources else Configuration()
