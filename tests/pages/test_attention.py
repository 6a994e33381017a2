"""What needs somebody, on Home and Retention: the few lines, their one button, the way on."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from streamlit.testing.v1 import AppTest

from lib.models import ErrorKind, Job, JobKind, VoiceKind
from tests.pages import people
from tests.pages.house import LOOPBACK, House, bound_to, go, read, shown, texts

GONE, SOON, RISK = 20, 9, 4


@pytest.fixture
def crowd(house: House, live_key: None) -> Iterator[House]:
    """A live library in which many voices need somebody, and most of them are lost causes."""
    house.enter(address=LOOPBACK)
    now, vault = house.clock.now(), house.context.live_vault.name
    ages = [*[200.0 + n for n in range(GONE)], *[125.0 + n for n in range(SOON)]]
    ages += [150.0 + n for n in range(RISK)]
    voices = [people.clone(n, now, name=f"No {n}", hours_ago=age) for n, age in enumerate(ages)]
    voices += [people.clone(90, now, name="Six hours", hours_ago=162)]
    voices += [people.clone(91, now, name="Kept", kept=True, vault=vault)]
    people.move_in(house.context, voices)
    house.context.runtime.reconciliation.finished = True
    with bound_to(LOOPBACK):
        yield house


def buttons(visitor: AppTest) -> dict[str, str]:
    return {button.key or "": button.label for button in visitor.button}


def told(visitor: AppTest) -> str:
    parts = (visitor.markdown, visitor.caption, visitor.subheader)
    return read("\n".join(text for part in parts for text in texts(part)))


def uses(house: House) -> list[Job]:
    jobs = house.context.registry.jobs.latest(services=("nanogpt",))
    return [job for job in jobs if job.kind is JobKind.ACTIVATION]


def visit(house: House, page: str, **query: str) -> AppTest:
    visitor = house.enter(address=LOOPBACK)
    return visitor if page == "home" else go(visitor, page, **query)


@pytest.mark.parametrize("page", ["home", "retention"])
def test_what_can_still_be_saved_comes_first_in_one_line_with_one_price(
    crowd: House, page: str
) -> None:
    visitor = visit(crowd, page)
    assert not visitor.exception
    labels = [label for key, label in buttons(visitor).items() if key.startswith("all_")]
    assert labels == [
        "Keep all 5 ($0.03)",
        "Keep all 9 ($0.05)",
        "Try all 20 ($0.10)",
    ]
    assert "First expires in 6 h" in told(visitor)
    kinds = [button.proto.type for button in visitor.button if button.key in buttons(visitor)]
    assert kinds.count("primary") == 1


def test_the_one_button_asks_first_and_tells_the_sum_and_the_most(crowd: House) -> None:
    visitor = visit(crowd, "home")
    visitor.button(key="all_at_risk_keep_free").click().run()
    assert uses(crowd) == []
    assert "Keep 5 voices?" in told(visitor)
    assert "One use of each costs **$0.03** in all." in told(visitor)
    assert "**$0.12 at most**." in told(visitor)
    assert buttons(visitor)["bulk_confirm"] == "Keep them ($0.03)"
    visitor.button(key="bulk_cancel").click().run()
    assert "bulk_confirm" not in buttons(visitor)
    assert uses(crowd) == []


def test_a_yes_orders_each_once_and_home_tells_how_far_it_is(crowd: House) -> None:
    visitor = visit(crowd, "home")
    visitor.button(key="all_at_risk_keep_free").click().run()
    visitor.button(key="bulk_confirm").click().run()
    assert not visitor.exception
    ordered = {job.voice_id for job in uses(crowd)}
    assert len(ordered) == len(uses(crowd)) == 5
    assert "voice-00090" in ordered
    assert "0 of 5 voices safe, 5 in progress" in shown(visitor)
    assert "all_at_risk_keep_free" not in buttons(visitor)


def test_what_was_agreed_to_never_grows(crowd: House) -> None:
    visitor = visit(crowd, "home")
    visitor.button(key="all_at_risk_keep_free").click().run()
    late = people.clone(95, crowd.clock.now(), name="Late", hours_ago=155)
    people.move_in(crowd.context, [late])
    visitor.button(key="bulk_confirm").click().run()
    assert "voice-00095" not in {job.voice_id for job in uses(crowd)}
    assert len(uses(crowd)) == 5


def test_a_try_for_what_has_expired_says_what_it_is_worth(crowd: House) -> None:
    visitor = visit(crowd, "home")
    visitor.button(key="all_probably_lost_keep_free").click().run()
    assert "These voices have expired. One short sentence shows whether" in told(visitor)


def test_a_question_asked_on_one_page_is_drawn_in_its_line_alone(crowd: House) -> None:
    visitor = visit(crowd, "home")
    visitor.button(key="all_at_risk_keep_free").click().run()
    go(visitor, "retention")
    assert not visitor.exception
    assert [button.key for button in visitor.button].count("bulk_confirm") == 1


def test_files_that_can_be_backed_up_are_one_line_without_a_price(crowd: House) -> None:
    now = crowd.clock.now()
    files = [people.clone(n, now, kind=VoiceKind.QWEN, hours_ago=300) for n in (60, 61, 62)]
    for voice in files:
        people.move_in(crowd.context, [voice])
        crowd.context.registry.voices.files_later(
            voice.voice.id, tries=3, next_at=now, error="No.", kind=ErrorKind.TROUBLE
        )
    assert buttons(visit(crowd, "home"))["all_probably_lost_back_up_trouble"] == "Back up all 3"


def test_the_rest_is_counted_and_leads_on_to_retention(
    crowd: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lib.studio.alerts.attention.FOLD_FROM", 10)  # 14 cards and one line
    home = shown(visit(crowd, "home"))
    assert 'label: "And 29 more"' in home
    assert "retention_attention=true" in home
    visitor = visit(crowd, "retention")
    assert buttons(visitor)["card_more"] == "And 31 more"


def test_show_all_narrows_the_table_to_the_voices_of_a_line(crowd: House) -> None:
    visitor = visit(crowd, "retention")
    visitor.button(key="card_show_at_risk_keep_free").click().run()
    (table,) = visitor.dataframe
    assert next(iter(table.value["Voice"])) == "Six hours"
    assert len(table.value) == 5
    assert visitor.query_params["retention_health"] == "At risk"
    assert visitor.query_params["retention_attention"] == "true"


def test_voices_whose_time_nobody_knows_are_offered_a_test_call_each(crowd: House) -> None:
    now = crowd.clock.now()
    brought = [people.adopted(n, now, name=f"Old friend {n}") for n in (60, 61, 62, 63)]
    crowd.context.registry.voices.change("voice-00000", archived_at=now)
    people.move_in(crowd.context, brought)
    key = "all_open_keep_free"
    assert key not in buttons(visit(crowd, "home"))
    for number in range(GONE):
        crowd.context.registry.voices.change(f"voice-{number:05d}", archived_at=now)
    visitor = visit(crowd, "retention")
    assert buttons(visitor)[key] == "Make 4 test calls ($0.02)"
    visitor.button(key=key).click().run()
    assert "Make 4 test calls?" in told(visitor)
    assert "You listen to each afterwards" in told(visitor)
    visitor.button(key="bulk_confirm").click().run()
    assert {job.voice_id for job in uses(crowd)} == {item.voice.id for item in brought}
