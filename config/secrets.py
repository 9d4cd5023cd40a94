"""The signing key: given by the operator, or made once and kept in the data folder."""

import os
import secrets
from pathlib import Path


def signing_key(given: str, data_dir: Path) -> str:
    """Return `given`, else the key kept in `data_dir/secret_key`, made on first use and readable by its owner only."""
    if given:
        return given
    path = data_dir / "secret_key"
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text().strip()
    except FileNotFoundError:
        data_dir.mkdir(parents=True, exist_ok=True)
        return signing_key(given, data_dir)
    key = secrets.token_urlsafe(50)
    with os.fdopen(descriptor, "w") as file:
        file.write(key)
    return key
