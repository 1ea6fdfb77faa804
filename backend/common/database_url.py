"""Turns DATABASE_URL, or its absence, into Django's database settings."""

from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

EMBEDDED_ENGINE = "backend.common.embedded"

# Longest statement per kind of process. A page that takes longer helps nobody; background work is
# allowed more; a command of an administrator (migrate, an import) takes the time it takes.
STATEMENT_TIMEOUT = {"web": "15s", "worker": "10min", "command": "0"}
# Who cannot get a lock in this time hears "busy" instead of waiting.
LOCK_TIMEOUT = "3s"
# A session that forgot its transaction blocks everybody; a command may compute inside one.
IDLE_IN_TRANSACTION_TIMEOUT = {"web": "30s", "worker": "30s", "command": "10min"}


def _server_options(process: str) -> str:
    if process not in STATEMENT_TIMEOUT:
        raise ValueError(f"PASSEND_PROCESS must be one of: {', '.join(STATEMENT_TIMEOUT)}.")
    settings = {
        "statement_timeout": STATEMENT_TIMEOUT[process],
        "lock_timeout": LOCK_TIMEOUT,
        "idle_in_transaction_session_timeout": IDLE_IN_TRANSACTION_TIMEOUT[process],
        # Only `backend.common.prepared` prepares, and what it plans holds for every value.
        "plan_cache_mode": "force_generic_plan",
    }
    return " ".join(f"-c {name}={value}" for name, value in settings.items())


def database_settings(
    url: str, *, local_dir: Path, name: str, conn_max_age: int, process: str = "command"
) -> dict[str, Any]:
    """Settings of the given server, or of Passend's own PostgreSQL where `url` is empty."""
    options: dict[str, Any] = {"options": _server_options(process)}
    common = {"CONN_MAX_AGE": conn_max_age, "CONN_HEALTH_CHECKS": True, "OPTIONS": options}
    if not url:
        return {
            "ENGINE": EMBEDDED_ENGINE,
            "NAME": name,
            "USER": "postgres",
            "DATA_DIR": str(local_dir / "postgres"),
            **common,
        }
    parts = urlsplit(url)
    # ?sslmode=verify-full and the like go to the driver as they are.
    options.update(parse_qsl(parts.query))
    if parts.scheme not in {"postgres", "postgresql"}:
        raise ValueError(
            "DATABASE_URL must start with postgresql://: Passend runs on PostgreSQL only."
        )
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": str(parts.port or ""),
        **common,
    }
