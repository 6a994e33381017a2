"""The page of scripts: pasted, cast, generated line by line, heard, changed, exported, found."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import update
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Block, Markdown

from lib.models import Job, JobKind, JobState, Money
from lib.registry import schema
from lib.roles import Person, TeamRole
from lib.scripts import Script, Speaker
from lib.services import DEMO, NANOGPT
from lib.studio.core.standpoint import standpoint_of
from lib.studio.scripts import editing, reading, standing
from lib.studio.scripts.standing import LineState, Standing
from lib.ui.scripts.cast import key_of
from lib.ui.scripts.lines import STATES
from lib.ui.shared import confirming
from lib.ui.shared.live import money_of
from tests.pages import people
from tests.pages.clone_form import type_into_table
from tests.pages.house import (
    LOOPBACK,
    House,
    bound_to,
    buttons,
    press,
    read,
    said,
    sentences,
    texts,
)
from tests.pages.saving import Saved, fetch
from tests.parts.persons import ADA, named
from tests.parts.statements import counted

TEXT = "MAYA: Did you hear that?\nTOM: Hear what?\nMAYA: The door."
ANN, BOB = "voice-00001", "voice-00002"
EXAMPLE = "demo-script"
MOST_QUERIES = 22
STRANGE = "**bold** <img src=x> :red[alarm] $x$"


@pytest.fixture
def home(house: House, no_showcase: None) -> House:
    """A demo library of two voices and no script."""
    house.open()
    made = [
        people.clone(number, house.clock.now(), name=name, service=DEMO, kept=True)
        for number, name in enumerate(("Ann", "Bob"), 1)
    ]
    people.move_in(house.context, made)
    return house


def make(house: House, name: str = "The door", text: str = TEXT) -> Script:
    return editing.create(house.context, ADA, name, reading.read_text(text))


def cast(house: House, script: Script) -> Script:
    """Ann speaks for all but Tom, for whom Bob does."""
    for speaker in script.speakers:
        voice = BOB if speaker.name == "TOM" else ANN
        script = editing.give_voice(house.context, ADA, script, Speaker(speaker.name, voice))
    return script


def stands(house: House, script: Script) -> Standing:
    found = standing.find(house.context, script.id)
    assert found is not None
    return standing.stand(house.context, found)


def states(house: House, script: Script) -> list[LineState]:
    return [line.state for line in stands(house, script).lines]


def orders(house: House) -> list[Job]:
    """What was ordered to be spoken."""
    return [job for job in house.jobs() if job.kind is JobKind.SPEECH]


def label(visitor: AppTest, key: str) -> str:
    return read(visitor.button(key=key).label)


def badges(visitor: AppTest) -> list[LineState]:
    """How the lines stand, as the page tells it."""
    told = texts(visitor.markdown)
    by_badge = {look.badge: state for state, look in STATES.items()}
    return [by_badge[text] for text in told if text in by_badge]


def field(visitor: AppTest, kind: str, start: str) -> str:
    """The first key of a field of this kind that begins so."""
    keys = (box.key or "" for box in getattr(visitor, kind))
    return next(key for key in keys if key.startswith(start))


def test_a_pasted_script_is_shown_as_it_was_read_and_becomes_a_page(home: House) -> None:
    visitor = press(home.enter("scripts"), "script_new")
    assert visitor.button_group(key="script_how").value == "Paste"
    assert "script_create" not in buttons(visitor)
    assert not said(visitor)
    visitor.text_area(key="script_paste").set_value(TEXT).run()
    (table,) = visitor.data_editor
    assert list(table.value["Name"]) == ["MAYA", "TOM", "MAYA"]
    type_into_table(visitor, {1: {"Line": "What do you mean?"}, 2: {"No.": 1}})
    visitor.text_input(key="script_name").set_value("The door").run()
    press(visitor, "script_create")
    assert not visitor.exception
    assert texts(visitor.title) == ["The door"]
    (summary,) = standing.listed(home.context, limit=5)
    assert visitor.query_params["id"] == summary.script.id
    assert [(line.speaker, line.text) for line in summary.script.lines] == [
        ("MAYA", "The door."),
        ("MAYA", "Did you hear that?"),
        ("TOM", "What do you mean?"),
    ]


def test_a_file_names_its_script_and_what_was_read_oddly_is_pointed_out(home: House) -> None:
    visitor = press(home.enter("scripts"), "script_new")
    visitor.button_group(key="script_how").set_value("Upload a file").run()
    data = b"name,line\nMaya,Did you hear that?\n,Nobody says this\n"
    visitor.file_uploader(key="script_file").upload("Night.csv", data)
    visitor.run()
    assert not visitor.exception
    press(visitor, "script_create")
    assert texts(visitor.title) == ["Night"]


def test_what_cannot_be_read_is_told_and_makes_no_script(home: House) -> None:
    visitor = press(home.enter("scripts"), "script_new")
    visitor.button_group(key="script_how").set_value("Upload a file").run()
    visitor.file_uploader(key="script_file").upload("Night.xlsx", b"PK\x03\x04 not a workbook")
    visitor.run()
    assert not visitor.exception
    assert said(visitor)
    assert "script_create" not in buttons(visitor)


def test_scripts_are_found_by_name_and_by_their_address(home: House) -> None:
    for number in range(7):
        make(home, f"Scene {number}")
    visitor = home.enter("scripts")
    visitor.text_input(key="scripts_search").set_value("scene 3").run()
    (found,) = [button for button in visitor.button if (button.key or "").startswith("script_open")]
    assert read(found.label) == "**Scene 3**"
    assert texts(found.click().run().title) == ["Scene 3"]
    gone = home.enter("scripts", id="../../etc/passwd")
    assert "no script at this link" in said(gone)
    assert texts(gone.title) == ["Scripts"]


def test_each_name_is_given_a_voice_and_the_price_is_that_of_all_lines(home: House) -> None:
    script = make(home)
    visitor = home.enter("scripts", id=script.id)
    assert badges(visitor) == [LineState.NO_VOICE] * 3
    assert "script_generate" not in buttons(visitor)
    visitor.selectbox(key=f"script_voice_{key_of('MAYA')}").set_value(ANN).run()
    assert label(visitor, "script_generate").startswith("Generate 2 lines ($0.0")
    visitor.selectbox(key=f"script_voice_{key_of('TOM')}").set_value(BOB).run()
    assert label(visitor, "script_generate").startswith("Generate 3 lines ($0.0")
    found = stands(home, script)
    assert [member.speaker.voice_id for member in found.cast] == [ANN, BOB]
    each = [line.price for line in found.lines if line.price]
    assert found.price == Money.total(each)
    assert label(visitor, f"script_again_{found.lines[0].line.id}") == (
        f"Generate ({each[0].exact} play money)"
    )
    speed = field(visitor, "slider", "script_speed_")
    visitor.slider(key=speed).set_value(1.25).run()
    assert not visitor.exception
    assert 1.25 in [member.speaker.speed for member in stands(home, script).cast]


def test_all_lines_are_ordered_at_once_and_one_again_alone(home: House) -> None:
    script = cast(home, make(home))
    visitor = press(home.enter("scripts", id=script.id), "script_generate")
    assert not visitor.exception
    assert len(orders(home)) == 3
    assert states(home, script) == [LineState.WORKING] * 3
    assert "script_generate" not in buttons(visitor)
    for job in orders(home):
        home.context.registry.jobs.fail(
            job.id, now=home.clock.now(), error="The text was refused.", charged=Money()
        )
    visitor.run()
    assert badges(visitor) == [LineState.FAILED] * 3
    assert said(visitor).count("The text was refused.") == 3
    assert said(visitor).count(money_of(orders(home)[0])) == 3
    line = script.lines[2].id
    press(visitor, f"script_again_{line}")
    assert len(orders(home)) == 4
    assert states(home, script) == [LineState.FAILED, LineState.FAILED, LineState.WORKING]


def places(visitor: AppTest, script: Script) -> list[tuple[int, ...]]:
    """Where the page has the text of each line: the way through its containers."""
    ways: list[tuple[int, ...]] = []

    def look(block: Block, way: tuple[int, ...]) -> None:
        for at, child in block.children.items():
            if isinstance(child, Block):
                look(child, (*way, at))
            elif isinstance(child, Markdown) and read(child.value) in spoken:
                ways.append(way)

    spoken = {line.text for line in script.lines}
    look(visitor.main, ())
    return ways


def test_lines_stay_where_they_are_whatever_comes_and_goes_above_them(home: House) -> None:
    script = cast(home, make(home))
    visitor = home.enter("scripts", id=script.id)
    before = places(visitor, script)
    assert len(before) == 3
    press(visitor, "script_generate")
    assert places(visitor, script) == before, "a bar has come, the button has gone"
    for job in orders(home):
        home.context.registry.jobs.fail(
            job.id, now=home.clock.now(), error="Refused.", charged=Money()
        )
    press(visitor.run(), "script_delete")
    assert places(visitor, script) == before, "the button is back, and a question has come"


def test_a_line_whose_order_has_no_answer_is_decided_on_jobs_and_not_ordered_here(
    home: House,
) -> None:
    script = cast(home, make(home))
    visitor = press(home.enter("scripts", id=script.id), "script_generate")
    with home.context.registry.database.write() as connection:
        connection.execute(
            update(schema.jobs)
            .where(schema.jobs.c.kind == JobKind.SPEECH)
            .values(state=JobState.UNKNOWN, error="The answer never came.")
        )
    visitor.run()
    assert badges(visitor) == [LineState.UNKNOWN] * 3
    assert not {key for key in buttons(visitor) if key.startswith("script_again_")}
    assert "script_generate" not in buttons(visitor)
    ways = [link.proto.query_string for link in visitor.get("page_link")]
    assert {f"job={job.id}" for job in orders(home)} <= set(ways)


def test_why_nothing_was_ordered_stays_while_the_lines_are_drawn_anew(
    house: House, live_key: None
) -> None:
    with bound_to(LOOPBACK):
        house.open(address=LOOPBACK)
        context, account = house.context, standpoint_of(house.context).account(NANOGPT)
        made = people.clone(1, house.clock.now(), name="Ann", kept=True)
        people.move_in(context, [replace(made, voice=replace(made.voice, account=account))])
        context.registry.accounts.note_balance(account, Money(), house.clock.now())
        script = cast(house, make(house, text="ANN: Hello.\nANN: Good night."))
        visitor = house.enter("scripts", address=LOOPBACK, id=script.id)
        press(visitor, "script_generate")
        (why,) = texts(visitor.error)
        assert texts(visitor.run().error) == [why]
        line = script.lines[1].id
        press(visitor, f"script_again_{line}")
        assert len(texts(visitor.error)) == 1
    assert orders(house) == []


def test_a_price_that_went_up_since_the_button_was_drawn_orders_nothing(
    home: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = cast(home, make(home))
    visitor = home.enter("scripts", id=script.id)
    longer = [replace(line, text=line.text * 20) for line in script.lines]
    editing.write_lines(home.context, ADA, script, longer)
    press(visitor, "script_generate")
    assert orders(home) == []
    told = texts(visitor.warning)
    assert told
    assert texts(visitor.run().warning) == told, "the lines are drawn anew every few seconds"
    monkeypatch.setattr(confirming, "TOLD_FOR", 0)
    assert not texts(visitor.run().warning)


@pytest.fixture
def spoken(house: House) -> House:
    """The demo's example, of which all lines are spoken."""
    house.open()
    press(house.enter("scripts", id=EXAMPLE), "script_generate")
    example = standing.find(house.context, EXAMPLE)
    assert example is not None
    house.until(lambda: set(states(house, example)) == {LineState.SPOKEN})
    return house


