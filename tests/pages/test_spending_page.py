"""Spending: the sums of a month, what is left of budgets, and a table to take along."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from lib.models import Job, JobKind, JobState, Money
from lib.roles import Person, TeamRole
from lib.services import DEMO, NANOGPT
from lib.studio.core.records import Amounts
from lib.studio.core.usage import Compared
from lib.studio.library.spending import Ahead, Figures, Period
from lib.ui.spending import beside, choosing, picture
from tests.pages import people
from tests.pages.house import LOOPBACK, House, bound_to, read, sentences
from tests.pages.saving import Saved, fetch
from tests.parts.clock import START
from tests.parts.persons import named
from tests.parts.statements import counted

ActAs = Callable[[Person], None]
MONTH = timedelta(days=31)
LIMITS = "[team]\ntrust_host = true\nmonthly_budget_usd = 5\nmember_budget_usd = 2.5\n"
NOVEMBER = Period(date(2026, 11, 1))


def paid(number: int, at: datetime, person: str, **fields: object) -> Job:
    made = people.clone(number, at).jobs[0]
    order = replace(made, created_at=at, submitted_at=at, person=person)
    return replace(order, **fields)  # type: ignore[arg-type]


@pytest.fixture
def library(
    house: House, live_key: None, no_showcase: None, monkeypatch: pytest.MonkeyPatch
) -> House:
    """A month with money of every kind, and the one before; the demo is shown beside it."""
    monkeypatch.setenv("VOICEKEEP_SECRETS", LIMITS)
    monkeypatch.setenv("DEMO", "1")
    house.open()
    now = house.clock.now()
    voices = [
        people.clone(1, now, name="Mary **Shelley**"),
        people.clone(2, now - MONTH, name="=Alan"),
    ]
    failed = paid(3, now, "Ben", state=JobState.FAILED, refunded=Money.usd("0.25"))
    lost = paid(4, now, "Ben", state=JobState.UNKNOWN, charged=None)
    waits = paid(5, now, "Ben", state=JobState.WAITING, charged=None, kind=JobKind.SPEECH)
    play = paid(6, now, "Ben", service=DEMO)
    moved = [replace(voices[0], jobs=(*voices[0].jobs, failed, lost, waits, play)), voices[1]]
    people.move_in(house.context, moved)
    return house


def enter(house: House) -> AppTest:
    return house.enter("spending")


def bounds(visitor: AppTest) -> list[str]:
    """What is told of each budget above its bar."""
    return [read(bar.proto.text) for bar in visitor.get("progress")]  # type: ignore[attr-defined]


def test_the_present_month_is_told_with_its_budgets(library: House) -> None:
    told = sentences(enter(library))
    assert "$3.75 in November 2026" in told
    assert "$2.00 charged · $0.25 refunded · $1.00 reserved · $1.00 unconfirmed" in told
    assert bounds(enter(library)) == [
        "The team's budget: $1.25 of $5.00 left",
        "Your own budget: $1.50 of $2.50 left",
    ]
    assert "$1.75 spent, $2.00 reserved" in told
    assert "Resets on 1 December (UTC)." in told


def test_money_is_shown_by_what_was_chosen_and_in_the_month_that_was_chosen(
    library: House,
) -> None:
    visitor = enter(library)
    (table,) = visitor.dataframe
    assert list(table.value["Person"]) == ["Ben", "Ada"]
    assert list(table.value["Total"]) == [2.75, 1.0]
    visitor.button_group(key="spending_by").set_value("voice").run()
    (table,) = visitor.dataframe
    assert dict(zip(table.value["Voice"], table.value["Total"], strict=True)) == {
        "Mary **Shelley**": 1.0,
        "Voices that are gone": 2.75,
    }
    visitor.selectbox(key="spending_month").set_value(date(2026, 10, 1)).run()
    assert not visitor.exception
    assert list(visitor.dataframe[0].value["Voice"]) == ["=Alan"]
    assert bounds(visitor) == []
    visitor.selectbox(key="spending_month").set_value(choosing.ALL).run()
    assert "$4.75 in all months" in sentences(visitor)


def test_a_spreadsheet_reads_the_csv_and_comes_to_the_same_sum(
    library: House, saved: Saved
) -> None:
    visitor = enter(library)
    visitor.selectbox(key="spending_month").set_value(choosing.ALL).run()
    name, kind, body = fetch(visitor, saved, "spending_save")
    assert (name, kind) == ("voicekeep-spending.csv", "text/csv")
    found = pd.read_csv(io.BytesIO(body), dtype=str)
    assert list(found.columns[:5]) == ["Month (UTC)", "Person", "Voice", "Service", "Kind"]
    assert sum(map(Decimal, found["Total"])) == Decimal("4.75")
    assert set(found["Currency"]) == {"USD"}
    assert "'=Alan" in set(found["Voice"])
    assert set(found["Month (UTC)"]) == {"2026-10", "2026-11"}
    assert set(found["Kind"]) == {"Clone", "Speech"}


def test_play_money_is_never_added_to_real_money(library: House) -> None:
    visitor = enter(library)
    assert "$3.75 in November 2026" in sentences(visitor)
    visitor.button_group(key="spending_money").set_value("Play money (demo)").run()
    assert not visitor.exception
    assert bounds(visitor) == []
    assert "What the services say" not in sentences(visitor)
    assert "$1.00 in November 2026" in sentences(visitor)
    (services,) = visitor.button_group(key="spending_by").set_value("service").run().dataframe
    assert list(services.value["Service"]) == ["Demo"]


def test_a_member_sees_their_own_and_a_viewer_nothing_of_others(
    library: House, act_as: ActAs
) -> None:
    with bound_to(LOOPBACK):
        act_as(named("Ben"))
        visitor = enter(library)
        told = sentences(visitor)
        assert "$2.75 in November 2026" in told
        assert "You see your own orders here." in told
        assert "Keeping voices" not in told
        assert "Person" not in visitor.button_group(key="spending_by").options
        assert bounds(visitor)[1] == "Your own budget: $0.00 of $2.50 left"
        act_as(named("Vera", TeamRole.VIEWER))
        visitor = enter(library)
        assert "Nothing was spent in November 2026." in sentences(visitor)
        assert bounds(visitor) == []
        assert not visitor.dataframe


def test_the_page_asks_so_much_however_many_orders_there_are(library: House) -> None:
    counts = []
    for numbers in (range(100, 110), range(110, 400)):
        at = library.clock.now()
        made = [people.clone(n, at, hours_ago=n * 9) for n in numbers]
        people.move_in(library.context, made)
        visitor = enter(library)
        with counted(library.context) as statements:
            visitor.run()
        counts.append(len(statements))
    assert counts[0] == counts[1]
    assert counts[0] < 40


# What is told beside the table


def figures(theirs: str, ours: str, unclear: str = "0") -> Figures:
    amounts = map(Money.usd, (theirs, ours, unclear))
    return Figures(NANOGPT, True, Money.usd(20), START, Compared(START, *amounts))


SAID = [
    (figures("4.20", "4.20"), "the same as here for this account."),
    (figures("4.2049", "4.20"), "the same as here for this account."),
    (figures("5", "4.20"), "$0.80 more than the $4.20 here for this account. It also counts"),
    (
        figures("5", "4", "2"),
        "$1.00 more than the $4.00 here for this account. Up to $2.00 may be unconfirmed",
    ),
    (figures("3", "4"), "$1.00 less than the $4.00 here for this account."),
    (Figures(NANOGPT, True), "It has not reported what it charged in November 2026."),
    (Figures(NANOGPT), "It does not report what it charged."),
]


@pytest.mark.parametrize(("found", "said"), SAID)
def test_a_difference_is_told_in_a_sentence(found: Figures, said: str) -> None:
    assert said in beside.compared_words(found, NOVEMBER, START + timedelta(hours=1))


def test_what_keeping_costs_is_told_in_sentences() -> None:
    kept = {"refresh": Amounts(charged=Money.usd("0.02"))}
    assert beside.kept_words(kept, NOVEMBER) == "$0.02 for using voices again in November 2026."
    assert beside.kept_words({}, Period()) == "Nothing was spent on it in all months."
    ahead = Ahead(1, Money.usd("0.02"), Money.usd("0.05"), 2, Money.usd("0.01"))
    told = beside.ahead_words(ahead)
    assert "1 voice is used again on a schedule: about $0.02 a week, $0.05 a month." in told
    assert "2 voices wait for their first use: $0.01 once." in told
    assert "costs nothing" in beside.ahead_words(Ahead())


def test_the_picture_is_told_in_words() -> None:
    months = [(date(2026, month, 1), Amounts()) for month in range(1, 13)]
    assert "in these twelve months" in picture.described(months)
    months[3] = (months[3][0], Amounts(charged=Money.usd(9)))
    assert picture.described(months).startswith("$9.00 in April 2026, and nothing")
    months[10] = (months[10][0], Amounts(reserved=Money.usd(2)))
    told = picture.described(months)
    assert told == "$2.00 in November 2026. The most was $9.00, in April 2026."
    for dark in (True, False):
        drawn = picture.chart(months, dark=dark).to_dict()
        assert len(drawn["layer"]) == 2
        domain = drawn["layer"][0]["encoding"]["x"]["scale"]["domain"]
        assert domain == [f"2026-{month:02}" for month in range(1, 13)]
