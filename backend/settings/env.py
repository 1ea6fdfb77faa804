"""Every environment variable Passend reads, in one table: name, default and help text.

The reference page `docs/settings.md` is generated from this table, so that it cannot drift.
"""

import os
from dataclasses import dataclass


class SettingMissingError(RuntimeError):
    """A production setting without a safe default is absent."""


@dataclass(frozen=True)
class EnvironmentSetting:
    name: str
    default: str | None
    help: str

    def text(self) -> str:
        value = os.environ.get(self.name, self.default)
        if value is None:
            raise SettingMissingError(f"Set the environment variable {self.name}: {self.help}")
        return value

    def optional(self) -> str:
        """The value, or an empty string where nothing is set."""
        return os.environ.get(self.name, self.default or "")

    def flag(self) -> bool:
        return self.text().strip().lower() in {"1", "true", "yes", "on"}

    def number(self) -> int:
        return int(self.text())

    def items(self) -> list[str]:
        return [part.strip() for part in self.optional().split(",") if part.strip()]


def _setting(name: str, default: str | None, help_text: str) -> EnvironmentSetting:
    setting = EnvironmentSetting(name, default, help_text)
    ENVIRONMENT.append(setting)
    return setting


ENVIRONMENT: list[EnvironmentSetting] = []

SECRET_KEY = _setting(
    "PASSEND_SECRET_KEY", None, "Secret for sessions and signatures; long and random."
)
ALLOWED_HOSTS = _setting("PASSEND_ALLOWED_HOSTS", "", "Comma-separated host names that are served.")
PUBLIC_URL = _setting(
    "PASSEND_PUBLIC_URL", "http://127.0.0.1:8000", "Address of the site, used in mails and letters."
)
DATABASE_URL = _setting(
    "DATABASE_URL",
    "",
    "postgresql://user:password@host:port/name. Empty: Passend starts its own PostgreSQL "
    "(demo and tests only).",
)
DATABASE_NAME = _setting(
    "PASSEND_DATABASE", "passend", "Name of the database in Passend's own PostgreSQL."
)
LOCAL_DIR = _setting(
    "PASSEND_LOCAL_DIR", ".local", "Folder for Passend's own PostgreSQL and other local state."
)
MEDIA_ROOT = _setting(
    "PASSEND_MEDIA_ROOT",
    "",
    "Private folder for files of documents; back it up. Empty: `media` in the local folder.",
)
CONN_MAX_AGE = _setting("PASSEND_CONN_MAX_AGE", "60", "Seconds a database connection is reused.")
CELERY_BROKER_URL = _setting(
    "CELERY_BROKER_URL",
    "",
    "redis://host:port/0. Empty: the demo server or `manage.py worker` does background work.",
)
CACHE_URL = _setting(
    "PASSEND_CACHE_URL", "", "redis://host:port/1 for the cache; empty: in memory."
)
EMAIL_URL = _setting(
    "PASSEND_EMAIL_URL", "console://", "smtp://user:password@host:port, or console:// for the log."
)
EMAIL_FROM = _setting("PASSEND_EMAIL_FROM", "Passend <noreply@passend.example>", "Sender of mails.")
OIDC_PROVIDERS = _setting(
    "PASSEND_OIDC_PROVIDERS",
    "",
    "JSON list of OpenID Connect providers: id, name, client_id, secret, server_url, organisation.",
)
DUO_URL = _setting(
    "PASSEND_DUO_URL",
    "",
    "Base address of DUO's Inburgeringsaanbod API; empty: institutions come from a file.",
)
DUO_SOURCE = _setting("PASSEND_DUO_SOURCE", "", "OIN that asks DUO (header bron); 20 digits.")
DUO_TARGET = _setting("PASSEND_DUO_TARGET", "", "OIN of DUO (header doel); 20 digits.")
THEME = _setting("PASSEND_THEME", "passend", "NL Design System theme of the pages.")
PROCESS = _setting(
    "PASSEND_PROCESS",
    "command",
    "Kind of process, which decides how long a statement may take: web, worker or command. "
    "The servers set it themselves.",
)
WEB_WORKERS = _setting(
    "PASSEND_WEB_WORKERS", "0", "Number of web server processes; 0: one for each core."
)
BIND_HOST = _setting("PASSEND_BIND_HOST", "127.0.0.1", "Address the web server listens on.")
BIND_PORT = _setting("PASSEND_BIND_PORT", "8000", "Port the web server listens on.")
BEHIND_PROXY = _setting(
    "PASSEND_BEHIND_PROXY",
    "false",
    "Trust X-Forwarded-Proto; only when a proxy that always sets it stands in front.",
)
HSTS_SECONDS = _setting(
    "PASSEND_HSTS_SECONDS", "31536000", "How long browsers remember to use https only; production."
)
MINIMUM_GROUP = _setting(
    "PASSEND_MINIMUM_GROUP",
    "10",
    "Fewest people whose waiting times are put into one figure; at least 5.",
)
SPREADSHEET_MB = _setting(
    "PASSEND_SPREADSHEET_MB",
    "20",
    "Largest spreadsheet that is read, in MB; a larger file is refused before it is read.",
)
LOOPBACK_TARGETS = _setting(
    "PASSEND_LOOPBACK_TARGETS",
    "false",
    "Webhooks and identity providers may be this machine itself, also over http: for a sandbox, "
    "never in production.",
)
EVENT_SOURCE = _setting(
    "PASSEND_EVENT_SOURCE",
    "urn:nld:passend",
    "Source of events (CloudEvents): urn:nld:oin:<20 digits>:systeem:<name> of who runs Passend.",
)
LOG_LEVEL = _setting("PASSEND_LOG_LEVEL", "INFO", "Least severe level that is logged.")
DEMO = _setting("PASSEND_DEMO", "false", "Show the ready-made demo accounts at log-in.")
REFERENCE_DATA = _setting(
    "PASSEND_REFERENCE_DATA", "", "Folder with reference data for validators; tests only."
)
OCDS_PREFIX = _setting(
    "PASSEND_OCDS_PREFIX",
    "ocds-000000",
    "Prefix of contracting process ids, registered with the Open Contracting Partnership.",
)
OCDS_PUBLISHER = _setting(
    "PASSEND_OCDS_PUBLISHER", "Passend", "Name of the publisher of the open contracting data."
)
