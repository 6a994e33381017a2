"""Pages read the registry, a bounded number of times, and call nobody."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest
from sqlalchemy import delete
from streamlit.testing.v1 import AppTest

from lib.registry import schema
from lib.services import NANOGPT
from lib.studio.core.context import Context
from lib.studio.core.runtime import Listed
from tests.pages import people
from tests.pages.clone_form import agree
from tests.pages.house import LOOPBACK, PAGES, House, bound_to, go, said
from tests.pages.retention_table import choose
from tests.parts.speech import spoken
from tests.parts.statements import counted

MOST_QUERIES = 22
"""Of any page, however many voices there are."""


@contextmanager
def no_network() -> Iterator[list[str]]:
    """Whoever calls somebody is noted, and reaches nobody."""
    calls: list[str] = []

    def refuse(*call: object, **_: object) -> None:
        calls.append(repr(call[-1]))
        raise OSError("A page called somebody.")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", refuse)
        patch.setattr(socket.socket, "connect_ex", refuse)
        patch.setattr(socket, "getaddrinfo", refuse)
        patch.setattr(httpx.Client, "send", refuse)
        yield calls


def move_in(context: Context, house: House, count: int) -> None:
    """A live library; one order has an unknown outcome, the first five voices have takes.

    More unknown outcomes would mean more questions: what can be done about each is looked up.
    """
    vault = context.live_vault.name
    now = house.clock.now()
    newest = people.with_unknown_outcome(people.clone(0, now, hours_ago=1))
    dossiers = [newest, *people.mixture(count, now, vault)[1:]]
    takes = [
        people.speech(number, dossiers[number % 5], f"Sentence {number}", vault=vault)
        for number in range(15)
    ]
    people.move_in(context, dossiers, takes)


@pytest.fixture
def library(house: House, live_key: None, closed_bucket: None) -> House:
    """A live key, a bucket, and ten voices; nobody answers at either address."""
    house.enter(address=LOOPBACK)
    house.context.runtime.reconciliation.finished = True
    move_in(house.context, house, 10)
    return house


def visit(house: House, page: str, **query: str) -> AppTest:
    with bound_to(LOOPBACK):
        return go(house.enter(address=LOOPBACK), page, **query)


@pytest.mark.parametrize("page", PAGES)
def test_a_page_calls_nobody(library: House, page: str) -> None:
    with no_network() as calls:
        visitor = visit(library, page)
    assert not visitor.exception
    assert not visitor.error
    assert calls == []


def test_the_story_of_a_voice_or_an_order_calls_nobody(library: House) -> None:
    visitor = library.enter(address=LOOPBACK)
    with no_network() as calls, bound_to(LOOPBACK):
        for number in range(10):
            for page, query in {
                "voice": {"id": f"voice-{number:05d}"},
                "playground": {"voice": f"voice-{number:05d}"},
                "jobs": {"job": f"clone-{number:05d}"},
                "clone": {"job": f"clone-{number:05d}"},
            }.items():
                assert not go(visitor, page, **query).exception
    assert calls == []


def test_opening_the_library_calls_nobody(
    house: House, live_key: None, closed_bucket: None
) -> None:
    with no_network() as calls:
        house.enter(address=LOOPBACK)
    assert house.opened
    assert calls == []


def test_clicks_call_nobody_but_the_vault(library: House) -> None:
    """Ordering stores the recording and reads it back; all else is a row in the registry."""
    visitor = visit(library, "retention")
    with bound_to(LOOPBACK):
        choose(visitor, "Person 3")
    keep = next(b for b in visitor.button if (b.key or "").startswith("activate_"))
    copy = next(b for b in visitor.button if (b.key or "").startswith("panel_mirror_"))
    settings = visit(library, "settings")
    jobs = visit(library, "jobs")
    again = next(b for b in jobs.button if (b.key or "").startswith("again_"))
    with no_network() as calls, bound_to(LOOPBACK):
        keep.click().run()
        copy.click().run()
        for part in (NANOGPT, "vault", "database", "keeper"):
            settings.button(key=f"check_{part}").click().run()
        again.click().run()
    assert calls == []


def test_a_vault_out_of_reach_is_a_sentence_and_no_order(library: House) -> None:
    visitor = visit(library, "clone")
    with bound_to(LOOPBACK), no_network() as calls:
        visitor.file_uploader(key="clone_upload").upload("jane.wav", spoken())
        visitor.run()
        visitor.text_input(key="clone_name").set_value("Jane")
        agree(visitor)
        assert calls == []
        visitor.button(key="clone_confirm").click().run()
    assert not visitor.exception
    assert "The recording was not stored, and nothing was spent." in said(visitor)
    assert len(library.jobs()) == 25
    assert visitor.text_input(key="clone_name").value == "Jane"


@pytest.mark.usefixtures("lasting_caches")
def test_queries_do_not_grow_with_the_library(library: House) -> None:
    few = {page: _queries(library, page) for page in PAGES}
    with library.context.registry.database.write() as connection:
        for table in (schema.takes, schema.evidence, schema.jobs, schema.voices):
            connection.execute(delete(table))
    move_in(library.context, library, 1_000)
    many = {page: _queries(library, page) for page in PAGES}
    assert few == many
    assert max(many.values()) <= MOST_QUERIES, many


def _queries(house: House, page: str) -> int:
    visitor = visit(house, page)
    house.context.runtime.listed = Listed()
    house.context.registry.notes.write("nobody looked lately", {}, house.clock.now())
    with bound_to(LOOPBACK), counted(house.context) as statements:
        visitor.run(timeout=60)
    assert not visitor.exception
    return len(statements)
