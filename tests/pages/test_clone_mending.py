"""One recording before it is paid for: its part, what is mended, and that just that is sent."""

from __future__ import annotations

import json
from collections import Counter
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from lib import units
from lib.models import Evidence, Job, Role
from lib.recordings import editing
from lib.recordings.edits import Edit
from lib.recordings.inspect import inspect
from lib.recordings.spans import Span
from lib.studio.orders.wording import Reason, sentence
from lib.ui.clone import examining, recording
from tests.pages.clone_form import (
    MINIMAX,
    bring,
    choose,
    confirm,
    fill_in,
    has_button,
    is_off,
    the_switch,
    trigger,
    why_off,
)
from tests.pages.house import LOOPBACK, House, bound_to, go, press, read, said, texts
from tests.parts.sounds import RATE, Sound, noise, silence, speech, tone, wav
from tests.parts.speech import spoken
from tests.parts.statements import counted
from tests.sentences import TOO_SHORT

pytestmark = pytest.mark.usefixtures("no_showcase")

PART = "clone_part_"
SPEECHLESS = "clone_no_speech"
QWEN = "Qwen voice · Demo"


def cut(visitor: AppTest, start: object, end: object, *, id_: object = 1) -> AppTest:
    """The handles of the picture come to rest."""
    return trigger(visitor, PART, "part", {"id": id_, "start": start, "end": end})


def edit_of(house: House) -> Edit:
    """What is noted of the one draft: the edit that counts."""
    (note,) = house.folder.rglob("drafts/*.json")
    edits = json.loads(note.read_text())["decided"].get("edits")
    return Edit.from_json(edits[-1]) if edits else Edit()


def the_order(house: House) -> Job:
    (job,) = house.jobs()
    return job


def copies(house: House) -> dict[str, Evidence]:
    """What is kept of the one order, by its role."""
    dossier = house.context.registry.voices.dossier(the_order(house).voice_id)
    assert dossier
    return {copy.role: copy for copy in dossier.evidence}


def sent(house: House) -> bytes:
    """The recording that goes to the service."""
    context = house.context
    return context.vault("demo").get(copies(house)[Role.REFERENCE].key, max_bytes=99_000_000)


def captions(visitor: AppTest) -> str:
    return read("\n".join(texts(visitor.caption)))


def test_a_part_is_chosen_with_the_handles_noted_and_ordered(house: House) -> None:
    visitor = cut(bring(house.open("clone"), spoken(30.0)), 2.5, 14.0)
    assert edit_of(house) == Edit(part=Span(2.5, 14.0))
    assert "As it will be used: 11.5 s" in captions(visitor)
    confirm(fill_in(visitor))
    assert the_order(house).request["changes"] == {
        "edit": {"part": [2.5, 14.0]},
        "how": "encoded",
    }
    assert inspect(sent(house)).seconds == pytest.approx(11.5, abs=0.01)
    kept = house.context.vault("demo").get(copies(house)[Role.ORIGINAL].key, max_bytes=9_000_000)
    assert kept == spoken(30.0)


def test_what_is_sent_is_what_the_page_said(house: House) -> None:
    visitor = cut(bring(house.open("clone"), spoken(30.0)), 2.5, 14.0)
    the_switch(visitor, "level").set_value(True).run()
    (told,) = [
        line for line in captions(visitor).splitlines() if ":material/check: Converted" in line
    ]
    confirm(fill_in(visitor))
    data = sent(house)
    assert told.startswith(f":material/check: Converted to a WAV file, {units.size(len(data))}.")
    assert the_order(house).request["recording"] == sha256(data).hexdigest()


def test_an_untouched_recording_is_sent_as_it_is_and_kept_once(house: House) -> None:
    confirm(fill_in(bring(house.open("clone"), spoken())))
    assert sent(house) == spoken()
    assert Role.ORIGINAL not in copies(house)
    assert "changes" not in the_order(house).request


@pytest.mark.parametrize(
    ("start", "end", "id_"),
    [
        (None, 5, 1),
        ("1", "9", 1),
        (float("nan"), 9, 1),
        (1, float("inf"), 1),
        (1, 9, "1"),
        (1, 9, -1),
        (1, 9, True),
        (True, False, 1),
        ([1], {"a": 9}, 1),
        (10**400, 9, 1),
    ],
)
def test_what_no_picture_says_changes_nothing(
    house: House, start: object, end: object, id_: object
) -> None:
    visitor = cut(bring(house.open("clone"), spoken()), start, end, id_=id_)
    assert not visitor.exception
    assert not visitor.error
    assert edit_of(house) == Edit()
    assert not has_button(visitor, "clone_undo")


@pytest.mark.parametrize(
    ("start", "end", "part"),
    [
        (-5, 8, Span(0.0, 8.0)),
        (4, 99, Span(4.0, 12.0)),
        (9, 3, Span(9.0, 10.0)),
        (99, 99, Span(11.0, 12.0)),
    ],
)
def test_a_part_beside_the_recording_is_put_inside_it(
    house: House, start: float, end: float, part: Span
) -> None:
    visitor = cut(bring(house.open("clone"), spoken()), start, end)
    assert not visitor.exception
    assert edit_of(house) == Edit(part=part)


