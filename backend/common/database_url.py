"""Turns DATABASE_URL, or its absence, into Django's database settings."""

from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

EMBEDDED_ENGINE = "backend.common.embedded"


def database_settings(
    url: str, *, local_dir: Path, name: str, conn_max_age: int
) -> dict[str, Any]:
    """Settings of the given server, or of Passend's own PostgreSQL where `url` is empty."""
    common = {"CONN_MAX_AGE": conn_max_age, "CONN_HEALTH_CHECKS": True}
    if not url:
        return {
            "ENGINE": EMBEDDED_ENGINE,
            "NAME": name,
            "USER": "postgres",
            "DATA_DIR": str(local_dir / "postgres"),
            **common,
        }
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"}:
        raise ValueError("DATABASE_URL must start with postgresql://: Passend runs on PostgreSQL only.")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": str(parts.port or ""),
        **common,
    }
