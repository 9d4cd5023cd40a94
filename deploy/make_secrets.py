"""Make the installation's secrets on its first start: one folder for the application, one for each server that needs one.

What is there is kept, so starting again changes nothing. Standard library only.
"""

import os
import secrets
import sys
from pathlib import Path


def make_secrets(folder: Path) -> list[str]:
    """Write what is missing under `folder` and return the names of what was written."""
    app, postgres, redis = folder / "app", folder / "postgres", folder / "redis"
    database = _kept(postgres / "password", secrets.token_urlsafe(32))
    broker = _kept(redis / "password", secrets.token_urlsafe(32))
    wanted = {
        redis / "redis.conf": f'requirepass "{broker}"\nappendonly yes\nsave ""\nmaxmemory-policy noeviction\n',
        app / "TOULMIN_SECRET_KEY": secrets.token_urlsafe(50),
        app / "TOULMIN_DATABASE_URL": f"postgresql://toulmin:{database}@postgres:5432/toulmin",
        app / "TOULMIN_REDIS_URL": f"redis://:{broker}@redis:6379/0",
    }
    return [path.name for path, text in wanted.items() if _write_once(path, text)]


def _kept(path: Path, fresh: str) -> str:
    _write_once(path, fresh)
    return path.read_text()


def _write_once(path: Path, text: str) -> bool:
    """Write a file that each container's own user may read, unless it is there. Only containers that mount it see it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o444)
    except FileExistsError:
        return False
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
    return True


if __name__ == "__main__":
    written = make_secrets(Path(sys.argv[1] if len(sys.argv) > 1 else "/secrets"))
    sys.stdout.write(f"Made: {', '.join(written)}.\n" if written else "All secrets are there.\n")
