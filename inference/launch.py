"""Serve the best model that this machine can hold, and keep serving it: `python -m inference.launch --port …`.

It finds the hardware, chooses a model, makes vLLM's environment, brings the weights, starts vLLM and starts it again when
it dies. Each step is written to the state file. What fails is tried again after a while; nothing here stops the interface.
"""

import argparse
import contextlib
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from inference.arguments import vllm_arguments, vllm_environment
from inference.catalogue import MODELS_FILE, Entry, load_catalogue
from inference.choice import NothingFits, choose
from inference.cluster import Cluster
from inference.environment import SetupFailed, install, is_installed, python_of
from inference.hardware import Hardware, detect
from inference.parallel import lay_out
from inference.sources import Sources
from inference.speculation import drafting_for, with_drafter
from inference.state import State, StateFile
from inference.wishes import Wishes, WishNotUnderstood, read_wishes
from standalone.processes import stop_with_parent

_TRY_AGAIN = 180.0  # seconds until a failure is tried again: somebody may have mended the network or the disk
_START_LIMIT = 1800.0  # seconds that loading a large model may take
_STEADY = 120.0  # seconds after which a server counts as having run well
_PATIENCE = 10.0  # seconds that vLLM gets to end by itself


class Stopped(BaseException):
    """Raised by the signal that asks this process to end, wherever it is."""


