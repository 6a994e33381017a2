"""The Retention page: who is shown, what is asked and told before anything is done."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from streamlit.testing.v1 import AppTest

from lib.models import Health, JobKind, KeepPolicy, VoiceKind
from lib.retention import reason_words
from lib.services import DEMO
from lib.ui.shared.table import PER_PAGE
from tests.pages import people
from tests.pages.house import (
    LOOPBACK,
    House,
    bound_to,
    buttons,
    go,
    in_house,
    press,
    said,
    sentences,
    shown,
    texts,
)
from tests.pages.retention_table import choose, names
from tests.parts.statements import counted


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
    assert table["Left"][0].startswith(("8 h", "9 h"))
    assert table["Left"][lost] == "22 h ago"


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
        assert "No voices match." in sentences(visitor)


def test_archived_voices_are_hidden_until_they_are_asked_for(live: House) -> None:
    live.context.registry.voices.change("voice-00002", archived_at=live.clock.now())
    visitor = visit(live)
    assert "Waiting" not in names(visitor)
    visitor.toggle(key="retention_archived").set_value(True).run()
    assert names(visitor)[-1] == "Waiting"
    assert "will be deleted on" in sentences(choose(visitor, "Waiting"))


def test_the_badges_say_how_many_there_are_and_narrow_the_table(live: House) -> None:
    visitor = visit(live)
    (badges,) = visitor.button_group
    assert [option.split("] ")[-1] for option in badges.options] == [
        "1 at risk",
        "2 waiting",
        "2 safe",
    ]
    badges.select(Health.AT_RISK).run()
    assert names(visitor) == ["At risk"]
    assert visitor.query_params["retention_health"] == "At risk"
    visitor.button_group(key="retention_health").select(Health.SAFE).run()
    assert visitor.query_params["retention_health"] == ["At risk", "Safe"]
    visitor.button_group(key="retention_health").set_value([]).run()
    assert "retention_health" not in visitor.query_params


def test_a_badge_that_is_chosen_stays_when_its_last_voice_leaves(live: House) -> None:
    visitor = visit(live, retention_health="At risk")
    live.context.registry.voices.change("voice-00001", archived_at=live.clock.now())
    visitor.run()
    (badges,) = visitor.button_group
    assert badges.value == [Health.AT_RISK]
    assert any("0 at risk" in option for option in badges.options)
    assert "No voices match." in sentences(visitor)


def test_a_health_that_is_none_is_taken_out_of_the_address(live: House) -> None:
    visitor = visit(live, retention_health="Immortal")
    assert len(names(visitor)) == 5
    assert "retention_health" not in visitor.query_params


# The chosen voice


def panel(visitor: AppTest) -> set[str]:
    return {key for key in buttons(visitor) if key.startswith("panel_")}


def test_the_chosen_voice_tells_what_happens_next_and_why(live: House) -> None:
    visitor = visit(live)
    assert "used to generate speech" not in sentences(visitor)
    told = sentences(choose(visitor, "Waiting"))
    assert "(in 6 d). It will be lost unless you keep it." in told
    assert reason_words(in_house(live)["Waiting"].standing.why) in told
    assert panel(visitor) == {"panel_activate_voice-00002"}
    assert "used to generate speech" not in sentences(choose(visitor, "Waiting", "Safe"))
    assert "**Proof:** It was used to generate speech." in sentences(choose(visitor, "Safe"))


def test_the_chosen_voice_is_kept_from_its_panel(live: House) -> None:
    visitor = press(choose(visit(live), "Waiting"), "panel_activate_voice-00002")
    assert not visitor.exception
    assert [job.voice_id for job in live.jobs() if job.kind is JobKind.ACTIVATION] == [
        "voice-00002"
    ]
    assert visitor.button(key="panel_activate_voice-00002").label == "Being kept…"


def test_a_voice_that_also_stands_at_the_top_is_asked_about_where_it_was_pressed(
    demo: House,
) -> None:
    visitor = choose(demo.enter("retention"), "Grandpa Emil")
    press(visitor, "panel_activate_demo-probably-lost")
    assert not visitor.exception
    asked = {key for key in buttons(visitor) if "sure_demo-probably-lost" in key}
    assert asked == {"panel_activate_sure_demo-probably-lost"}
    press(visitor, "panel_activate_sure_demo-probably-lost")
    assert [job.voice_id for job in demo.jobs()] == ["demo-probably-lost"]


def test_the_chosen_voice_can_be_heard(demo: House) -> None:
    visitor = demo.enter("retention")
    assert not visitor.get("audio")
    assert len(choose(visitor, "Nora Whitfield").get("audio")) == 1


def test_a_voice_whose_clock_is_unknown_has_its_test_call_as_the_next_step(demo: House) -> None:
    visitor = choose(demo.enter("retention"), "Old hotline voice")
    for key in ("activate_demo-unknown", "panel_activate_demo-unknown"):
        if key in buttons(visitor):
            assert visitor.button(key=key).label == "Make a test call ($0.01 play money)"
    assert "panel_activate_demo-unknown" in buttons(visitor)
    assert "A test call confirms that it works, and keeps it." in sentences(visitor)


def test_the_rest_leads_to_the_voices_that_have_no_line(demo: House) -> None:
    visitor = demo.enter("retention")
    assert visitor.button(key="card_more").label == "And 1 more"
    press(visitor, "card_more")
    assert names(visitor) == ["Old hotline voice"]
    assert not visitor.toggle(key="retention_attention").value


def test_a_voice_is_gone_to_by_its_name(live: House) -> None:
    people.move_in(live.context, [people.clone(6, live.clock.now(), name="Safe")])
    visitor = visit(live)
    names_there = visitor.selectbox(key="retention_go_to").options
    assert len(names_there) == len(set(names_there)) == 6
    assert "Safe (MiniMax, NanoGPT) · The voice of person 6 · Person00006x9" in names_there
    visitor.selectbox(key="retention_go_to").set_value("voice-00006").run()
    assert not visitor.exception
    assert visitor.query_params["id"] == "voice-00006"
    assert texts(visitor.title) == ["Safe"]
    assert go(visitor, "retention").selectbox(key="retention_go_to").value is None


def test_archived_voices_are_not_on_the_home_page(live: House) -> None:
    live.context.registry.voices.change("voice-00002", archived_at=live.clock.now())
    told = shown(live.enter("home", address=LOOPBACK))
    assert "At risk" in told
    assert "The voice of person 1" in told
    assert "The voice of person 2" not in told


def test_a_run_of_the_page_loads_once_what_it_shows(live: House) -> None:
    visitor = visit(live)
    live.context.registry.voices.change("voice-00001", name="Somebody else's doing")
    with counted(live.context) as statements:
        visitor.run()
    assert "Somebody else's doing" in names(visitor)
    assert sum("FROM evidence" in statement for statement in statements) == 1


def test_a_voice_of_a_service_without_a_key_is_not_in_the_table(live: House) -> None:
    stranger = people.clone(9, live.clock.now(), name="From the demo", service=DEMO)
    people.move_in(live.context, [stranger])
    assert "From the demo" not in names(visit(live))


# More than a page


@pytest.fixture
def crowd(live: House) -> House:
    """Ten voices more than one page has; the last of them is kept and has an early name."""
    now, count = live.clock.now(), PER_PAGE + 5
    rest = [people.clone(n, now, hours_ago=10 + n / 10) for n in range(100, 99 + count)]
    people.move_in(live.context, [*rest, people.clone(99, now, name="Aa", kept=True)])
    return live


def test_a_browser_gets_one_page_of_many_voices(crowd: House) -> None:
    visitor = visit(crowd)
    assert len(names(visitor)) == PER_PAGE
    assert names(visitor)[0] == "At risk"
    assert f"1 to {PER_PAGE} of {PER_PAGE + 10}" in texts(visitor.caption)
    assert visitor.button(key="retention_previous").disabled
    press(visitor, "retention_next")
    assert len(names(visitor)) == 10
    assert visitor.button(key="retention_next").disabled
    visitor.text_input(key="retention_search").set_value("person00110x9").run()
    assert names(visitor) == ["Person 110"]  # another list begins with its first page


def test_all_pages_are_sorted_together(crowd: House) -> None:
    visitor = press(visit(crowd), "retention_next")
    visitor.selectbox(key="retention_order").set_value("Name").run()
    assert names(visitor)[:3] == ["Aa", "At risk", "Bea's voice"]
    visitor.selectbox(key="retention_order").set_value("By health").run()
    assert names(visitor)[0] == "At risk"
    press(visitor, "retention_next")
    assert names(visitor)[-3:] == ["Aa", "Safe", "With a file"]


def test_what_is_chosen_on_one_page_stays_so_on_the_next(crowd: House) -> None:
    visitor = choose(visit(crowd), "At risk", "Bea's voice")
    press(visitor, "retention_next")
    assert "2 voices chosen" in texts(visitor.caption)
    choose(visitor, "Safe")
    assert "3 voices chosen" in texts(visitor.caption)
    press(visitor, "retention_previous")
    choose(visitor, "Bea's voice")  # one of the two is let go
    assert "2 voices chosen" in texts(visitor.caption)
    press(visitor, "bulk_keep")
    assert "Keep 1 voice?" in sentences(visitor)
    assert "Left out: Safe." in sentences(visitor)


def test_all_that_the_filters_let_through_are_chosen_at_once(crowd: House) -> None:
    visitor = press(visit(crowd), "retention_all")
    assert f"{PER_PAGE + 10} voices chosen" in texts(visitor.caption)
    visitor.text_input(key="retention_search").set_value("person00110x9").run()
    assert "1 voice chosen" in texts(visitor.caption)
    visitor.text_input(key="retention_search").set_value("").run()
    assert "1 voice chosen" in texts(visitor.caption)
    press(press(visitor, "retention_all"), "retention_none")
    assert visitor.button(key="bulk_keep").disabled


# Many at once


def test_nothing_is_chosen_at_first(live: House) -> None:
    visitor = visit(live)
    assert all(
        visitor.button(key=f"bulk_{name}").disabled
        for name in ("keep", "backup", "check", "policy", "archive")
    )
    assert "bulk_confirm" not in buttons(visitor)


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
    assert "0 of 2 voices safe, 2 in progress" in shown(visitor)
    assert "bulk_confirm" not in buttons(visitor)
    assert visitor.button(key="bulk_keep").disabled


def test_a_no_orders_nothing(live: House) -> None:
    visitor = press(choose(visit(live), "At risk"), "bulk_keep")
    press(visitor, "bulk_cancel")
    assert "bulk_confirm" not in buttons(visitor)
    jobs = live.context.registry.jobs.latest(services=("nanogpt",))
    assert JobKind.ACTIVATION not in [job.kind for job in jobs]


def test_where_nobody_can_take_part_the_reasons_are_told(live: House) -> None:
    visitor = press(choose(visit(live), "Safe"), "bulk_backup")
    assert "This works for none of these voices." in sentences(visitor)
    assert "bulk_confirm" not in buttons(visitor)


def test_what_becomes_of_archived_voices_is_told_before(live: House) -> None:
    visitor = press(choose(visit(live), "Waiting", "With a file"), "bulk_archive")
    told = sentences(visitor)
    assert "- Waiting: Nothing keeps it alive: it will be deleted on " in told
    assert "(in 6 d)" in told
    assert "- With a file: Its backup stays in your storage." in told
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


def test_the_clone_page_tells_what_using_it_again_costs(house: House) -> None:
    visitor = house.open("clone")
    assert "up to 5 in all, for $0.03 play money at most" in sentences(visitor)
    assert visitor.selectbox(key="clone_refresh").value == 0
    visitor.selectbox(key="clone_refresh").set_value(30).run()
    assert "About $0.01 play money a month" in sentences(visitor)
