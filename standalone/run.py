"""What `bin/run` does: servers, database, web, workers, clock and model under one roof, until Ctrl-C."""

import argparse
import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from types import FrameType

from config.env import ROOT
from standalone import parts
from standalone.instance import Instance, Taken, part_environment
from standalone.processes import stop_with_parent
from standalone.settings import WrongSettings
from standalone.supervisor import Supervisor

_PATIENCE_FOR_PAGE = 120.0


class CannotStart(Exception):
    """The installation cannot run; the message says why and what to do."""


class Stopping:
    """What the signals asked for: nothing yet, to stop, or to stop at once."""

    def __init__(self) -> None:
        self.asked = 0
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._note)

    def __bool__(self) -> bool:
        return self.asked > 0

    def at_once(self) -> bool:
        return self.asked > 1

    def _note(self, _number: int, _frame: FrameType | None) -> None:
        self.asked += 1


def main(arguments: list[str]) -> int:
    argparse.ArgumentParser(
        prog="bin/run",
        description="Run Toulmin on this machine until Ctrl-C. Settings come from the environment: see docs/configuration.md.",
    ).parse_args(arguments)
    try:
        instance = Instance()
        instance.make_folders()
        with instance.owned("bin/run", patience=3):
            Run(instance, Stopping()).run()
    except Taken as holder:
        return _complain(
            f"The data folder {instance.data} is in use by {holder}. Stop it first, "
            "or set TOULMIN_DATA_DIR and TOULMIN_PORT to run a second installation beside it."
        )
    except OSError as error:
        return _complain(f"{error.strerror or error}: {error.filename or ''}".rstrip(": "))
    except (WrongSettings, CannotStart, RuntimeError) as error:
        return _complain(str(error))
    return 0


class Run:
    """One run, from the first server to the last."""

    def __init__(self, instance: Instance, stopping: Stopping) -> None:
        self.instance = instance
        self.stopping = stopping
        self.begun = time.monotonic()
        self.model_said = ""

    def run(self) -> None:
        """Return when everything has been stopped."""
        instance = self.instance
        instance.withdraw()
        _require_free(instance.env.bind, instance.env.port)
        say(f"Toulmin, data in {instance.data}")
        supervisor: Supervisor | None = None
        try:
            instance.start_servers()
            environment = instance.environment()
            model = parts.model_port(instance) if parts.wants_model(instance) else 0
            if model:
                environment |= parts.model_environment(instance, model)
            if self.stopping:
                return
            self._prepare(environment)
            supervisor = Supervisor(part_environment(environment), ROOT, instance.open_log, say)
            supervisor.start(parts.web_part(instance))
            instance.publish(environment)
            self._wait_for_page(supervisor)
            self._after_page(supervisor, model)
            while not self.stopping:
                self._tend(supervisor)
                time.sleep(0.2)
        finally:
            self._stop(supervisor)

    def _prepare(self, environment: dict[str, str]) -> None:
        """Bring the database up to date; show a new administrator's password, this once."""
        administrator = self.instance.standalone.admin_email
        with os.fdopen(self.instance.open_log("prepare"), "ab") as log:
            done = subprocess.run(
                [sys.executable, "-m", "standalone.prepare", "--administrator", administrator],
                env=part_environment(environment),
                cwd=ROOT,
                stdout=subprocess.PIPE,
                stderr=log,
                check=False,
                preexec_fn=stop_with_parent(),
                start_new_session=True,
            )
        if done.returncode:
            raise CannotStart(_with_tail("The database could not be prepared", self.instance.log_of("prepare")))
        made = json.loads(done.stdout.splitlines()[-1])
        if made:
            self._samples_owner().write_text(made["email"])
            say(f"First administrator: {made['email']}, password {made['password']}")
            say("It is shown only now. Change it under Account after signing in.")

    def _wait_for_page(self, supervisor: Supervisor) -> None:
        deadline = time.monotonic() + _PATIENCE_FOR_PAGE
        while not self.stopping and not _page_answers(self.instance.env.port):
            if time.monotonic() > deadline:
                raise CannotStart(_with_tail("The web server does not answer", self.instance.log_of("web")))
            supervisor.tend()
            time.sleep(0.1)
        if not self.stopping:
            say(f"Ready after {time.monotonic() - self.begun:.1f} s: http://localhost:{self.instance.env.port}/")
            say("Ctrl-C stops everything.")

    def _after_page(self, supervisor: Supervisor, model: int) -> None:
        """Start what nobody should wait for."""
        if self.stopping:
            return
        for part in parts.worker_parts(self.instance):
            supervisor.start(part)
        if model:
            supervisor.start(parts.model_part(self.instance, model))
        owner = self._samples_owner()
        if owner.exists() and self.instance.standalone.samples:
            supervisor.start(parts.samples_part(owner.read_text().strip()))

    def _tend(self, supervisor: Supervisor) -> None:
        supervisor.tend()
        for server, name in ((self.instance.postgres, "PostgreSQL"), (self.instance.valkey, "Valkey")):
            if server is not None and (status := server.process.poll()) is not None:
                say(f"{name} stopped (status {status}) and is started again.")
                server.start()
        owner = self._samples_owner()
        if supervisor.is_done("samples"):
            owner.unlink(missing_ok=True)
        self._follow_model()

    def _follow_model(self) -> None:
        """Say what the model service is at, whenever that changes."""
        with contextlib.suppress(OSError, ValueError):
            state = json.loads((self.instance.run_folder / "model.json").read_text())
            if state["state"] != self.model_said and state["state"] != "stopped":
                self.model_said = state["state"]
                say(f"Model: {state['detail']}")

    def _stop(self, supervisor: Supervisor | None) -> None:
        if self.stopping:
            say("Stopping.")
        self.instance.withdraw()
        if supervisor is not None:
            supervisor.stop(at_once=self.stopping.at_once)
        self.instance.stop_servers()
        (self.instance.run_folder / "model.json").unlink(missing_ok=True)
        if self.stopping:
            say("Stopped.")

    def _samples_owner(self) -> Path:
        """The file that names for whom samples are still to be loaded."""
        return self.instance.run_folder / "samples-for"


def say(words: str) -> None:
    print(words, flush=True)


def _complain(words: str) -> int:
    print(words, file=sys.stderr, flush=True)
    return 1


def _require_free(bind: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in bind else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((bind, port))
        except PermissionError:
            raise CannotStart(f"Port {port} needs more rights than this user has. Choose one above 1023.") from None
        except OSError as error:
            raise CannotStart(
                f"Port {port} on {bind} cannot be used: {error.strerror}. "
                f"Choose another one, for example TOULMIN_PORT={port + 1} bin/run"
            ) from None


def _page_answers(port: int) -> bool:
    return _answers(f"http://127.0.0.1:{port}/health/live")


def _answers(address: str) -> bool:
    """Return whether something speaks HTTP there and is not failing; a redirect or a refusal is an answer."""
    opener = urllib.request.build_opener(_NoRedirect())
    try:
        with opener.open(address, timeout=5):
            return True
    except urllib.error.HTTPError as error:
        return error.code < 500
    except OSError:
        return False


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        return None


def _with_tail(words: str, log: Path, lines: int = 12) -> str:
    with contextlib.suppress(OSError):
        tail = "\n".join(f"  {line}" for line in log.read_text(errors="replace").splitlines()[-lines:])
        return f"{words}. The end of {log}:\n{tail}"
    return f"{words}. See {log}."


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
