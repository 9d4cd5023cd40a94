"""Ask the web server in this container whether it is ready, under a host name that it serves. Exit status 0 means yes.

Standard library only: it runs every few seconds.
"""

import os
import sys
import urllib.error
import urllib.request


def main() -> int:
    """Return 0 if the server answers `/health/ready` with 200."""
    host = os.environ.get("TOULMIN_HOSTS", "localhost").split(",")[0].strip() or "localhost"
    request = urllib.request.Request(  # a fixed address on this host
        f"http://127.0.0.1:{os.environ.get('TOULMIN_PORT', '8000')}/health/ready",
        headers={"Host": host, "X-Forwarded-Proto": "https"},
    )
    try:
        with urllib.request.urlopen(request, timeout=9) as answer:  # noqa: S310
            return int(answer.status != 200)
    except (urllib.error.URLError, TimeoutError, ConnectionError) as error:
        sys.stderr.write(f"{error}\n")
        return 1


if __name__ == "__main__":
    sys.exit(main())
