"""The Retention page: who is shown, what is asked and told before anything is done, one's story."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from streamlit.testing.v1 import AppTest

from lib.models import Dossier, EvidenceKind, Health, JobKind, KeepPolicy, Role, VoiceKind
from lib.services import DEMO
from lib.studio.library import listing
from lib.studio.library.bulk import PolicyChange, change_policy
from tests.pages import people
from tests.pages.house import LOOPBACK, House, bound_to, go, read, said, shown, texts
from tests.pages.retention_table import choose, names
from tests.parts.persons import ADA
from tests.parts.statements import counted


def sentences(visitor: AppTest) -> str:
    """All that is read as text on the page."""
    parts = (visitor.markdown, visitor.caption, visitor.subheader, visitor.error, visitor.warning)
    return read("\n".join(text for part in (*parts, visitor.info) for text in texts(part)))


def keys(visitor: AppTest) -> set[str]:
    return {button.key or "" for button in visitor.button}


def press(visitor: AppTest, key: str) -> AppTest:
    return visitor.button(key=key).click().run()


def in_house(house: House) -> dict[str, listing.Entry]:
    return {item.voice.name: item for item in listing.entries(house.context)}


@pytest.fixture
def demo(house: House) -> House:
    """The exhibition: one voice in each state of health."""
    house.open()
    return house


@pytest.fixture
def live(house: House, live_key: None) -> Iterator[House]:
    """A live library on the operator's own machine: four voices of Ada and one of Bea."""
    house.enter(address=LOOPBACK)
    context, now = house.context, house.clock.now()
    context.runtime.reconciliation.finished = True
    vault = context.live_vault.name
    bea = people.clone(5, now, name="Bea's voice", hours_ago=100)
    people.move_in(
        context,
        [
            people.clone(1, now, name="At risk", hours_ago=160),
            people.clone(2, now, name="Waiting", hours_ago=24),
            people.clone(3, now, name="Safe", kept=True, vault=vault),
            people.clone(4, now, name="With a file", kind=VoiceKind.QWEN, vault=vault),
            replace(bea, voice=replace(bea.voice, owner="Bea")),
        ],
    )
    with bound_to(LOOPBACK):
        yield house


def visit(house: House, **query: str) -> AppTest:
    return go(house.enter(address=LOOPBACK), "retention", **query)


# The overview


def test_what_can_still_be_saved_comes_first_with_its_sign(demo: House) -> None:
    visitor = demo.enter("retention")
    table = visitor.dataframe[0].value
    assert names(visitor)[:2] == ["Nora Whitfield", "Pixel"]
    healths = [cell[0] for cell in table["Health"]]
    assert healths[:2] == ["⚠ At risk", "◔ Due soon"]
    lost = healths.index("⁇ Probably lost")
    assert healths.index("… Waiting") < lost
    assert healths[lost + 1 :] == ["✕ Lost", "✓ Safe", "✓ Safe", "∞ Persistent"]
    assert "in 8 h" in table["Left"][0] or "in 9 h" in table["Left"][0]


def test_the_picture_says_in_words_what_it_shows(demo: House) -> None:
    visitor = demo.enter("retention")
    assert "3 voices reach their deadline in the next 7 days. The first is Nora" in sentences(
        visitor
    )
    assert 'alt: "3 voices reach their deadline' in shown(visitor)


def test_each_services_rule_is_there_with_source_and_date(demo: House) -> None:
    told = shown(demo.enter("retention"))
    for who in ("MiniMax voices through NanoGPT", "designed through Kyma", "Inworld voices"):
        assert who in told
    assert "read 20 Nov 2026" in told
    assert "re-check due" not in told
    demo.clock.advance(timedelta(days=200))
    assert "re-check due" in shown(demo.enter("retention"))


@pytest.mark.parametrize(
    ("query", "left"),
    [
        ({"retention_search": "file"}, ["With a file"]),
        ({"retention_health": "At risk"}, ["At risk"]),
        ({"retention_owner": "Bea"}, ["Bea's voice"]),
        ({"retention_attention": "true"}, ["At risk"]),
        ({"retention_service": "NanoGPT", "retention_owner": "Bea"}, ["Bea's voice"]),
        ({"retention_search": "nobody of that name"}, []),
    ],
)
def test_filters_are_taken_from_the_address(
    live: House, query: dict[str, str], left: list[str]
) -> None:
    visitor = visit(live, **query)
    assert not visitor.exception
    assert names(visitor) == left
    if not left:
        assert "No voice matches that." in sentences(visitor)


