"""Somebody brings twelve lines from elsewhere, is told which two are no voices, and knows one of
the ten adopted voices again."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import expect

from lib.clock import SystemClock
from lib.demo import DemoService
from lib.demo.showcase import GUESTS
from lib.ui.adoption.adopting import CONSENT
from tests.journeys.servers import running_app, running_service
from tests.journeys.visitor import Visitor

NUMBERS = range(10)
REFUSED = ("kyma_0123456789abcdef;Kay;Kyma", "short;Too short;MiniMax")
LINES = "\n".join(
    [
        "voice_id;name;kind",
        *(f"Narrator{number}ab;Narrator {number};MiniMax" for number in NUMBERS),
        *REFUSED,
    ]
)


def people_there(state: Path) -> None:
    """The service has ten voices that were made elsewhere and used long ago."""
    state.parent.mkdir(parents=True, exist_ok=True)
    clock = SystemClock()
    (guest,) = GUESTS
    DemoService(state, clock).install(
        replace(guest, id=f"demo-{number}", provider_voice_id=f"Narrator{number}ab")
        for number in NUMBERS
    )


@pytest.mark.slow
def test_ten_ids_are_adopted_and_one_is_known_again(tmp_path: Path, visitor: Visitor) -> None:
    people_there(tmp_path / "service" / "service.db")
    with (
        running_service(tmp_path / "service") as service,
        running_app(tmp_path / "app", service.settings) as app,
    ):
        visitor.open(app.url("/clone"))
        visitor.click(visitor.part("clone_way").get_by_text("Add existing voice"))
        visitor.click(visitor.part("adopt_what").get_by_text("A list"))
        visitor.type("adopt_lines", LINES)
        for told in ("10 new", "2 refused", "no key for Kyma", "A MiniMax ID starts with a letter"):
            visitor.sees(told)
        visitor.sees("for 10 test calls")
        assert not service.log("speech")
        visitor.click(visitor.part("adopt_who").get_by_text(CONSENT.other, exact=True))
        visitor.type("adopt_speaker", "The narrators")
        visitor.click(visitor.part("adopt_consent").locator("label").first)
        visitor.pays("adopt_confirm")
        visitor.sees("10 voices added.")
        questions = visitor.page.get_by_text("Is this Narrator")
        expect(questions).to_have_count(10)
        visitor.hears()
        assert len(service.log("speech")) == 10

        visitor.click(visitor.page.get_by_role("button", name="Yes, this is the voice").first)
        expect(questions).to_have_count(9)
        visitor.sees("Safe")
        visitor.open(app.url("/retention"))
        visitor.sees("1 safe")
        visitor.sees("9 unknown")
        assert len(service.log("speech")) == 10
