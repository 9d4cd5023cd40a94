"""Run a command with a throw-away PostgreSQL, Valkey and data folder: `python -m standalone.testbed -- pytest -q`.

The tests talk to the same servers that production does, started afresh and removed afterwards.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from standalone.postgres import Postgres
from standalone.valkey import Valkey


def main(command: list[str]) -> int:
    """Return the command's exit status."""
    folder = Path(tempfile.mkdtemp(prefix="toulmin-test-"))
    postgres, valkey = Postgres(folder / "postgres", fast=True), Valkey(folder / "valkey")
    try:
        postgres.start()
        valkey.start()
        postgres.create_database("toulmin")
        environment = {name: value for name, value in os.environ.items() if not name.startswith("TOULMIN_")}
        environment |= {
            name: value for name, value in os.environ.items() if name in {"TOULMIN_EVAL_DIR", "TOULMIN_WEIGHTS_DIR"}
        }
        environment |= {
            "TOULMIN_DATA_DIR": str(folder / "data"),
            "TOULMIN_DATABASE_URL": postgres.url(),
            "TOULMIN_REDIS_URL": valkey.url(),
            "TOULMIN_HOSTS": "localhost,127.0.0.1,testserver",
        }
        return subprocess.run(command, env=environment, check=False).returncode
    finally:
        valkey.stop()
        postgres.stop()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[sys.argv.index("--") + 1 :]))
