"""Swagger and Redoc show the whole document under our own security policy, from our own server."""

import pytest


@pytest.mark.parametrize(
    ("path", "sign_of_life"),
    [
        ("/api/v1/docs", "#operations-tag-providers"),
        ("/api/v1/redoc", "[data-section-id='tag/providers']"),
    ],
)
def test_the_document_pages_work(visit, live_server, path, sign_of_life):
    asked = []
    page = visit("/api/v1/openapi.json")
    page.on("request", lambda request: asked.append(request.url))
    page.goto(path)
    page.wait_for_selector(sign_of_life, timeout=30_000)

    outside = [url for url in asked if not url.startswith((live_server.url, "data:", "blob:"))]
    assert outside == []


def test_a_link_to_an_operation_opens_it_in_its_subject(visit):
    page = visit("/api/v1/docs#/providers/courses_list")
    page.locator("#operations-providers-courses_list").get_by_text("Try it out").wait_for()
    subjects = page.locator(".opblock-tag").evaluate_all("all => all.map(one => one.dataset.tag)")
    assert {"providers", "procurement", "matching", "quality"} <= set(subjects)
