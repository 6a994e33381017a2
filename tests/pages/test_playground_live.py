"""The Playground with a team's own key: real money, and files in a storage that may change."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from lib.models import Money, Take
from lib.services import NANOGPT
from lib.studio.core.standpoint import standpoint_of
from lib.studio.orders import speaking
from lib.studio.orders.speaking import SpeechRequest
from lib.studio.storage import migration
from tests.pages import people
from tests.pages.house import House, bound_to, go, read, said, texts
from tests.parts.persons import ADA
from tests.parts.reopened import reopen
from tests.sentences import HAD_ALREADY

HERE = "127.0.0.1"
LEFT = "Its audio was left behind in the old storage."


@pytest.fixture
def live(house: House, live_key: None) -> Iterator[House]:
    """One voice of the account whose key is set."""
    with bound_to(HERE):
        house.open(address=HERE)
        context = house.context
        made = people.clone(1, house.clock.now(), name="Ann", kept=True)
        voice = replace(made.voice, account=standpoint_of(context).account(NANOGPT))
        people.move_in(context, [replace(made, voice=voice)])
        yield house


def left_behind(live: House, text: str) -> Take:
    """A take of Ann's that was given up with the bucket it lay in."""
    ann = live.context.registry.voices.dossier("voice-00001")
    assert ann is not None
    made = people.speech(1, ann, text, vault="s3://old-bucket")
    people.move_in(live.context, [], [made])
    assert migration.leave_behind(live.context, [ann], ADA) == 1
    return made.take


def test_a_take_whose_sound_was_left_behind_says_so_and_offers_no_sound(live: House) -> None:
    take = left_behind(live, "A word of before." * 20)
    visitor = live.enter("playground", address=HERE)
    assert not visitor.exception
    assert LEFT in texts(visitor.caption)
    keys = [button.key for button in (*visitor.button, *visitor.get("download_button"))]
    assert f"delete_{take.id}" in keys
    assert not [key for key in keys if key and key.startswith(("listen_", "save_"))]
    assert take.text in texts(visitor.text)  # all that is left of it
    assert "cut off" not in said(visitor)
    assert LEFT in texts(go(visitor, "home").caption)
    assert not visitor.exception


def test_a_take_without_its_sound_is_not_offered_and_can_be_spoken_anew(live: House) -> None:
    take = left_behind(live, "A word of before.")
    visitor = live.enter("playground", address=HERE, voice="voice-00001")
    visitor.text_area(key="speak_text").set_value(take.text).run()
    assert not visitor.exception
    assert HAD_ALREADY not in said(visitor)
    assert visitor.button(key="speak_go").label.startswith("Generate with Ann")


def test_an_order_that_is_followed_says_that_its_sound_was_left_behind(live: House) -> None:
    take = left_behind(live, "A word of before.")
    visitor = live.enter("playground", address=HERE)
    visitor.session_state["speak_said"] = [take.id]
    visitor.run()
    assert not visitor.exception
    assert texts(visitor.caption).count(LEFT) == 2  # there, and in the list


def with_money(live: House, *, balance: str, budget: str) -> None:
    """What was seen at the service, and what the team allows itself."""
    context = live.context
    team = replace(context.settings.team, monthly_budget=Money.usd(budget))
    reopen(context, settings=replace(context.settings, team=team))
    context.registry.accounts.note_balance(
        standpoint_of(context).account(NANOGPT), Money.usd(balance), live.clock.now()
    )


def test_balance_and_budget_stand_beside_the_price(live: House) -> None:
    with_money(live, balance="20.80", budget="5.00")
    visitor = live.enter("playground", address=HERE, voice="voice-00001")
    visitor.text_area(key="speak_text").set_value("Good morning to everybody.").run()
    told = next(text for text in map(read, texts(visitor.caption)) if "26 characters" in text)
    assert "about $0.01 · balance $20.80 (now) · $4.00 of this month's budget left" in told


def test_balance_and_budget_stand_beside_the_price_of_missing_parts(live: House) -> None:
    with_money(live, balance="20.80", budget="5.00")
    registry, text = live.context.registry, "This is a sentence of a long story. " * 200
    whole = speaking.order(
        live.context, SpeechRequest("voice-00001", text, "Minimax-Speech-02-HD", ADA)
    )
    parts = registry.long_texts.parts(whole.id)
    registry.jobs.fail(parts[0].id, now=live.clock.now(), error="No.", charged=Money())
    visitor = live.enter("playground", address=HERE)
    left = Money.usd("4.00") - Money.total(part.estimate for part in parts[1:])
    told = f"You pay only for what you send again · balance $20.80 (now) · {left} of this month's"
    assert [text for text in map(read, texts(visitor.caption)) if text.startswith(told)]
    assert "Send part 1 again ($0.20)" in [read(button.label) for button in visitor.button]
