"""The page of one voice: heard, spoken with, changed, kept, proven."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import insert
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Block

from lib.event_kinds import EventKind
from lib.models import (
    Dossier,
    EvidenceKind,
    Health,
    JobKind,
    KeepPolicy,
    Role,
)
from lib.registry import schema
from lib.registry.schema import columns_of
from lib.roles import Person, TeamRole
from lib.services import DEMO
from tests.pages import people
from tests.pages.house import (
    LOOPBACK,
    House,
    bound_to,
    buttons,
    go,
    in_house,
    press,
    read,
    said,
    sentences,
    shown,
    texts,
)
from tests.parts.persons import named
from tests.parts.statements import counted

ActAs = Callable[[Person], None]
FOR_EXPERTS = re.compile(r"file:///|[0-9a-f]{64}")
"""An address of a file, or a sum."""


KEPT = "voice-00000"
"""The live voice that one use has kept."""


def drawn(block: Block, *, without: str = "") -> str:
    """All that a part of the page shows, but for the tab of this label."""
    told = []
    for child in block.children.values():
        if isinstance(child, Block):
            if not (child.type == "tab" and child.label == without):  # type: ignore[attr-defined]
                told.append(drawn(child, without=without))
        else:
            told.append(str(getattr(child, "proto", "")))
    return "\n".join(told)


@pytest.fixture
def demo(house: House) -> House:
    """The exhibition: one voice in each state of health."""
    house.open()
    return house


@pytest.fixture
def live(house: House, live_key: None) -> Iterator[House]:
    """A live library on the operator's own machine: four voices, with an ID or with a file."""
    house.enter(address=LOOPBACK)
    context, now = house.context, house.clock.now()
    context.runtime.reconciliation.finished = True
    people.move_in(context, people.mixture(4, now, context.live_vault.name))
    with bound_to(LOOPBACK):
        yield house


def visit(house: House, voice_id: str) -> AppTest:
    return go(house.enter(address=LOOPBACK), "voice", id=voice_id)


# Coming here


def test_the_name_is_the_title_and_its_state_stands_beneath(demo: House) -> None:
    visitor = demo.enter("voice", id="demo-at-risk")
    assert texts(visitor.title) == ["Nora Whitfield"]
    told = sentences(visitor)
    assert "At risk" in told
    assert "It has not been used to generate speech yet." in told
    assert "activate_demo-at-risk" in buttons(visitor)


def test_without_a_voice_one_is_picked(demo: House) -> None:
    visitor = demo.enter("voice", id="no-such-voice")
    assert "This link leads to no voice." in said(visitor)
    visitor.selectbox(key="voice_pick").set_value("demo-safe").run()
    assert texts(visitor.title) == ["Clara Bell"]
    assert visitor.query_params["id"] in ("demo-safe", ["demo-safe"])


def test_a_link_of_before_leads_here(demo: House) -> None:
    visitor = demo.enter("retention", voice="demo-safe")
    assert texts(visitor.title) == ["Clara Bell"]


@pytest.mark.usefixtures("lasting_caches")
def test_what_it_asks_the_database_does_not_grow_with_the_library(live: House) -> None:
    context, now = live.context, live.clock.now()

    def asked() -> list[str]:
        visitor = visit(live, "voice-00001")
        context.registry.notes.write("nobody looked lately", {}, now)
        with counted(context) as statements:
            visitor.run()
        assert not visitor.exception
        return statements

    few = asked()
    people.move_in(context, [people.clone(number, now) for number in range(100, 160)])
    many = asked()
    assert len(many) <= len(few)
    assert len(many) <= 30
    assert sum("FROM evidence" in statement for statement in many) <= 1


def test_what_a_colleague_changed_is_there_at_the_next_run(live: House) -> None:
    visitor = visit(live, "voice-00001")
    live.context.registry.voices.change("voice-00001", name="Named by a colleague")
    assert texts(visitor.run().title) == ["Named by a colleague"]


