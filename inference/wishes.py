"""What the operator asked of the model service, read from the environment; docs/configuration.md explains each variable."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeVar, get_args

Speculation = Literal["off", "auto"]
Role = Literal["head", "worker"]
Word = TypeVar("Word", bound=str)
_TRUE, _FALSE = {"1", "true", "yes", "on"}, {"", "0", "false", "no", "off"}


class WishNotUnderstood(Exception):
    """A variable says something that means nothing here; the message names it and what it may say."""


@dataclass(frozen=True, slots=True)
class Wishes:
    """`model` is a key or an id of the catalogue; empty: the best that fits. `head` is the address, with the port of Ray,
    of the machine that answers for all `nodes`."""

    model: str = ""
    speculation: Speculation = "off"
    batch_invariant: bool = False
    nodes: int = 1
    role: Role = "head"
    head: str = ""


def read_wishes(environment: Mapping[str, str]) -> Wishes:
    """Return the wishes. Raises WishNotUnderstood."""
    wishes = Wishes(
        model=environment.get("TOULMIN_MODEL", ""),
        speculation=_one_of(environment, "TOULMIN_SPECULATION", get_args(Speculation), "off"),
        batch_invariant=_truth(environment, "TOULMIN_BATCH_INVARIANT"),
        nodes=_count(environment, "TOULMIN_MODEL_NODES"),
        role=_one_of(environment, "TOULMIN_MODEL_NODE_ROLE", get_args(Role), "head"),
        head=environment.get("TOULMIN_MODEL_HEAD", ""),
    )
    if wishes.nodes > 1 and ":" not in wishes.head:
        raise WishNotUnderstood(
            "TOULMIN_MODEL_NODES asks for several machines. TOULMIN_MODEL_HEAD must then be the address and port of the"
            " one that answers, for example 10.0.0.1:6379."
        )
    if wishes.nodes > 1 and not wishes.model:
        raise WishNotUnderstood(
            "TOULMIN_MODEL_NODES asks for several machines. TOULMIN_MODEL must then name the model, the same on each."
        )
    return wishes


def _one_of(environment: Mapping[str, str], name: str, words: tuple[Word, ...], default: Word) -> Word:
    said = environment.get(name, "") or default
    for word in words:
        if said == word:
            return word
    raise WishNotUnderstood(f"{name} is {said}. It may be {' or '.join(words)}.")


def _truth(environment: Mapping[str, str], name: str) -> bool:
    said = environment.get(name, "").strip().casefold()
    if said in _TRUE | _FALSE:
        return said in _TRUE
    raise WishNotUnderstood(f"{name} is {said}. It may be true or false.")


def _count(environment: Mapping[str, str], name: str) -> int:
    said = environment.get(name, "") or "1"
    if said.isdigit() and int(said) >= 1:
        return int(said)
    raise WishNotUnderstood(f"{name} is {said}. It must be a whole number, 1 or more.")
