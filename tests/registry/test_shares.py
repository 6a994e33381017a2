"""Links to takes: what is to be copied, what is over, and when the keeper is next needed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, insert

from lib.models import Take
from lib.registry import Registry, schema
from lib.registry.schema import columns_of
from lib.registry.shares import Share

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
DAY = timedelta(days=1)
ONE = Share("one", "take", "s3://b/v", "shares/one/take.mp3", NOW, "Ada", NOW + 3 * DAY)


def with_take(registry: Registry) -> Registry:
    take = Take("take", "voice", "Good morning.", "model", NOW, key="takes/take/audio.mp3")
    with registry.database.write() as connection:
        connection.execute(insert(schema.takes).values(columns_of(take)))
    return registry


def test_a_share_is_to_be_copied_until_it_is_and_ends_by_itself(registry: Registry) -> None:
    shares = with_take(registry).shares
    assert shares.next_due() is None
    shares.add([ONE])
    shares.add([replace(ONE, shared_by="Mallory")])
    assert shares.get("one") == ONE
    assert (shares.to_copy(NOW), shares.to_end(NOW), shares.next_due()) == ([ONE], [], NOW)

    shares.note("one", "The storage does not answer.")
    assert shares.copied("one", NOW)
    copied = replace(ONE, copied_at=NOW)
    assert (shares.to_copy(NOW), shares.to_end(NOW)) == ([], [])
    assert shares.next_due() == ONE.until
    assert copied.is_open(ONE.until - timedelta(seconds=1))
    assert not copied.is_open(ONE.until)
    assert shares.to_end(ONE.until) == [copied]
    shares.remove("one")
    assert shares.all() == []
    assert not shares.copied("one", NOW)


def test_it_is_over_once_somebody_ends_it_or_its_take_is_gone(registry: Registry) -> None:
    shares = with_take(registry).shares
    shares.add([replace(ONE, copied_at=NOW), replace(ONE, id="two")])
    assert (shares.count_of("voice"), shares.count_of("another")) == (2, 0)
    assert shares.end("one", NOW + DAY)
    assert not shares.end("one", NOW + 2 * DAY)
    assert not shares.end("three", NOW)
    assert [share.ended_at for share in shares.to_end(NOW + DAY)] == [NOW + DAY]
    assert [share.id for share in shares.to_copy(NOW + DAY)] == ["two"]
    with registry.database.write() as connection:
        connection.execute(delete(schema.takes))
    assert {share.id for share in shares.to_end(NOW)} == {"one", "two"}
    assert shares.to_copy(NOW) == []


def test_what_is_shared_is_listed_newest_first_with_what_it_says(registry: Registry) -> None:
    shares = with_take(registry).shares
    later = replace(ONE, id="later", take_id="gone", shared_at=NOW + DAY)
    shares.add([ONE, later])
    assert [(item.share, item.text) for item in shares.listed()] == [
        (later, ""),
        (ONE, "Good morning."),
    ]
    assert [item.share for item in shares.listed(take_id="take")] == [ONE]
