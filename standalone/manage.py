"""What `bin/manage` does: a management command on the data that `bin/run` serves, whether it runs or not.

Nothing is printed here on standard output: what a command prints last is the last word.
"""

import os
import subprocess
import sys
import time

from config.env import ROOT
from standalone.instance import Instance, Taken, part_environment
from standalone.processes import stop_with_parent
from standalone.settings import WrongSettings

_PATIENCE = 180.0  # seconds that somebody else's start may take
# These look at the database as it is, or not at all.
_UNPREPARED = {
    "migrate",
    "makemigrations",
    "showmigrations",
    "sqlmigrate",
    "squashmigrations",
    "help",
    "version",
    "check",
}


def main(arguments: list[str]) -> int:
    """Return the command's exit status."""
    try:
        instance = Instance()
        instance.make_folders()
        while True:
            try:
                with instance.owned("bin/manage"):
                    return _run_as_owner(instance, arguments)
            except Taken as holder:
                environment = _wait_for(instance, str(holder))
            if environment is not None and instance.join_users(environment):
                os.execve(sys.executable, _command(arguments), part_environment(environment))  # noqa: S606
    except (WrongSettings, RuntimeError, OSError) as error:
        print(error, file=sys.stderr)
    return 1


def _run_as_owner(instance: Instance, arguments: list[str]) -> int:
    """Start the servers, run the command, wait for other commands that joined, stop the servers."""
    instance.withdraw()
    try:
        instance.start_servers()
        environment = instance.environment()
        if not _UNPREPARED & set(arguments[:1]):
            _prepare(environment)
            instance.publish(environment)
        # A session of its own would lose the terminal; Ctrl-C reaches the command by itself.
        with subprocess.Popen(
            _command(arguments), env=part_environment(environment), preexec_fn=stop_with_parent()
        ) as command:
            status = _wait(command)
        instance.withdraw()
        instance.wait_for_users()
        return status
    finally:
        instance.withdraw()
        instance.stop_servers()


def _wait(command: subprocess.Popen[bytes]) -> int:
    while True:
        try:
            status = command.wait()
        except KeyboardInterrupt:
            continue
        return 128 - status if status < 0 else status


def _prepare(environment: dict[str, str]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "standalone.prepare"],
        env=part_environment(environment),
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        check=False,
        preexec_fn=stop_with_parent(),
    )
    if done.returncode:
        raise RuntimeError("The database could not be prepared.")


def _wait_for(instance: Instance, holder: str) -> dict[str, str] | None:
    """Return the environment that the holder published; None if it went away first. Raises RuntimeError after long."""
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline:
        if (environment := instance.published()) is not None:
            return environment
        try:
            with instance.owned("bin/manage"):
                return None
        except Taken:
            time.sleep(0.2)
    raise RuntimeError(
        f"The data folder {instance.data} is in use by {holder}, which is not ready yet. Try again later."
    )


def _command(arguments: list[str]) -> list[str]:
    return [sys.executable, str(ROOT / "manage.py"), *arguments]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