def the_example(house: House) -> Script:
    found = standing.find(house.context, EXAMPLE)
    assert found is not None
    return found


def let_go(house: House, visitor: AppTest) -> None:
    """What was exported is not what the script is any more, and its file is closed."""
    editing.set_pause(house.context, ADA, the_example(house), 1.0)
    visitor.run()


def test_the_example_of_the_demo_is_heard_line_by_line_one_at_a_time(spoken: House) -> None:
    visitor = spoken.enter("scripts", id=EXAMPLE)
    assert badges(visitor) == [LineState.SPOKEN] * 5
    assert "script_generate" not in buttons(visitor)
    assert not visitor.get("audio")
    first, second, *_ = the_example(spoken).lines
    for line in (first, second):
        press(visitor, f"script_listen_{line.id}")
        assert not visitor.exception
        (player,) = visitor.get("audio")
        assert player.proto.alt == f"Speech: {line.text}"


def test_a_line_has_takes_to_choose_from_and_other_words_make_it_out_of_date(
    spoken: House,
) -> None:
    line = the_example(spoken).lines[0]
    before = stands(spoken, the_example(spoken)).lines[0].take
    assert before is not None
    visitor = press(spoken.enter("scripts", id=EXAMPLE), f"script_again_{line.id}")
    spoken.until(lambda: len(stands(spoken, the_example(spoken)).lines[0].takes) == 2)
    visitor.run()
    newest, oldest = stands(spoken, the_example(spoken)).lines[0].takes
    choice = visitor.selectbox(key=f"script_take_{line.id}")
    assert (choice.value, oldest.id) == (newest.id, before.id)
    choice.set_value(oldest.id).run()
    assert the_example(spoken).lines[0].take_id == oldest.id

    words = field(visitor, "text_area", f"script_text_{line.id}")
    visitor.text_area(key=words).set_value("Jonas, the storm is over.").run()
    assert badges(visitor)[0] is LineState.CHANGED
    assert label(visitor, "script_generate").startswith("Generate 1 line ")
    words = field(visitor, "text_area", f"script_text_{line.id}")
    visitor.text_area(key=words).set_value(" ").run()
    assert len(the_example(spoken).lines) == 5  # without words it would be none

    pause = field(visitor, "number_input", f"script_pause_{line.id}")
    visitor.number_input(key=pause).set_value(2.5).run()
    assert the_example(spoken).lines[0].pause == 2.5


