"""The original recording on a voice's own page: what was done to it, and who may have it."""

from __future__ import annotations

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from lib.models import JobState
from lib.services import DEMO
from lib.studio.orders import cloning
from lib.studio.orders.cloning import CloneRequest
from lib.ui.voice.changes import in_words
from tests.pages.house import House, go, read, texts
from tests.parts.persons import ADA
from tests.parts.speech import spoken

CHANGES: dict[str, Any] = {
    "edit": {"part": [0.5, 12.25], "level": True, "channel": 1},
    "how": "encoded",
}
TOLD = (
    "What was sent: 0.5 s to 12.2 s of it, the right channel alone, loudness evened out, written "
    "as a new file."
)


def story_page(house: House) -> AppTest:
    """The page of a voice that was made from a part of what was brought."""
    house.open()
    context = house.context
    request = CloneRequest(
        service=DEMO,
        kind="minimax",
        name="Jane",
        recording=spoken(),
        original=b"fLaC" + bytes(2_000_000),
        changes=CHANGES,
        speaker="Ada",
        consent=True,
        person=ADA,
    )
    job = cloning.clone(context, request)
    house.until(lambda: house.jobs()[0].state is JobState.DONE)
    return go(house.enter(), "voice", id=job.voice_id)


def test_the_original_is_there_with_what_was_done_to_it(house: House) -> None:
    visitor = story_page(house)
    assert not visitor.exception
    labels = [read(button.label) for button in visitor.get("download_button")]
    assert "The original recording (2.0 MB)" in labels
    assert any(TOLD in read(text) for text in texts(visitor.caption))


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        (CHANGES, TOLD),
        ({}, ""),
        ({"edit": {}, "how": "as-is"}, ""),
        ({"edit": {}, "how": "rewrapped"}, "What was sent: repackaged without loss."),
        ({"edit": "x", "how": ["encoded"]}, ""),
        ({"edit": {"part": [1, 1e308]}}, ""),
        ({"edit": {"part": [0, 10**400]}}, ""),
        ({"edit": {"part": [3.0, 2.0]}}, ""),
        ({"edit": {"part": ["a", None, 3], "channel": True, "level": "yes", "new": 1}}, ""),
    ],
)
def test_what_was_done_is_told_as_far_as_it_is_known(changes: dict[str, Any], told: str) -> None:
    assert in_words(changes) == told
