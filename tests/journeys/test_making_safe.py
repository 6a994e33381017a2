"""A person finds one voice in each state of health, and makes safe all that can be."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.journeys.servers import running_app
from tests.journeys.visitor import Visitor

BOX = 17
"""Pixels from the corner of the table to the box that ticks all rows, both ways."""


def tick_all(visitor: Visitor) -> None:
    """The rows are painted on a canvas: the box in its corner is clicked by its place."""
    table = visitor.part("retention_table").get_by_test_id("stDataFrame")
    table.click(position={"x": BOX, "y": BOX})
    expect(visitor.page.get_by_text(re.compile(r"^\d+ voices chosen$"))).to_be_visible()


@pytest.mark.slow
def test_everything_is_made_safe_that_can_be(tmp_path: Path, visitor: Visitor) -> None:
    with running_app(tmp_path) as app:
        visitor.open(app.url("/retention"))
        for word in ("1 lost", "1 at risk", "1 due soon", "1 unknown", "1 waiting", "2 safe"):
            visitor.sees(word)
        visitor.settle()
        tick_all(visitor)
        visitor.press("bulk_keep")
        visitor.sees("Keep 5 voices?")
        visitor.sees("at most")
        visitor.press("bulk_confirm")
        visitor.sees("3 of 5 voices safe")
        visitor.sees("5 safe")
        visitor.press("ear_yes_demo-unknown")
        visitor.sees("6 safe")
        for word in ("at risk", "due soon", "waiting"):
            expect(visitor.page.get_by_text(f"1 {word}", exact=True)).to_have_count(0)

        visitor.open(app.url("/voice?id=demo-lost"))
        visitor.press("reclone_demo-lost")
        visitor.sees("Clone Captain Rowan again for $1.00 play money?")
        visitor.pays("reclone_sure_demo-lost")
        visitor.sees("Made from the recording of Captain Rowan")
        visitor.sees(re.compile(r"Expires|No deadline"))  # it is made, and nothing moves any more
        visitor.open(visitor.page.url)
        visitor.opens_tab("Proof")
        visitor.sees("The first sound is in your storage since")
        visitor.click(visitor.page.get_by_role("button", name=re.compile(r"Keep \(")))
        visitor.sees("Used to generate speech on")


@pytest.mark.slow
def test_all_files_of_a_voice_are_brought_home_in_one(tmp_path: Path, visitor: Visitor) -> None:
    with running_app(tmp_path) as app:
        visitor.open(app.url("/voice?id=demo-safe-copy"))
        visitor.opens_tab("Files")
        visitor.sees("Everything, with checksums")
        saved = visitor.saves(visitor.part("bundle_demo-safe-copy").get_by_role("button").first)
        assert saved.suggested_filename == "Jonas Lind.zip"
        names = zipfile.ZipFile(saved.path()).namelist()
        assert "voices/demo-safe-copy/voice.json" in names
        assert any(name.endswith(".safetensors") for name in names)


def test_a_filter_is_kept_in_the_address(tmp_path: Path, visitor: Visitor) -> None:
    with running_app(tmp_path) as app:
        visitor.open(app.url("/retention"))
        visitor.type("retention_search", "nobody of this name")
        visitor.sees("No voices match.")
        expect(visitor.page).to_have_url(re.compile("retention_search="))
        visitor.open(visitor.page.url)
        visitor.sees("No voices match.")
