"""Voices made through Kyma's contract: cloned, designed, shared with the other contract."""

from __future__ import annotations

import re
import sqlite3
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from lib.demo import DemoService
from lib.demo.speech import designed_speaker, timbre
from tests.demo.caller import Caller, recording, served
from tests.demo.kyma import HD, OLD_LADY, at_kyma, clone, design, encoded, speak
from tests.parts.charges import charges_of
from tests.parts.clock import SettableClock

WEEK = timedelta(hours=168)


@pytest.fixture
def kyma(caller: Caller) -> Caller:
    return at_kyma(caller)


def sound(reply: object) -> bytes:
    assert reply.status == 200, reply.body  # type: ignore[attr-defined]
    return reply.body  # type: ignore[attr-defined, no-any-return]


def test_a_clone_is_finished_with_the_answer(
    demo: tuple[DemoService, Caller], kyma: Caller
) -> None:
    reply = clone(kyma, name="Anna")

    voice_id = reply.json["voice_id"]
    assert reply.status == 200
    assert re.fullmatch("kyma_[0-9a-f]{16}", voice_id)
    assert reply.json == {
        "voice_id": voice_id,
        "name": "Anna",
        "model": "minimax-voice-clone",
        "cost_usd": 2.1,
        "balance_usd": 22.9,
    }
    assert speak(kyma, voice_id).status == 200
    charges = [(charge.kind, charge.voice_id, charge.cost) for charge in charges_of(demo[0])]
    assert charges[0] == ("clone", voice_id, Decimal("2.1"))


def test_money_and_model_come_back_as_headers(kyma: Caller) -> None:
    made, designed = clone(kyma), design(kyma)

    assert made.headers["X-Kyma-Model"] == "minimax-voice-clone"
    assert made.headers["X-Kyma-Cost-USD"] == "2.1"
    assert made.headers["X-Kyma-Balance-USD"] == "22.9"
    assert designed.headers["X-Kyma-Cost-USD"] == "4.2"
    assert designed.headers["X-Kyma-Balance-USD"] == "18.7"
    assert made.json["name"] is None


def test_the_same_recording_twice_is_two_voices(kyma: Caller) -> None:
    assert clone(kyma).json["voice_id"] != clone(kyma).json["voice_id"]


@pytest.mark.parametrize(
    ("container", "codec", "file"), [("mp3", "libmp3lame", "a.mp3"), ("ipod", "aac", "a.m4a")]
)
def test_compressed_recordings_are_measured_before_money_is_taken(
    demo: tuple[DemoService, Caller], kyma: Caller, container: str, codec: str, file: str
) -> None:
    short = clone(kyma, encoded(container, codec, 9), file)
    assert (short.status, short.json["error"]["code"]) == (400, "reference_too_short")
    assert charges_of(demo[0]) == []

    assert clone(kyma, encoded(container, codec, 11), file).status == 200


def test_a_design_is_a_voice_of_its_own_price(
    demo: tuple[DemoService, Caller], kyma: Caller
) -> None:
    reply = design(kyma, name="Tale", preview_text="Once upon a time.")

    voice_id = reply.json["voice_id"]
    assert reply.json == {
        "voice_id": voice_id,
        "name": "Tale",
        "model": "minimax-voice-design",
        "cost_usd": 4.2,
        "balance_usd": 20.8,
    }
    assert speak(kyma, voice_id).status == 200
    assert [charge.kind for charge in charges_of(demo[0])] == ["design", "speech"]


def test_the_same_words_make_the_same_timbre_and_others_do_not(kyma: Caller) -> None:
    first, again = (design(kyma).json["voice_id"] for _ in range(2))
    man = design(kyma, gender="male", age_group="child").json["voice_id"]
    alias = design(kyma, description=None, text=OLD_LADY["description"]).json["voice_id"]

    heard = [sound(speak(kyma, voice)) for voice in (first, again, alias, man)]

    assert heard[0] == heard[1] == heard[2]
    assert heard[3] != heard[0]


@pytest.mark.parametrize("description", [f"Voice number {number}" for number in range(30)])
def test_gender_and_age_are_heard(description: str) -> None:
    woman = timbre(designed_speaker(description, "female", "elderly"))
    man = timbre(designed_speaker(description, "male", "elderly"))
    child = timbre(designed_speaker(description, "male", "child"))

    assert woman.variant in ("f1", "f4", "Annie", "Andrea", "steph")
    assert man.variant in ("m1", "m2", "m3", "m4", "m5", "m6", "m7", "Michael", "edward", "robert")
    assert 20 <= man.pitch <= 34 < 66 <= child.pitch <= 75
    assert man.words_per_minute < child.words_per_minute
    assert timbre(designed_speaker(description)) == timbre(designed_speaker(description))


