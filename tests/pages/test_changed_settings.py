"""Settings that change while the app runs, that are not followed, or that Streamlit copied."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from sqlalchemy import func, select
from streamlit.testing.v1 import AppTest

from lib.registry import schema
from lib.ui.access import process
from tests.pages import people
from tests.pages.house import (
    KEY,
    LOOPBACK,
    PAGES,
    House,
    answer_for_the_browser,
    bound_to,
    go,
    read,
    said,
    shown,
    texts,
)
from tests.registry.records import everything

CHANGED = "Secrets have changed: restart the app"
TEAM = '[team]\npassphrase = "open sesame, friends"\n'


@pytest.fixture
def secrets(tmp_path: Path) -> Path:
    """The project's secrets file, which does not exist yet."""
    (tmp_path / ".streamlit").mkdir()
    return tmp_path / ".streamlit" / "secrets.toml"


def is_closed(visitor: AppTest) -> bool:
    return texts(visitor.title) == ["Voicekeep"]


# --- changes ----------------------------------------------------------------------------------


@pytest.mark.usefixtures("live_key")
def test_a_change_of_secrets_is_told_on_each_page_until_the_restart(
    house: House, secrets: Path
) -> None:
    secrets.write_text('APP_URL = "https://here.example"\n')
    visitor = house.open(address=LOOPBACK)
    with bound_to(LOOPBACK):
        assert CHANGED not in said(visitor.run())
        secrets.write_text('APP_URL = "https://elsewhere.example"\n')
        for page in PAGES:
            assert CHANGED in said(go(visitor, page)), page
        house.restart()
        assert CHANGED not in said(house.enter(address=LOOPBACK))
    assert house.context.settings.get("APP_URL") == "https://elsewhere.example"


@pytest.mark.usefixtures("live_key")
def test_a_file_that_is_written_again_as_it_was_changes_nothing(
    house: House, secrets: Path
) -> None:
    secrets.write_text('APP_URL = "https://here.example"\n')
    visitor = house.open(address=LOOPBACK)
    with bound_to(LOOPBACK):
        secrets.write_text('# a remark\nAPP_URL = "https://here.example"\n')
        assert CHANGED not in said(visitor.run())


def test_a_key_shuts_a_public_demo_at_once(house: House, secrets: Path) -> None:
    visitor = house.open()
    secrets.write_text(f'NANOGPT_API_KEY = "{KEY}"\n')
    assert is_closed(visitor.run())
    assert is_closed(house.enter("settings"))


def test_a_passphrase_is_asked_from_the_moment_it_is_set(house: House, secrets: Path) -> None:
    visitor = house.open()
    secrets.write_text(TEAM)
    assert is_closed(visitor.run())
    answer_for_the_browser(visitor)
    assert visitor.text_input(key="signin_passphrase")


def test_secrets_that_break_while_the_app_runs_close_it(house: House, secrets: Path) -> None:
    secrets.write_text(TEAM)
    visitor = house.enter()
    secrets.write_text(f"{TEAM}[team")
    assert "secrets.toml is not valid TOML." in said(visitor.run())


# --- where a value came from ------------------------------------------------------------------


@pytest.fixture
def copied(monkeypatch: pytest.MonkeyPatch, secrets: Path) -> None:
    """A key in the secrets file, which Streamlit put into the environment as it started."""
    secrets.write_text(f'NANOGPT_API_KEY = "{KEY}"\n')
    monkeypatch.setenv("NANOGPT_API_KEY", KEY)
    monkeypatch.setenv("NANOGPT_BASE_URL", "http://127.0.0.1:9/api")


@pytest.mark.usefixtures("copied")
def test_what_streamlit_copied_is_told_to_come_from_the_file(house: House) -> None:
    visitor = house.open("settings", address=LOOPBACK)
    assert "NANOGPT_API_KEY was set in secrets.toml." in read("\n".join(texts(visitor.caption)))


