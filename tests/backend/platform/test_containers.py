"""Dockerfile and docker-compose.yml hold together: files, names, health and no secrets."""

import os
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml
from django.conf import settings

from backend.settings.env import ENVIRONMENT

ROOT = Path(settings.BASE_DIR)
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES = COMPOSE["services"]
OURS = {name for name, service in SERVICES.items() if "build" in service}
DOCKERFILE = re.sub(r"\\\n\s*", " ", (ROOT / "Dockerfile").read_text())
STEPS = [
    line.split(maxsplit=1)
    for line in DOCKERFILE.splitlines()
    if line.strip() and not line.startswith("#")
]
KNOWN = {setting.name for setting in ENVIRONMENT}
# Read by the images themselves, not by Passend.
OTHER_NAMES = {"DJANGO_SETTINGS_MODULE", "PATH", "PYTHONUNBUFFERED", "PYTHONDONTWRITEBYTECODE"}


def test_the_services_are_there():
    assert set(SERVICES) == {"migrate", "web", "worker", "scheduler", "postgres", "redis"}
    assert {"migrate", "web", "worker", "scheduler"} == OURS


@pytest.mark.parametrize("name", sorted(set(SERVICES) - {"web", "migrate"}))
def test_a_service_that_stays_has_a_health_check(name):
    assert SERVICES[name]["healthcheck"]["test"]


def test_the_web_service_has_the_health_check_of_the_image():
    assert "healthcheck" not in SERVICES["web"]
    assert [step for step in STEPS if step[0] == "HEALTHCHECK"]


@pytest.mark.parametrize("name", sorted(OURS))
def test_our_services_wait_for_their_stores_and_have_few_rights(name):
    service = SERVICES[name]
    conditions = {key: value["condition"] for key, value in service["depends_on"].items()}
    assert conditions["postgres"] == conditions["redis"] == "service_healthy"
    if name != "migrate":
        assert conditions["migrate"] == "service_completed_successfully"
    assert service["cap_drop"] == ["ALL"]
    assert service["read_only"] is True


@pytest.mark.parametrize("name", sorted(OURS))
def test_our_services_use_settings_that_exist_and_all_that_production_requires(name):
    environment = set(SERVICES[name]["environment"])
    assert environment <= KNOWN
    required = {"PASSEND_SECRET_KEY", "DATABASE_URL", "PASSEND_ALLOWED_HOSTS", "PASSEND_PUBLIC_URL"}
    assert required | {"PASSEND_EMAIL_URL", "CELERY_BROKER_URL"} <= environment


def test_no_secret_is_written_down():
    for service in SERVICES.values():
        for name, value in service["environment"].items() if "environment" in service else ():
            if re.search("SECRET|PASSWORD", name):
                assert re.fullmatch(r"\$\{\w+:\?.+\}", value), name
            assert not re.search(r"://\w+:(?!\$\{)[^@/]+@", str(value)), name


def test_the_example_asks_for_every_required_value():
    text = (ROOT / "docker-compose.yml").read_text()
    required = set(re.findall(r"\$\{(\w+):\?", text))
    example = dict(
        line.split("=", 1)
        for line in (ROOT / ".env.example").read_text().splitlines()
        if "=" in line and not line.startswith("#")
    )
    assert required <= set(example)
    assert not any(example.values()), "the example holds a value"
    assert ".env" in (ROOT / ".gitignore").read_text().split()


def test_redis_keeps_what_it_was_given():
    command = SERVICES["redis"]["command"]
    assert command[command.index("--appendonly") + 1] == "yes"
    assert command[command.index("--maxmemory-policy") + 1] == "noeviction"


def test_named_volumes_and_images_are_exact():
    used = {
        volume.split(":")[0]
        for service in SERVICES.values()
        for volume in service.get("volumes", ())
    }
    assert used == set(COMPOSE["volumes"])
    for name in ("postgres", "redis"):
        assert re.search(r":\d+", SERVICES[name]["image"])


def test_everything_that_is_copied_exists_and_passes_the_ignore_list():
    allowed = {
        line[1:]
        for line in (ROOT / ".dockerignore").read_text().splitlines()
        if line.startswith("!")
    }
    for verb, rest in STEPS:
        if verb == "COPY" and "--from=" not in rest:
            for source in rest.split()[:-1]:
                assert (ROOT / source).exists(), source
                assert source in allowed, source


def test_the_image_serves_as_nobody_special():
    verbs = [verb for verb, _rest in STEPS]
    assert set(verbs) <= {
        "FROM", "ENV", "WORKDIR", "RUN", "COPY", "USER", "EXPOSE", "HEALTHCHECK", "CMD",
    }  # fmt: skip
    final = STEPS[len(verbs) - 1 - verbs[::-1].index("FROM") :]
    users = [rest for verb, rest in final if verb == "USER"]
    assert users == ["10001:10001"]
    assert [rest for verb, rest in final if verb == "CMD"] == ['["python", "-m", "backend.serve"]']
    assert all(":" in rest.split()[0] for verb, rest in STEPS if verb == "FROM")


def test_the_image_installs_what_the_lock_file_pins():
    (install,) = [rest for verb, rest in STEPS if verb == "RUN" and "pip install" in rest]
    assert "--require-hashes" in install
    assert "requirements.lock" in install


def test_the_image_sets_settings_that_exist():
    for verb, rest in STEPS:
        if verb == "ENV" and "PIP_" not in rest:
            names = {part.split("=")[0] for part in shlex.split(rest)}
            assert names <= KNOWN | OTHER_NAMES


def test_docker_itself_accepts_the_file():
    docker = shutil.which("docker")
    if (
        docker is None
        or subprocess.run(
            [docker, "compose", "version"], capture_output=True, check=False
        ).returncode
    ):
        pytest.skip("docker compose is not installed")
    required = re.findall(r"\$\{(\w+):\?", (ROOT / "docker-compose.yml").read_text())
    result = subprocess.run(
        [docker, "compose", "config", "--quiet"],
        env={**os.environ, **dict.fromkeys(required, "x")},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