def test_a_voice_that_moves_is_followed_until_it_rests(demo: House) -> None:
    visitor = demo.enter("voice", id="demo-at-risk")
    press(visitor, "activate_demo-at-risk")
    assert "Being kept…" in shown(visitor)
    demo.until(lambda: in_house(demo)["Nora Whitfield"].standing.health is Health.SAFE)
    assert "activate_demo-at-risk" not in buttons(visitor.run())


# Listening and speaking


def players(visitor: AppTest) -> list[str]:
    """What each player outside of the proof plays."""
    return re.findall(r'alt: "([^"]*)"', drawn(visitor.main, without="Proof"))


def test_the_voice_is_heard_beside_the_recording_it_was_made_from(demo: House) -> None:
    visitor = demo.enter("voice", id="demo-waiting")
    assert players(visitor) == ["The voice Lucía Ferrer", "The recording of Lucía Ferrer"]
    without_preview = demo.enter("voice", id="demo-safe-copy")
    assert players(without_preview) == ["The recording of Jonas Lind"]
    spoken(demo, without_preview, "demo-safe-copy", "Good morning to everybody.")
    assert players(demo.enter("voice", id="demo-safe-copy")) == [
        "Speech: Good morning to everybody.",
        "The recording of Jonas Lind",
    ]


def spoken(demo: House, visitor: AppTest, voice_id: str, text: str) -> None:
    """Have it said on the voice's own page."""
    visitor.text_area(key="speak_text").set_value(text).run()
    press(visitor, "speak_go")
    assert not visitor.exception
    demo.until(lambda: not any(job.is_open for job in demo.jobs()))
    assert demo.jobs()[0].voice_id == voice_id


def test_a_sentence_is_spoken_right_there_at_the_price_on_the_button(demo: House) -> None:
    visitor = demo.enter("voice", id="demo-safe")
    visitor.text_area(key="speak_text").set_value("Good morning to everybody.").run()
    assert read(visitor.button(key="speak_go").label) == "Generate ($0.01 play money)"
    press(visitor, "speak_go")
    (job,) = demo.jobs()
    assert (job.kind, job.voice_id) == (JobKind.SPEECH, "demo-safe")
    demo.until(lambda: not any(job.is_open for job in demo.jobs()))
    assert "Speech: Good morning to everybody." in players(visitor.run())


def test_the_text_goes_along_to_the_playground(demo: House) -> None:
    visitor = demo.enter("voice", id="demo-safe")
    visitor.text_area(key="speak_text").set_value("Good morning to everybody.").run()
    go(visitor, "playground", voice="demo-safe")
    assert visitor.text_area(key="speak_text").value == "Good morning to everybody."


def test_it_speaks_its_own_language_where_the_model_knows_it(demo: House) -> None:
    demo.context.registry.voices.change("demo-safe-copy", language="german")
    visitor = demo.enter("voice", id="demo-safe-copy")
    press(visitor, "speak_go")
    (job,) = demo.jobs()
    assert job.request["settings"] == {"language": "German"}


def test_there_is_one_first_thing_to_do(demo: House) -> None:
    def first(voice_id: str) -> list[str]:
        visitor = demo.enter("voice", id=voice_id)
        return [b.key or "" for b in visitor.button if b.proto.type == "primary"]

    assert first("demo-safe") == ["speak_go"]
    assert first("demo-at-risk") == ["activate_demo-at-risk"]
    assert first("demo-lost") == ["reclone_demo-lost"]


# What the team says of it


@pytest.mark.parametrize(
    ("field", "box"),
    [("description", "text_area"), ("language", "text_input"), ("owner", "text_input")],
)
def test_what_is_typed_is_kept_and_noted(demo: House, field: str, box: str) -> None:
    visitor = demo.enter("voice", id="demo-safe")
    getattr(visitor, box)(key=f"{field}_demo-safe").set_value("Something new").run()
    assert getattr(in_house(demo)["Clara Bell"].voice, field) == "Something new"
    assert f"A visitor changed its {field}" in sentences(visitor)


