"""Where a link leads after signing in: to a page of the app, with a query, or nowhere."""

from __future__ import annotations

import pytest

from lib.ui.access.way_back import LONGEST, Place, place

PAGES = ("home", "retention")


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("retention?voice=voice-00001", Place("retention", {"voice": "voice-00001"})),
        ("retention", Place("retention", {})),
        ("?voice=1&job=", Place("", {"voice": "1", "job": ""})),
        ("home?a=%26b", Place("home", {"a": "&b"})),
        ("retention?embed=true&Embed_Options=x&voice=1", Place("retention", {"voice": "1"})),
        ("retention?to=https://evil.example", Place("retention", {"to": "https://evil.example"})),
    ],
)
def test_a_page_of_the_app_is_reached_with_its_query(said: str, found: Place) -> None:
    assert place(said, PAGES) == found


@pytest.mark.parametrize(
    "said",
    [
        None, "", 7, ["retention"], {"to": "retention"}, "unknown", "Retention", "/retention",
        "//evil.example/retention", "https://evil.example/retention", "javascript:alert(1)",
        "../retention", "retention/", "retention#x", "\\\\evil.example", "pages/retention.py",
        "retention?" + "&".join(f"a{n}=1" for n in range(11)), "retention?a=" + "x" * LONGEST,
    ],
    ids=lambda said: repr(said)[:30],
)  # fmt: skip
def test_anything_else_leads_nowhere(said: object) -> None:
    assert place(said, PAGES) is None