def test_archived_voices_are_hidden_until_they_are_asked_for(live: House) -> None:
    live.context.registry.voices.change("voice-00002", archived_at=live.clock.now())
    visitor = visit(live)
    assert "Waiting" not in names(visitor)
    visitor.toggle(key="retention_archived").set_value(True).run()
    assert names(visitor)[-1] == "Waiting"
    assert "will be deleted on" in str(visitor.dataframe[0].value["What happens next"].iloc[-1])


def test_archived_voices_are_not_on_the_home_page(live: House) -> None:
    live.context.registry.voices.change("voice-00002", archived_at=live.clock.now())
    told = shown(live.enter("home", address=LOOPBACK))
    assert "At risk" in told
    assert "The voice of person 1" in told
    assert "The voice of person 2" not in told


@pytest.mark.parametrize("query", [{}, {"voice": "voice-00001"}])
def test_a_run_of_the_page_loads_once_what_it_shows(live: House, query: dict[str, str]) -> None:
    visitor = visit(live, **query)
    live.context.registry.voices.change("voice-00001", name="Somebody else's doing")
    with counted(live.context) as statements:
        visitor.run()
    assert "Somebody else's doing" in (sentences(visitor) if query else names(visitor))
    assert sum("FROM evidence" in statement for statement in statements) == 1


def test_a_voice_that_moves_is_followed_until_it_rests(demo: House) -> None:
    visitor = demo.enter("retention")
    press(visitor, "activate_demo-at-risk")
    assert "Being kept…" in shown(visitor)
    demo.until(lambda: in_house(demo)["Nora Whitfield"].standing.health is Health.SAFE)
    assert "activate_demo-at-risk" not in keys(visitor.run())


# Many at once


def test_nothing_is_chosen_at_first(live: House) -> None:
    visitor = visit(live)
    assert all(
        visitor.button(key=f"bulk_{name}").disabled
        for name in ("keep", "backup", "check", "policy", "archive")
    )
    assert "bulk_confirm" not in keys(visitor)


def test_the_total_and_the_most_are_told_before_many_are_kept(live: House) -> None:
    visitor = press(choose(visit(live), "At risk", "Waiting", "Safe"), "bulk_keep")
    told = sentences(visitor)
    assert "Keep 2 voices?" in told
    assert "One use of each costs **$0.01** in all." in told
    assert "up to 5 for each voice: **$0.05 at most**" in told
    assert "Left out: Safe. It is kept already." in told
    assert live.context.registry.jobs.latest(services=("nanogpt",))[0].kind is JobKind.CLONE


def test_a_yes_orders_each_once_and_the_page_tells_how_far_it_is(live: House) -> None:
    visitor = press(choose(visit(live), "At risk", "Waiting", "Safe"), "bulk_keep")
    press(visitor, "bulk_confirm")
    assert not visitor.exception
    jobs = live.context.registry.jobs.latest(services=("nanogpt",))
    assert [job.kind for job in jobs].count(JobKind.ACTIVATION) == 2
    assert "0 of 2 voices safe, 2 under way" in shown(visitor)
    assert "bulk_confirm" not in keys(visitor)
    assert visitor.button(key="bulk_keep").disabled


def test_a_no_orders_nothing(live: House) -> None:
    visitor = press(choose(visit(live), "At risk"), "bulk_keep")
    press(visitor, "bulk_cancel")
    assert "bulk_confirm" not in keys(visitor)
    jobs = live.context.registry.jobs.latest(services=("nanogpt",))
    assert JobKind.ACTIVATION not in [job.kind for job in jobs]


def test_where_nobody_can_take_part_the_reasons_are_told(live: House) -> None:
    visitor = press(choose(visit(live), "Safe"), "bulk_backup")
    assert "None of these voices can take part." in sentences(visitor)
    assert "bulk_confirm" not in keys(visitor)


def test_what_becomes_of_archived_voices_is_told_before(live: House) -> None:
    visitor = press(choose(visit(live), "Waiting", "With a file"), "bulk_archive")
    told = sentences(visitor)
    assert "- Waiting: Nothing keeps it: it will be deleted on " in told
    assert "(in 6 d)" in told
    assert "- With a file: Its copy stays in your storage." in told
    press(visitor, "bulk_confirm")
    assert "2 voices archived." in said(visitor)
    assert names(visitor) == ["At risk", "Bea's voice", "Safe"]


