"""What leaves for Kyma when something is ordered, and what is made of a good answer."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from lib.models import ErrorKind, Money
from lib.providers.base import (
    CloneOrder,
    Designer,
    DesignOrder,
    Finished,
    ProviderError,
    SpeechOrder,
    Spent,
)
from lib.services import KYMA, SERVICES
from tests.clients.kyma import CLONE, DESIGN, HEADERS, MADE, MP3, SPEECH, VOICE
from tests.clients.scripted_server import (
    Reply,
    ScriptedServer,
    closed_port,
    kyma_at,
    nanogpt_at,
    reply,
)

DATE = "Fri, 20 Nov 2026 09:00:00 GMT"


def test_a_clone_is_a_form_with_exactly_the_documented_fields() -> None:
    with ScriptedServer([reply(MADE)]) as server:
        kyma_at(server.origin).clone(CLONE)
    form = server.seen[0].form
    file = form.pop("file")
    assert (server.seen[0].method, server.seen[0].path) == ("POST", "/v1/audio/voice-clone")
    assert (file.data, file.file_name, file.media_type) == (
        b"ID3 bytes", "recording.mp3", "audio/mpeg",
    )  # fmt: skip
    assert {name: part.data.decode() for name, part in form.items()} == {
        "model": "minimax-voice-clone",
        "name": "Grace",
    }


def test_a_long_name_is_cut_and_none_is_not_sent() -> None:
    with ScriptedServer([reply(MADE), reply(MADE)]) as server:
        kyma_at(server.origin).clone(replace(CLONE, name="n" * 80))
        kyma_at(server.origin).clone(replace(CLONE, name=""))
    assert server.seen[0].form["name"].data == b"n" * 64
    assert "name" not in server.seen[1].form


def test_a_design_says_what_was_chosen_and_nothing_else() -> None:
    with ScriptedServer([reply(MADE), reply(MADE)]) as server:
        kyma_at(server.origin).design(DESIGN)
        kyma_at(server.origin).design(DesignOrder("minimax", "A voice.", "minimax-voice-design"))
    assert (server.seen[0].method, server.seen[0].path) == ("POST", "/v1/audio/voice-design")
    assert server.seen[0].json == {
        "model": "minimax-voice-design",
        "description": "A calm narrator.",
        "name": "Calm",
        "gender": "female",
        "age_group": "middle-aged",
        "preview_text": DESIGN.preview_text,
    }
    assert server.seen[1].json == {"model": "minimax-voice-design", "description": "A voice."}


def test_speech_names_its_model_and_sends_nothing_undocumented() -> None:
    with ScriptedServer([Reply(200, MP3, HEADERS)]) as server:
        kyma_at(server.origin).speak(replace(SPEECH, speed=1.5, language="German"))
    assert (server.seen[0].method, server.seen[0].path) == ("POST", "/v1/audio/speech")
    assert server.seen[0].json == {
        "model": "minimax-speech-hd",
        "input": "Hello.",
        "voice_id": VOICE,
    }


@pytest.mark.parametrize("key", ["ky-0a1b2c3d4e5f", "kyma-0a1b2c3d4e5f", "some-other-form"])
def test_any_form_of_key_is_sent_as_it_is(key: str) -> None:
    with ScriptedServer([reply({"balance": 1})]) as server:
        kyma_at(server.origin, key=f" {key}\n").balance()
    assert server.seen[0].headers["authorization"] == f"Bearer {key}"


@pytest.mark.parametrize("order", [CLONE, DESIGN], ids=["clone", "design"])
def test_a_made_voice_is_told_with_its_cost_and_what_is_left(
    order: CloneOrder | DesignOrder,
) -> None:
    with ScriptedServer([reply(MADE, Date=DATE, X_Request_ID="req-1")]) as server:
        assert _made(server.origin, order) == Finished(
            voice_id=VOICE,
            cost=Money.usd("2.10"),
            request_id="req-1",
            answered_at=datetime(2026, 11, 20, 9, tzinfo=UTC),
            balance=Money.usd("7.90"),
        )


@pytest.mark.parametrize(
    ("body", "headers", "cost", "balance"),
    [
        ({}, {}, None, None),
        ({}, {"X_Kyma_Cost_USD": "2.10", "X_Kyma_Balance_USD": "5"}, "2.10", "5"),
        ({"cost_usd": 1, "balance_usd": 1}, {"X_Kyma_Cost_USD": "2"}, "2", "1"),
        ({"cost_usd": "2.10"}, {}, "2.10", None),
        ({"cost_usd": -2, "balance_usd": -1}, {}, None, "-1"),
        ({"cost_usd": "much", "balance_usd": None}, {"X_Kyma_Cost_USD": "NaN"}, None, None),
    ],
)
def test_money_is_read_from_headers_and_body_or_not_told(
    body: dict[str, Any], headers: dict[str, str], cost: str | None, balance: str | None
) -> None:
    with ScriptedServer([reply({"voice_id": VOICE, **body}, **headers)]) as server:
        made = _made(server.origin, CLONE)
    assert made.cost == (None if cost is None else Money.usd(cost))
    assert made.balance == (None if balance is None else Money.usd(balance))


@pytest.mark.parametrize("media_type", ["audio/mpeg", "application/octet-stream", "text/html", ""])
def test_speech_is_told_by_its_bytes(media_type: str) -> None:
    headers = HEADERS | ({"Content-Type": media_type} if media_type else {})
    with ScriptedServer([Reply(200, MP3, headers)]) as server:
        sound = kyma_at(server.origin).speak(SPEECH)
    assert (sound.audio, sound.url) == (MP3, "")
    assert (sound.cost, sound.balance) == (Money.usd("0.0012"), Money.usd("7.8988"))


def test_speech_without_any_header_is_still_a_sound() -> None:
    with ScriptedServer([Reply(200, MP3)]) as server:
        sound = kyma_at(server.origin).speak(SPEECH)
    assert (sound.audio, sound.cost, sound.balance) == (MP3, None, None)


@pytest.mark.parametrize(
    ("order", "says"),
    [
        (replace(CLONE, kind="qwen"), "does not make voices of this kind"),
        (replace(CLONE, model=""), "No model was chosen"),
        (replace(CLONE, audio=None, audio_url="https://a.example/a"), "not a link"),
        (replace(CLONE, audio=b""), "The recording is empty."),
        (replace(CLONE, audio=bytes(10_000_001)), "larger than the 10 MB"),
        (replace(DESIGN, kind="qwen"), "does not make voices of this kind"),
        (replace(DESIGN, model=""), "No model was chosen"),
        (replace(DESIGN, description="\n "), "no description"),
        (replace(DESIGN, description="d" * 1_001), "longer than 1,000 characters"),
        (replace(DESIGN, preview_text="p" * 501), "longer than 500 characters"),
        (replace(DESIGN, gender="robot"), "does not know this gender"),
        (replace(DESIGN, age_group="ancient"), "does not know this age"),
        (replace(SPEECH, kind="qwen"), "does not work with voices of this kind"),
        (replace(SPEECH, model=""), "No model was chosen"),
        (replace(SPEECH, voice_id=""), "no ID to speak with"),
        (replace(SPEECH, text=" \n"), "no text to speak"),
        (replace(SPEECH, text="t" * 5_001), "5,000 characters"),
    ],
)
def test_what_would_be_refused_is_refused_here(
    order: CloneOrder | DesignOrder | SpeechOrder, says: str
) -> None:
    with ScriptedServer() as server, pytest.raises(ProviderError) as caught:
        _sent(server.origin, order)
    assert (caught.value.kind, caught.value.spent) == (ErrorKind.INPUT, Spent.NO)
    assert says in caught.value.sentence
    assert caught.value.sentence.endswith("Nothing was sent and nothing was charged.")
    assert server.seen == []


def test_the_largest_orders_go_through() -> None:
    answers = [reply(MADE), reply(MADE), Reply(200, MP3)]
    with ScriptedServer(answers) as server:
        _sent(server.origin, replace(CLONE, audio=bytes(10_000_000)))
        _sent(server.origin, replace(DESIGN, description="d" * 1_000, preview_text="p" * 500))
        _sent(server.origin, replace(SPEECH, text="t" * 5_000))
    assert len(server.seen) == 3


def test_nothing_is_sent_where_nobody_listens() -> None:
    with pytest.raises(ProviderError) as caught:
        kyma_at(closed_port()).clone(CLONE)
    assert (caught.value.kind, caught.value.spent) == (ErrorKind.UNREACHABLE, Spent.NO)
    assert caught.value.sentence == (
        "Kyma could not be reached. Nothing was sent and nothing was charged."
    )


def test_only_kyma_makes_voices_from_words() -> None:
    assert isinstance(kyma_at("http://127.0.0.1:1"), Designer)
    assert not isinstance(nanogpt_at("http://127.0.0.1:1"), Designer)


def test_what_the_service_is_said_to_take_is_what_its_client_takes() -> None:
    kyma = SERVICES[KYMA]
    offer, design = kyma.clone_offer("minimax"), kyma.design_offer("minimax")
    assert offer
    assert design
    assert (str(offer.price), offer.max_bytes, offer.id_rule) == ("2.10", 10_000_000, None)
    assert (offer.min_seconds, offer.max_seconds) == (10, 300)
    assert set(offer.formats) == {"mp3", "wav", "m4a"}
    assert str(design.price) == "4.20"
    assert kyma.at_once == 1
    assert {model.id for model in kyma.speech} == {"minimax-speech-hd", "minimax-speech-turbo"}
    assert offer.activation_model == "minimax-speech-hd"
    for gender in ("", *design.genders):
        for age in ("", *design.age_groups):
            with ScriptedServer([reply(MADE)]) as server:
                _sent(server.origin, replace(DESIGN, gender=gender, age_group=age))
            assert json.loads(server.seen[0].body).get("age_group", "") == age


def _made(origin: str, order: CloneOrder | DesignOrder) -> Finished:
    client = kyma_at(origin)
    return client.clone(order) if isinstance(order, CloneOrder) else client.design(order)


def _sent(origin: str, order: CloneOrder | DesignOrder | SpeechOrder) -> None:
    if isinstance(order, SpeechOrder):
        kyma_at(origin).speak(order)
    else:
        _made(origin, order)
