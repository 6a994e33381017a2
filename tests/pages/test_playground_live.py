"""The Playground with a team's own key: real money, and files in a storage that may change."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from lib.models import Take
from lib.services import NANOGPT
from lib.studio import moving
from tests.pages import people
from tests.pages.house import House, bound_to, go, said, texts

HERE = "127.0.0.1"
LEFT = "Its sound was left behind with the old storage."


@pytest.fixture
def live(house: House, live_key: None) -> Iterator[House]:
    """One voice of the account whose key is set."""
    with bound_to(HERE):
        house.open(address=HERE)
        workshop = house.workshop
        made = people.clone(1, house.clock.now(), name="Ann", kept=True)
        voice = replace(made.voice, account=workshop.account(NANOGPT))
        people.move_in(workshop, [replace(made, voice=voice)])
        yield house


def left_behind(live: House, text: str) -> Take:
    """A take of Ann's that was given up with the bucket it lay in."""
    ann = live.workshop.registry.voices.dossier("voice-00001")
    assert ann is not None
    made = people.speech(1, ann, text, vault="s3://old-bucket")
    people.move_in(live.workshop, [], [made])
    assert moving.leave_behind(live.workshop, [ann], "Ada") == 1
    return made.take


def test_a_take_whose_sound_was_left_behind_says_so_and_offers_no_sound(live: House) -> None:
    take = left_behind(live, "A word of before." * 20)
    visitor = live.enter("playground", address=HERE)
    assert not visitor.exception
    assert LEFT in texts(visitor.caption)
    keys = [button.key for button in (*visitor.button, *visitor.get("download_button"))]
    assert f"delete_{take.id}" in keys
    assert not [key for key in keys if key and key.startswith(("listen_", "save_"))]
    assert take.text in texts(visitor.text)  # all that is left of it
    assert "cut off" not in said(visitor)
    assert LEFT in texts(go(visitor, "home").caption)
    assert not visitor.exception


def test_a_take_without_its_sound_is_not_offered_and_can_be_spoken_anew(live: House) -> None:
    take = left_behind(live, "A word of before.")
    visitor = live.enter("playground", address=HERE, voice="voice-00001")
    visitor.text_area(key="speak_text").set_value(take.text).run()
    assert not visitor.exception
    assert "You have this take" not in said(visitor)
    assert visitor.button(key="speak_go").label.startswith("Speak with Ann")


def test_an_order_that_is_followed_says_that_its_sound_was_left_behind(live: House) -> None:
    take = left_behind(live, "A word of before.")
    visitor = live.enter("playground", address=HERE)
    visitor.session_state["speak_said"] = [take.id]
    visitor.run()
    assert not visitor.exception
    assert texts(visitor.caption).count(LEFT) == 2  # there, and in the list
