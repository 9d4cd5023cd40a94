"""Bring database and static files up to the code, and make the first administrator: `python -m standalone.prepare`.

A process of its own, as it needs Django and its caller does not. The last line of its output is JSON:
`{"email": …, "password": …}` when it made an administrator, else `{}`.
"""

import argparse
import hashlib
import json
import sys
from pathlib import Path

import django
from django.conf import settings
from django.core.management import call_command

from config.env import ROOT


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m standalone.prepare", description=__doc__)
    parser.add_argument("--administrator", metavar="EMAIL", default="", help="whom to make if there is nobody yet")
    given = parser.parse_args(arguments)
    django.setup()
    call_command("migrate", interactive=False, verbosity=0)
    collect_static()
    made = make_administrator(given.administrator) if given.administrator else {}
    print(json.dumps(made))
    return 0


def collect_static() -> None:
    """Collect and compress the static files unless they are as they were."""
    if settings.DEBUG:
        return
    target = Path(settings.STATIC_ROOT)
    stamp, state = target / ".collected", _static_state()
    if stamp.exists() and stamp.read_text() == state:
        return
    call_command("collectstatic", interactive=False, verbosity=0, clear=True)
    stamp.write_text(state)


def make_administrator(email: str) -> dict[str, str]:
    """Return address and new password of the first administrator, or nothing if somebody is there already."""
    from apps.accounts.management.answering import made_password
    from apps.accounts.models import User
    from apps.accounts.scope import Scope
    from apps.accounts.services import create_user

    if User.objects.exists():
        return {}
    password = made_password()
    create_user(Scope.of_system(), email=email, password=password, administrator=True, auditor=True)
    return {"email": email, "password": password}


def _static_state() -> str:
    """Return what stands for the files to collect: our own by size and time, the packages' by their versions."""
    digest = hashlib.sha256((ROOT / "constraints.txt").read_bytes())
    for folder in settings.STATICFILES_DIRS:
        for path in sorted(Path(folder).rglob("*")):
            facts = path.stat()
            digest.update(f"{path} {facts.st_size} {facts.st_mtime_ns}\n".encode())
    return digest.hexdigest()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