def test_a_policy_for_many_is_told_with_its_costs(live: House) -> None:
    visitor = press(choose(visit(live), "At risk", "Waiting"), "bulk_policy")
    assert visitor.button(key="bulk_confirm").disabled
    visitor.selectbox(key="bulk_policy_keep").set_value(KeepPolicy.BEFORE_DEADLINE)
    visitor.selectbox(key="bulk_policy_refresh").set_value(6).run()
    told = sentences(visitor)
    assert "**$0.05 at most**" in told
    assert "about **$0.05** a month" in told
    press(visitor, "bulk_confirm")
    voice = in_house(live)["Waiting"].voice
    assert (voice.keep_policy, voice.refresh_days) == (KeepPolicy.BEFORE_DEADLINE, 6)


def test_chosen_voices_stay_chosen_when_rows_move(live: House) -> None:
    visitor = choose(visit(live), "Waiting")
    live.context.registry.voices.change("voice-00001", archived_at=live.clock.now())
    visitor.run()
    press(visitor, "bulk_archive")
    assert "Archive 1 voice?" in sentences(visitor)
    assert "- Waiting:" in sentences(visitor)


def test_what_a_filter_hides_is_not_chosen_any_more(live: House) -> None:
    visitor = choose(visit(live), "Waiting", "At risk")
    visitor.text_input(key="retention_search").set_value("risk").run()
    assert names(visitor) == ["At risk"]
    press(visitor, "bulk_archive")
    assert "Archive 1 voice?" in sentences(visitor)


# One voice


def test_a_story_shows_files_rule_and_what_can_be_changed(demo: House) -> None:
    visitor = demo.enter("retention", voice="demo-safe-copy")
    told = shown(visitor)
    for text in ("The voice file (", "The recording (", "Everything, with checksums"):
        assert text in told
    assert texts(visitor.subheader) == [
        "Proof",
        "Its files",
        "Change it",
        "The service's rule",
        "Its story",
    ]


def test_the_way_back_leads_to_all_voices(demo: House) -> None:
    visitor = demo.enter("retention", voice="demo-safe")
    press(visitor, "retention_back")
    assert "Captain Rowan" in names(visitor)


def test_a_voice_is_renamed_and_tagged_and_the_story_says_who(demo: House) -> None:
    visitor = demo.enter("retention", voice="demo-safe")
    visitor.text_input(key="rename_demo-safe").set_value("Clara B.").run()
    visitor.multiselect(key="tags_demo-safe").unselect("news").run()
    voice = in_house(demo)["Clara B."].voice
    assert voice.tags == ("podcast",)
    told = sentences(visitor)
    assert "A visitor renamed it from “Clara Bell”" in told
    assert "A visitor changed its tags to podcast" in told


def test_an_open_tab_does_not_undo_what_others_changed(demo: House) -> None:
    visitor = demo.enter("retention", voice="demo-safe")
    demo.context.registry.voices.change("demo-safe", name="Clara of the news", tags=("new",))
    visitor.run()
    assert in_house(demo)["Clara of the news"].voice.tags == ("new",)


def test_a_name_that_will_not_do_is_told_and_changes_nothing(demo: House) -> None:
    visitor = demo.enter("retention", voice="demo-safe")
    visitor.text_input(key="rename_demo-safe").set_value("   ").run()
    assert "Give the voice a name." in said(visitor)
    assert "Clara Bell" in in_house(demo)


def test_how_it_is_kept_is_changed_with_its_cost_beside_it(demo: House) -> None:
    visitor = demo.enter("retention", voice="demo-waiting")
    visitor.selectbox(key="policy_demo-waiting").set_value(KeepPolicy.BEFORE_DEADLINE)
    visitor.selectbox(key="refresh_demo-waiting").set_value(6).run()
    told = sentences(visitor)
    assert (
        "One try costs under $0.01 play money, all that may follow $0.03 play money at most."
        in told
    )
    assert "About $0.03 play money a month" in told
    assert in_house(demo)["Lucía Ferrer"].voice.refresh_days == 0
    press(visitor, "keeping_save_demo-waiting")
    voice = in_house(demo)["Lucía Ferrer"].voice
    assert (voice.keep_policy, voice.refresh_days) == (KeepPolicy.BEFORE_DEADLINE, 6)


