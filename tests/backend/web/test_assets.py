"""The style sheets that are committed fit each other and the templates."""

import re

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders

STATIC = settings.BASE_DIR / "backend" / "web" / "static" / "web"
THEMES = sorted(path.stem.removeprefix("theme-") for path in STATIC.glob("vendor/theme-*.css"))


def test_the_theme_of_the_settings_exists():
    assert settings.THEME in THEMES


@pytest.mark.parametrize("theme", THEMES)
def test_every_token_of_the_shell_is_in_the_theme(theme):
    shell = (STATIC / "shell.css").read_text()
    tokens = (STATIC / "vendor" / f"theme-{theme}.css").read_text()

    used = set(re.findall(r"var\((--[\w-]+)\)", shell))
    defined = set(re.findall(r"^\s*(--[\w-]+):", tokens + shell, re.MULTILINE))

    assert used - defined == set()


@pytest.mark.parametrize("theme", THEMES)
def test_a_theme_names_no_token_that_it_does_not_have(theme):
    tokens = (STATIC / "vendor" / f"theme-{theme}.css").read_text()

    assert f".{theme}-theme {{" in tokens
    used = set(re.findall(r"var\(\s*(--basis-[\w-]+)", tokens))
    assert used - set(re.findall(r"^\s*(--[\w-]+):", tokens, re.MULTILINE)) == set()


def test_templates_name_files_that_exist():
    templates = settings.BASE_DIR / "backend" / "web" / "templates"
    named = {
        name
        for path in templates.rglob("*.html")
        for name in re.findall(r"{% static '([^'{}]+\.\w+)' %}", path.read_text())
    }

    assert "web/shell.css" in named
    assert [name for name in sorted(named) if finders.find(name) is None] == []
