"""The steps on Settings: what is next is unfolded, its button tests it, and a member sees none."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from lib import keeper
from lib.roles import Person, TeamRole
from lib.services import NANOGPT
from lib.studio.alerts import checks
from lib.studio.alerts.deployment import State, Step
from lib.ui.settings import pasting
from lib.ui.settings.steps import BADGES, DOES_WITHOUT, FROM_DEMO, NEXT, STEPS, TOGETHER
from tests.clients.scripted_server import ScriptedServer, reply
from tests.pages.house import KEY, LOOPBACK, House, bound_to, read, said, shown, texts
from tests.parts.persons import named

pytestmark = pytest.mark.usefixtures("no_showcase")

TRUSTED = "[team]\ntrust_host = true\n"


def steps(visitor: AppTest) -> list[str]:
    """The badge in each step's heading."""
    assert not visitor.exception
    titles = [f"**{number}. {STEPS[step].title}** " for number, step in enumerate(Step, start=1)]
    labels = [str(part.label) for part in visitor.expander]
    return [
        label.removeprefix(title) for title in titles for label in labels if label.startswith(title)
    ]


def opened(visitor: AppTest) -> list[str]:
    """The headings of what is unfolded."""
    return [str(part.label) for part in visitor.expander if part.proto.expanded]


def primary(visitor: AppTest) -> list[str]:
    return [str(button.key) for button in visitor.button if button.proto.type == "primary"]


def codes(visitor: AppTest) -> str:
    return "\n".join(texts(visitor.code))


def test_in_the_demo_the_steps_are_the_way_to_real_voices(house: House) -> None:
    visitor = house.open("settings")
    todo = BADGES[State.MISSING]
    assert steps(visitor) == [NEXT, todo, todo, todo, todo]
    assert f"{FROM_DEMO} {TOGETHER}" in texts(visitor.markdown)
    assert [label for label in opened(visitor) if NEXT in label] == opened(visitor)
    assert primary(visitor) == ["step_pasted_key"]
    for ways in pasting.WAYS.values():
        for way in ways:
            assert way.lines.strip() in codes(visitor)


def test_in_the_demo_on_an_own_machine_only_the_key_is_asked_for(house: House) -> None:
    visitor = house.open("settings", address=LOOPBACK)
    assert steps(visitor) == [NEXT, *[BADGES[State.OPTIONAL]] * 4]
    assert f"{FROM_DEMO} {DOES_WITHOUT}" in texts(visitor.markdown)


def test_the_button_says_whether_it_was_pasted_and_a_restart_is_asked_for(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    visitor = house.open("settings")
    pressed = visitor.button(key="step_pasted_key").click().run()
    assert "not in the settings yet" in said(pressed)
    monkeypatch.setenv("NANOGPT_API_KEY", KEY)
    monkeypatch.setenv("VOICEKEEP_SECRETS", TRUSTED)
    visitor = house.enter("settings")
    assert steps(visitor)[0] == BADGES[State.RESTART]
    assert steps(visitor)[2] == BADGES[State.DONE]
    assert pasting.RESTART in texts(visitor.info)
    assert primary(visitor) == []


def test_a_hosted_app_goes_from_step_to_step_as_each_test_passes(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ScriptedServer() as server:
        server.then(*[reply({"usd_balance": "7.00"})] * 6)
        for name, value in {
            "NANOGPT_API_KEY": KEY,
            "NANOGPT_BASE_URL": f"{server.origin}/api",
            "VAULT_URL": f"file://{house.folder / 'vault'}",
            "NOTIFY_URLS": f"{server.origin.replace('http', 'json')}/t0ken",
            "VOICEKEEP_SECRETS": TRUSTED,
        }.items():
            monkeypatch.setenv(name, value)
        visitor = house.enter("settings")
        done, untested = BADGES[State.DONE], BADGES[State.UNTESTED]
        assert steps(visitor)[:4] == [untested, untested, done, untested]
        assert primary(visitor) == ["step_test_key"]
        house.look()
        visitor.run()
        assert steps(visitor)[:4] == [done, done, done, untested]
        assert primary(visitor) == ["step_test_warnings"]
        visitor.button(key="step_test_warnings").click().run()
        assert steps(visitor)[3] == BADGES[State.TESTING]
        assert visitor.button(key="step_test_warnings").disabled
        house.look()
        visitor.run()
        assert steps(visitor) == [done, done, done, done, NEXT]
        keeper.one_pass(replace(house.context, outside=True))
        visitor.run()
    assert steps(visitor) == [done] * 5
    assert not any("step_" in key for key in primary(visitor))
    assert opened(visitor) == []
    assert "t0ken" not in shown(visitor)
    assert KEY not in shown(visitor)


@pytest.mark.usefixtures("live_key", "closed_bucket")
def test_a_test_that_fails_unfolds_its_step_and_can_be_made_again(house: House) -> None:
    visitor = house.open("settings", address=LOOPBACK)
    trouble = BADGES[State.TROUBLE]
    assert steps(visitor)[:2] == [trouble, trouble]
    assert sum(trouble in label for label in opened(visitor)) == 2
    assert primary(visitor) == ["step_test_key"]
    assert "VAULT_URL" in codes(visitor)
    with bound_to(LOOPBACK):
        visitor.button(key="step_test_storage").click().run()
    notes = house.context.registry.notes.all()
    assert notes[checks.PREFIX + checks.VAULT].asked_at == house.clock.now()
    assert notes[checks.PREFIX + NANOGPT].asked_at is None


def test_on_an_own_machine_nothing_is_left_to_do_once_the_key_works(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ScriptedServer([reply({"usd_balance": "7.00"})] * 3) as server:
        monkeypatch.setenv("NANOGPT_API_KEY", KEY)
        monkeypatch.setenv("NANOGPT_BASE_URL", f"{server.origin}/api")
        visitor = house.open("settings", address=LOOPBACK)
    assert steps(visitor) == [BADGES[State.DONE], *[BADGES[State.OPTIONAL]] * 4]
    assert any(DOES_WITHOUT in caption for caption in texts(visitor.caption))
    assert "**NanoGPT**: The key works." in read("\n".join(texts(visitor.markdown)))
    assert opened(visitor) == []
    assert primary(visitor) == []


@pytest.mark.usefixtures("live_key")
@pytest.mark.parametrize("role", [TeamRole.VIEWER, TeamRole.MEMBER])
def test_who_runs_the_app_is_shown_the_steps_and_nobody_else(
    house: House, act_as: Callable[[Person], None], role: TeamRole
) -> None:
    act_as(named("Vera", role))
    visitor = house.open("settings", address=LOOPBACK)
    assert steps(visitor) == []
    assert pasting.WAYS[Step.STORAGE][0].lines.strip() not in codes(visitor)
    assert "**Storage**" in " ".join(str(part.label) for part in visitor.expander)
