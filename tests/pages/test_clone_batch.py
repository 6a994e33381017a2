"""Several recordings at once: a table, one price, a tick for each person, an order for each."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Checkbox

from lib.models import JobKind, JobState, Money
from lib.recordings.listening import Listening
from lib.studio.core import drafts
from lib.studio.core import reasons as core
from lib.studio.core.drafts import Drafts
from lib.studio.core.wording import sentence
from lib.ui.access.names import VISITOR
from lib.ui.clone import bringing, examining, reasons
from lib.ui.clone.batch import ORDERED
from lib.ui.clone.reasons import Reason
from lib.vault.base import Stored, VaultError, VaultTrouble
from lib.vault.folder import FolderVault
from tests.pages.clone_form import (
    GO,
    agree,
    bring,
    bring_all,
    choose,
    confirm,
    has_button,
    is_off,
    on_the_cards,
    the_switch,
    tick_all,
    trigger,
    type_into_table,
    why_off,
)
from tests.pages.house import House, go, press, read, said, texts
from tests.parts.sounds import silence, wav
from tests.parts.speech import spoken
from tests.parts.statements import counted
from tests.sentences import ORDERED_BEFORE, TOO_SHORT

pytestmark = pytest.mark.usefixtures("no_showcase")

CAST = {"ann-lee.wav": spoken(), "bob.wav": spoken(seed=40), "cat.wav": spoken(seed=90)}
QWEN = "Qwen voice · Demo"


def table(visitor: AppTest) -> dict[str, dict[str, str]]:
    """What the table shows, by file."""
    (found,) = visitor.data_editor
    rows = found.value.to_dict("records")
    return {row["File"]: row for row in rows}


def name_speakers(visitor: AppTest, speakers: dict[str, str]) -> AppTest:
    """Type into the table who speaks in which file."""
    files = list(table(visitor))
    rows = {files.index(file): {"Who speaks": name} for file, name in speakers.items()}
    return type_into_table(visitor, rows)


def about_silence(visitor: AppTest) -> Checkbox:
    """The tick for those in which nobody speaks."""
    [box] = [box for box in visitor.checkbox if (box.key or "").startswith("clone_no_speech")]
    return box


def look_at(visitor: AppTest, file: str) -> AppTest:
    """Open one of them below the table."""
    name = table(visitor)[file]["Name"]
    return visitor.selectbox(key="clone_looked_at").select(name).run()


def asked(visitor: AppTest) -> list[str]:
    """The ticks, as they read."""
    return [read(box.label) for box in visitor.checkbox]


SPEAKERS = {"ann-lee.wav": "Ann Lee", "bob.wav": "Bob", "cat.wav": "Ann Lee"}


def filled_in(house: House) -> AppTest:
    """Three voices of two people, ready to be ordered."""
    return tick_all(name_speakers(bring_all(house.open("clone"), CAST), SPEAKERS))


def test_each_file_is_a_line_with_what_is_known_of_it(house: House) -> None:
    visitor = bring_all(house.open("clone"), CAST)
    shown = table(visitor)
    assert sorted(shown) == sorted(CAST)
    assert shown["ann-lee.wav"] == {
        "Name": "Ann Lee",
        "Who speaks": "",
        "Sound": "● Good",
        "Service": "✓ Accepted",
        "Length": "12.0 s",
        "File": "ann-lee.wav",
    }
    assert "**3 recordings**, 36.0 s in all." in read("\n".join(texts(visitor.markdown)))
    assert visitor.button(key=GO).label == "Clone 3 voices ($3.02 play money)"


def test_one_tick_for_each_person_and_all_of_them_are_needed(house: House) -> None:
    visitor = bring_all(house.open("clone"), CAST)
    assert is_off(visitor)
    assert reasons.OF_SEVERAL[Reason.NO_SPEAKER] in why_off(visitor)
    name_speakers(visitor, SPEAKERS)
    assert sorted(asked(visitor)) == [
        f"Only {name} speaks there. {name} agrees to have their voice cloned, "
        "and I am allowed to confirm this."
        for name in ("Ann Lee", "Bob")
    ]
    assert is_off(visitor)
    visitor.checkbox[0].check().run()
    assert is_off(visitor)
    visitor.checkbox[1].check().run()
    assert not is_off(visitor)
    name_speakers(visitor, {"cat.wav": "Cat"})
    assert is_off(visitor)
    assert len(asked(visitor)) == 3


def test_one_person_however_the_name_is_written_has_one_tick(house: House) -> None:
    visitor = bring_all(house.open("clone"), CAST)
    names = {"ann-lee.wav": "Ann Lee", "bob.wav": " ann lee ", "cat.wav": "ANN LEE"}
    name_speakers(visitor, names)
    assert not visitor.exception
    assert len(asked(visitor)) == 1
    assert not is_off(tick_all(visitor))


def test_one_confirmation_makes_an_order_of_each(house: House) -> None:
    visitor = filled_in(house)
    type_into_table(visitor, {list(table(visitor)).index("bob.wav"): {"Name": "Robert"}})
    confirm(visitor)
    assert not visitor.exception
    jobs = house.jobs()
    assert {job.kind for job in jobs} == {JobKind.CLONE}
    voices = [house.context.registry.voices.get(job.voice_id) for job in jobs]
    made = {voice.name: voice.consent for voice in voices if voice and voice.consent}
    assert {name: consent.speaker for name, consent in made.items()} == {
        "Ann Lee": "Ann Lee",
        "Robert": "Bob",
        "Cat": "Ann Lee",
    }
    assert {consent.attested_by for consent in made.values()} == {VISITOR}
    sent = {job.request["recording"] for job in jobs}
    assert sent == {sha256(data).hexdigest() for data in CAST.values()}
    assert sum((job.estimate or Money()).micros for job in jobs) == Money.usd("3.00").micros
    assert visitor.subheader[0].value == "3 voices ordered"
    assert not list(house.folder.rglob("*.sound"))
    house.until(lambda: all(job.state is JobState.DONE for job in house.jobs()[-3:]))
    assert not visitor.run().exception
    press(visitor, "clone_again")
    assert visitor.file_uploader


def test_what_was_ordered_together_is_followed_together(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One timer for all, and no more queries for many."""
    timers: list[float] = []
    real = st.fragment

    def fragment(*given: Any, run_every: float | None = None, **more: Any) -> Any:
        if run_every:
            timers.append(run_every)
        return real(*given, run_every=run_every, **more)

    visitor = confirm(filled_in(house))
    monkeypatch.setattr(st, "fragment", fragment)
    with counted(house.context) as three:
        visitor.run()
    assert visitor.subheader[0].value == "3 voices ordered"
    assert len(timers) == 1
    visitor.session_state[ORDERED] = visitor.session_state[ORDERED][:1]
    with counted(house.context) as one:
        visitor.run()
    assert visitor.subheader[0].value == "1 voice ordered"
    assert len(one) == len(three)