def test_the_best_half_minute_all_of_it_and_one_step_back(house: House) -> None:
    bad, good = noise(40.0, -12.0), speech(35.0)
    bad[: len(speech(40.0))] += speech(40.0) * 0.2
    visitor = bring(house.open("clone"), wav(np.concatenate((bad, good))))
    press(visitor, "clone_best")
    best = edit_of(house).part
    assert best
    assert best.start > 38.0
    assert 10.0 < best.seconds <= 30.5
    assert not has_button(visitor, "clone_best")
    press(visitor, "clone_all")
    assert edit_of(house) == Edit()
    assert not has_button(visitor, "clone_all")
    press(visitor, "clone_undo")
    assert edit_of(house).part == best
    press(visitor, "clone_undo")
    assert not has_button(visitor, "clone_undo")
    assert edit_of(house) == Edit()


def test_the_ends_are_trimmed_to_where_somebody_speaks(house: House) -> None:
    sound = np.concatenate((silence(3.0), speech(15.0), silence(4.0)))
    visitor = press(bring(house.open("clone"), wav(sound)), "clone_trim")
    part = edit_of(house).part
    assert part
    assert 2.0 < part.start < 3.6
    assert 17.0 < part.end < 19.5
    assert not has_button(visitor, "clone_trim")


def test_switches_add_up_and_each_is_one_step_back(house: House) -> None:
    visitor = cut(bring(house.open("clone"), spoken(20.0)), 1, 15)
    for name in ("level", "rumble"):
        the_switch(visitor, name).set_value(True).run()
    assert edit_of(house) == Edit(part=Span(1.0, 15.0), level=True, rumble=True)
    press(visitor, "clone_undo")
    assert edit_of(house) == Edit(part=Span(1.0, 15.0), level=True)
    assert the_switch(visitor, "level").value is True
    assert the_switch(visitor, "rumble").value is False
    the_switch(visitor, "level").set_value(False).run()
    assert edit_of(house) == Edit(part=Span(1.0, 15.0))


def test_what_was_chosen_in_another_tab_counts_as_well(house: House, live_key: None) -> None:
    with bound_to(LOOPBACK):
        first = bring(house.open("clone", address=LOOPBACK), spoken(20.0))
        second = house.enter("clone", address=LOOPBACK)
        cut(first, 1, 15)
        the_switch(second, "level").set_value(True).run()
    assert edit_of(house) == Edit(part=Span(1.0, 15.0), level=True)
    assert "As it will be used: 14.0 s" in captions(second)


def two_people(seconds: float) -> bytes:
    """One person on each channel, who take turns."""
    left, right = speech(seconds), speech(seconds, speaker=b"\x01\x20\x10\x05")
    turns = np.arange(len(left)) // (RATE * 3) % 2
    return wav(np.stack((left * (turns == 0), right * (turns == 1))))


def test_of_two_people_on_two_channels_one_is_chosen(house: House) -> None:
    visitor = bring(house.open("clone"), two_people(24.0))
    assert "Each channel has a different person" in read("\n".join(texts(visitor.markdown)))
    (channel,) = [item for item in visitor.radio if (item.key or "").startswith("clone_channel_")]
    channel.set_value(1).run()
    assert edit_of(house) == Edit(channel=1)
    assert "Each channel has a different person" not in read("\n".join(texts(visitor.markdown)))
    confirm(fill_in(visitor))
    assert the_order(house).request["changes"]["edit"] == {"channel": 1}
    assert inspect(sent(house)).channels == 1


def test_of_two_channels_that_cancel_each_other_one_is_chosen(house: House) -> None:
    visitor = bring(house.open("clone"), wav(np.stack((speech(15.0), -speech(15.0)))))
    (channel,) = [item for item in visitor.radio if (item.key or "").startswith("clone_channel_")]
    channel.set_value(0).run()
    assert edit_of(house) == Edit(channel=0)
    assert not is_off(fill_in(visitor))


def test_of_two_channels_that_cancel_each_other_no_sum_is_offered(house: House) -> None:
    visitor = bring(house.open("clone"), wav(np.stack((speech(15.0), -speech(15.0)))))
    assert not [item for item in visitor.toggle if (item.key or "").startswith("clone_mono_")]


def test_a_channel_on_which_nobody_speaks_needs_the_tick(house: House) -> None:
    """Where the other one is heard instead, the order is refused for want of a tick not shown."""
    visitor = bring(house.open("clone"), wav(np.stack((speech(15.0), noise(15.0, -60.0)))))
    (note,) = house.folder.rglob("drafts/*.json")
    chosen = {"decided": {"edits": [{"channel": 1}]}}
    note.write_text(json.dumps(json.loads(note.read_text()) | chosen))
    assert is_off(fill_in(visitor.run()))
    visitor.checkbox(key=SPEECHLESS).check().run()
    confirm(visitor)
    assert the_order(house).request["changes"]["edit"] == {"channel": 1}


