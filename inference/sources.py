"""Where weights come from: a folder at hand, the hub, or a package."""

import os
import shutil
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from inference.catalogue import Entry
from inference.environment import SetupFailed, run_patiently

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True)
class Sources:
    """`own` is where weights are kept; `given` a folder that the operator filled, one subfolder per model key."""

    own: Path
    given: Path | None

    def find(self, entry: Entry) -> Path | None:
        """Return the folder that holds the model's weights now, or None."""
        for base in (self.given, self.own):
            if base is not None and (base / entry.weights_key / "config.json").exists():
                return base / entry.weights_key
        return None

    def can_be_had(self, entry: Entry) -> bool:
        """Return whether weights are here, in a package, or can be fetched and have room on the disk."""
        if self.find(entry) is not None or entry.packaged:
            return True
        return bool(entry.id) and self._has_room(entry) and _hub_answers(entry)

    def bring(self, entry: Entry, python: Path, report: Callable[[str], None]) -> Path:
        """Fetch or convert the weights with vLLM's own Python, and return their folder. Raises SetupFailed."""
        folder = self.own / entry.weights_key
        folder.parent.mkdir(parents=True, exist_ok=True)
        module = [str(python), "-m", "inference.weights"]
        if entry.packaged:
            run_patiently([*module, "convert", str(folder)], PYTHONPATH=str(ROOT), HF_HUB_OFFLINE="1")
            return folder
        if not entry.id:
            raise SetupFailed(
                f"No hub has {entry.label}. Put its weights into TOULMIN_WEIGHTS_DIR/{entry.weights_key}."
            )
        if not self._has_room(entry):
            raise SetupFailed(f"{entry.label} needs {entry.disk_gb:.0f} GB of disk in {self.own}.")
        with _measured(folder.with_name(f"{folder.name}.part"), entry, report):
            run_patiently([*module, "fetch", entry.id, entry.revision, str(folder)], PYTHONPATH=str(ROOT))
        return folder

    def _has_room(self, entry: Entry) -> bool:
        existing = next(folder for folder in (self.own, *self.own.parents) if folder.exists())
        return shutil.disk_usage(existing).free / 1e9 > entry.disk_gb + 2


def _hub_answers(entry: Entry) -> bool:
    if os.environ.get("HF_HUB_OFFLINE", "0") not in {"", "0"}:
        return False
    hub = os.environ.get("HF_ENDPOINT", "https://huggingface.co").rstrip("/")
    address = f"{hub}/{entry.id}/resolve/{entry.revision or 'main'}/config.json"
    try:
        with urllib.request.urlopen(urllib.request.Request(address, method="HEAD"), timeout=8):  # noqa: S310
            return True
    except (OSError, ValueError, urllib.error.URLError):
        return False


@contextmanager
def _measured(part: Path, entry: Entry, report: Callable[[str], None]) -> Iterator[None]:
    """Say every few seconds how much has arrived."""
    done = threading.Event()

    def watch() -> None:
        while not done.wait(5):
            arrived = sum(file.stat().st_size for file in part.rglob("*") if file.is_file()) / 1e9
            report(f"Fetching {entry.label}: {arrived:.1f} of about {entry.disk_gb:.0f} GB.")

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        done.set()
        watcher.join()
