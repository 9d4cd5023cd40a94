"""Judge a page as it stands: axe's findings, and whether anything scrolls sideways. For every journey to use."""

from collections.abc import Iterator
from typing import Literal

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

_axe = Axe()
WIDTHS = (1440, 360)
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")


def findings(page: Page) -> list[str]:
    """Return what is wrong with the page, in both schemes and at both widths, as sentences; nothing if all is well."""
    return [f"{place}: {finding}" for place in _views(page) for finding in [*_axe_findings(page), *_sideways(page)]]


def _views(page: Page) -> Iterator[str]:
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        for scheme in SCHEMES:
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            yield f"{page.url} at {width} in {scheme}"


def _axe_findings(page: Page) -> list[str]:
    violations = _axe.run(page).response["violations"]
    return [
        f"{v['id']}: {node['html'][:160]} {node.get('failureSummary', '')[:200]}"
        for v in violations
        for node in v["nodes"]
    ]


def _sideways(page: Page) -> list[str]:
    width = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return [f"scrolls sideways by {width} px"] if width > 0 else []
