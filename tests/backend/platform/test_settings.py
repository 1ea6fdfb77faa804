"""Settings: the reference page is current, production starts safe or not at all."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

from backend.common.database_url import database_settings
from backend.management.commands.settings_reference import reference_page
from backend.settings.email import email_settings
from backend.settings.env import ENVIRONMENT
from backend.settings.secret import local_secret

ROOT = Path(settings.BASE_DIR)
SAFE = {
    "PASSEND_SECRET_KEY": "x" * 50,
    "DATABASE_URL": "postgresql://passend:geheim@db.example:5433/passend?sslmode=verify-full",
    "PASSEND_ALLOWED_HOSTS": "passend.example",
    "PASSEND_PUBLIC_URL": "https://passend.example",
    "PASSEND_EMAIL_URL": "smtps://user:p%40ss@mail.example",
}


def test_the_reference_page_is_current():
    current = (ROOT / "docs" / "settings.md").read_text()
    assert current == reference_page(), "run: python -m backend.manage settings_reference --write"


def test_every_setting_explains_itself_once():
    names = [setting.name for setting in ENVIRONMENT]
    assert len(names) == len(set(names))
    assert all(len(setting.help) > 10 for setting in ENVIRONMENT)


def production(code: str, **environment: str) -> subprocess.CompletedProcess[str]:
    own = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG"}}
    return subprocess.run(
        [sys.executable, "-c", f"from django.conf import settings\n{code}"],
        env={**own, "DJANGO_SETTINGS_MODULE": "backend.settings.production", **environment},
        cwd=ROOT,
        capture_output=True,
        text=True,
    )


def test_production_without_settings_names_all_that_is_missing():
    result = production("settings.DEBUG")
    assert result.returncode == 1
    assert [name for name in SAFE if f"- {name}:" not in result.stderr] == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PASSEND_SECRET_KEY", "short"),
        ("DATABASE_URL", ""),
        ("PASSEND_ALLOWED_HOSTS", "*"),
        ("PASSEND_PUBLIC_URL", "http://passend.example"),
        ("PASSEND_EMAIL_URL", "console://"),
        ("PASSEND_DEMO", "true"),
    ],
)
def test_production_refuses_an_unsafe_setting(name, value):
    result = production("settings.DEBUG", **{**SAFE, name: value})
    assert result.returncode == 1
    assert f"- {name}:" in result.stderr


def test_production_is_safe():
    names = [
        "DEBUG",
        "SESSION_COOKIE_SECURE",
        "CSRF_COOKIE_SECURE",
        "SECURE_SSL_REDIRECT",
        "SECURE_HSTS_SECONDS",
        "SECURE_CONTENT_TYPE_NOSNIFF",
    ]
    result = production(f"print([getattr(settings, name) for name in {names}])", **SAFE)
    assert result.stdout.strip() == "[False, True, True, True, 31536000, True]", result.stderr


@pytest.mark.parametrize(("process", "limit"), [("web", "15s"), ("worker", "10min")])
def test_a_statement_is_limited_by_kind_of_process(process, limit):
    found = database_settings(
        SAFE["DATABASE_URL"], local_dir=ROOT, name="", conn_max_age=60, process=process
    )
    assert f"statement_timeout={limit}" in found["OPTIONS"]["options"]
    assert "lock_timeout=3s" in found["OPTIONS"]["options"]
    assert found["OPTIONS"]["sslmode"] == "verify-full"
    assert (found["HOST"], found["PORT"], found["NAME"]) == ("db.example", "5433", "passend")


def test_an_unknown_kind_of_process_or_database_is_refused():
    with pytest.raises(ValueError, match="PASSEND_PROCESS"):
        database_settings("", local_dir=ROOT, name="", conn_max_age=60, process="shop")
    with pytest.raises(ValueError, match="PostgreSQL only"):
        database_settings("mysql://x/y", local_dir=ROOT, name="", conn_max_age=60)


def test_mail_by_address():
    found = email_settings(SAFE["PASSEND_EMAIL_URL"])
    assert found["EMAIL_HOST_PASSWORD"] == "p@ss"
    assert (found["EMAIL_PORT"], found["EMAIL_USE_SSL"], found["EMAIL_USE_TLS"]) == (
        465,
        True,
        False,
    )
    assert email_settings("smtp://mail.example")["EMAIL_USE_TLS"] is True
    with pytest.raises(ValueError, match="PASSEND_EMAIL_URL"):
        email_settings("http://mail.example")


def test_the_local_secret_is_made_once_and_private(tmp_path):
    secret = local_secret(tmp_path / "local")
    assert len(secret) >= 50
    assert local_secret(tmp_path / "local") == secret
    assert (tmp_path / "local" / "secret-key").stat().st_mode & 0o777 == 0o600
    assert len(list((tmp_path / "local").iterdir())) == 1