@dataclass(slots=True)
class Launcher:
    """One model service: what it was told, and the server it runs."""

    port: int
    state: StateFile
    sources: Sources
    environment: Path
    catalogue: dict[str, Entry]
    _server: subprocess.Popen[bytes] | None = None
    _entry: Entry | None = None

    def run(self) -> None:
        """Serve until stopped."""
        try:
            while True:
                try:
                    self._serve()
                except (NothingFits, SetupFailed, WishNotUnderstood) as failure:
                    self._say("failed", str(failure))
                time.sleep(_TRY_AGAIN)
        finally:
            self._stop_server()
            self._say("stopped", "The model service was stopped.")

    def _serve(self) -> None:
        wishes, hardware = read_wishes(os.environ), detect()
        if objection := hardware.objection():
            raise NothingFits(objection)
        self._entry = entry = choose(self.catalogue.values(), hardware, self.sources.can_be_had, wishes)
        if not is_installed(self.environment, hardware.kind):
            self._say("installing", "Installing the model server. This happens once and takes a few minutes.")
            install(self.environment, hardware.kind)
        command = self._command(entry, hardware, wishes)
        variables = vllm_environment(entry, hardware, wishes)
        if wishes.nodes == 1:
            return self._keep_serving(entry, command, variables)
        with Cluster(self.environment, wishes, gpus=len(hardware.gpus)) as cluster:
            if wishes.role == "worker":
                self._say("ready", f"This machine lends its GPUs to {wishes.head}, which answers.")
                return cluster.stay()
            self._say("starting", f"Waiting for {wishes.nodes} machines to join {wishes.head}.")
            cluster.wait_for_all()
            return self._keep_serving(entry, command, variables | cluster.variables)

    def _command(self, entry: Entry, hardware: Hardware, wishes: Wishes) -> list[str]:
        """Return the command that serves the model, once its weights and those of its drafter are here."""
        weights, drafting, config = self._weights_of(entry), None, ""
        if wishes.speculation == "auto" and not wishes.batch_invariant:
            drafting = drafting_for(entry, self.catalogue)
        if drafting is not None and lay_out(with_drafter(entry, drafting), hardware, nodes=wishes.nodes) is not None:
            config = drafting.config(str(self._weights_of(drafting.drafter)) if drafting.drafter else "")
            entry = with_drafter(entry, drafting)
        return [
            *([] if hardware.gpus else ["nice", "-n", "5"]),
            *(str(python_of(self.environment)), "-m", "vllm.entrypoints.openai.api_server"),
            *vllm_arguments(
                entry, hardware, weights=weights, port=self.port, nodes=wishes.nodes, speculative_config=config
            ),
        ]

    def _weights_of(self, entry: Entry) -> Path:
        if (weights := self.sources.find(entry)) is not None:
            return weights
        self._say("fetching", f"Preparing the weights of {entry.label}.")
        return self.sources.bring(entry, python_of(self.environment), lambda detail: self._say("fetching", detail))

    def _keep_serving(self, entry: Entry, command: list[str], variables: dict[str, str]) -> None:
        """Start vLLM again and again, with growing pauses. Raises SetupFailed when it keeps dying young."""
        young_deaths = 0
        while young_deaths < 4:
            self._say("starting", f"Loading {entry.label}.")
            started = time.monotonic()
            self._start_server(command, variables)
            if self._wait_until_ready():
                self._say("ready", f"{entry.label} answers.")
            status = self._wait_for_end()
            young_deaths = 0 if time.monotonic() - started > _STEADY else young_deaths + 1
            self._say("starting", f"{entry.label} stopped ({_cause(status)}) and is being started again.")
            time.sleep(min(30, 2**young_deaths))
        raise SetupFailed(f"{entry.label} stops soon after each start. Its log says why.")

    def _start_server(self, command: list[str], variables: dict[str, str]) -> None:
        self._server = subprocess.Popen(
            command,
            env=os.environ | variables,
            cwd=self.environment,  # not the repository, whose packages must not shadow vLLM's
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=stop_with_parent(),
        )

    def _wait_until_ready(self) -> bool:
        deadline = time.monotonic() + _START_LIMIT
        while self._server is not None and self._server.poll() is None:
            if _answers(self.port):
                return True
            if time.monotonic() > deadline:
                self._stop_server()
                break
            time.sleep(0.5)
        return False

    def _wait_for_end(self) -> int:
        status = self._server.wait() if self._server is not None else -signal.SIGKILL
        self._stop_server()
        return status

    def _stop_server(self) -> None:
        """End vLLM and every process it started: they share a session of their own."""
        if self._server is None:
            return
        _signal_group(self._server, signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._server.wait(_PATIENCE)
        _signal_group(self._server, signal.SIGKILL)
        self._server.wait()
        self._server = None

    def _say(self, state: State, detail: str) -> None:
        entry = self._entry
        self.state.write(state, detail, model=entry.key if entry else "", label=entry.label if entry else "")


def main(arguments: list[str]) -> int:
    """Serve until SIGTERM or Ctrl-C."""
    parser = argparse.ArgumentParser(prog="python -m inference.launch", description=__doc__)
    parser.add_argument("--port", type=int, required=True, help="port on 127.0.0.1 to serve on")
    parser.add_argument("--state", type=Path, required=True, help="file to write the state into")
    parser.add_argument("--weights", type=Path, required=True, help="folder that keeps fetched and converted weights")
    parser.add_argument("--env", type=Path, required=True, help="folder of vLLM's own Python environment")
    given = parser.parse_args(arguments)
    weights_dir, models_file = os.environ.get("TOULMIN_WEIGHTS_DIR"), os.environ.get("TOULMIN_MODELS_FILE")
    signal.signal(signal.SIGTERM, _raise_stopped)
    signal.signal(signal.SIGINT, _raise_stopped)
    _let_others_go_first()
    launcher = Launcher(
        port=given.port,
        state=StateFile(given.state.resolve()),
        sources=Sources(given.weights.resolve(), Path(weights_dir).resolve() if weights_dir else None),
        environment=given.env.absolute(),
        catalogue=load_catalogue(Path(models_file) if models_file else MODELS_FILE),
    )
    try:
        launcher.run()
    except Stopped:
        return 0
    return 1


def _let_others_go_first() -> None:
    """Weigh this session, in which everything is set up, least. Linux shares the processor between sessions first, and a
    process's own niceness counts only within its session. The server runs in a session of its own, at full weight."""
    with contextlib.suppress(OSError):
        Path("/proc/self/autogroup").write_text("19")


def _raise_stopped(_number: int, _frame: FrameType | None) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    raise Stopped


def _answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=2) as response:
            return bool(response.status == 200)
    except (OSError, urllib.error.URLError):
        return False


def _signal_group(server: subprocess.Popen[bytes], sign: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(server.pid, sign)


def _cause(status: int) -> str:
    if status == -signal.SIGKILL:
        return "it was killed, perhaps for want of memory"
    if status < 0:
        return f"signal {-status}"
    return f"status {status}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
