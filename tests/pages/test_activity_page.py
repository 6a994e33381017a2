"""Activity: who did what, for admins; filtered, kept in a link, and taken along as a CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from lib.event_kinds import EventKind
from lib.services import DEMO
from tests.pages import people
from tests.pages.house import LOOPBACK, House, bound_to, go, said, shown, sign_in, texts
from tests.pages.saving import Saved, fetch

pytestmark = pytest.mark.usefixtures("no_showcase")

PASSPHRASE = "correct horse battery staple"
HOUR = timedelta(hours=1)
HOSTILE = "=cmd|' /C calc'!A0 **bold** <script>"
Note = Callable[..., None]


@pytest.fixture
def note(house: House) -> Note:
    """An opened demo library with two voices; notes that somebody did something."""
    house.open()
    now = house.clock.now()
    voices = [
        people.clone(number, now, name=name, service=DEMO)
        for number, name in enumerate(("Grace", "Alan"))
    ]
    people.move_in(house.context, voices)

    def note(person: str, what: str, kind: EventKind, *, voice: int | None = None) -> None:
        house.clock.advance(HOUR)
        voice_id = "" if voice is None else f"voice-{voice:05d}"
        at = house.clock.now()
        house.context.registry.events.add(person, what, voice_id, at, kind=kind)

    return note


def rows(visitor: AppTest) -> list[dict[str, Any]]:
    """The table, row by row; none where there is no table."""
    return [row for frame in visitor.dataframe for row in frame.value.to_dict("records")]


def deeds(visitor: AppTest) -> list[str]:
    return [f"{row['Who']}: {row['What']}" for row in rows(visitor)]


def test_the_newest_deed_comes_first_with_its_voice_and_what_it_costs(
    house: House, note: Note
) -> None:
    note("Ada", "renamed it from “G”", EventKind.CHANGED, voice=0)
    said_by_alan = people.speech(
        1, people.clone(1, house.clock.now(), service=DEMO), "Hi", vault=""
    )
    house.context.registry.jobs.order(said_by_alan.job)
    note("Bea", "named an account", EventKind.ACCOUNT)
    visitor = house.enter("activity")
    assert not visitor.exception
    assert deeds(visitor) == [
        "Bea: Named an account",
        "Ada: Renamed it from “G”",
        "Ada: Ordered: speech",
    ]
    account, renamed, ordered = rows(visitor)
    assert (account["Voice"], account["Amount"], account["Demo"]) == ("", "", "")
    assert (renamed["Voice"], renamed["Demo"]) == ("Grace", "Demo")
    assert (ordered["Voice"], ordered["Amount"]) == ("Alan", "$0.01 play money")
    assert "3 lines." in " ".join(texts(visitor.caption))


def test_a_link_keeps_the_filter(house: House, note: Note) -> None:
    note("Ada", "archived it", EventKind.CHANGED, voice=0)
    note("Bea", "archived it", EventKind.CHANGED, voice=1)
    note("Ada", "added it", EventKind.ADOPTED, voice=1)
    note("", "entered a wrong passphrase", EventKind.REFUSED)
    for query, expected in (
        ({"activity_who": "Ada"}, ["Ada: Added it", "Ada: Archived it"]),
        ({"activity_what": "Sign-in refused"}, ["Unknown visitor: Entered a wrong passphrase"]),
        ({"activity_voice": "ALAN"}, ["Ada: Added it", "Bea: Archived it"]),
        ({"activity_voice": "alan", "activity_who": "Bea"}, ["Bea: Archived it"]),
        ({"activity_until": "2001-01-01"}, []),
    ):
        visitor = house.enter("activity", **query)
        assert not visitor.exception
        assert deeds(visitor) == expected, query
    assert "Nothing matches these filters." in texts(visitor.markdown)
    visitor.button(key="activity_clear").click().run()
    assert len(rows(visitor)) == 4


def test_days_are_those_of_the_viewer(house: House, note: Note) -> None:
    note("Ada", "archived it", EventKind.CHANGED, voice=0)
    first = house.clock.now().date()
    house.clock.advance(timedelta(days=3))
    note("Bea", "archived it", EventKind.CHANGED, voice=1)
    visitor = house.enter("activity")
    visitor.date_input(key="activity_from").set_value(first + timedelta(days=1)).run()
    assert deeds(visitor) == ["Bea: Archived it"]
    visitor.date_input(key="activity_from").set_value(first).run()
    visitor.date_input(key="activity_until").set_value(first).run()
    assert deeds(visitor) == ["Ada: Archived it"]


def test_strange_filters_in_an_address_are_harmless(house: House, note: Note) -> None:
    note("Ada", "archived it", EventKind.CHANGED, voice=0)
    for text in ("", "' OR 1=1 --", "%", "x" * 5_000, "<script>", "99999-99-99", "\u202e\u0000"):
        for name in ("who", "what", "voice", "from", "until"):
            visitor = house.enter("activity", **{f"activity_{name}": text})
            assert not visitor.exception, (name, text)
            assert not visitor.error, (name, text)


def test_a_hundred_lines_are_shown_and_more_on_demand(house: House, note: Note) -> None:
    for number in range(250):
        person = "Ada" if number % 2 else "Bea"
        note(person, f"did {number}", EventKind.CHANGED, voice=0)
    visitor = house.enter("activity")
    assert len(rows(visitor)) == 100
    assert "The newest 100 of 250." in " ".join(texts(visitor.caption))
    visitor.button(key="activity_more").click().run()
    assert len(rows(visitor)) == 200
    visitor.button(key="activity_more").click().run()
    assert len(rows(visitor)) == 250
    assert not [button for button in visitor.button if button.key == "activity_more"]
    visitor.multiselect(key="activity_who").set_value(["Ada"]).run()
    assert len(rows(visitor)) == 100


def test_a_csv_has_what_the_filter_lets_through_and_nothing_that_a_spreadsheet_computes(
    house: House, note: Note, saved: Saved
) -> None:
    for person in (HOSTILE, "+1", "-1", "@sum", "\t=1", " =1", "Ödön, “the” quoted"):
        note(person, '=HYPERLINK("https://evil.example")\r\nnext', EventKind.CHANGED, voice=0)
    note("Bea", "added it", EventKind.ADOPTED)
    visitor = house.enter("activity", activity_what="Voice changed")
    name, kind, body = fetch(visitor, saved, "activity_save")
    assert (name, kind) == ("voicekeep-activity.csv", "text/csv")
    assert body.startswith(b"\xef\xbb\xbf")
    head, *lines = csv.reader(io.StringIO(body.decode("utf-8-sig"), newline=""))
    assert head[:3] == ["When (UTC)", "Who", "What"]
    assert [line[1] for line in lines] == [
        "Ödön, “the” quoted", "' =1", "'\t=1", "'@sum", "'-1", "'+1", f"'{HOSTILE}",
    ]  # fmt: skip
    assert {line[2][:11] for line in lines} == {"'=HYPERLINK"}
    assert {line[4] for line in lines} == {"Grace"}
    assert lines[0][0] == f"{house.clock.now() - HOUR:%Y-%m-%d %H:%M:%S}"


def test_a_strangers_name_is_plain_text(house: House, note: Note) -> None:
    house.context.registry.voices.change("voice-00000", name=HOSTILE)
    note(HOSTILE, HOSTILE, EventKind.CHANGED, voice=0)
    visitor = house.enter("activity")
    visitor.session_state["activity_table"] = {"selection": {"rows": [0]}}
    visitor.run()
    assert not visitor.exception
    (line,) = rows(visitor)
    assert (line["Who"], line["Voice"]) == (HOSTILE, HOSTILE)
    everywhere = [*texts(visitor.markdown), *texts(visitor.caption)]
    assert not [text for text in everywhere if "**bold**" in text]
    assert r"\*\*bold\*\*" in shown(visitor).replace("\\\\", "\\")


def test_in_a_live_library_the_demos_deeds_are_left_out(
    house: House, note: Note, monkeypatch: pytest.MonkeyPatch
) -> None:
    note("Ada", "archived it", EventKind.CHANGED, voice=0)
    note("Bea", "named an account", EventKind.ACCOUNT)
    house.restart()
    monkeypatch.setenv("NANOGPT_API_KEY", "sk-nano-test")
    house.enter(address=LOOPBACK)
    house.context.runtime.reconciliation.finished = True
    visitor = house.enter("activity", address=LOOPBACK)
    assert deeds(visitor) == ["Bea: Named an account"]
    assert "Demo" not in rows(visitor)[0]


@pytest.fixture
def team(house: House, live_key: None, monkeypatch: pytest.MonkeyPatch) -> House:
    """A team's library with a deed in it, which asks for a passphrase, and another for admins."""
    house.enter(address=LOOPBACK)
    house.context.registry.events.add(
        "Ada", "named an account", "", house.clock.now(), kind=EventKind.ACCOUNT
    )
    house.restart()
    lines = ("[team]", f'passphrase = "{PASSPHRASE}"', f'admin_passphrase = "{PASSPHRASE[::-1]}"')
    monkeypatch.setenv("VOICEKEEP_SECRETS", "\n".join(lines))
    return house


