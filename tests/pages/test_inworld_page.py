"""An Inworld voice from the form for adopting to a take, where NanoGPT lists a model for it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal

import pytest

from lib.models import Health, JobState, Money, VoiceKind
from lib.services import INWORLD, NANOGPT
from lib.studio.adoption import adopting
from lib.studio.adoption.ids import VoiceType
from lib.studio.adoption.lists import read as lines_of
from lib.studio.core.runtime import Listed
from lib.studio.library import listing
from tests.pages.house import House, bound_to, read, said, shown, texts
from tests.parts.persons import ADA
from tests.parts.speech import spoken
from tests.studio.service import PretendService, Reply, says

HERE = "127.0.0.1"
SAGE = "sage-of-the-hills"
MODEL = "Inworld-TTS-1.5-Max"
LIST = {
    "data": [
        {
            "id": MODEL,
            "name": "Inworld TTS 1.5 Max",
            "pricing": {"per_thousand_chars": 0.01},
            "supported_parameters": {"max_chars": 2_000},
        }
    ]
}


@pytest.fixture
def nanogpt(house: House, monkeypatch: pytest.MonkeyPatch) -> Iterator[PretendService]:
    """NanoGPT on a socket, which speaks with Inworld's voices, and a key for it."""
    service = PretendService(house.folder / "other.db", house.clock, pace=3.0, balance=Decimal(100))
    sound = Reply(200, (("Content-Type", "audio/wav"), ("x-cost", "0.0003")), spoken(2.0))
    service.where(MODEL, lambda ask: sound)
    with service.open(), bound_to(HERE):
        monkeypatch.setenv("NANOGPT_API_KEY", "sk-nano-test")
        monkeypatch.setenv("NANOGPT_BASE_URL", service.base_url)
        yield service


def adopt_sage(house: House) -> str:
    """The voice, adopted; its id."""
    context = house.context
    lines = lines_of(f"{SAGE}, Sage, inworld")
    plan = lambda: adopting.plan(context, lines, VoiceType(NANOGPT, INWORLD), test=True)  # noqa: E731
    done = adopting.adopt(context, plan, speaker="Sage", consent=True, person=ADA).done
    return done[0]


def test_where_the_catalogue_has_a_model_the_voice_speaks_in_the_playground(
    house: House, nanogpt: PretendService
) -> None:
    nanogpt.always("models", says(LIST))
    house.open(address=HERE)
    house.context.runtime.listed = Listed()
    voice_id = adopt_sage(house)
    visitor = house.open("playground", address=HERE, voice=voice_id)
    assert visitor.selectbox(key="speak_voice").options == [
        "Sage (Inworld, NanoGPT) · sage-of-the-hills"
    ]
    assert "Inworld TTS 1.5 Max" in shown(visitor)
    visitor.text_area(key="speak_text").set_value("Good morning to everybody.").run()
    assert read(visitor.button(key="speak_go").label) == "Generate with Sage ($0.01)"
    visitor.button(key="speak_go").click().run()
    assert not visitor.exception
    (job,) = house.jobs()
    house.until(lambda: house.context.registry.takes.get(job.id) is not None)
    asked = json.loads(nanogpt.of_kind("speech")[0].body)
    assert (asked["model"], asked["voice"]) == (MODEL, SAGE)
    done = house.context.registry.jobs.get(job.id)
    assert done is not None
    assert (done.state, done.charged) == (JobState.DONE, Money.usd("0.0003"))
    (item,) = listing.entries(house.context)
    assert (item.voice.kind, item.standing.health) == (VoiceKind.INWORLD, Health.PERSISTENT)


def test_where_it_has_none_the_voice_says_so_and_costs_nothing(
    house: House, nanogpt: PretendService
) -> None:
    house.open(address=HERE)
    voice_id = adopt_sage(house)
    visitor = house.open("voice", address=HERE, id=voice_id)
    assert "NanoGPT lists no model for Inworld voices" in said(visitor)
    assert "docs.inworld.ai" in read(" ".join(texts(visitor.caption)))
    visitor = house.open("playground", address=HERE)
    assert "No voice is ready yet." in said(visitor)
    assert nanogpt.paid_requests == 0
