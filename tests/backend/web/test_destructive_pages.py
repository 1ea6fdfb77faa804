"""What is undone with difficulty has a page of its own, and a button that says what it does."""

import re

import pytest
from django.urls import URLPattern, URLResolver, get_resolver

from backend.web.pages import ConfirmPage, FormPage

# The last part of an address that takes something away, or ends it.
VERBS = re.compile(
    r"(?:^|/)(remove|delete|withdraw|cancel|refuse|reject|decline|end|close|suspend|leave|lift"
    r"|credit|approve|impose)$"
)
AREAS = ("providers.", "procurement.")


def pages():
    """Address and page of every destructive step of the supply side."""
    found = {}
    waiting = list(get_resolver().url_patterns)
    while waiting:
        one = waiting.pop()
        if isinstance(one, URLResolver):
            waiting += one.url_patterns
            continue
        assert isinstance(one, URLPattern)
        view = getattr(one.callback, "view_class", None)
        if view and view.__module__.startswith(AREAS) and VERBS.search(str(one.pattern)):
            found[str(one.pattern)] = view
    return found


PAGES = pages()


def test_the_steps_are_found():
    assert len(PAGES) >= 20, sorted(PAGES)


@pytest.mark.parametrize("path", sorted(PAGES))
def test_the_button_of_the_page_says_what_it_does(path):
    page = PAGES[path]
    assert issubclass(page, FormPage), "a page that asks, and does nothing when it is opened"
    assert issubclass(page, ConfirmPage) or page.submit_label, "the button says only “save”"
    assert page.submit_label, "the button says what it does"