def test_a_star_is_given_and_taken_away(demo: House) -> None:
    visitor = demo.enter("voice", id="demo-safe")
    press(visitor, "icon_star_demo-safe")
    assert in_house(demo)["Clara Bell"].voice.favourite
    press(visitor, "icon_star_demo-safe")
    assert not in_house(demo)["Clara Bell"].voice.favourite


def test_a_viewer_sees_all_of_it_and_changes_nothing(demo: House, act_as: ActAs) -> None:
    demo.context.registry.voices.change("demo-safe", favourite=True, tags=("calm",))
    act_as(named("Vera", TeamRole.VIEWER))
    visitor = demo.enter("voice", id="demo-safe")
    told = sentences(visitor)
    for text in (
        "Favourite",
        "Tags: calm",
        "Owner: Voicekeep",
        "Members of your team can download",
    ):
        assert text in told
    assert "clara4f9s2e7u" in texts(visitor.code)
    assert not visitor.text_input
    assert not visitor.text_area
    # Not the recording: a voice can be made of it.
    assert players(visitor) == ["The voice Clara Bell"]
    assert buttons(visitor) == {"keyboard_help"}


# What is for experts


def test_addresses_and_sums_are_in_the_proof_and_nowhere_else(demo: House) -> None:
    for voice_id in ("demo-safe", "demo-safe-copy", "demo-lost", "demo-waiting"):
        visitor = demo.enter("voice", id=voice_id)
        assert FOR_EXPERTS.search(drawn(visitor.main)), voice_id
        assert not FOR_EXPERTS.search(drawn(visitor.main, without="Proof")), voice_id


def test_a_long_story_is_summed_up_and_its_newest_lines_are_shown(live: House) -> None:
    registry, now = live.context.registry, live.clock.now()
    story = registry.voices.dossier(KEPT)
    assert story is not None
    made, (proof,) = story.jobs[0], story.valid_evidence(EvidenceKind.ACTIVATION)
    uses = [
        replace(
            made,
            id=f"use-{number}",
            kind=JobKind.ACTIVATION,
            order_key=f"use {number}",
            created_at=now - timedelta(minutes=number),
        )
        for number in range(30)
    ]
    seen = [replace(proof, id=use.id, job_id=use.id, at=use.created_at) for use in uses]
    with registry.database.write() as connection:
        for table, records in ((schema.jobs, uses), (schema.evidence, seen)):
            connection.execute(insert(table), [columns_of(record) for record in records])
    for number in range(45):
        at = now - timedelta(hours=1 + number)
        registry.events.add("Bea", f"note {number}", KEPT, at, kind=EventKind.CHECKED)

    visitor = visit(live, KEPT)
    told = sentences(visitor)
    assert "Keep: 30 times, last on" in told
    assert "Check: 45 times, last on" in told
    assert "Used to generate speech 31 times, last on" in told
    assert "The newest 20 of 76 lines." in told
    assert "note 0" not in told
    press(visitor, "voice_history_more")
    assert "Bea note 38" in sentences(visitor)
    assert "Bea note 39" not in sentences(visitor)
    press(visitor, "voice_history_more")
    assert "Bea note 44" in sentences(visitor)
    assert "voice_history_more" not in buttons(visitor)
    press(visitor, "voice_evidence_more")
    assert "voice_evidence_more" not in buttons(visitor)


def test_what_a_voice_stands_on_is_shown_however_much_came_after_it(live: House) -> None:
    registry, now = live.context.registry, live.clock.now()
    story = registry.voices.dossier(KEPT)
    assert story is not None
    (proof,) = story.valid_evidence(EvidenceKind.ACTIVATION)
    for number in range(20):
        bad = replace(proof, id=f"bad-{number}", at=now, withdrawn_at=now, model="Another")
        registry.voices.add_evidence(bad)
    shown_first = [line for line in texts(visit(live, KEPT).markdown) if "with Minimax" in line]
    assert len(shown_first) == 1