def test_a_script_is_exported_as_a_sound_as_files_and_as_subtitles(
    spoken: House, saved: Saved
) -> None:
    visitor = press(spoken.enter("scripts", id=EXAMPLE), "script_export_wav")
    assert not visitor.exception
    name, kind, sound = fetch(visitor, saved, "script_export_save")
    assert (name, kind, sound[:4]) == ("Example The lighthouse.wav", "audio/wav", b"RIFF")
    name, _, subtitles = fetch(visitor, saved, "script_export_srt")
    assert name == "Example The lighthouse.srt"
    assert str(subtitles).count("-->") >= 5

    press(visitor, "script_export_zip")
    _, _, packed = fetch(visitor, saved, "script_export_save")
    with zipfile.ZipFile(io.BytesIO(packed)) as file:
        assert len(file.namelist()) == 6
    let_go(spoken, visitor)
    assert "script_export_save" not in [box.key for box in visitor.get("download_button")]


def test_the_takes_of_a_script_are_listed_by_themselves(spoken: House) -> None:
    other = spoken.context.registry.voices.dossier("demo-safe")
    assert other is not None
    vault = spoken.context.demo_vault.name
    people.move_in(spoken.context, [], [people.speech(1, other, "Another text.", vault=vault)])
    visitor = spoken.enter("playground")
    before = {key for key in buttons(visitor) if key.startswith("listen_")}
    assert visitor.selectbox(key="takes_script").options == ["Example: The lighthouse"]
    visitor.selectbox(key="takes_script").set_value(EXAMPLE).run()
    shown = {key for key in buttons(visitor) if key.startswith("listen_")}
    lines = stands(spoken, the_example(spoken)).lines
    assert shown == {f"listen_{line.take.id}" for line in lines if line.take}
    assert shown < before
    editing.remove(spoken.context, ADA, the_example(spoken))
    visitor.run()
    assert not visitor.exception
    assert {key for key in buttons(visitor) if key.startswith("listen_")} == before


