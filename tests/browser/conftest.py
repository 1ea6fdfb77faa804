"""A headless chromium that visits the pages of a live server."""

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, Page, sync_playwright

from backend.accounts.models import User
from tests.support.requirements import require_tool
from tests.support.sessions import log_in

DESKTOP = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 844}
# A window of 1280 pixels at 200% zoom has half of them in CSS pixels.
ZOOMED = {"width": 640, "height": 400}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder is marked; the browser's loop makes Django think it is async."""
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    for item in items:
        if "tests/browser/" in str(item.path):
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    program = require_tool("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=program, args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        yield browser
        browser.close()


@pytest.fixture
def visit(browser: Browser, live_server: Any) -> Iterator[Callable[..., Page]]:
    """`visit("/catalogue", as_user=user, size=PHONE)`: the page, opened by that person.

    A script error or anything the content security policy blocks fails the test.
    """
    contexts = []
    faults: list[str] = []

    def open_page(
        path: str, *, as_user: User | None = None, size: dict[str, int] = DESKTOP, **options: Any
    ) -> Page:
        context = browser.new_context(viewport=size, base_url=live_server.url, **options)  # type: ignore[arg-type]
        contexts.append(context)
        if as_user is not None:
            client = Client()
            log_in(client, as_user)
            context.add_cookies(
                [
                    {
                        "name": settings.SESSION_COOKIE_NAME,
                        "value": client.cookies[settings.SESSION_COOKIE_NAME].value,
                        "url": live_server.url,
                    }
                ]
            )
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(f"script error: {error}"))
        page.on(
            "console",
            lambda message: (
                faults.append(message.text) if "Content Security Policy" in message.text else None
            ),
        )
        page.goto(path)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert faults == []
