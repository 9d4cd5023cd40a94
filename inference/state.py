"""What the model service is doing, in a small JSON file that the application reads.

`{"state": …, "model": key, "label": …, "detail": a sentence, "since": ISO time}`; `since` changes with the state only.
"""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

State = Literal["installing", "fetching", "starting", "ready", "failed", "stopped"]


@dataclass(slots=True)
class StateFile:
    """The file, and what was last written into it."""

    path: Path
    _state: str = ""
    _since: str = field(default="")

    def write(self, state: State, detail: str, *, model: str = "", label: str = "") -> None:
        """Replace the file in one step: a reader never sees half of it."""
        if state != self._state:
            self._state, self._since = state, datetime.now(UTC).isoformat(timespec="seconds")
            print(f"{self._since} {state}: {detail}", flush=True)
        content = {"state": state, "model": model, "label": label, "detail": detail, "since": self._since}
        part = self.path.with_name(f"{self.path.name}.part")
        self.path.parent.mkdir(parents=True, exist_ok=True)
        part.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
        part.replace(self.path)
