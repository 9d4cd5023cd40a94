"""Prometheus's text format, version 0.0.4. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

Labels = Mapping[str, str]


@dataclass(slots=True)
class Family:
    """A metric with its samples. Those of a histogram are added by `observe`, all others by `add`."""

    name: str
    kind: Literal["counter", "gauge", "histogram"]
    help: str
    lines: list[str] = field(default_factory=list)

    def add(self, value: float, **labels: str) -> None:
        """Add one sample."""
        self.lines.append(f"{self.name}{_labels(labels)} {_number(value)}")

    def observe(self, bounds: Sequence[float], counts: Sequence[int], total: int, added: float, **labels: str) -> None:
        """Add a histogram: `counts` says how many values were at most each of `bounds`, `total` how many there were."""
        for bound, count in zip(bounds, counts, strict=True):
            self.lines.append(f"{self.name}_bucket{_labels(labels | {'le': _number(bound)})} {count}")
        self.lines.append(f"{self.name}_bucket{_labels(labels | {'le': '+Inf'})} {total}")
        self.lines.append(f"{self.name}_sum{_labels(labels)} {_number(added)}")
        self.lines.append(f"{self.name}_count{_labels(labels)} {total}")

    @property
    def names(self) -> set[str]:
        """Return the names under which its samples can be asked for."""
        parts = ("_bucket", "_sum", "_count") if self.kind == "histogram" else ("",)
        return {self.name + part for part in parts}


def exposition(families: Sequence[Family]) -> str:
    """Return the text of all families; one without samples is left out."""
    blocks = [
        "\n".join([f"# HELP {each.name} {each.help}", f"# TYPE {each.name} {each.kind}", *each.lines])
        for each in families
        if each.lines
    ]
    return "\n".join([*blocks, ""])


def _labels(labels: Labels) -> str:
    if not labels:
        return ""
    return "{" + ",".join(f'{name}="{_escaped(value)}"' for name, value in labels.items()) + "}"


def _escaped(value: str) -> str:
    return value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")


def _number(value: float) -> str:
    return str(int(value)) if float(value).is_integer() else repr(float(value))