def test_lines_are_written_in_a_table_and_a_colleagues_change_is_not_undone(home: House) -> None:
    script = make(home)
    visitor = press(home.enter("scripts", id=script.id), "script_lines_edit")
    type_into_table(visitor, {1: {"Line": "What was it?", "Name": "TINA"}})
    press(visitor, "script_lines_save")
    assert not visitor.exception
    found = stands(home, script).script
    assert [line.id for line in found.lines] == [line.id for line in script.lines]
    assert [speaker.name for speaker in found.speakers] == ["MAYA", "TINA"]

    press(visitor, "script_lines_edit")
    type_into_table(visitor, {0: {"Line": "Mine."}})
    theirs = editing.write_lines(
        home.context, ADA, found, [replace(line, text="Theirs.") for line in found.lines]
    )
    press(visitor, "script_lines_save")
    assert "changed this script in the meantime" in said(visitor)
    assert stands(home, script).script.lines == theirs.lines


def test_a_script_is_renamed_duplicated_and_deleted(home: House) -> None:
    script = make(home)
    visitor = home.enter("scripts", id=script.id)
    name = field(visitor, "text_input", "script_rename_")
    visitor.text_input(key=name).set_value("The window").run()
    assert texts(visitor.title) == ["The window"]
    pause = field(visitor, "number_input", "script_usual_pause_")
    visitor.number_input(key=pause).set_value(1.5).run()
    press(visitor, "script_duplicate")
    assert not visitor.exception
    assert texts(visitor.title) == ["Copy of The window"]
    assert visitor.query_params["id"] != script.id
    press(visitor, "script_delete")
    press(visitor, "script_delete_sure")
    assert not visitor.exception
    assert texts(visitor.title) == ["Scripts"]
    (left,) = standing.listed(home.context, limit=5)
    assert (left.script.id, left.script.pause) == (script.id, 1.5)


