"""axe-core in a real browser: WCAG 2.0, 2.1 and 2.2, levels A and AA."""

from pathlib import Path
from typing import Any

from playwright.sync_api import Page

AXE = Path(__file__).parent / "vendor" / "axe.min.js"
TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")
# Describing every element that is right as well would take more time than looking for faults.
RUN = """tags => axe.run(
    document, {runOnly: {type: 'tag', values: tags}, resultTypes: ['violations']}
)"""


def violations(page: Page) -> list[dict[str, Any]]:
    """What axe-core finds on the page as it is now.

    Playwright evaluates outside the page's content security policy, so the policy stays on.
    """
    _arrived(page)
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found: list[dict[str, Any]] = page.evaluate(RUN, list(TAGS))["violations"]
    return found


def assert_accessible(page: Page) -> None:
    """Fails with the rule, the reason and the place of every violation."""
    lines = [
        f"{one['id']}: {one['help']}\n    {node['html'][:200]}\n    {node['failureSummary']}"
        for one in violations(page)
        for node in one["nodes"]
    ]
    assert not lines, f"{page.url}\n" + "\n".join(lines)


def assert_fits(page: Page) -> None:
    """Nothing makes the page itself scroll sideways (WCAG 1.4.10, reflow)."""
    _arrived(page)
    too_wide = page.evaluate(
        "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    assert too_wide <= 0, f"{page.url} is {too_wide} pixels too wide"


def _arrived(page: Page) -> None:
    """A click is over before the page it asked for has its document and style sheets."""
    page.wait_for_load_state()