def test_two_clicks_make_no_order_twice(house: House) -> None:
    visitor = filled_in(house)
    confirm(visitor)
    press(visitor, "clone_again")
    bring_all(visitor, CAST)
    tick_all(name_speakers(visitor, SPEAKERS))
    confirm(visitor)
    assert not visitor.exception
    assert len(house.jobs()) == 3


def test_a_run_that_ends_once_the_orders_are_made_leaves_none_to_be_made_again(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    visitor = filled_in(house)
    with monkeypatch.context() as patched:
        patched.setattr(bringing, "tell", st.stop)  # as a click that interrupts it
        confirm(visitor)
    assert len(house.jobs()) == 3
    visitor.run()
    assert not visitor.data_editor
    assert "3 voices ordered" in texts(visitor.subheader)


def test_a_name_reads_as_it_was_typed_where_one_is_looked_at(house: House) -> None:
    visitor = bring_all(house.open("clone"), CAST)
    type_into_table(visitor, {0: {"Name": "Ann (Lee) *1*"}})
    assert "Ann (Lee) *1*" in visitor.selectbox(key="clone_looked_at").options


def test_a_recording_that_is_refused_is_left_out_and_told(house: House) -> None:
    visitor = bring_all(house.open("clone"), CAST | {"short.wav": spoken(4.0)})
    name_speakers(visitor, SPEAKERS)
    tick_all(visitor)
    assert table(visitor)["short.wav"]["Service"] == "✕ Not accepted"
    assert "Accepts 3 of 4" in on_the_cards(visitor)
    assert "Accepts all 4" in on_the_cards(visitor)
    told = read(said(visitor))
    assert TOO_SHORT in told
    assert "short.wav" in told
    assert "It will not be cloned." in told
    assert visitor.button(key=GO).label == "Clone 3 voices ($3.02 play money)"
    confirm(visitor)
    assert len(house.jobs()) == 3
    assert len(list(house.folder.rglob("*.sound"))) == 1


def test_a_service_that_takes_none_of_them_sells_nothing(house: House) -> None:
    visitor = bring_all(house.open("clone"), {"a.wav": spoken(4.0), "b.txt": b"no sound" * 99})
    assert is_off(visitor)
    assert reasons.OF_SEVERAL[Reason.NOT_TAKEN] in why_off(visitor)
    assert table(visitor)["b.txt"]["Length"] == ""


def test_voices_that_are_named_after_their_files_have_names_of_their_own(house: House) -> None:
    files = {"Recording 1.wav": spoken(), "Recording 2.wav": spoken(seed=9)}
    visitor = bring_all(house.open("clone"), files)
    name_speakers(visitor, dict.fromkeys(files, "Ann Lee"))
    assert sorted(row["Name"] for row in table(visitor).values()) == ["Ann Lee", "Ann Lee 2"]


def test_names_and_speakers_are_there_after_a_look_at_other_pages(house: House) -> None:
    visitor = name_speakers(bring_all(house.open("clone"), CAST), SPEAKERS)
    type_into_table(visitor, {list(table(visitor)).index("cat.wav"): {"Name": "Kitty"}})
    go(visitor, "settings")
    go(visitor, "clone")
    shown = table(visitor)
    assert shown["cat.wav"]["Name"] == "Kitty"
    assert {file: row["Who speaks"] for file, row in shown.items()} == SPEAKERS


def test_a_name_that_is_deleted_is_the_files_again(house: House) -> None:
    visitor = bring_all(house.open("clone"), CAST)
    row = list(table(visitor)).index("cat.wav")
    type_into_table(visitor, {row: {"Name": "Kitty"}})
    type_into_table(visitor, {row: {"Name": None}})
    go(visitor, "settings")
    go(visitor, "clone")
    assert table(visitor)["cat.wav"]["Name"] == "Cat"


def test_what_the_disk_does_not_note_is_said(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    visitor = bring_all(house.open("clone"), CAST)

    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Drafts, "_write", refuse)
    name_speakers(visitor, SPEAKERS)
    assert not visitor.exception
    assert read(sentence(core.Reason.DISK)) in read(said(visitor))
    assert is_off(visitor)


def test_one_of_them_is_cut_below_the_table_and_sent_so(house: House) -> None:
    visitor = filled_in(house)
    look_at(visitor, "bob.wav")
    trigger(visitor, "clone_part_", "part", {"id": 1, "start": 1.0, "end": 11.5})
    the_switch(visitor, "level").set_value(True).run()
    assert table(visitor)["bob.wav"]["Length"] == "10.5 s"
    assert table(visitor)["bob.wav"]["Service"] == "✓ After conversion"
    confirm(visitor)
    changes = {job.request.get("original", ""): job.request.get("changes") for job in house.jobs()}
    bob = sha256(CAST["bob.wav"]).hexdigest()
    assert changes == {
        "": None,
        bob: {"edit": {"level": True, "part": [1.0, 11.5]}, "how": "encoded"},
    }


def test_one_or_all_are_removed_and_more_are_added(house: House) -> None:
    visitor = look_at(bring_all(house.open("clone"), CAST), "bob.wav")
    press(visitor, "clone_remove")
    assert sorted(table(visitor)) == ["ann-lee.wav", "cat.wav"]
    press(visitor, "clone_more")
    bring_all(visitor, {"dan.wav": spoken(seed=50), "eve.wav": spoken(seed=60)})
    assert sorted(table(visitor)) == ["ann-lee.wav", "cat.wav", "dan.wav", "eve.wav"]
    press(visitor, "clone_none")
    assert not visitor.exception
    assert not visitor.data_editor
    assert visitor.file_uploader
    assert not list(house.folder.rglob("*.sound"))


def test_the_last_one_that_is_left_has_the_form_of_one(house: House) -> None:
    visitor = bring_all(house.open("clone"), {"ann.wav": spoken(), "bob.wav": spoken(seed=9)})
    press(look_at(visitor, "bob.wav"), "clone_remove")
    assert not visitor.data_editor
    assert has_button(visitor, "clone_another")
    assert visitor.text_input(key="clone_name").value == "Ann"


def test_a_silent_one_needs_a_tick_of_its_own(house: House) -> None:
    visitor = bring_all(house.open("clone"), CAST | {"room.wav": wav(silence(12.0))})
    tick_all(name_speakers(visitor, SPEAKERS | {"room.wav": "Bob"}))
    assert table(visitor)["room.wav"]["Sound"] == "✕ No speech"
    assert is_off(visitor)
    about_silence(visitor).check().run()
    assert not is_off(visitor)
    confirm(visitor)
    assert len(house.jobs()) == 4


def test_a_tick_for_one_silent_recording_is_none_for_another_that_a_service_takes(
    house: House,
) -> None:
    silent = {"room.wav": wav(silence(12.0)), "pause.wav": wav(silence(5.0))}
    visitor = bring_all(house.open("clone"), silent)
    tick_all(name_speakers(visitor, dict.fromkeys(silent, "Bob")))
    assert "Pause" not in about_silence(visitor).label
    about_silence(visitor).check().run()
    assert not is_off(visitor)
    choose(visitor, QWEN)
    assert "Pause" in about_silence(visitor).label
    assert is_off(visitor)
    about_silence(visitor).check().run()
    confirm(visitor)
    assert len(house.jobs()) == 2


def test_a_tick_that_nobody_was_asked_for_is_not_given(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the page heard speech and the order does not, it is refused."""
    monkeypatch.setattr("lib.ui.clone.batch._listen_to_all", lambda *_: {})
    visitor = bring_all(house.open("clone"), CAST | {"room.wav": wav(silence(12.0))})
    tick_all(name_speakers(visitor, SPEAKERS | {"room.wav": "Bob"}))
    confirm(visitor)
    assert "No speech was heard" in said(visitor)
    assert not house.jobs()


def ordered_with_one_that_was_before(house: House) -> AppTest:
    """The cast is filled in and confirmed; Bob's recording was cloned a moment ago."""
    visitor = bring(house.open("clone"), CAST["bob.wav"], "bob.wav")
    visitor.text_input(key="clone_name").set_value("Bob")
    confirm(agree(visitor))
    house.until(lambda: house.jobs()[-1].state is JobState.DONE)
    press(visitor, "clone_again")
    bring_all(visitor, CAST)
    tick_all(name_speakers(visitor, SPEAKERS))
    confirm(visitor)
    return visitor


def test_while_one_of_them_cannot_be_ordered_none_is(house: House) -> None:
    visitor = ordered_with_one_that_was_before(house)
    assert ORDERED_BEFORE in said(visitor)
    assert len([job for job in house.jobs() if job.kind is JobKind.CLONE]) == 1
    assert sorted(table(visitor.run())) == sorted(CAST)


def test_one_that_was_ordered_lately_is_asked_about_and_ordered_at_a_second_press(
    house: House,
) -> None:
    visitor = ordered_with_one_that_was_before(house)
    assert "anyway" in visitor.button(key=GO).label
    confirm(visitor)
    assert len([job for job in house.jobs() if job.kind is JobKind.CLONE]) == 4
    assert not visitor.data_editor


def test_what_goes_wrong_with_one_after_that_stops_no_other_and_is_kept(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    visitor = filled_in(house)
    put = FolderVault.put_verified

    def refuse(vault: FolderVault, key: str, data: bytes, kind: str) -> Stored:
        if data == CAST["bob.wav"]:
            raise VaultError(VaultTrouble.REFUSED, "The vault is full.")
        return put(vault, key, data, kind)

    monkeypatch.setattr(FolderVault, "put_verified", refuse)
    confirm(visitor)
    assert "Bob: The vault is full." in read(said(visitor))
    assert len(house.jobs()) == 2
    visitor.run()
    assert visitor.subheader[0].value == "2 voices ordered"
    press(visitor, "clone_again")
    assert "**bob.wav**" in read("\n".join(texts(visitor.markdown)))


@pytest.mark.parametrize("rows", [{99: {"Name": "x"}}, {0: {"File": "x"}}, {0: {"Name": 7}}])
def test_what_no_table_says_names_nothing(house: House, rows: dict[int, dict[str, object]]) -> None:
    visitor = bring_all(house.open("clone"), {"ann.wav": spoken(), "bob.wav": spoken(seed=9)})
    type_into_table(visitor, rows)
    assert not visitor.exception
    go(visitor, "home")
    go(visitor, "clone")
    assert not visitor.exception
    assert {row["Name"] for row in table(visitor).values()} == {"Ann", "Bob"}


def test_a_whole_cast_is_listened_to_once(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[bytes] = []
    found = examining.listen(spoken(11.0))

    def listen(data: bytes, channel: int | None) -> Listening:
        heard.append(data)
        return found

    monkeypatch.setattr(examining, "listen", listen)
    cast = {f"{number}.wav": spoken(11.0, seed=number) for number in range(drafts.MOST_FILES)}
    visitor = bring_all(house.open("clone"), cast)
    assert len(heard) == len(cast)
    visitor.run()
    assert len(heard) == len(cast)


def test_many_recordings_cost_no_more_queries_than_two(house: House) -> None:
    visitor = bring_all(house.open("clone"), {"a.wav": spoken(), "b.wav": spoken(seed=9)})
    with counted(house.context) as two:
        visitor.run()
    press(visitor, "clone_more")
    bring_all(visitor, {f"{seed}.wav": spoken(seed=seed) for seed in (20, 30, 40, 50, 60)})
    with counted(house.context) as seven:
        visitor.run()
    assert len(table(visitor)) == 7
    assert len(seven) == len(two)
