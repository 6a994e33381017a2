"""A long text in the Playground: one part fails, is sent again alone, and the whole is heard."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from playwright.sync_api import expect

from lib.clock import SystemClock
from tests.journeys.servers import KEY, running_app
from tests.journeys.visitor import Visitor
from tests.studio.service import PretendService, refuses

LONG = " ".join(
    f"This is sentence {number} of a story that is told in one go." for number in range(1, 116)
)
"""Over 6,000 characters."""
IN_PART_3 = "sentence 80 "
PARTS = 4
SOUND = "audio"


@pytest.fixture
def service(tmp_path: Path) -> Iterator[PretendService]:
    """A service that makes a voice in a second."""
    state = tmp_path / "service.db"
    pretend = PretendService(state, SystemClock(), pace=1.0, balance=Decimal(100))
    with pretend.open():
        yield pretend


@pytest.mark.slow
def test_a_failed_part_alone_is_sent_again_and_the_whole_is_heard(
    tmp_path: Path, visitor: Visitor, recording: Path, service: PretendService
) -> None:
    settings = {"NANOGPT_API_KEY": KEY, "NANOGPT_BASE_URL": service.base_url}
    assert len(LONG) > 6_000
    with running_app(tmp_path / "app", settings) as app:
        visitor.open(app.url("/clone"))
        visitor.clones("MiniMax voice · NanoGPT", recording, "Jack")
        visitor.sees("Its first sound:")
        visitor.follow("Playground")
        service.where(IN_PART_3, refuses(400, "That text is not for us"))
        before = service.count("speech")
        visitor.type("speak_text", LONG)
        visitor.sees("in 4 parts, split between sentences")
        visitor.pays("speak_go")

        visitor.sees("That text is not for us")
        visitor.sees("3 of 4 parts are ready")
        service.where(IN_PART_3, None)
        visitor.reads()
        visitor.click(visitor.page.get_by_role("button", name=re.compile("Send part 3 again")))
        visitor.part("speak_result").locator(SOUND).first.wait_for()
        visitor.hears()
        visitor.sees("4 parts ·")
        assert service.count("speech") == before + PARTS + 1
        asked = [request.field("text") for request in service.of_kind("speech")[before:]]
        assert sum(IN_PART_3 in text for text in asked) == 2
        assert len({*asked}) == PARTS
        story = visitor.page.url.partition(str(app.port))[2]

    with running_app(tmp_path / "app", settings) as app:
        visitor.open(app.url(story))
        visitor.click(visitor.page.get_by_role("button", name="Listen").first)
        visitor.hears()
        take = visitor.page.get_by_text("This is sentence 1 of a story").first
        expect(take).to_be_visible()
        visitor.click(visitor.page.get_by_role("button", name="More").first)
        saved = visitor.saves(visitor.page.get_by_role("button", name="MP3").first)
        assert saved.suggested_filename.endswith(".mp3")
        assert Path(saved.path()).stat().st_size > 100_000
        visitor.click(visitor.page.get_by_role("button", name="Delete", exact=True).first)
        visitor.click(visitor.page.get_by_role("button", name="Delete it"))
        expect(visitor.page.get_by_role("button", name="Listen")).to_have_count(0)
        assert service.count("speech") == before + PARTS + 1
