"""Takes saved from the Playground: as WAV and as MP3, made when somebody asks for them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from lib.models import Take
from lib.recordings.inspect import inspect
from lib.services import DEMO
from lib.studio.library.takes import LONGEST_WAV
from tests.pages import people
from tests.pages.house import House
from tests.pages.saving import Saved, fetch
from tests.parts.speech import spoken

pytestmark = pytest.mark.usefixtures("no_showcase")


def kept(house: House, sound: bytes, seconds: float) -> Take:
    """A take of Ann's whose sound is in the vault."""
    house.open()
    vault = house.context.demo_vault
    ann = people.clone(1, house.clock.now(), name="Ann", service=DEMO, kept=True)
    said = people.speech(1, ann, "Good morning.", vault=vault.name)
    take = replace(said.take, seconds=seconds)
    people.move_in(house.context, [ann], [replace(said, take=take)])
    vault.put_verified(take.key, sound, "audio/wav")
    return take


def fetched(visitor: AppTest, saved: Saved, form: str, take: Take) -> tuple[str, str, bytes]:
    """The file behind this button, as a browser gets it: name, media type, content."""
    key = f"save_{form}_{take.id}"
    assert visitor.download_button(key=key).label == form.upper()
    return fetch(visitor, saved, key)


def test_a_take_is_saved_as_it_was_stored_or_as_an_mp3(house: House, saved: Saved) -> None:
    sound = spoken(2.0)
    take = kept(house, sound, 2.0)
    visitor = house.enter("playground")
    assert not visitor.exception
    assert fetched(visitor, saved, "wav", take) == ("Ann speech.wav", "audio/wav", sound)
    name, kind, mp3 = fetched(visitor, saved, "mp3", take)
    assert (name, kind) == ("Ann speech.mp3", "audio/mpeg")
    found = inspect(mp3)
    assert found.format == "mp3"
    assert found.seconds == pytest.approx(2.0, abs=0.1)


def test_a_take_that_is_too_long_for_a_wav_is_saved_as_an_mp3(house: House) -> None:
    take = kept(house, spoken(2.0), LONGEST_WAV + 1)
    visitor = house.enter("playground")
    assert [button.key for button in visitor.download_button] == [f"save_mp3_{take.id}"]