def elevate(visitor: AppTest, typed: str) -> AppTest:
    visitor.text_input(key="elevate_passphrase").set_value(typed)
    return visitor.button(key="elevate_go").click().run()


def test_only_an_admin_sees_it_and_how_one_became_that_is_in_it(team: House) -> None:
    visitor = team.enter()
    sign_in(visitor, "a wrong passphrase", name="Bea")
    sign_in(visitor, PASSPHRASE, name="Bea")
    team.context.runtime.reconciliation.finished = True
    go(visitor, "activity")
    assert not visitor.exception
    assert not visitor.dataframe
    assert not visitor.download_button
    assert "Ada" not in shown(visitor)
    elevate(visitor, PASSPHRASE)
    assert not visitor.dataframe
    team.clock.advance(timedelta(minutes=1))
    elevate(visitor, PASSPHRASE[::-1])
    assert sorted(deeds(visitor)) == [
        "Ada: Named an account",
        "Bea: Became an admin for a while",
        "Bea: Entered a wrong passphrase to become an admin",
        "Bea: Signed in",
        "Unknown visitor: Entered a wrong passphrase",
    ]
    assert "a wrong passphrase" not in said(visitor)
    team.clock.advance(timedelta(minutes=16))
    visitor.run()
    assert not visitor.dataframe


def test_a_link_to_it_asks_strangers_to_sign_in(team: House) -> None:
    with bound_to(""):
        visitor = team.enter("activity")
    assert visitor.text_input(key="signin_passphrase")
    assert "Ada" not in shown(visitor)
