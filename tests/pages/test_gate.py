"""Who gets in: the table of the fail-closed rule, row by row."""

from __future__ import annotations

import re
import threading
import time
import unicodedata
from datetime import timedelta
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from lib.registry import DatabaseUnavailable
from lib.studio.core.runtime import Listed
from lib.team import EXAMPLE_PASSPHRASE
from lib.ui.access import guessing, process
from lib.ui.access.gate import START_LOCALLY
from tests.pages import people
from tests.pages.house import (
    LOCAL_BROWSER,
    PAGES,
    RUN_SECONDS,
    TITLES,
    Headers,
    House,
    browser,
    go,
    is_inside,
    read,
    said,
    shown,
    team,
    texts,
)
from tests.pages.house import sign_in as fill_in_door
from tests.parts.processes import free_port
from tests.parts.statements import counted
from tests.sentences import WRONG_PASSPHRASE

NAME = "Wilhelmina Okonkwo"
PASSPHRASE = "correct horse battery staple"
ENTRY_FAULTS = (
    ('"short one"', "shorter than 12 characters"),
    (f'"{EXAMPLE_PASSPHRASE}"', "the one of the example"),
    ("true", "not one line of text"),
)


def sign_in(visitor: AppTest, typed: str = PASSPHRASE) -> AppTest:
    return fill_in_door(visitor, typed)


