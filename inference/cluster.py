"""Several machines that serve one model: the commands that join them with Ray, and how many have joined.

One machine, the head, runs vLLM and answers; the others, the workers, lend it their GPUs. Each needs the same weights under the
same path, the same versions, and a network that nobody else is on: Ray takes commands from whoever reaches its port.
"""

import contextlib
import json
import subprocess
import time
from pathlib import Path
from typing import Self

from inference.environment import SetupFailed, python_of
from inference.wishes import Wishes
from standalone.processes import stop, stop_with_parent

_JOIN_LIMIT = 600.0  # seconds that the others get to be started in

_COUNT_NODES = (
    "import json, ray; ray.init(address='auto', log_to_driver=False);"
    " print(json.dumps(sum(node['Alive'] for node in ray.nodes())))"
)


def join_command(environment: Path, wishes: Wishes, *, gpus: int) -> list[str]:
    """Return the command that makes this machine part of the cluster; it runs until the machine leaves it."""
    host, _, port = wishes.head.rpartition(":")
    start = [str(environment / "bin" / "ray"), "start", "--block", f"--num-gpus={gpus}", "--disable-usage-stats"]
    if wishes.role == "worker":
        return [*start, f"--address={wishes.head}"]
    return [*start, "--head", f"--node-ip-address={host}", f"--port={port}", "--include-dashboard=false"]


def count_command(python: Path) -> list[str]:
    """Return the command that prints how many machines have joined, as JSON."""
    return [str(python), "-c", _COUNT_NODES]


def parse_count(output: str) -> int:
    """Return the number of machines from the last line that `count_command` printed; 0 if it is none."""
    try:
        value = json.loads((output.strip().splitlines() or [""])[-1])
    except ValueError:
        return 0
    return value if isinstance(value, int) else 0


class Cluster:
    """This machine's part in the cluster, for as long as the context lasts."""

    def __init__(self, environment: Path, wishes: Wishes, *, gpus: int) -> None:
        self.environment, self.wishes = environment, wishes
        self._command = join_command(environment, wishes, gpus=gpus)
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def variables(self) -> dict[str, str]:
        """Return what tells vLLM which cluster is its own."""
        return {"RAY_ADDRESS": self.wishes.head, "VLLM_HOST_IP": self.wishes.head.rpartition(":")[0]}

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            self._command,
            stdin=subprocess.DEVNULL,
            cwd=self.environment,
            start_new_session=True,
            preexec_fn=stop_with_parent(),
        )
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is not None:
            stop(self._process, patience=10)

    def stay(self) -> None:
        """Wait until this machine is no longer part of the cluster; raises SetupFailed, so that it joins again."""
        assert self._process is not None  # noqa: S101  entered before
        status = self._process.wait()
        raise SetupFailed(f"This machine is no longer part of the cluster of {self.wishes.head} (status {status}).")

    def wait_for_all(self) -> None:
        """Return once all machines have joined. Raises SetupFailed when they do not within ten minutes."""
        deadline, joined = time.monotonic() + _JOIN_LIMIT, 0
        while time.monotonic() < deadline:
            joined = self._count()
            if joined >= self.wishes.nodes:
                return
            time.sleep(2)
        raise SetupFailed(f"{joined} of {self.wishes.nodes} machines joined {self.wishes.head} within ten minutes.")

    def _count(self) -> int:
        with contextlib.suppress(OSError, subprocess.SubprocessError):
            done = subprocess.run(
                count_command(python_of(self.environment)), capture_output=True, text=True, timeout=60, check=True
            )
            return parse_count(done.stdout)
        return 0
