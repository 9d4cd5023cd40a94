"""From a PostgreSQL address to Django's database settings."""

from typing import Any

from psycopg.conninfo import conninfo_to_dict


def database_settings(url: str, *, pool: bool) -> dict[str, Any]:
    """Return the `DATABASES` entry for a libpq address; `pool` keeps connections in psycopg's pool."""
    parts = conninfo_to_dict(url)
    options: dict[str, Any] = {
        key: value for key, value in parts.items() if key not in {"dbname", "user", "password", "host", "port"}
    }
    if pool:
        options["pool"] = {"min_size": 0, "max_size": 16, "timeout": 10}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": str(parts.get("dbname") or "toulmin"),
        "USER": str(parts.get("user") or ""),
        "PASSWORD": str(parts.get("password") or ""),
        "HOST": str(parts.get("host") or ""),
        "PORT": str(parts.get("port") or ""),
        "CONN_MAX_AGE": 0,
        # A pooled connection outlives a restart of the database; it is looked at before it is lent.
        "CONN_HEALTH_CHECKS": pool,
        "OPTIONS": options,
    }
