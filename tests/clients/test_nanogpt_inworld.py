"""Inworld voices through NanoGPT: spoken with by their ID, as the catalogue's models do."""

from __future__ import annotations

import pytest

from lib.models import ErrorKind, Money
from lib.providers.base import ProviderError, Sound, SpeechOrder
from lib.services import INWORLD
from tests.clients.scripted_server import ScriptedServer, nanogpt_at, reply

WAV = "https://files.example/sound.wav"
ORDER = SpeechOrder(kind=INWORLD, model="Inworld-TTS-1", text="Good morning.", voice_id="sage-1")


def test_the_voice_id_goes_along_with_the_model() -> None:
    with ScriptedServer([reply({"audioUrl": WAV, "cost": 0.01, "currency": "USD"})]) as server:
        sound = nanogpt_at(server.origin).speak(ORDER)
    (seen,) = server.seen
    assert (seen.method, seen.path) == ("POST", "/api/tts")
    assert seen.json == {"model": "Inworld-TTS-1", "text": "Good morning.", "voice": "sage-1"}
    assert isinstance(sound, Sound)
    assert (sound.url, sound.cost) == (WAV, Money.usd("0.01"))


def test_a_voice_without_its_id_is_refused_here() -> None:
    order = SpeechOrder(kind=INWORLD, model="Inworld-TTS-1", text="Good morning.")
    with ScriptedServer() as server, pytest.raises(ProviderError, match="no ID"):
        nanogpt_at(server.origin).speak(order)
    assert not server.seen


def test_that_it_is_not_found_through_nanogpt_does_not_say_that_it_is_gone() -> None:
    """It lives in a workspace at Inworld, which this key may not see."""
    with (
        ScriptedServer([reply({"error": "Voice not found"}, 400)]) as server,
        pytest.raises(ProviderError) as caught,
    ):
        nanogpt_at(server.origin).speak(ORDER)
    assert caught.value.kind is ErrorKind.INPUT
    assert "Nothing was charged" in caught.value.sentence
