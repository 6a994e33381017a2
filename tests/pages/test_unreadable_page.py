"""Voices whose record cannot be read, on Home and Retention: what is known, and the ways on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from streamlit.testing.v1 import AppTest

from lib.manifest import Fault
from lib.registry.unreadable import Unreadable
from tests.pages.house import LOOPBACK, House, bound_to, go, shown

SOUGHT = "0123456789abcdef"


@pytest.fixture
def live(house: House, live_key: None) -> Iterator[House]:
    house.enter(address=LOOPBACK)
    house.context.runtime.reconciliation.finished = True
    with bound_to(LOOPBACK):
        yield house


def lost(house: House, voice_id: str = SOUGHT, fault: Fault = Fault.NEWER) -> Unreadable:
    now = house.clock.now()
    return Unreadable(
        key=f"voices/{voice_id}/voice.json",
        vault=house.context.live_vault.name,
        fault=fault,
        found_at=now,
        told={"name": "Grace *Hopper*", "provider_voice_id": "Grace12345", "service": "nanogpt"},
        files={"reference": 1, "activation": 3},
        first_at=now - timedelta(days=40),
        last_at=now,
    )


def visit(house: House, page: str) -> AppTest:
    return go(house.enter(address=LOOPBACK), page)


@pytest.mark.parametrize("page", ["home", "retention"])
def test_it_is_shown_with_all_that_is_known_and_the_ways_on(live: House, page: str) -> None:
    live.context.registry.unreadable.put([lost(live)])
    told = shown(visit(live, page))
    for part in (
        "1 voice whose record cannot be read",
        SOUGHT,
        "A newer version of Voicekeep wrote its record",
        "Grace12345",
        "recording, 3",
        "Import an export",
        "install the newer version",
    ):
        assert part in told


def test_a_recording_alone_may_be_left_of_an_order_that_was_never_sent(live: House) -> None:
    alone = replace(lost(live, fault=Fault.MISSING), files={"reference": 1}, told={})
    live.context.registry.unreadable.put([alone])
    assert "an order that was never sent" in shown(visit(live, "retention"))


def test_where_all_is_readable_nothing_is_said(live: House) -> None:
    assert "cannot be read" not in shown(visit(live, "home"))
    assert "cannot be read" not in shown(visit(live, "retention"))


@pytest.mark.parametrize(("count", "why"), [(1, "keep this until"), (2, "keep these until")])
def test_home_says_that_it_needs_attention(live: House, count: int, why: str) -> None:
    ids = (SOUGHT, "fedcba9876543210")[:count]
    live.context.registry.unreadable.put([lost(live, name) for name in ids])
    visitor = visit(live, "home")
    assert "Needs attention" in [item.value for item in visitor.subheader]
    assert why in shown(visitor)
    for name in ids:
        visitor.button(key=f"set_aside_{name}").click().run()
    assert "Needs attention" not in [item.value for item in visitor.subheader]


@pytest.mark.parametrize("page", ["home", "retention"])
def test_set_aside_it_stays_listed(live: House, page: str) -> None:
    take = replace(lost(live, "fedcba9876543210"), key="takes/fedcba9876543210/take.json", told={})
    live.context.registry.unreadable.put([lost(live), take])
    visitor = visit(live, page)
    assert "1 voice and 1 take whose records cannot be read" in shown(visitor)
    visitor.button(key=f"set_aside_{SOUGHT}").click().run()
    told = shown(visitor)
    assert "1 take whose record cannot be read" in told
    assert "Set aside: 1 voice whose record cannot be read" in told
    assert {item.id: item.is_aside for item in live.context.registry.unreadable.all()} == {
        SOUGHT: True,
        "fedcba9876543210": False,
    }
    marker = f"voices/{SOUGHT}/set-aside.json"
    assert list(live.context.live_vault.keys("voices/")) == [marker]
