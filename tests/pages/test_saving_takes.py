"""Takes saved from the Playground: as WAV and as MP3, made when somebody asks for them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from lib.models import Dossier, JobState, Take, TextState
from lib.recordings.inspect import inspect
from lib.recordings.joining import PAUSE
from lib.services import DEMO
from lib.studio.library.takes import LONGEST_WAV
from lib.vault.base import sha256_hex
from tests.pages import people
from tests.pages.house import House
from tests.pages.saving import Saved, fetch
from tests.parts.sending import send
from tests.parts.speech import spoken
from tests.parts.tones import wav

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
    assert visitor.download_button(key=key).label == f"Save as {form.upper()}"
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


def spoken_in_parts(house: House, visitor: AppTest, ann: Dossier) -> str:
    """A long text of Ann's whose second part came out softer; its ID."""
    visitor.text_area(key="speak_text").set_value("This is told in one go. " * 250).run()
    visitor.button(key="speak_go").click().run()
    (text,) = house.long_texts()
    registry, vault = house.context.registry, house.context.demo_vault
    now = house.context.demo_clock.now()
    for part in registry.long_texts.parts(text.id):
        sound = wav(2.0) if part.part != 2 else softer(wav(2.0))
        take = replace(people.speech(part.part, ann, part.text, vault=vault.name).take, id=part.id)
        take = replace(take, size=len(sound), sha256=sha256_hex(sound))
        vault.put_verified(take.key, sound, "audio/wav")
        send(registry, part.id, now)
        registry.jobs.move(
            part.id, (JobState.SUBMITTING,), now, "", "test", records=(take,), state=JobState.DONE
        )
    house.until(lambda: house.long_texts()[0].state is TextState.DONE)
    return text.id


def softer(sound: bytes) -> bytes:
    return sound[:44] + (np.frombuffer(sound[44:], "<i2") // 8).astype("<i2").tobytes()


def loudest_of_each(sound: bytes) -> list[int]:
    """The loudest sample inside each of three parts of two seconds."""
    samples = np.abs(np.frombuffer(sound[44:], "<i2").astype(int))
    starts = [round(part * (2.0 + PAUSE) * 16_000) for part in range(3)]
    return [int(samples[start : start + 32_000].max()) for start in starts]


def test_a_long_take_is_saved_with_one_loudness_where_that_is_wanted(
    house: House, saved: Saved
) -> None:
    house.open()
    ann = people.clone(1, house.clock.now(), name="Ann", service=DEMO, kept=True)
    people.move_in(house.context, [ann])
    text_id = spoken_in_parts(house, house.enter("playground", voice="voice-00001"), ann)

    visitor = house.enter("playground")
    switch = visitor.toggle(key="takes_even")
    assert not switch.value
    name, kind, as_stored = fetch(visitor, saved, f"save_wav_{text_id}")
    switch.set_value(True).run()
    assert fetch(visitor, saved, f"save_wav_{text_id}")[:2] == (name, kind)
    evened = fetch(visitor, saved, f"save_wav_{text_id}")[2]
    first, second, third = loudest_of_each(as_stored)
    assert second < first / 7
    assert first == third
    assert loudest_of_each(evened) == pytest.approx([first, first, first], rel=0.05)


def test_the_switch_for_loudness_is_there_for_long_takes_only(house: House) -> None:
    kept(house, spoken(2.0), 2.0)
    visitor = house.enter("playground")
    assert "takes_even" not in [switch.key for switch in visitor.toggle]