def test_files_have_plain_names_with_their_sizes(demo: House) -> None:
    visitor = demo.enter("voice", id="demo-safe-copy")
    labels = [read(button.label) for button in visitor.get("download_button")]
    assert [re.sub(r" \(.*", "", label) for label in labels] == [
        "The voice file",
        "The recording",
        "Everything, with checksums",
    ]


def test_developers_copy_its_id_and_a_command_without_the_key(live: House) -> None:
    visitor = visit(live, "voice-00000")
    name, command = texts(visitor.code)
    assert name == "Person00000x9"
    assert "$NANOGPT_API_KEY" in command
    assert "sk-nano" not in drawn(visitor.main)


def test_the_address_of_a_file_is_shown_without_what_signs_it_and_to_members_alone(
    live: House, act_as: ActAs
) -> None:
    signed = "https://host.example/a.safetensors?X-Amz-Signature=5ec4e7"
    live.context.registry.voices.change("voice-00003", embedding_url=signed)
    visitor = visit(live, "voice-00003")
    assert texts(visitor.code)[0] == "https://host.example/a.safetensors"
    assert "5ec4e7" not in drawn(visitor.main)
    act_as(named("Vera", TeamRole.VIEWER))
    visitor.run()
    assert texts(visitor.code) == []
    assert "host.example" not in drawn(visitor.main)


# Changing and keeping it


def test_a_voice_is_renamed_and_tagged_and_the_story_says_who(demo: House) -> None:
    visitor = demo.enter("voice", id="demo-safe")
    visitor.text_input(key="rename_demo-safe").set_value("Clara B.").run()
    visitor.multiselect(key="tags_demo-safe").unselect("news").run()
    voice = in_house(demo)["Clara B."].voice
    assert voice.tags == ("podcast",)
    told = sentences(visitor)
    assert "A visitor renamed it from “Clara Bell”" in told
    assert "A visitor changed its tags to podcast" in told


def test_an_open_tab_does_not_undo_what_others_changed(demo: House) -> None:
    visitor = demo.enter("voice", id="demo-safe")
    demo.context.registry.voices.change("demo-safe", name="Clara of the news", tags=("new",))
    visitor.run()
    assert in_house(demo)["Clara of the news"].voice.tags == ("new",)


def test_a_name_that_will_not_do_is_told_and_changes_nothing(demo: House) -> None:
    visitor = demo.enter("voice", id="demo-safe")
    visitor.text_input(key="rename_demo-safe").set_value("   ").run()
    assert "Give the voice a name." in said(visitor)
    assert "Clara Bell" in in_house(demo)


def test_how_it_is_kept_is_changed_with_its_cost_beside_it(demo: House) -> None:
    visitor = demo.enter("voice", id="demo-waiting")
    visitor.selectbox(key="policy_demo-waiting").set_value(KeepPolicy.BEFORE_DEADLINE)
    visitor.selectbox(key="refresh_demo-waiting").set_value(6).run()
    told = sentences(visitor)
    assert (
        "One try costs under $0.01 play money, all tries together $0.03 play money at most." in told
    )
    assert "About $0.03 play money a month" in told
    assert in_house(demo)["Lucía Ferrer"].voice.refresh_days == 0
    press(visitor, "keeping_save_demo-waiting")
    voice = in_house(demo)["Lucía Ferrer"].voice
    assert (voice.keep_policy, voice.refresh_days) == (KeepPolicy.BEFORE_DEADLINE, 6)