def test_a_test_call_for_a_voice_that_is_probably_lost_is_asked_about(demo: House) -> None:
    visitor = demo.enter("retention", voice="demo-probably-lost")
    assert "Try it once ($0.01 play money)" in shown(visitor)
    press(visitor, "activate_demo-probably-lost")
    assert demo.jobs() == []
    assert "it was probably deleted" in sentences(visitor)
    press(visitor, "activate_leave_demo-probably-lost")
    assert "activate_sure_demo-probably-lost" not in keys(visitor)
    press(visitor, "activate_demo-probably-lost")
    press(visitor, "activate_sure_demo-probably-lost")
    assert [job.kind for job in demo.jobs()] == [JobKind.ACTIVATION]
    assert not visitor.exception


def test_a_test_call_that_is_refused_says_why(live: House) -> None:
    gone = people.clone(9, live.clock.now(), name="Gone", hours_ago=200)
    foreign = replace(gone.voice, account="nanogpt-0123456789ab")
    people.move_in(live.context, [replace(gone, voice=foreign)])
    visitor = live.enter("retention", address=LOOPBACK, voice="voice-00009")
    press(visitor, "activate_voice-00009")
    press(visitor, "activate_sure_voice-00009")
    assert "Say in Settings first" in said(visitor)
    assert [job.kind for job in live.jobs() if job.voice_id == "voice-00009"] == [JobKind.CLONE]


def test_a_lost_voice_is_cloned_again_at_the_price_on_the_button(demo: House) -> None:
    visitor = demo.enter("retention", voice="demo-lost")
    assert "Clone again ($1.00 play money)" in shown(visitor)
    press(visitor, "reclone_demo-lost")
    assert demo.jobs() == []
    assert visitor.text_input(key="reclone_name_demo-lost").value == "Captain Rowan 2"
    visitor.text_input(key="reclone_name_demo-lost").set_value("Rowan anew")
    press(visitor, "reclone_sure_demo-lost")
    assert not visitor.exception
    (job,) = demo.jobs()
    assert visitor.query_params["voice"] == job.voice_id
    assert "Made from the recording of Captain Rowan" in shown(visitor)
    demo.until(lambda: in_house(demo)["Rowan anew"].standing.health is Health.WAITING)
    go(visitor, "retention", voice="demo-lost")
    assert "Cloned again as Rowan anew" in shown(visitor)
    assert "reclone_demo-lost" not in keys(visitor)


def test_a_voice_is_archived_and_brought_back_with_a_question_first(demo: House) -> None:
    visitor = demo.enter("retention", voice="demo-waiting")
    press(visitor, "archive_demo-waiting")
    assert "Voicekeep stops keeping it. Nothing keeps it: it will be deleted on" in sentences(
        visitor
    )
    assert not in_house(demo)["Lucía Ferrer"].is_archived
    press(visitor, "archive_sure_demo-waiting")
    assert in_house(demo)["Lucía Ferrer"].is_archived
    assert "activate_demo-waiting" not in keys(visitor)
    press(visitor, "unarchive_demo-waiting")
    assert not in_house(demo)["Lucía Ferrer"].is_archived


def test_a_bad_copy_that_cannot_be_taken_again_is_said_plainly(demo: House) -> None:
    voices, now = demo.context.registry.voices, demo.clock.now()
    found = voices.dossier("demo-lost")
    assert isinstance(found, Dossier)
    (copy,) = found.valid_evidence(EvidenceKind.COPY, Role.REFERENCE)
    why = "It was missing when read again."
    voices.change_evidence(copy, withdrawn_at=now, withdrawn_why=why)
    visitor = demo.enter("retention", voice="demo-lost")
    told = said(visitor)
    assert f"The recording in your storage is bad. {why} It cannot be taken again." in told
    assert "It cannot be cloned again from here." in told
    assert "reclone_demo-lost" not in keys(visitor)


def test_the_clone_page_tells_what_using_it_again_costs(house: House) -> None:
    visitor = house.open("clone")
    assert "up to 5; together they cost $0.03 play money at most" in sentences(visitor)
    assert visitor.selectbox(key="clone_refresh").value == 0
    visitor.selectbox(key="clone_refresh").set_value(30).run()
    assert "About $0.01 play money a month" in sentences(visitor)


def test_a_voice_of_a_service_without_a_key_is_shown_and_costs_nothing(live: House) -> None:
    stranger = people.clone(9, live.clock.now(), name="From the demo", service=DEMO)
    people.move_in(live.context, [stranger])
    assert "From the demo" not in names(visit(live))
    change_policy(live.context, stranger.voice, PolicyChange(KeepPolicy.AT_ONCE), ADA)
    assert "From the demo" not in sentences(visit(live, voice="voice-00009"))
