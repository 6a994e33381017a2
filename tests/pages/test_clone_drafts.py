"""The recordings that were not ordered yet: how it comes, who sees it, and when it is gone."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from lib import downloads
from lib.recordings.problems import UnreadableRecording
from lib.recordings.reasons import Reason, Why
from lib.roles import Person, TeamRole
from lib.studio.core import reasons as core
from lib.studio.core.drafts import Drafts
from lib.studio.core.wording import sentence
from lib.ui.clone import bringing, examining
from lib.ui.clone.bringing import CONSENT
from tests.clients.scripted_server import Reply, ScriptedServer
from tests.pages.clone_form import (
    bring,
    bring_all,
    choose,
    confirm,
    fill_in,
    has_button,
    is_off,
    the_switch,
    trigger,
    why_off,
)
from tests.pages.house import LOOPBACK, House, bound_to, go, press, read, said, shown, texts
from tests.parts.sounds import RATE, noise, wav
from tests.parts.speech import spoken
from tests.sentences import BRING_FIRST, EMPTY_FILE, NOTHING_STORED

pytestmark = pytest.mark.usefixtures("no_showcase")

RECORDER = "clone_record_recorder"
FILE = "jane-doe.wav"
LIVE = "MiniMax voice · NanoGPT"
QWEN = "Qwen voice · Demo"
BOB = Person("Bob", TeamRole.MEMBER)


def sounds(house: House) -> list[Path]:
    """The recordings that wait on the disk."""
    return sorted(house.folder.rglob("*.sound"))


def has_recording(visitor: AppTest, name: str = FILE) -> bool:
    """Whether the form is about a recording of that name."""
    assert not visitor.exception
    return f"**{name}**" in read("\n".join(texts(visitor.markdown)))


@pytest.fixture
def signed_in(live_key: None) -> Iterator[None]:
    """Whoever visits is somebody, by name."""
    with bound_to(LOOPBACK):
        yield


def take(data: bytes, **other: object) -> dict[str, Any]:
    """A take as the script of the recorder sends it, in one piece."""
    text = base64.b64encode(data).decode()
    return {"id": 1, "at": 0, "of": len(text), "wav": text, "settings": {}} | other


def test_what_was_brought_is_there_after_a_look_at_other_pages(house: House) -> None:
    visitor = bring(house.open("clone"), spoken())
    go(visitor, "settings")
    go(visitor, "clone")
    assert has_recording(visitor)
    assert not visitor.file_uploader
    assert not is_off(fill_in(visitor))


def test_all_that_was_filled_in_is_there_after_a_look_at_the_jobs(house: House) -> None:
    visitor = choose(bring(house.open("clone"), spoken()), QWEN)
    trigger(visitor, "clone_part_", "part", {"id": 1, "start": 1.0, "end": 8.0})
    the_switch(visitor, "level").set_value(True).run()
    visitor.text_input(key="clone_name").set_value("Grace")
    visitor.text_area(key="clone_transcript").set_value("Ask not.")
    visitor.radio(key="clone_who").set_value(CONSENT.other).run()
    visitor.text_input(key="clone_speaker").set_value("Grace Hopper")
    visitor.checkbox(key="clone_consent").check().run()
    assert not is_off(visitor)
    go(visitor, "jobs")
    go(visitor, "clone")
    assert visitor.radio(key="clone_service").value == QWEN
    assert visitor.text_input(key="clone_name").value == "Grace"
    assert visitor.text_area(key="clone_transcript").value == "Ask not."
    assert visitor.radio(key="clone_who").value == CONSENT.other
    assert visitor.text_input(key="clone_speaker").value == "Grace Hopper"
    assert visitor.checkbox(key="clone_consent").value is True
    assert the_switch(visitor, "level").value is True
    assert not is_off(visitor)
    confirm(visitor)
    (job,) = house.jobs()
    assert job.request["changes"]["edit"] == {"part": [1.0, 8.0], "level": True}
    assert job.request["seconds"] == pytest.approx(7.0, abs=0.1)


def test_what_was_said_of_one_recording_is_not_said_of_the_next(house: House) -> None:
    visitor = fill_in(bring(house.open("clone"), spoken()), name="Jane Doe")
    bring(visitor, spoken(seed=9), "bob.wav")
    assert visitor.radio(key="clone_who").value is None
    assert visitor.checkbox(key="clone_consent").value is False
    assert visitor.text_input(key="clone_name").value == "Bob"
    visitor.text_input(key="clone_name").set_value("Robert").run()
    bring(visitor, spoken(seed=40), "cat.wav")
    assert visitor.text_input(key="clone_name").value == "Robert"


def test_a_page_that_is_still_drawing_does_not_write_over_the_name_that_is_typed(
    house: House,
) -> None:
    visitor = bring(house.open("clone"), spoken(), "bob.wav")
    visitor.run()
    field = visitor.text_input(key="clone_name")
    assert field.value == "Bob"
    assert not field.proto.set_value


def test_a_voice_is_called_after_who_speaks_where_its_file_says_nothing(house: House) -> None:
    visitor = bring(house.open("clone"), spoken(), "REC_0423.wav")
    assert visitor.text_input(key="clone_name").value.startswith("Voice of ")
    visitor.radio(key="clone_who").set_value(CONSENT.other).run()
    visitor.text_input(key="clone_speaker").set_value("Grace Hopper").run()
    assert visitor.text_input(key="clone_name").value == "Grace Hopper"


@pytest.mark.usefixtures("signed_in")
def test_it_is_there_after_a_reload_of_that_person_and_of_nobody_else(
    house: House, act_as: Callable[[Person], None]
) -> None:
    bring(house.open("clone", address=LOOPBACK), spoken())
    assert has_recording(house.enter("clone", address=LOOPBACK))
    act_as(BOB)
    bobs = house.enter("clone", address=LOOPBACK)
    assert not has_recording(bobs)
    assert FILE not in shown(bobs)
    bring(bobs, spoken(seed=5), "bob.wav")
    assert has_recording(house.enter("clone", address=LOOPBACK), "bob.wav")
    assert len(sounds(house)) == 2


def test_in_an_open_demo_it_is_one_tabs_own(house: House) -> None:
    mine = bring(house.open("clone"), spoken())
    others = house.enter("clone")
    assert has_recording(mine.run())
    assert FILE not in shown(others)
    assert others.file_uploader


def test_once_it_is_ordered_it_is_gone_and_the_form_is_empty(house: House) -> None:
    visitor = bring(house.open("clone"), spoken())
    assert len(sounds(house)) == 1
    confirm(fill_in(visitor))
    assert len(house.jobs()) == 1
    assert sounds(house) == []
    press(visitor, "clone_again")
    assert visitor.file_uploader
    assert is_off(visitor)


@pytest.mark.usefixtures("signed_in")
def test_an_order_in_one_tab_leaves_nothing_to_order_in_another(house: House) -> None:
    first = fill_in(bring(house.open("clone", address=LOOPBACK), spoken()), service=LIVE)
    second = fill_in(house.enter("clone", address=LOOPBACK), service=LIVE)
    confirm(first)
    confirm(second)
    assert not second.exception
    assert len(house.jobs()) == 1
    assert sounds(house) == []


@pytest.mark.usefixtures("signed_in")
def test_a_press_on_one_recording_does_not_order_another_from_a_second_tab(house: House) -> None:
    first = fill_in(bring(house.open("clone", address=LOOPBACK), spoken()), service=LIVE)
    bring(house.enter("clone", address=LOOPBACK), spoken(seed=9), "other.wav")
    confirm(first)
    assert "Something changed since this button was drawn." in said(first)
    assert not house.jobs()
    confirm(first)
    (job,) = house.jobs()
    assert job.request["recording"] == sha256(spoken(seed=9)).hexdigest()


def test_a_run_that_ends_once_the_order_is_made_leaves_nothing_to_order(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    visitor = fill_in(bring(house.open("clone"), spoken()))
    with monkeypatch.context() as patched:
        patched.setattr(bringing, "tell", st.stop)  # as a click that interrupts it
        confirm(visitor)
    (job,) = house.jobs()
    assert visitor.run().query_params == {"job": job.id}


@pytest.mark.usefixtures("signed_in")
def test_what_another_tab_brought_is_not_thrown_away_unseen(house: House) -> None:
    first = house.open("clone", address=LOOPBACK)
    second = house.enter("clone", address=LOOPBACK)
    bring(first, spoken())
    bring(second, spoken(seed=9), "other.wav")
    assert len(sounds(house)) == 2


def test_another_recording_takes_its_place(house: House) -> None:
    visitor = bring(house.open("clone"), spoken())
    bring(visitor, spoken(seed=9), "other.wav")
    assert has_recording(visitor, "other.wav")
    assert len(sounds(house)) == 1


def test_who_looks_for_another_recording_may_keep_the_first(house: House) -> None:
    visitor = press(bring(house.open("clone"), spoken()), "clone_another")
    assert visitor.file_uploader
    press(visitor, "clone_bring_cancel")
    assert not visitor.file_uploader
    assert has_recording(visitor)


def test_after_a_day_it_is_gone(house: House) -> None:
    visitor = fill_in(bring(house.open("clone"), spoken()))
    house.clock.advance(timedelta(days=1))
    confirm(visitor)
    assert not visitor.exception
    assert BRING_FIRST in why_off(visitor)
    assert not house.jobs()
    house.look()
    assert sounds(house) == []


@pytest.mark.parametrize("is_known", [True, False])
def test_one_that_was_spoiled_on_the_disk_is_a_sentence_and_no_order(
    house: House, is_known: bool
) -> None:
    """Whether it was listened to before or not."""
    visitor = fill_in(bring(house.open("clone"), spoken()))
    (sound,) = sounds(house)
    sound.write_bytes(bytes(sound.stat().st_size))
    if not is_known:
        forget_what_was_heard()
    confirm(visitor)
    assert not visitor.exception
    assert sentence(core.Reason.GONE) in read(said(visitor))
    assert not house.jobs()
    bring(visitor, spoken(seed=9), "other.wav")
    assert has_recording(visitor, "other.wav")
    assert not is_off(fill_in(visitor))


def test_a_spoiled_one_of_several_takes_no_other_with_it(house: House) -> None:
    three = {f"{name}.wav": spoken(seed=seed) for seed, name in enumerate("abc")}
    visitor = bring_all(house.open("clone"), three)
    (spoiled,) = [sound for sound in sounds(house) if sound.read_bytes() == three["b.wav"]]
    spoiled.write_bytes(bytes(spoiled.stat().st_size))
    forget_what_was_heard()
    visitor.run()
    assert not visitor.exception
    assert f"b.wav: {sentence(core.Reason.GONE)}" in read(said(visitor))
    assert sorted(visitor.data_editor[0].value["File"]) == ["a.wav", "c.wav"]
    assert len(sounds(house)) == 2


def forget_what_was_heard() -> None:
    """As after a restart, in the same tab."""
    from lib.ui.clone import examining

    for found in (examining._facts, examining._listening, examining._preview, examining._made):
        found.clear()


@pytest.mark.parametrize(
    "decided",
    [
        {"edits": "all"},
        {"edits": [{"part": [5, 1]}]},
        {"edits": [{"part": [1, 1e99]}]},
        {"edits": [{"channel": 7, "cmd": "rm"}]},
        {"edits": [[[[[]]]]], "name": {"a": 1}, "speaker": 7},
        {"edits": [{"level": "yes"}], "name": ["x"] * 100},
    ],
)
def test_what_stands_in_a_damaged_note_is_not_followed(
    house: House, decided: dict[str, object]
) -> None:
    visitor = bring(house.open("clone"), spoken())
    (note,) = house.folder.rglob("drafts/*.json")
    note.write_text(json.dumps(json.loads(note.read_text()) | {"decided": decided}))
    visitor.run()
    assert has_recording(visitor)
    assert not visitor.error
    confirm(fill_in(visitor))
    assert house.jobs()[0].request.get("changes", {}) == {}


def test_a_part_behind_the_end_is_refused_in_a_sentence(house: House) -> None:
    visitor = fill_in(bring(house.open("clone"), spoken()))
    (note,) = house.folder.rglob("drafts/*.json")
    decided = {"edits": [{"part": [20, 30], "channel": 1}]}
    note.write_text(json.dumps(json.loads(note.read_text()) | {"decided": decided}))
    visitor.run()
    assert not visitor.exception
    assert "The chosen part is beyond the end of this recording." in why_off(visitor)
    assert is_off(visitor)
    press(visitor, "clone_all")
    assert not is_off(visitor)


@pytest.mark.usefixtures("signed_in")
def test_an_order_that_was_not_shown_yet_is_shown_in_place_of_the_form(house: House) -> None:
    """As where a second click, or a reload, ended the page run that made it."""
    first = bring(house.open("clone", address=LOOPBACK), spoken())
    confirm(fill_in(first, service=LIVE))
    (job,) = house.jobs()
    bring(house.enter("clone", address=LOOPBACK), spoken(seed=9))
    (note,) = house.folder.rglob("drafts/*.json")
    note.write_text(json.dumps(json.loads(note.read_text()) | {"decided": {"order": job.id}}))
    again = house.enter("clone", address=LOOPBACK)
    assert again.query_params == {"job": job.id}
    assert again.subheader[0].value == "Jane"
    assert sounds(house) == []


def test_a_note_of_an_order_that_is_none_leaves_an_empty_form(house: House) -> None:
    visitor = bring(house.open("clone"), spoken())
    (note,) = house.folder.rglob("drafts/*.json")
    note.write_text(json.dumps(json.loads(note.read_text()) | {"decided": {"order": ["x"]}}))
    visitor.run()
    assert not visitor.exception
    assert visitor.file_uploader
    assert is_off(visitor)


def test_a_note_that_is_none_hides_the_recording_and_breaks_no_page(house: House) -> None:
    visitor = bring(house.open("clone"), spoken())
    (note,) = house.folder.rglob("drafts/*.json")
    note.write_text('{"file_name": "')
    visitor.run()
    assert not visitor.exception
    assert visitor.file_uploader
    assert is_off(visitor)


@pytest.fixture
def full_disk(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """From then on the disk takes nothing."""

    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    return lambda: monkeypatch.setattr(Drafts, "_write", refuse)


def test_a_disk_that_is_full_is_a_sentence_and_nothing_is_kept(
    house: House, full_disk: Callable[[], None]
) -> None:
    visitor = house.open("clone")
    full_disk()
    bring(visitor, spoken())
    assert not visitor.exception
    assert sentence(core.Reason.DISK) in said(visitor)
    assert visitor.file_uploader
    assert is_off(visitor)


def test_what_a_full_disk_does_not_note_is_said_and_not_shown_as_done(
    house: House, full_disk: Callable[[], None]
) -> None:
    visitor = bring(house.open("clone"), spoken())
    full_disk()
    assert not the_switch(visitor, "level").set_value(True).run().exception
    assert sentence(core.Reason.DISK) in said(visitor)
    assert the_switch(visitor, "level").value is False
    assert not has_button(visitor, "clone_undo")


def test_what_could_not_be_read_once_is_read_anew_when_it_is_brought_again(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    def too_busy(_data: bytes) -> None:
        raise UnreadableRecording(Why(Reason.SAID, said="This takes too long."))

    visitor = house.open("clone")
    with monkeypatch.context() as patched:
        patched.setattr(examining, "inspect", too_busy)
        bring(visitor, spoken())
        assert "This takes too long." in said(visitor)
        bring(visitor, spoken(seed=9), "other.wav")
    bring(visitor, spoken())
    assert not visitor.error
    assert not is_off(fill_in(visitor))


def test_of_several_files_the_refused_one_is_told_beside_those_that_came(house: House) -> None:
    files = {"a.wav": spoken(), "empty.wav": b"", "b.wav": spoken(seed=9)}
    visitor = bring_all(house.open("clone"), files)
    assert f"empty.wav: {EMPTY_FILE}" in said(visitor)
    assert sorted(visitor.data_editor[0].value["File"]) == ["a.wav", "b.wav"]


def test_a_link_is_fetched_once_and_not_again_after_the_order(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ScriptedServer([Reply(200, spoken())]) as host:
        trusting = partial(downloads.fetch, trusted=(host.origin,))
        monkeypatch.setattr(bringing, "fetch", trusting)
        visitor = house.open("clone")
        visitor.text_input(key="clone_link").set_value(f"{host.origin}/talk.wav?sig=1").run()
        assert has_recording(visitor, "talk.wav")
        confirm(fill_in(visitor.run()))
        assert len(house.jobs()) == 1
        go(visitor, "home")
        go(visitor, "clone")
        assert visitor.file_uploader
        assert len(host.seen) == 1


def test_one_link_is_fetched_at_a_time_by_all_visitors_together(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ScriptedServer([Reply(200, spoken()), Reply(200, spoken(seed=9))]) as host:
        trusting = partial(downloads.fetch, trusted=(host.origin,))
        monkeypatch.setattr(bringing, "fetch", trusting)
        visitor = house.open("clone")
        with bringing.FETCHING:  # as somebody else's
            visitor.text_input(key="clone_link").set_value(f"{host.origin}/talk.wav").run()
            assert bringing.BUSY in said(visitor)
        assert not host.seen
        press(visitor, "clone_fetch")
        assert has_recording(visitor, "talk.wav")
        press(visitor, "clone_another")
        visitor.text_input(key="clone_link").set_value(f"{host.origin}/other.wav").run()
        assert has_recording(visitor, "other.wav")


def test_a_link_that_fails_is_tried_again_only_where_somebody_asks(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ScriptedServer([Reply(500), Reply(200, b""), Reply(200, spoken())]) as host:
        trusting = partial(downloads.fetch, trusted=(host.origin,))
        monkeypatch.setattr(bringing, "fetch", trusting)
        visitor = house.open("clone")
        visitor.text_input(key="clone_link").set_value(f"{host.origin}/talk.wav").run()
        visitor.run()
        assert len(host.seen) == 1
        assert NOTHING_STORED in said(visitor)
        press(visitor, "clone_fetch").run()
        assert len(host.seen) == 2
        assert said(visitor).count(EMPTY_FILE) == 1
        press(visitor, "clone_fetch")
        assert has_recording(visitor, "talk.wav")
        assert not visitor.error


def test_a_take_from_the_recorder_is_brought_and_its_trigger_counts_once(house: House) -> None:
    visitor = trigger(house.open("clone"), RECORDER, "take", take(spoken()))
    assert has_recording(visitor, "My recording.wav")
    assert not is_off(fill_in(visitor))
    (sound,) = sounds(house)
    assert sound.read_bytes() == spoken()
    press(visitor, "clone_another")
    trigger(visitor, RECORDER, "take", take(spoken(seed=9)))
    assert sounds(house) == [sound]


@pytest.mark.parametrize(
    "said_by_script",
    [
        None,
        7,
        "RIFF",
        [],
        {},
        take(b"no sound"),
        take(spoken(), id=True),
        take(spoken(), at=-1),
        take(spoken(), of=10**30),
        take(spoken(), wav={"a": 1}),
        take(spoken()[:-1]),
    ],
)
def test_what_no_recorder_says_brings_nothing(house: House, said_by_script: object) -> None:
    visitor = trigger(house.open("clone"), RECORDER, "take", said_by_script)
    assert not visitor.exception
    assert not visitor.error
    assert visitor.file_uploader
    assert sounds(house) == []


def test_a_take_from_the_simple_recorder_is_brought(house: House) -> None:
    visitor = house.open("clone")
    recorder = visitor.audio_input(key="clone_record_simple")
    recorder.set_value(("audio.wav", spoken(), "audio/wav"))
    visitor.run()
    assert has_recording(visitor, "My recording.wav")


def test_a_recorder_that_cannot_work_says_so_in_the_browser_and_opens_the_simple_one(
    house: House,
) -> None:
    visitor = trigger(house.open("clone"), RECORDER, "unavailable", "refused")
    assert not visitor.exception
    assert [box.proto.expanded for box in visitor.expander if "Recorder" in box.label] == [True]


def test_a_tick_for_silence_is_not_carried_over_to_another_recording(house: House) -> None:
    visitor = bring(house.open("clone"), wav(noise(12.0, -40.0)), "room.wav")
    visitor.checkbox(key="clone_no_speech").check().run()
    assert not is_off(fill_in(visitor))
    bring(visitor, wav(noise(13.0, -40.0), rate=RATE), "another-room.wav")
    assert visitor.checkbox(key="clone_no_speech").value is False
    assert is_off(visitor)
    assert has_button(visitor, "clone_another")
