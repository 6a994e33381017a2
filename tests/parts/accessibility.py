"""What axe-core finds wrong with a page for people who see, hear or point differently."""

from __future__ import annotations

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

_GRAVE = ("serious", "critical")


def grave_faults(page: Page) -> list[str]:
    """A line for each element with a fault that axe-core calls serious or critical."""
    found = Axe().run(page, options={"resultTypes": ["violations"]})
    return [
        f"{fault['id']}: {node['failureSummary']} {node['html'][:200]}"
        for fault in found.response["violations"]
        if fault["impact"] in _GRAVE
        for node in fault["nodes"]
    ]
