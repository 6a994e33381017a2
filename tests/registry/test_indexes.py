"""What pages and the keeper look up again and again is found by index, however much there is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from sqlalchemy import event, text

from lib.event_kinds import EventKind
from lib.models import JobKind
from lib.registry import Registry
from lib.registry.events import Wanted
from lib.registry.orders import Standing, WantedOrders
from lib.registry.takes import WantedTakes
from lib.scripts import Line, Script
from lib.services import DEMO, KYMA, NANOGPT
from tests.parts.clock import START

COUNT = 20_000
"""Rows of each table: enough for PostgreSQL to prefer its indexes."""
VOICES = 400
LIVE = [NANOGPT, KYMA]
TIMES = dict.fromkeys((*LIVE, DEMO), START)
VAULT = "s3://team-voices/vault"
GROWING = ("jobs", "takes", "events", "evidence", "long_texts", "script_orders")
PLAY = Script(
    "script-1", "Play", START, START, lines=(Line("line-1", "A", "Hi.", None, "order-2"),)
)

ROWS: Mapping[str, Mapping[str, str]] = {
    "voices": {
        "id": "'voice-' || n",
        "kind": "'minimax'",
        "source": "'cloned'",
        "service": "CASE WHEN n % 10 = 0 THEN 'demo' ELSE 'nanogpt' END",
        "created_at": "{at}",
        "id_made_here": "{no}",
        "tags": "{list}",
        "keep_policy": "'ask'",
        "revision": "1",
        "saved_revision": "1",
    },
    "jobs": {
        "id": "'order-' || n",
        "voice_id": "'voice-' || (n % {voices} + 1)",
        "kind": "'speech'",
        "state": "'done'",
        "order_key": "'key ' || n",
        "service": "CASE WHEN n % 10 = 0 THEN 'demo' ELSE 'nanogpt' END",
        "created_at": "{at}",
        "person": "'Ada'",
        "request": "{object}",
        "estimate": "1000",
        "submitted_at": "{at}",
        "finished_at": "{at}",
        "ticket": "{object}",
        "result": "{object}",
        "charged": "1000",
        "revision": "1",
        "saved_revision": "1",
    },
    "takes": {
        "id": "'order-' || n",
        "voice_id": "'voice-' || (n % {voices} + 1)",
        "text": "'Hello'",
        "created_at": "{at}",
        "settings": "{object}",
        "seconds": "1.0",
        "vault": f"'{VAULT}'",
        "key": "'takes/order-' || n || '/audio.mp3'",
    },
    "events": {
        "at": "{at}",
        "person": "CASE WHEN n % 3 = 0 THEN '' ELSE 'Ada' END",
        "what": "'checked it'",
        "voice_id": "'voice-' || (n % 20)",
        "uid": "'event-' || n",
        "saved_in": "'events/2026-01/some.json'",
        "kind": "CASE WHEN n % 2 = 0 THEN 'checked' ELSE 'edited' END",
    },
    "evidence": {
        "id": "'seen-' || n",
        "voice_id": "'voice-' || (n % {voices} + 1)",
        "kind": "'copy'",
        "at": "{at}",
    },
    "script_orders": {
        "order_id": "'order-' || n",
        "script_id": "'script-' || (n % {voices} + 1)",
        "line_id": "'line-1'",
        "ordered_at": "{at}",
        "number": "n",
    },
    "long_texts": {
        "id": "'text-' || n",
        "voice_id": "'voice-' || (n % {voices} + 1)",
        "state": "'done'",
        "order_key": "'text ' || n",
        "service": "'nanogpt'",
        "created_at": "{at}",
        "person": "'Ada'",
        "text": "'Hello'",
        "settings": "{object}",
        "deleted": "{object}",
        "revision": "1",
        "saved_revision": "1",
    },
}
"""By table what each row of many holds, as SQL."""

FILL = """
INSERT INTO {table} ({columns})
WITH RECURSIVE numbers AS (
    SELECT 1 AS n UNION ALL SELECT n + 1 FROM numbers WHERE n < {count}
)
SELECT {values} FROM numbers
"""

READS: Mapping[str, Callable[[Registry], object]] = {
    "orders that are due": lambda it: it.jobs.due([NANOGPT], START, 200),
    "when an order is due next": lambda it: it.jobs.next_due(LIVE, START),
    "the newest jobs": lambda it: it.jobs.latest(services=LIVE, limit=20),
    "a page of orders": lambda it: it.orders.find(TIMES, WantedOrders(), limit=50),
    **{
        f"a page of those that are {standing}": lambda it, standing=standing: it.orders.find(
            TIMES, WantedOrders(standings=(standing,)), limit=50
        )
        for standing in Standing
    },
    "a page of one person's": lambda it: it.orders.find(
        TIMES, WantedOrders(people=("Ada",)), limit=50
    ),
    "a page of one kind": lambda it: it.orders.find(
        TIMES, WantedOrders(kinds=(JobKind.SPEECH,)), limit=50
    ),
    "how many are in progress": lambda it: it.orders.count(
        TIMES, WantedOrders(standings=(Standing.UNDER_WAY,))
    ),
    "who ordered": lambda it: it.orders.people(TIMES, 200),
    "the first and the last order": lambda it: it.orders.span(TIMES),
    "a page of takes": lambda it: it.takes.latest(services=LIVE, limit=10, skip=20),
    "a page of favourites": lambda it: it.takes.latest(
        WantedTakes(favourites=True), services=LIVE, limit=10
    ),
    "a page of one voice": lambda it: it.takes.latest(
        WantedTakes(voice_id="voice-1"), services=LIVE, limit=10
    ),
    "some takes": lambda it: it.takes.some(["order-1", "order-2"], services=LIVE),
    "voices that have takes": lambda it: it.takes.survey(
        WantedTakes(), services=LIVE, most=1, most_voices=100
    ),
    "takes in another vault": lambda it: it.takes.elsewhere(VAULT, without=DEMO, limit=200),
    "how many there are": lambda it: it.takes.count_elsewhere(VAULT, without=DEMO),
    "the newest takes of voices": lambda it: it.takes.newest_of(
        ["voice-1", "voice-2"], vaults=[VAULT]
    ),
    "with whom somebody spoke": lambda it: it.takes.spoken_with("Ada", among=500),
    "the same take": lambda it: it.takes.same(
        voice_id="voice-1", text="Hello", model="", settings={}
    ),
    "takes to be told": lambda it: it.takes.unsaved(200),
    "one voice": lambda it: it.voices.dossier("voice-1"),
    "the story of a voice": lambda it: it.events.of_voice("voice-1", limit=30),
    "what happened how often to it": lambda it: it.events.sums_of_voice("voice-1"),
    "what people did": lambda it: it.events.find(Wanted(), limit=100),
    "what they did outside of the demo": lambda it: it.events.find(Wanted(without=DEMO), limit=100),
    "one kind of deed": lambda it: it.events.find(Wanted(kinds=(EventKind.CHECKED,)), limit=100),
    "who did something": lambda it: it.events.people(200),
    "deeds to be told": lambda it: it.events.unsaved(100, without=DEMO),
    "long texts in progress": lambda it: it.long_texts.unfinished(services=LIVE, limit=3),
    "a page of one script's takes": lambda it: it.takes.latest(
        WantedTakes(script_id="script-1"), services=LIVE, limit=10
    ),
    "how a script stands": lambda it: it.scripts.spoken(PLAY),
    "how long scripts are": lambda it: it.scripts.lengths([PLAY]),
    "scripts that have takes": lambda it: it.scripts.spoken_names(services=LIVE, limit=50),
    "the story of a take": lambda it: it.takes.story("order-1"),
    "long texts that are due": lambda it: it.long_texts.due(LIVE, START, 200),
    "when a long text is due": lambda it: it.long_texts.next_due(LIVE),
}


@pytest.fixture
def grown(registry: Registry) -> Registry:
    """After years: thousands of everything, and nothing under way."""
    is_sqlite = registry.database.is_sqlite
    words = {"at": "timestamptz '2020-01-01' + n * interval '1 hour'", "no": "false"}
    words |= {"object": "CAST('{}' AS json)", "list": "CAST('[]' AS json)"}
    if is_sqlite:
        words = {"at": "datetime('2020-01-01', n || ' hours') || '.000000'", "no": "0"}
        words |= {"object": "'{}'", "list": "'[]'"}
    with registry.database.write() as connection:
        for table, columns in ROWS.items():
            many = VOICES if table == "voices" else COUNT
            values = (value.format(voices=VOICES, **words) for value in columns.values())
            fill = FILL.format(
                table=table, columns=", ".join(columns), count=many, values=", ".join(values)
            )
            connection.execute(text(fill))
        if not is_sqlite:  # it does so by itself; SQLite plans without
            connection.execute(text("ANALYZE"))
    return registry


def test_nothing_that_grows_is_read_as_a_whole(grown: Registry) -> None:
    scanned = {name: found for name, read in READS.items() if (found := _scans(grown, read))}
    assert not scanned


def _scans(registry: Registry, read: Callable[[Registry], object]) -> list[str]:
    """Where the plan of a reading goes through all rows of a table that grows."""
    asked: list[tuple[str, Any]] = []

    def note(_connection: object, _cursor: object, statement: str, values: Any, *_: object) -> None:
        asked.append((statement, values))

    engine = registry.database.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        read(registry)
    finally:
        event.remove(engine, "before_cursor_execute", note)
    explain = "EXPLAIN QUERY PLAN" if registry.database.is_sqlite else "EXPLAIN"
    with registry.database.read() as connection:
        lines = [
            str(row[-1]).strip()
            for statement, values in asked
            if statement.startswith(("SELECT", "WITH"))
            for row in connection.exec_driver_sql(f"{explain} {statement}", values)
        ]
    assert lines
    # "SCAN jobs USING INDEX jobs_by_time" goes along the index, as far as it has to.
    return [line for line in lines if _is_scan(line)]


def _is_scan(line: str) -> bool:
    return any(line == f"SCAN {table}" or f"Seq Scan on {table}" in line for table in GROWING)