def sleeps_of_the_app(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long the threads in which pages run have slept from now on."""
    slept: list[float] = []
    sleep = time.sleep

    def note(seconds: float) -> None:
        if threading.current_thread() is not threading.main_thread():
            slept.append(seconds)
        sleep(seconds)

    monkeypatch.setattr(time, "sleep", note)
    return slept


@pytest.fixture
def inhabited(house: House, live_key: None) -> House:
    """A live library with one voice in it, opened on the operator's own machine before."""
    house.open(address="127.0.0.1")
    people.move_in(house.context, [people.clone(1, house.clock.now(), name=NAME)])
    assert NAME in shown(house.enter(address="127.0.0.1"))
    house.restart()
    return house


def test_the_pure_demo_is_open_to_all(house: House) -> None:
    assert is_inside(house.enter())


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("NANOGPT_API_KEY", "sk-nano-test"),
        ("NANOGPT_SESSION_COOKIE", "a-cookie"),
        ("KYMA_API_KEY", "kyma-test"),
        ("DATABASE_URL", "sqlite:///other.db"),
        ("VAULT_URL", "file:///somewhere"),
    ],
)
def test_anything_of_the_teams_closes_the_app(
    house: House, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    visitor = house.enter()
    assert not is_inside(visitor)
    assert "nobody is allowed in yet" in said(visitor)
    assert value not in shown(visitor)


def test_a_closed_app_shows_the_lines_to_paste_and_no_voice(inhabited: House) -> None:
    visitor = inhabited.enter()
    assert NAME not in shown(visitor)
    lines = "\n".join(texts(visitor.code))
    assert 'passphrase = "' in lines
    assert "trust_host = true" in lines
    assert "--server.address 127.0.0.1" in lines
    assert not visitor.text_input


def test_trust_in_the_host_opens_and_only_the_word_true_is_trust(
    inhabited: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    for line, opens in (
        ('trust_host = "true"', False),
        ("trust_host = 1", False),
        ("trust_host = false", False),
        ("trust_host = true", True),
    ):
        inhabited.restart()
        team(monkeypatch, line)
        assert is_inside(inhabited.enter()) is opens, line


def test_the_passphrase_opens_and_a_wrong_one_does_not(
    inhabited: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    team(monkeypatch, f'passphrase = "{PASSPHRASE}"')
    visitor = inhabited.enter()
    assert NAME not in shown(visitor)
    sign_in(visitor, "correct horse")
    assert not is_inside(visitor)
    assert WRONG_PASSPHRASE in said(visitor)
    assert NAME not in shown(visitor)
    assert is_inside(sign_in(visitor))
    inhabited.look()
    for page in PAGES:
        go(visitor, page)
        assert texts(visitor.title) == [TITLES[page]]
    assert NAME in shown(go(visitor, "home"))


def test_one_visitors_passphrase_opens_nothing_for_the_next(
    inhabited: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    team(monkeypatch, f'passphrase = "{PASSPHRASE}"')
    assert is_inside(sign_in(inhabited.enter()))
    assert not is_inside(inhabited.enter())


@pytest.mark.parametrize(
    "typed", ["", " ", "nöt thé phräse 🔑", "x" * 100_000, "\u0315\u0300" * 500_000]
)
def test_no_odd_text_is_the_passphrase(
    inhabited: House, monkeypatch: pytest.MonkeyPatch, typed: str
) -> None:
    team(monkeypatch, f'passphrase = "{PASSPHRASE}"')
    visitor = sign_in(inhabited.enter(), typed)
    assert not visitor.exception
    assert not is_inside(visitor)


@pytest.mark.parametrize(
    ("set_as", "typed"),
    [
        ("öffne dich, Sesam", unicodedata.normalize("NFD", "öffne dich, Sesam")),
        (unicodedata.normalize("NFD", "öffne dich, Sesam"), "öffne dich, Sesam"),
        (PASSPHRASE, f" {PASSPHRASE}\u00a0"),
        (f" {PASSPHRASE} ", PASSPHRASE),
    ],
)
def test_a_passphrase_is_the_same_however_a_keyboard_or_a_pasted_line_spells_it(
    inhabited: House, monkeypatch: pytest.MonkeyPatch, set_as: str, typed: str
) -> None:
    team(monkeypatch, f'passphrase = "{set_as}"')
    assert is_inside(sign_in(inhabited.enter(), typed))


def test_an_empty_passphrase_is_none(inhabited: House, monkeypatch: pytest.MonkeyPatch) -> None:
    team(monkeypatch, 'passphrase = ""')
    visitor = inhabited.enter()
    assert not is_inside(visitor)
    assert not visitor.text_input


@pytest.mark.parametrize("address", ["", "127.0.0.1"])
@pytest.mark.parametrize("beside", ["", "trust_host = true"])
def test_a_passphrase_that_is_set_is_asked_whatever_else_would_open(
    inhabited: House, monkeypatch: pytest.MonkeyPatch, address: str, beside: str
) -> None:
    team(monkeypatch, f'passphrase = "{PASSPHRASE}"', beside)
    visitor = inhabited.enter(address=address)
    assert not is_inside(visitor)
    assert visitor.text_input(key="signin_passphrase")
    assert is_inside(sign_in(visitor))


def test_a_demo_with_a_passphrase_asks_it(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    team(monkeypatch, f'passphrase = "{PASSPHRASE}"')
    visitor = house.enter()
    assert not is_inside(visitor)
    assert is_inside(sign_in(visitor))


def test_a_changed_passphrase_is_asked_of_those_who_are_in(
    inhabited: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    team(monkeypatch, f'passphrase = "{PASSPHRASE}"')
    visitor = inhabited.enter()
    assert is_inside(sign_in(visitor))
    inhabited.restart()
    team(monkeypatch, f'passphrase = "{PASSPHRASE}, and one more"')
    assert not is_inside(visitor.run())
    assert NAME not in shown(visitor)


def test_what_a_tab_sends_after_the_passphrase_changed_changes_nothing(
    inhabited: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Streamlit tells a page what was typed before it runs the page, and so before its door."""
    team(monkeypatch, f'passphrase = "{PASSPHRASE}"')
    visitor = sign_in(inhabited.enter())
    inhabited.look()
    go(visitor, "voice", id="voice-00001")
    visitor.text_input(key="rename_voice-00001").set_value("Renamed")
    visitor.multiselect(key="tags_voice-00001").set_value(["tagged"])
    team(monkeypatch, f'passphrase = "{PASSPHRASE}, and one more"')
    assert not is_inside(visitor.run())
    voice = inhabited.context.registry.voices.dossier("voice-00001").voice
    assert (voice.name, voice.tags) == (NAME, ())


@pytest.mark.parametrize(("passphrase", "sentence"), ENTRY_FAULTS)
def test_a_passphrase_that_cannot_be_used_shuts_the_door_and_the_keeper_works_on(
    inhabited: House, monkeypatch: pytest.MonkeyPatch, passphrase: str, sentence: str
) -> None:
    team(monkeypatch, f"passphrase = {passphrase}", "trust_host = true")
    visitor = inhabited.enter(address="127.0.0.1")
    assert not visitor.exception
    assert not is_inside(visitor)
    assert not visitor.text_input
    assert sentence in said(visitor)
    assert "at least 12 characters" in shown(visitor)
    assert NAME not in shown(visitor)
    inhabited.settle()
    assert len(inhabited.opened) == 1
    assert inhabited.look().failed == []


@pytest.mark.parametrize("line", ["", f'passphrase = "{PASSPHRASE}"', 'pasphrase = "x"'])
def test_the_keeper_works_as_soon_as_anybody_stands_before_a_closed_door(
    inhabited: House, monkeypatch: pytest.MonkeyPatch, line: str
) -> None:
    team(monkeypatch, line)
    for _ in range(3):
        assert not is_inside(inhabited.enter())
        inhabited.settle()
    assert len(inhabited.opened) == 1
    assert inhabited.look().checked == 1


@pytest.mark.usefixtures("live_key")
def test_visitors_before_a_closed_door_wait_for_no_library(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []
    answers = threading.Event()

    def out_of_reach(*given: object, **_: object) -> None:
        asked.append(given)
        answers.wait(RUN_SECONDS)
        raise DatabaseUnavailable("The database cannot be reached right now.")

    monkeypatch.setattr(process, "open_context", out_of_reach)
    team(monkeypatch, f'passphrase = "{PASSPHRASE}"')
    for _ in range(3):
        assert house.enter().text_input(key="signin_passphrase")
    assert len(asked) == 1
    answers.set()
    house.settle()
    house.enter()
    house.settle()
    assert len(asked) == 1, "an outage is not asked about at each visit"
    monkeypatch.setattr(process, "OPENS_AGAIN_AFTER", 0.0)
    house.enter()
    house.settle()
    assert len(asked) > 1


def test_a_keeper_that_finds_no_thread_begins_at_a_later_visit(
    inhabited: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A crowded machine: the door is drawn all the same, and the voices are not given up."""
    start, refused = threading.Thread.start, iter([True])

    def start_later(thread: threading.Thread) -> None:
        if thread.name == process.OPENING and next(refused, False):
            raise RuntimeError("can't start new thread")
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", start_later)
    monkeypatch.setattr(process, "OPENS_AGAIN_AFTER", 0.0)
    team(monkeypatch, f'passphrase = "{PASSPHRASE}"')
    for _ in range(2):
        visitor = inhabited.enter()
        assert not visitor.exception
        assert visitor.text_input(key="signin_passphrase")
        inhabited.settle()
    assert len(inhabited.opened) == 1


def test_a_shut_door_before_a_broken_library_is_still_a_sentence(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    team(monkeypatch, 'passphrase = "short"')
    monkeypatch.setenv("DATABASE_URL", f"postgresql://k:p@127.0.0.1:{free_port()}/voices")
    visitor = house.enter()
    assert not visitor.exception
    assert "shorter than 12 characters" in said(visitor)


def test_a_tab_that_guesses_has_to_pause_and_is_told_at_once(
    inhabited: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    team(monkeypatch, f'passphrase = "{PASSPHRASE}"')
    slept = sleeps_of_the_app(monkeypatch)
    guesser = inhabited.enter()
    pauses = []
    for _ in range(8):
        sign_in(guesser, "wrong horse")
        told = re.search(r"again in (\d+) s", said(guesser))
        pause = int(told[1]) if told else 0
        pauses.append(pause)
        if pause:
            sign_in(guesser, PASSPHRASE)
            assert f"wait {pause} s" in said(guesser)
            assert not is_inside(guesser)
        inhabited.clock.advance(timedelta(seconds=pause))
    assert pauses == [0, 0, 2, 4, 8, 16, 32, 60]
    assert is_inside(sign_in(guesser))
    assert slept == []


def test_guessers_neither_wait_nor_keep_a_colleague_out(
    inhabited: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    team(monkeypatch, f'passphrase = "{PASSPHRASE}"')
    slept = sleeps_of_the_app(monkeypatch)
    colleague = inhabited.enter()
    for _ in range(5):
        guesser = inhabited.enter()
        for _ in range(10):
            sign_in(guesser, "wrong horse")
        assert not is_inside(guesser)
    assert is_inside(sign_in(colleague))
    assert slept == []


def test_a_flood_of_guesses_is_one_line_in_the_log_and_a_warning_for_the_team(
    inhabited: House, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    team(monkeypatch, f'passphrase = "{PASSPHRASE}"')
    colleague = sign_in(inhabited.enter())
    assert "guessing" not in said(colleague.run())
    visitor = inhabited.enter()
    for _ in range(guessing.FLOOD):
        for key in (guessing.WRONG_TRIES, guessing.NEXT_TRY_AT):
            if key in visitor.session_state:
                del visitor.session_state[key]
        sign_in(visitor, "wrong horse")
    lines = [line for line in caplog.messages if "guessing the passphrase" in line]
    assert len(lines) == 1
    assert "wrong horse" not in caplog.text
    for page in ("home", "settings"):
        assert "Someone is trying to guess the passphrase" in said(go(colleague, page))
    assert "Someone is trying to guess" not in said(visitor.run())
    inhabited.clock.advance(guessing.WARN_FOR)
    assert "guessing" not in said(go(colleague, "home"))


@pytest.mark.parametrize(
    ("address", "opens"),
    [
        ("127.0.0.1", True),
        ("127.0.0.2", True),
        ("::1", True),
        ("localhost", True),
        ("", False),
        ("0.0.0.0", False),
        ("::", False),
        ("192.168.1.5", False),
        ("localhost.example.com", False),
        ("127.0.0.1.example.com", False),
    ],
)
def test_only_a_loopback_bind_address_opens(inhabited: House, address: str, opens: bool) -> None:
    assert is_inside(inhabited.enter(address=address)) is opens


@pytest.mark.parametrize(
    ("headers", "sentence"),
    [
        (
            (*LOCAL_BROWSER, ("X-Forwarded-For", "203.0.113.7")),
            "this visit carries X-Forwarded-For",
        ),
        (browser("evil.example:8501"), "You asked for another address."),
        (
            browser("localhost:8501", origin="http://localhost:3000"),
            "did not come from its own address",
        ),
        ((), "You asked for another address."),
    ],
)
def test_a_visit_from_elsewhere_finds_the_app_of_this_machine_closed_and_reads_why(
    inhabited: House, headers: Headers, sentence: str
) -> None:
    visitor = inhabited.enter(address="127.0.0.1", headers=headers)
    assert not is_inside(visitor)
    assert NAME not in shown(visitor)
    assert sentence in read("\n".join(texts(visitor.markdown)))
    assert START_LOCALLY in texts(visitor.code)


def test_a_live_library_that_lost_its_key_is_no_demo_for_all(
    inhabited: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NANOGPT_API_KEY")
    visitor = inhabited.enter()
    for page in PAGES:
        go(visitor, page)
        assert "This app is closed" in said(visitor), page
        assert NAME not in shown(visitor), page
    assert NAME in shown(inhabited.open(address="127.0.0.1"))


def test_a_team_that_lost_its_key_still_sees_its_voices(
    inhabited: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    team(monkeypatch, f'passphrase = "{PASSPHRASE}"')
    monkeypatch.delenv("NANOGPT_API_KEY")
    monkeypatch.setenv("VAULT_URL", f"file://{inhabited.folder / 'data' / 'vault'}")
    visitor = sign_in(inhabited.enter())
    inhabited.look()
    assert NAME in shown(visitor.run())


@pytest.mark.usefixtures("live_key")
def test_the_demo_beside_a_live_key_opens_nothing(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DEMO", "1")
    assert not is_inside(house.enter())


def test_a_database_out_of_reach_is_a_sentence(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    team(monkeypatch, "trust_host = true")
    address = f"postgresql://keeper:s3cr3t-pass@127.0.0.1:{free_port()}/voices"
    monkeypatch.setenv("DATABASE_URL", address)
    visitor = house.enter()
    assert not visitor.exception
    assert "The database cannot be reached right now." in said(visitor)
    for secret in ("s3cr3t-pass", "keeper:", "postgresql", "psycopg", "Traceback"):
        assert secret not in shown(visitor)
    monkeypatch.delenv("DATABASE_URL")
    house.restart()
    assert is_inside(house.enter())


@pytest.mark.parametrize("address", ["mysql://u:pw-9@h/d", "pw-9", "postgresql://u:pw-9@[::1/d"])
def test_an_address_of_no_database_is_a_sentence(
    house: House, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    team(monkeypatch, "trust_host = true")
    monkeypatch.setenv("DATABASE_URL", address)
    visitor = house.enter()
    assert not visitor.exception
    assert "DATABASE_URL" in said(visitor)
    assert "pw-9" not in shown(visitor)


@pytest.mark.parametrize(("line", "says"), [(3, "placeholder"), (4, "%40 for @")])
def test_what_has_to_be_changed_in_an_address_is_said_at_the_door(
    house: House, monkeypatch: pytest.MonkeyPatch, cases: Path, line: int, says: str
) -> None:
    team(monkeypatch, "trust_host = true")
    pasted = (cases / "settings" / "database-urls.txt").read_text("utf-8").splitlines()
    monkeypatch.setenv("DATABASE_URL", pasted[line])
    visitor = house.enter()
    assert not visitor.exception
    assert says in said(visitor)
    assert "right now" not in said(visitor)
    assert "p@ss" not in shown(visitor)


def test_a_database_that_breaks_later_is_a_sentence_on_each_page(house: House) -> None:
    visitor = house.open()
    with house.context.registry.database.write() as connection:
        for table in ("voices", "jobs", "takes", "notes", "accounts"):
            connection.exec_driver_sql(f"ALTER TABLE {table} RENAME TO {table}_gone")
    for page in PAGES:
        house.context.runtime.listed = Listed()  # what was read a moment ago is old by now
        go(visitor, page)
        assert not visitor.exception, page
        assert "A table or column of Voicekeep is missing" in said(visitor), page
        assert "Nothing was lost or spent." in shown(visitor), page


def test_a_vault_address_that_is_none_is_a_sentence(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    team(monkeypatch, "trust_host = true")
    monkeypatch.setenv("VAULT_URL", "s3://AKIA:hidden-key@bucket")
    visitor = house.enter()
    assert not visitor.exception
    assert "VAULT_URL" in said(visitor)
    assert "hidden-key" not in shown(visitor)


BAD_TOML = 'NANOGPT_API_KEY = "sk-nano-hidden\n[team'


def test_pasted_secrets_that_are_not_toml_are_a_sentence(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VOICEKEEP_SECRETS", BAD_TOML)
    _is_closed_with(house, "VOICEKEEP_SECRETS is not valid TOML.")


def test_a_secrets_file_that_is_not_toml_is_a_sentence(house: House, tmp_path: Path) -> None:
    (tmp_path / ".streamlit").mkdir()
    (tmp_path / ".streamlit" / "secrets.toml").write_text(BAD_TOML)
    _is_closed_with(house, "secrets.toml is not valid TOML.")


def test_a_value_of_the_wrong_kind_is_a_sentence(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    team(monkeypatch, "trust_host = true", 'monthly_budget_usd = "sk-nano-hidden"')
    _is_closed_with(house, "The value of monthly_budget_usd under [team]")


def _is_closed_with(house: House, sentence: str) -> None:
    visitor = house.enter()
    assert not visitor.exception
    assert sentence in said(visitor)
    assert "sk-nano-hidden" not in shown(visitor)
    assert not house.opened


def test_whether_a_sign_in_was_ended_is_asked_once_a_run_and_once_a_part_of_the_page(
    inhabited: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    team(monkeypatch, f'passphrase = "{PASSPHRASE}"')
    visitor = sign_in(inhabited.enter())
    inhabited.look()
    for page in PAGES:
        go(visitor, page)
        with counted(inhabited.context) as statements:
            visitor.run()
        assert not visitor.exception
        asked = [statement for statement in statements if "ended_sign_ins" in statement]
        assert 1 <= len(asked) <= 3, page