def test_a_test_call_for_a_voice_that_is_probably_lost_is_asked_about(demo: House) -> None:
    visitor = demo.enter("voice", id="demo-probably-lost")
    assert "Try it once ($0.01 play money)" in shown(visitor)
    press(visitor, "activate_demo-probably-lost")
    assert demo.jobs() == []
    assert "was probably deleted" in sentences(visitor)
    press(visitor, "activate_leave_demo-probably-lost")
    assert "activate_sure_demo-probably-lost" not in buttons(visitor)
    press(visitor, "activate_demo-probably-lost")
    press(visitor, "activate_sure_demo-probably-lost")
    assert [job.kind for job in demo.jobs()] == [JobKind.ACTIVATION]
    assert not visitor.exception


def test_a_test_call_that_is_refused_says_why(live: House) -> None:
    gone = people.clone(9, live.clock.now(), name="Gone", hours_ago=200)
    foreign = replace(gone.voice, account="nanogpt-0123456789ab")
    people.move_in(live.context, [replace(gone, voice=foreign)])
    visitor = visit(live, "voice-00009")
    press(visitor, "activate_voice-00009")
    press(visitor, "activate_sure_voice-00009")
    assert "Answer in Settings first" in said(visitor)
    assert [job.kind for job in live.jobs() if job.voice_id == "voice-00009"] == [JobKind.CLONE]


def test_a_lost_voice_is_cloned_again_at_the_price_on_the_button(demo: House) -> None:
    visitor = demo.enter("voice", id="demo-lost")
    assert "Clone again ($1.00 play money)" in shown(visitor)
    press(visitor, "reclone_demo-lost")
    assert demo.jobs() == []
    assert visitor.text_input(key="reclone_name_demo-lost").value == "Captain Rowan 2"
    visitor.text_input(key="reclone_name_demo-lost").set_value("Rowan anew")
    press(visitor, "reclone_sure_demo-lost")
    assert not visitor.exception
    (job,) = demo.jobs()
    assert visitor.query_params["id"] == job.voice_id
    assert "Made from the recording of Captain Rowan" in shown(visitor)
    demo.until(lambda: in_house(demo)["Rowan anew"].standing.health is Health.WAITING)
    go(visitor, "voice", id="demo-lost")
    assert "reclone_demo-lost" not in buttons(visitor)
    (heir,) = [button for button in visitor.button if button.label == "Cloned again as Rowan anew"]
    heir.click().run()
    assert texts(visitor.title) == ["Rowan anew"]
    assert visitor.query_params["id"] == job.voice_id


def test_a_voice_is_archived_and_brought_back_with_a_question_first(demo: House) -> None:
    visitor = demo.enter("voice", id="demo-waiting")
    press(visitor, "archive_demo-waiting")
    assert "Voicekeep stops keeping it. Nothing keeps it alive: it will be deleted on" in sentences(
        visitor
    )
    assert not in_house(demo)["Lucía Ferrer"].is_archived
    press(visitor, "archive_sure_demo-waiting")
    assert in_house(demo)["Lucía Ferrer"].is_archived
    assert "activate_demo-waiting" not in buttons(visitor)
    press(visitor, "unarchive_demo-waiting")
    assert not in_house(demo)["Lucía Ferrer"].is_archived


def test_a_bad_copy_that_cannot_be_taken_again_is_said_plainly(demo: House) -> None:
    voices, now = demo.context.registry.voices, demo.clock.now()
    found = voices.dossier("demo-lost")
    assert isinstance(found, Dossier)
    (copy,) = found.valid_evidence(EvidenceKind.COPY, Role.REFERENCE)
    why = "It was missing when read again."
    voices.change_evidence(copy, withdrawn_at=now, withdrawn_why=why)
    visitor = demo.enter("voice", id="demo-lost")
    told = said(visitor)
    assert f"The recording in your storage is damaged. {why} It cannot be fetched again." in told
    assert "It cannot be cloned again from here." in told
    assert "reclone_demo-lost" not in buttons(visitor)


def test_a_voice_of_a_service_without_a_key_is_not_shown(live: House) -> None:
    stranger = people.clone(9, live.clock.now(), name="From the demo", service=DEMO)
    people.move_in(live.context, [stranger])
    assert "From the demo" not in sentences(visit(live, "voice-00009"))