@pytest.mark.usefixtures("copied")
def test_a_copy_that_is_out_of_date_wins_over_nothing(
    house: House, secrets: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.open(address=LOOPBACK)
    secrets.write_text('NANOGPT_API_KEY = "sk-nano-another"\n')
    assert os.environ["NANOGPT_API_KEY"] == KEY
    assert CHANGED in said(house.enter(address=LOOPBACK))
    house.restart()
    monkeypatch.setenv("NANOGPT_API_KEY", "sk-nano-another")
    house.enter(address=LOOPBACK)
    assert house.context.settings.get("NANOGPT_API_KEY") == "sk-nano-another"


@pytest.mark.usefixtures("copied")
def test_the_environments_own_value_is_the_environments(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NANOGPT_API_KEY", "sk-nano-of-the-environment")
    house.enter(address=LOOPBACK)
    assert house.context.settings.origins["NANOGPT_API_KEY"] == "environment"
    assert house.context.settings.get("NANOGPT_API_KEY") == "sk-nano-of-the-environment"


# --- what is not followed ---------------------------------------------------------------------


@pytest.mark.usefixtures("live_key")
def test_settings_names_what_is_not_followed_and_no_value(house: House, secrets: Path) -> None:
    secrets.write_text(
        'vault_url = "never-shown"\nSMTP_HOST = "never-shown"\n[team]\nkeep_polcy = "never-shown"\n'
    )
    visitor = house.open("settings", address=LOOPBACK)
    for named in ("vault_url", "VAULT_URL", "SMTP_HOST", "keep_polcy under [team]"):
        assert named in said(visitor)
    assert "never-shown" not in shown(visitor)


@pytest.mark.usefixtures("live_key")
def test_settings_that_are_followed_are_no_news(house: House, secrets: Path) -> None:
    secrets.write_text("[team]\ntrust_host = true\n")
    assert "takes effect" not in said(house.open("settings"))


@pytest.mark.usefixtures("live_key")
def test_the_closed_door_names_near_misses_only(house: House, secrets: Path) -> None:
    secrets.write_text('SMTP_HOST = "never-shown"\n[team]\npasphrase = "never-shown"\n')
    visitor = house.enter()
    assert is_closed(visitor)
    assert "pasphrase under [team]" in read("\n".join(texts(visitor.caption)))
    assert "SMTP" not in shown(visitor)
    assert "never-shown" not in shown(visitor)


@pytest.mark.parametrize("address", ["", LOOPBACK])
@pytest.mark.parametrize("case", ["lowercase.toml", "in-sections.toml"])
def test_with_no_key_understood_the_app_stays_shut_and_is_no_demo(
    house: House, secrets: Path, cases: Path, case: str, address: str
) -> None:
    secrets.write_bytes((cases / "settings" / case).read_bytes())
    visitor = house.enter(address=address)
    with bound_to(address):
        for page in PAGES:
            go(visitor, page)
            assert is_closed(visitor), page
            assert "NANOGPT_API_KEY" in said(visitor), page
    assert not house.opened
    assert "sk-nano-1" not in shown(visitor)


def test_a_file_with_a_byte_order_mark_asks_for_its_passphrase(
    house: House, secrets: Path, cases: Path
) -> None:
    secrets.write_bytes((cases / "settings" / "bom.toml").read_bytes())
    visitor = house.enter()
    assert visitor.text_input(key="signin_passphrase")
    assert not visitor.error


# --- pages only look --------------------------------------------------------------------------


@pytest.mark.usefixtures("live_key")
def test_drawing_each_page_writes_nothing(house: House) -> None:
    """Not even the account of a key that was never seen; no keeper is at work."""
    visitor = house.enter(address=LOOPBACK)
    context = house.context
    people.move_in(context, people.mixture(12, house.clock.now(), context.live_vault.name))
    context.runtime.reconciliation.finished = True
    before = everything(context.registry)
    with bound_to(LOOPBACK):
        for page in PAGES:
            assert not go(visitor, page).exception, page
        for voice in ("voice-00001", "voice-00002"):
            for page in ("retention", "playground", "jobs"):
                assert not go(visitor, page, voice=voice).exception, page
    assert everything(context.registry) == before
    with context.registry.database.read() as connection:
        assert connection.scalar(select(func.count()).select_from(schema.accounts)) == 0


@pytest.mark.usefixtures("house", "live_key")
def test_slips_in_the_environment_are_told_in_the_order_of_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    slips = ["NOTIFY_URSL", "KYMA_API_KYE", "NANOGPT_BASE_ULR", "DEMO_SPED", "KYMA_BASE_ULR"]
    for name in slips:
        monkeypatch.setenv(name, "something")
    assert [item.name for item in process.load_settings().problems if item.name in slips] == slips
