"""Children that never outlive the process that started them."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable

_PR_SET_PDEATHSIG = 1


def stop_with_parent(sign: signal.Signals = signal.SIGTERM) -> Callable[[], None] | None:
    """Return a `preexec_fn` after which the kernel sends `sign` to the child when its parent dies, even by SIGKILL.

    Linux only; elsewhere None, and children are stopped by a parent that gets to clean up.
    """
    if not sys.platform.startswith("linux"):
        return None
    libc = ctypes.CDLL(None, use_errno=True)
    parent = os.getpid()

    def arm() -> None:
        libc.prctl(_PR_SET_PDEATHSIG, int(sign))
        if os.getppid() != parent:  # the parent died between fork and here
            os.kill(os.getpid(), sign)

    return arm


def stop(process: subprocess.Popen[bytes], sign: signal.Signals = signal.SIGTERM, *, patience: float = 10) -> None:
    """Ask a child to end, wait `patience` seconds, then kill it."""
    if process.poll() is not None:
        return
    process.send_signal(sign)
    try:
        process.wait(patience)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def wait_until(ready: Callable[[], bool], *, seconds: float, what: str, process: subprocess.Popen[bytes]) -> None:
    """Return once `ready()` is true. Raises RuntimeError if the process ends first or the time runs out."""
    deadline = time.monotonic() + seconds
    while not ready():
        if process.poll() is not None:
            raise RuntimeError(f"{what} ended with status {process.returncode} before it was ready.")
        if time.monotonic() > deadline:
            raise RuntimeError(f"{what} was not ready after {seconds:.0f} seconds.")
        time.sleep(0.05)