def test_a_viewer_sees_hears_and_exports_and_changes_nothing(
    spoken: House, act_as: Callable[[Person], None]
) -> None:
    act_as(named("Vera", TeamRole.VIEWER))
    assert "script_new" not in buttons(spoken.enter("scripts"))
    visitor = spoken.enter("scripts", id=EXAMPLE)
    lines = the_example(spoken).lines
    heard = {f"script_listen_{line.id}" for line in lines}
    exports = {f"script_export_{kind}" for kind in ("wav", "mp3", "zip")}
    assert {key for key in buttons(visitor) if key.startswith("script_")} == {
        "script_all", *heard, *exports,
    }  # fmt: skip
    fields = ("selectbox", "text_area", "text_input", "number_input", "slider", "data_editor")
    assert not [box for kind in fields for box in getattr(visitor, kind)]
    press(visitor, f"script_listen_{lines[0].id}")
    press(visitor, "script_export_mp3")
    assert not visitor.exception
    assert len(visitor.get("audio")) == 2
    let_go(spoken, visitor)


def test_a_strangers_texts_are_shown_as_they_are_written(home: House) -> None:
    script = make(home, STRANGE, f"ANN: {STRANGE}\n")
    for visitor in (home.enter("scripts"), home.enter("scripts", id=script.id)):
        assert not visitor.exception
        told = "\n".join([*texts(visitor.title), *texts(visitor.markdown)])
        names = "\n".join(read(button.label) for button in visitor.button)
        assert STRANGE not in told
        assert STRANGE in read(told) + names


def test_the_queries_of_a_page_do_not_grow_with_its_script(home: House) -> None:
    short = cast(home, make(home))
    long = cast(home, make(home, "Long", "\n".join(f"ANN: Line {n}." for n in range(1, 101))))
    often = []
    for script in (short, long):
        visitor = home.enter("scripts", id=script.id)
        with counted(home.context) as statements:
            visitor.run()
        assert not visitor.exception
        often.append(len(statements))
    assert often[0] == often[1] <= MOST_QUERIES
    assert len(badges(visitor)) == 25
    press(visitor, "script_lines_next")
    assert "26 to 50 of 100" in sentences(visitor)
