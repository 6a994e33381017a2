"""The end of a clone: how it is kept and for how much, both sounds, the first sentence of some."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from lib.models import Health, Job, JobKind, JobState, KeepPolicy
from lib.roles import Person, TeamRole
from lib.studio.core import catalogue
from lib.studio.library import takes
from lib.studio.orders import speaking
from lib.ui import words
from lib.ui.clone import ordered
from lib.ui.shared import live
from tests.pages.clone_form import (
    MINIMAX,
    bring,
    bring_all,
    confirm,
    fill_in,
    has_button,
    tick_all,
    type_into_table,
)
from tests.pages.house import House, go, press, read, said, shown, texts
from tests.parts.speech import spoken
from tests.sentences import BACKED_UP

pytestmark = pytest.mark.usefixtures("no_showcase")

QWEN = "Qwen voice · Demo"
WORDS = "Ask not what your country can do for you. Ask what you can do for it."
RECORDING, SOUND = "Your recording:", "Its first sound:"


def cloned(house: House, service: str, *, policy: KeepPolicy | None = None) -> AppTest:
    """A voice that was ordered on the page, a moment later."""
    visitor = fill_in(bring(house.open("clone"), spoken()), service=service)
    if policy:
        visitor.radio(key="clone_keep").set_value(policy).run()
    confirm(visitor)
    house.until(lambda: the_clone(house).state is JobState.DONE)
    house.look()
    return visitor.run()


def the_clone(house: House) -> Job:
    (job,) = [job for job in house.jobs() if job.kind is JobKind.CLONE]
    return job


def first_sentence(visitor: AppTest) -> str:
    """The key of the button that sells it; "" where none does."""
    keys = [button.key or "" for button in visitor.button]
    return next((key for key in keys if key.startswith("first_sentence_")), "")


def test_a_kept_voice_says_what_was_charged_and_plays_beside_its_recording(house: House) -> None:
    visitor = cloned(house, MINIMAX)
    house.until(lambda: SOUND in texts(visitor.run().caption))
    (use,) = [job for job in house.jobs() if job.kind is JobKind.ACTIVATION]
    assert use.charged
    kept = words.each(use.charged, demo=True)
    assert f"**Safe, kept for {kept}.** Cloned for $1.00 play money." in said(visitor)
    assert RECORDING in texts(visitor.caption)
    assert len(visitor.get("audio")) == 2
    assert not first_sentence(visitor)
    assert f"id={use.voice_id}" in shown(visitor)


def test_a_voice_that_is_not_kept_by_itself_says_until_when_it_is_there(house: House) -> None:
    visitor = cloned(house, MINIMAX, policy=KeepPolicy.ASK)
    assert "The voice is ready. Cloned for $1.00 play money." in said(visitor)
    told = read("\n".join(texts(visitor.markdown)))
    assert words.HEALTH[Health.WAITING].word in told
    assert "Expires" in told
    press(visitor, f"activate_{the_clone(house).voice_id}")
    house.until(lambda: "Safe, kept for" in said(visitor.run()))


def test_a_voice_without_a_preview_says_how_its_recording_begins_for_its_price(
    house: House,
) -> None:
    visitor = fill_in(bring(house.open("clone"), spoken()), service=QWEN)
    visitor.text_area(key="clone_transcript").set_value(WORDS).run()
    confirm(visitor)
    house.until(lambda: BACKED_UP in read(said(visitor.run())))
    assert "Cloned for $0.25 play money." in said(visitor)
    assert RECORDING in texts(visitor.caption)
    sentence = ordered.first_sentence(WORDS)
    assert WORDS.startswith(sentence)
    assert f"“{sentence}”" in read("\n".join(texts(visitor.markdown)))
    voice_id = the_clone(house).voice_id
    voice = house.context.registry.voices.get(voice_id)
    assert voice
    model = catalogue.speech_models(house.context, voice.service, voice.kind)[0]
    price = words.price(speaking.plan(model, sentence).price, demo=True)
    button = visitor.button(key=first_sentence(visitor))
    assert button.label == f"Hear it say its first sentence ({price})"
    assert not [job for job in house.jobs() if job.kind is JobKind.SPEECH]

    button.click().run()
    (speech,) = [job for job in house.jobs() if job.kind is JobKind.SPEECH]
    assert (speech.voice_id, speech.text) == (voice_id, sentence)
    assert not first_sentence(visitor)
    house.until(lambda: SOUND in texts(visitor.run().caption))
    assert takes.count(house.context, most=9) == 1
    assert len(visitor.get("audio")) == 2
    assert [sound.proto.autoplay for sound in visitor.get("audio")] == [False, True]
    assert not first_sentence(visitor)


def test_who_may_not_speak_is_offered_no_sentence_and_hears_no_recording(
    house: House, act_as: Callable[[Person], None]
) -> None:
    visitor = cloned(house, QWEN)
    assert first_sentence(visitor)
    act_as(Person("Vera", TeamRole.VIEWER))
    viewer = house.enter("clone", job=the_clone(house).id)
    assert BACKED_UP in read(said(viewer))
    assert not first_sentence(viewer)
    assert RECORDING not in texts(viewer.caption)
    assert not viewer.get("audio")


def test_each_voice_of_a_batch_has_a_first_sentence_of_its_own(house: House) -> None:
    files = {"ann.wav": spoken(), "bob.wav": spoken(seed=40)}
    visitor = bring_all(house.open("clone"), files)
    visitor.radio(key="clone_service").set_value(QWEN).run()
    type_into_table(visitor, {row: {"Who speaks": "Ann"} for row in range(len(files))})
    confirm(tick_all(visitor))
    house.until(lambda: read(said(visitor.run())).count(BACKED_UP) == 2)
    press(visitor, first_sentence(visitor))
    (speech,) = [job for job in house.jobs() if job.kind is JobKind.SPEECH]
    house.until(lambda: texts(visitor.run().caption).count(SOUND) == 1)
    assert first_sentence(visitor) not in ("", f"first_sentence_{speech.voice_id}")


def test_an_order_that_keeps_a_voice_says_that_it_is_kept_and_not_that_it_is_made(
    house: House,
) -> None:
    cloned(house, MINIMAX)
    house.until(lambda: any(job.kind is JobKind.ACTIVATION for job in house.jobs()))
    (use,) = [job for job in house.jobs() if job.kind is JobKind.ACTIVATION]
    house.until(lambda: (found := house.context.registry.jobs.get(use.id)) is not None
                and found.state is JobState.DONE)  # fmt: skip
    visitor = house.enter("clone", job=use.id)
    assert said(visitor) == live.USED[use.purpose]
    assert visitor.get("audio")


def test_after_an_order_nobody_has_said_who_speaks_in_the_next_recording(house: House) -> None:
    visitor = cloned(house, MINIMAX)
    go(visitor, "home")
    go(visitor, "clone")
    bring(visitor, spoken(seed=9), "next.wav")
    assert visitor.radio(key="clone_who").value is None
    assert visitor.checkbox(key="clone_consent").value is False
    assert visitor.text_input(key="clone_name").value == "Next"
    assert not has_button(visitor, "clone_again")


@pytest.mark.parametrize(
    ("transcript", "sentence"),
    [
        ("", ordered.GREETING),
        ("Hello there. And more.", "Hello there."),
        ("No end at all", "No end at all"),
        ("今日は。お元気ですか。", "今日は。"),
        ("word " * 100, ("word " * 32).strip()),
    ],
)
def test_the_first_sentence_is_that_of_the_transcript(transcript: str, sentence: str) -> None:
    assert ordered.first_sentence(transcript) == sentence
