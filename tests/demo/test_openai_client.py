"""The public `openai` client speaks with the demo's voices, unchanged, at both addresses."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import openai
import pytest

from tests.demo.caller import Caller
from tests.demo.kyma import HD, at_kyma, clone, design, speak
from tests.parts.clock import SettableClock

NANOGPT_HD = "Minimax-Speech-02-HD"


@pytest.fixture
def nanogpt(caller: Caller) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=caller.base + "/v1", api_key="a-key", max_retries=0) as client:
        yield client


@pytest.fixture
def kyma(caller: Caller) -> Iterator[openai.OpenAI]:
    base_url = at_kyma(caller).base
    with openai.OpenAI(base_url=base_url, api_key="a-key", max_retries=0) as client:
        yield client


def test_it_speaks_with_a_clone_at_nanogpts_address(
    caller: Caller, clock: SettableClock, nanogpt: openai.OpenAI
) -> None:
    caller.clone("annaVoice01")
    clock.advance(timedelta(seconds=3))

    spoken = nanogpt.audio.speech.create(
        model=NANOGPT_HD, voice="annaVoice01", input="Good evening.", speed=1.25
    )

    told = caller.speak("annaVoice01", "Good evening.", speed=1.25).json
    assert spoken.content == caller.get(told["audioUrl"]).body


@pytest.mark.parametrize("make", [clone, design])
def test_it_speaks_with_a_voice_at_kymas_address(
    caller: Caller, kyma: openai.OpenAI, make: object
) -> None:
    voice = make(at_kyma(caller)).json["voice_id"]  # type: ignore[operator]

    spoken = kyma.audio.speech.create(model=HD, voice=voice, input="Good evening.")

    assert spoken.content == speak(at_kyma(caller), voice, "Good evening.").body
    assert spoken.response.headers["x-kyma-chars-billed"] == "13"


def test_it_speaks_with_a_designed_voice_at_both_addresses(
    caller: Caller, nanogpt: openai.OpenAI, kyma: openai.OpenAI
) -> None:
    voice = design(at_kyma(caller)).json["voice_id"]

    there = nanogpt.audio.speech.create(model=NANOGPT_HD, voice=voice, input="Hello.")
    here = kyma.audio.speech.create(model=HD, voice=voice, input="Hello.")

    assert there.content == here.content


def test_it_streams_the_sound_into_a_file(
    caller: Caller, kyma: openai.OpenAI, tmp_path: Path
) -> None:
    voice = clone(at_kyma(caller)).json["voice_id"]

    target = tmp_path / "hello.wav"
    with kyma.audio.speech.with_streaming_response.create(
        model=HD, voice=voice, input="Hello there."
    ) as spoken:
        spoken.stream_to_file(target)

    assert target.read_bytes() == speak(at_kyma(caller), voice).body


def test_it_reads_the_refusals_of_both(nanogpt: openai.OpenAI, kyma: openai.OpenAI) -> None:
    with pytest.raises(openai.BadRequestError) as unknown:
        nanogpt.audio.speech.create(model=NANOGPT_HD, voice="nobodyHere01", input="Hello.")
    with pytest.raises(openai.InternalServerError) as trouble:
        kyma.audio.speech.create(model=HD, voice="nobodyHere01", input="Hello.")
    with pytest.raises(openai.BadRequestError) as format_:
        kyma.audio.speech.create(model=HD, voice="x", input="Hello.", response_format="wav")

    assert unknown.value.code == "invalid_voice"
    assert (trouble.value.status_code, trouble.value.code) == (502, "provider_error")
    assert format_.value.code == "invalid_request"
