"""A sleeping app keeps nothing: said where keeping is left for later, while it is alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from streamlit.testing.v1 import AppTest

from lib import keeper
from lib.keeper.signs import SEEN_WITHIN
from lib.models import KeepPolicy
from lib.ui.adoption import adopting
from lib.ui.clone import designing
from lib.ui.shared.sleeping import CLOSED, SLEEPS
from tests.pages.house import KEY, LOOPBACK, House, bound_to, read, said, texts
from tests.pages.retention_table import choose
from tests.parts.processes import free_port
from tests.registry.records import a_voice

pytestmark = pytest.mark.usefixtures("no_showcase")


@pytest.fixture
def hosted(house: House, monkeypatch: pytest.MonkeyPatch) -> House:
    """A team's app at a host that checks visitors itself."""
    nobody = f"http://127.0.0.1:{free_port()}"
    for name, value in {
        "NANOGPT_API_KEY": KEY,
        "NANOGPT_BASE_URL": f"{nobody}/api",
        "KYMA_API_KEY": "ky-test",
        "KYMA_BASE_URL": f"{nobody}/v1",
        "VAULT_URL": f"file://{house.folder / 'vault'}",
        "VOICEKEEP_SECRETS": "[team]\ntrust_host = true\n",
    }.items():
        monkeypatch.setenv(name, value)
    return house


def captions(visitor: AppTest) -> str:
    assert not visitor.exception
    return read("\n".join(texts(visitor.caption)))


def chosen(visitor: AppTest, policy: KeepPolicy) -> str:
    """What stands on the clone page below this choice."""
    return captions(visitor.radio(key="clone_keep").set_value(policy).run())


def test_a_clone_that_is_kept_later_is_warned_about(hosted: House) -> None:
    visitor = hosted.open("clone")
    assert SLEEPS in chosen(visitor, KeepPolicy.BEFORE_DEADLINE)
    assert SLEEPS in chosen(visitor, KeepPolicy.ASK)
    assert "sleep" not in chosen(visitor, KeepPolicy.AT_ONCE)
    assert SLEEPS in captions(visitor.selectbox(key="clone_refresh").set_value(6).run())


def test_a_keeper_outside_is_believed_for_two_days(hosted: House) -> None:
    visitor = hosted.open("clone")
    keeper.one_pass(replace(hosted.context, outside=True))
    hosted.clock.advance(SEEN_WITHIN)
    hosted.look()  # the app's own keeper sleeps when the app does
    assert "sleep" not in chosen(visitor, KeepPolicy.ASK)
    hosted.clock.advance(timedelta(seconds=1))
    assert SLEEPS in chosen(visitor, KeepPolicy.ASK)


def test_on_the_operators_own_machine_the_app_can_only_be_closed(
    hosted: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("VOICEKEEP_SECRETS")
    with bound_to(LOOPBACK):
        told = chosen(hosted.open("clone", address=LOOPBACK), KeepPolicy.ASK)
    assert CLOSED in told
    assert SLEEPS not in told


def test_the_demo_risks_nothing(house: House) -> None:
    visitor = house.open("clone")
    told = chosen(visitor, KeepPolicy.ASK)
    assert "outside this app" not in told
    assert "outside it" not in told


def test_voices_that_are_to_be_kept_in_another_way_are_warned_about(hosted: House) -> None:
    hosted.open("retention")
    clock = hosted.clock.now()
    hosted.context.registry.voices.add(a_voice(id="mine", created_at=clock, clock_start=clock))
    visitor = hosted.enter("voice", id="mine")
    assert "sleep" not in captions(visitor)
    visitor.selectbox(key="policy_mine").set_value(KeepPolicy.ASK).run()
    assert SLEEPS in captions(visitor)


def test_many_voices_that_are_to_be_kept_in_another_way_are_warned_about(hosted: House) -> None:
    hosted.open("retention")
    clock = hosted.clock.now()
    hosted.context.registry.voices.add(a_voice(name="Mine", created_at=clock, clock_start=clock))
    visitor = hosted.enter("retention")
    choose(visitor, "Mine")
    visitor.button(key="bulk_policy").click().run()
    assert "sleep" not in captions(visitor)
    visitor.selectbox(key="bulk_policy_keep").set_value(KeepPolicy.BEFORE_DEADLINE).run()
    assert SLEEPS in captions(visitor)


def test_a_design_that_is_to_be_used_again_is_warned_about(hosted: House) -> None:
    visitor = hosted.open("clone")
    visitor.segmented_control(key="clone_way").set_value(designing.WAY).run()
    assert "sleep" not in captions(visitor)  # it is kept at once
    visitor.selectbox(key="design_refresh").set_value(30).run()
    assert SLEEPS in captions(visitor)


@pytest.mark.parametrize(("line", "warned"), [("Marlow1234567", True), ("ash, , inworld", False)])
def test_voices_adopted_without_a_test_call_are_warned_about(
    hosted: House, line: str, warned: bool
) -> None:
    visitor = hosted.open("clone")
    visitor.segmented_control(key="clone_way").set_value(adopting.WAY).run()
    visitor.segmented_control(key="adopt_what").set_value(adopting.LIST).run()
    visitor.text_area(key="adopt_lines").set_value(line).run()
    assert SLEEPS not in captions(visitor)
    visitor.checkbox(key="adopt_test").uncheck().run()
    assert (SLEEPS in captions(visitor)) is warned


def test_settings_names_the_largest_risk_until_a_keeper_outside_was_heard_of(
    hosted: House,
) -> None:
    told = said(hosted.open("settings"))
    assert f"This is the largest risk here.** {SLEEPS}" in told
    keeper.one_pass(replace(hosted.context, outside=True))
    hosted.clock.advance(timedelta(hours=3))
    visitor = hosted.enter("settings")
    assert "largest risk" not in said(visitor)
    assert "A keeper outside this app last ran 3 h ago." in read("\n".join(texts(visitor.markdown)))