def test_what_is_too_long_to_be_played_is_not_made_for_that(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recording, "LONGEST_PLAYED", 10.0)
    visitor = bring(house.open("clone"), spoken(15.0))
    the_switch(visitor, "level").set_value(True).run()
    assert "Too long to play here" in captions(visitor)
    cut(visitor, 1, 8)
    assert "Too long to play here" not in captions(visitor)


def test_one_voice_on_two_channels_is_not_asked_about(house: House) -> None:
    visitor = bring(house.open("clone"), wav(np.stack((speech(15.0), speech(15.0)))))
    assert not [item for item in visitor.radio if (item.key or "").startswith("clone_channel_")]
    the_switch(visitor, "mono").set_value(True).run()
    assert edit_of(house) == Edit(mono=True)


def test_a_part_of_what_is_too_long_fits_and_too_short_a_part_does_not(
    house: House, samples: Path
) -> None:
    long = (samples / "derived-apollo11-357s.mp3").read_bytes()
    visitor = fill_in(bring(house.open("clone"), long, "talk.mp3"))
    assert "MiniMax accepts at most 5 minutes." in why_off(visitor)
    assert is_off(visitor)
    cut(visitor, 30, 60)
    assert not is_off(visitor)
    cut(visitor, 30, 36, id_=2)
    assert is_off(visitor)
    assert TOO_SHORT in why_off(visitor)
    press(visitor, "clone_undo")
    confirm(visitor)
    assert inspect(sent(house)).seconds == pytest.approx(30.0, abs=0.1)


def test_the_button_follows_the_service_that_is_chosen(house: House) -> None:
    visitor = fill_in(bring(house.open("clone"), spoken(6.0)))
    assert is_off(visitor)
    choose(visitor, QWEN)
    assert not is_off(visitor)
    choose(visitor, MINIMAX)
    assert is_off(visitor)


@pytest.mark.parametrize("sound", [silence(12.0), noise(12.0, -40.0), tone(12.0, 440.0)])
def test_where_nobody_speaks_a_tick_is_needed_and_is_all_that_is(
    house: House, sound: Sound
) -> None:
    visitor = fill_in(bring(house.open("clone"), wav(sound)))
    assert "Nobody speaks in this recording." in why_off(visitor)
    assert is_off(visitor)
    visitor.checkbox(key=SPEECHLESS).check().run()
    assert not is_off(visitor)
    confirm(visitor)
    assert the_order(house)


def test_the_order_looks_itself_whether_somebody_speaks(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever a page says, as one of an older version would."""
    monkeypatch.setattr(recording, "draw", lambda *_: None)
    visitor = confirm(fill_in(bring(house.open("clone"), wav(silence(12.0)))))
    assert read(sentence(Reason.NO_SPEECH)) in said(visitor)
    assert not house.jobs()


def test_a_part_in_which_nobody_speaks_needs_the_tick_of_its_own(house: House) -> None:
    sound = np.concatenate((speech(20.0), silence(20.0)))
    visitor = fill_in(bring(house.open("clone"), wav(sound)))
    assert not is_off(visitor)
    cut(visitor, 22, 38)
    assert is_off(visitor)
    cut(visitor, 1, 18, id_=2)
    assert not is_off(visitor)


def test_nothing_is_decoded_twice_however_often_the_page_runs(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = Counter[str]()

    def counting(module: object, name: str) -> None:
        real = getattr(module, name)

        def count(*given: object, **options: object) -> object:
            calls[name] += 1
            return real(*given, **options)

        monkeypatch.setattr(module, name, count)

    for module, name in (
        (examining, "inspect"),
        (examining, "listen"),
        (editing, "preview"),
        (editing, "make"),
    ):
        counting(module, name)
    visitor = fill_in(cut(bring(house.open("clone"), spoken(20.0)), 1, 15))
    once = dict(calls)
    assert once == {"inspect": 1, "listen": 1, "preview": 1, "make": 1}
    for _ in range(3):
        visitor.run()
    visitor.text_input(key="clone_name").set_value("Somebody else").run()
    choose(choose(visitor, QWEN), MINIMAX)
    go(visitor, "home")
    go(visitor, "clone")
    assert dict(calls) == once | {"make": 2}  # the other service's
    confirm(fill_in(visitor))
    assert dict(calls) == once | {"make": 3}
    assert house.jobs()


def test_a_recording_costs_no_query_of_the_database(house: House) -> None:
    visitor = house.open("clone").run()
    with counted(house.context) as without:
        visitor.run()
    cut(bring(visitor, spoken(20.0)), 1, 15)
    with counted(house.context) as statements:
        visitor.run()
    assert len(statements) <= len(without) + 2