def test_a_voice_made_here_speaks_through_the_other_contract(caller: Caller, kyma: Caller) -> None:
    for voice in (clone(kyma).json["voice_id"], design(kyma).json["voice_id"]):
        here = sound(speak(kyma, voice, "Good evening."))
        there = caller.get(caller.speak(voice, "Good evening.").json["audioUrl"])

        assert there.body == here


def test_a_voice_of_the_other_contract_speaks_here(
    caller: Caller, kyma: Caller, clock: SettableClock
) -> None:
    caller.clone("annaVoice01", recording("anna"))
    clock.advance(timedelta(seconds=3))
    twin = clone(kyma, recording("anna")).json["voice_id"]

    assert sound(speak(kyma, "annaVoice01")) == sound(speak(kyma, twin))


@pytest.mark.parametrize("make", [clone, design])
def test_an_unused_voice_ends_after_a_week(
    caller: Caller, kyma: Caller, clock: SettableClock, make: object
) -> None:
    lost, kept = (make(kyma).json["voice_id"] for _ in range(2))  # type: ignore[operator]
    clock.advance(WEEK - timedelta(seconds=1))
    assert speak(kyma, kept).status == 200
    clock.advance(timedelta(seconds=1))

    refused = speak(kyma, lost)

    assert (refused.status, refused.json["error"]["code"]) == (502, "provider_error")
    assert caller.speak(lost).status == 400
    clock.advance(50 * WEEK)
    assert speak(kyma, kept).status == 200


def test_use_through_the_other_contract_keeps_a_voice(
    caller: Caller, kyma: Caller, clock: SettableClock
) -> None:
    voice = clone(kyma).json["voice_id"]
    caller.speak(voice)
    clock.advance(2 * WEEK)

    assert speak(kyma, voice).status == 200


def test_a_voice_belongs_to_the_account_that_made_it(
    demo: tuple[DemoService, Caller], kyma: Caller
) -> None:
    voice = clone(kyma).json["voice_id"]

    refused = speak(at_kyma(demo[1], "a-colleagues-key"), voice)

    assert (refused.status, refused.json["error"]["code"]) == (403, "voice_not_owned")
    assert len(charges_of(demo[0])) == 1
    assert speak(kyma, voice).status == 200


def test_a_voice_that_cannot_be_registered_costs_nothing(
    demo: tuple[DemoService, Caller], kyma: Caller, state_path: Path
) -> None:
    with sqlite3.connect(state_path) as database:
        database.execute(
            "CREATE TRIGGER full BEFORE INSERT ON owners BEGIN SELECT RAISE(ABORT, 'full'); END"
        )
    database.close()

    for refused in (clone(kyma), design(kyma)):
        assert (refused.status, refused.json["error"]["code"]) == (500, "ownership_write_failed")
    assert charges_of(demo[0]) == []
    assert kyma.get("/credits/balance").json["balance"] == 25


def test_the_state_of_an_older_demo_goes_on(state_path: Path, clock: SettableClock) -> None:
    with served(DemoService(state_path, clock)) as caller:
        caller.clone("annaVoice01")
        clock.advance(timedelta(seconds=3))
    with sqlite3.connect(state_path) as database:
        database.execute("DROP TABLE owners")
    database.close()

    with served(DemoService(state_path, clock)) as caller:
        kyma = at_kyma(caller)
        assert speak(kyma, "annaVoice01").status == 200
        assert speak(kyma, clone(kyma).json["voice_id"]).status == 200


def test_the_list_names_voices_that_speak_and_those_of_the_account(kyma: Caller) -> None:
    own = clone(kyma).json["voice_id"]
    listed = kyma.get("/audio/voices")
    elsewhere = replace(kyma, key="another-key").get("/audio/voices").json["data"]

    entry = listed.json["data"][0]
    assert listed.json["object"] == "list"
    assert set(entry) == {"voice_id", "name", "category", "labels", "preview_url", "description"}
    assert [v["voice_id"] for v in listed.json["data"] if v["category"] == "cloned"] == [own]
    assert own not in [voice["voice_id"] for voice in elsewhere]
    assert listed.headers["X-Kyma-Cache"] in ("hit", "miss")
    spoken = speak(kyma, entry["voice_id"], "x" * 1_000, model="eleven-flash-v2-5")
    assert spoken.headers["X-Kyma-Cost-USD"] == "0.2"
    assert speak(kyma, entry["voice_id"], model=HD).status == 502
