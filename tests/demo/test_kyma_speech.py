"""Kyma's speech, money and limits, and that one key has one audio call under way."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from lib.demo import DemoService
from lib.demo.speech import SpeechError
from tests.demo.caller import Caller, served
from tests.demo.kyma import SPEECH, at_kyma, clone, design, speak
from tests.parts.charges import charges_of
from tests.parts.clock import SettableClock


@pytest.fixture
def kyma(caller: Caller) -> Caller:
    return at_kyma(caller)


@pytest.fixture
def voice(kyma: Caller) -> str:
    return str(clone(kyma).json["voice_id"])


def test_speech_is_the_sound_with_its_price_in_headers(kyma: Caller, voice: str) -> None:
    reply = speak(kyma, voice, "Good evening.")

    assert (reply.status, reply.headers["Content-Type"]) == (200, "audio/wav")
    assert reply.body.startswith(b"RIFF")
    told = {name: value for name, value in reply.headers.items() if name.startswith("X-Kyma-")}
    assert told == {
        "X-Kyma-Chars-Billed": "13",
        "X-Kyma-Model": "minimax-speech-hd",
        "X-Kyma-Cost-USD": "0.0013",
        "X-Kyma-Balance-USD": "22.8987",
    }


def test_the_other_names_of_text_and_voice_are_taken(kyma: Caller, voice: str) -> None:
    fields = {"model": "minimax-speech-turbo", "text": "Good evening.", "voice": voice}
    reply = kyma.post(SPEECH, **fields, response_format="mp3_44100_128", stream=False)

    assert reply.body == speak(kyma, voice, "Good evening.").body
    assert reply.headers["X-Kyma-Cost-USD"] == "0.00078"


def test_a_request_without_a_model_goes_to_elevenlabs_who_does_not_know_the_voice(
    kyma: Caller, voice: str
) -> None:
    refused = kyma.post(SPEECH, input="Hello", voice_id=voice)
    listed = kyma.get("/audio/voices").json["data"][0]["voice_id"]

    assert (refused.status, refused.json["error"]["code"]) == (502, "provider_error")
    spoken = kyma.post(SPEECH, input="Hello", voice_id=listed)
    assert spoken.headers["X-Kyma-Model"] == "eleven-multilingual-v2"


def test_the_longest_text_is_spoken(kyma: Caller, voice: str) -> None:
    assert speak(kyma, voice, "x" * 5_000).headers["X-Kyma-Cost-USD"] == "0.5"


def test_silence_of_the_maker_is_a_provider_error_that_costs_nothing(
    demo: tuple[DemoService, Caller], kyma: Caller, voice: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def mute(*_: object) -> bytes:
        raise SpeechError

    monkeypatch.setattr("lib.demo.kyma_speech.speak", mute)
    refused = speak(kyma, voice)

    assert (refused.status, refused.json["error"]["code"]) == (502, "provider_error")
    assert [charge.kind for charge in charges_of(demo[0])] == ["clone"]


def test_both_contracts_take_from_one_purse(caller: Caller, kyma: Caller) -> None:
    design(kyma)
    caller.clone("annaVoice01")

    told = kyma.get("/credits/balance")
    assert told.json == {"balance": 19.8, "low_balance": False, "currency": "USD"}
    assert caller.post("/check-balance").json["usd_balance"] == "19.800000"


def test_each_model_has_a_price_that_is_charged(kyma: Caller, voice: str) -> None:
    body = kyma.get("/credits/pricing").json
    prices = {row["id"]: (row["pricing_mode"], row["usd_per_call"]) for row in body["media"]}

    assert prices["minimax-voice-clone"] == ("per-call", 2.1)
    assert prices["minimax-voice-design"] == ("per-call", 4.2)
    assert prices["eleven-multilingual-v2"] == ("per-char", 0.000405)
    for model in ("minimax-speech-hd", "minimax-speech-turbo"):
        cost = float(speak(kyma, voice, "x" * 1_000, model=model).headers["X-Kyma-Cost-USD"])
        assert prices[model] == ("per-char", pytest.approx(cost / 1_000))


def test_limits_count_what_was_asked(kyma: Caller, caller: Caller) -> None:
    caller.post("/check-balance")
    for _ in range(3):
        kyma.get("/credits/balance")

    assert kyma.get("/auth/limits").json == {
        "rpm_limit": 60,
        "rpm_used": 3,
        "rpm_remaining": 57,
        "has_credits": True,
        "used_today": 3,
    }


def test_tiers_are_told_to_all(caller: Caller) -> None:
    body = at_kyma(caller, "").get("/limits/tiers").json

    assert body["object"] == "tier.matrix"
    assert [tier["rpm"] for tier in body["tiers"]] == [30, 60, 120, 200, 300]
    assert [tier["min_deposit"] for tier in body["tiers"]] == [0, 5, 50, 250, 1000]
    pools = [tier["audio_concurrent_per_provider"]["minimax"] for tier in body["tiers"]]
    assert pools == sorted(pools)
    assert (pools[0], body["tiers"][0]["audio_concurrent"]) == (1, 2)


def test_the_whole_list_of_prices_is_told_to_all(caller: Caller) -> None:
    body = at_kyma(caller, "").get("/pricing").json
    rows = {row["id"]: (row["pricing_mode"], row["usd_per_call"]) for row in body["media"]}

    assert (body["object"], body["media_count"]) == ("pricing.catalog", len(rows))
    assert rows["minimax-voice-clone"] == ("per-call", 2.1)
    assert rows["minimax-speech-hd"] == ("per-char", 0.0001)


@pytest.mark.parametrize(("balance", "limit"), [("0.5", 1), ("25", 2), ("100", 4)])
def test_a_key_may_as_much_at_once_as_the_tier_of_its_balance_says(
    state_path: Path, clock: SettableClock, balance: str, limit: int
) -> None:
    service = DemoService(state_path, clock, balance=Decimal(balance), audio_at_once=None)
    with served(service) as caller:
        kyma = at_kyma(caller)
        rate = kyma.get("/auth/limits").json["rpm_limit"]
        tiers = {tier["rpm"]: tier for tier in kyma.get("/limits/tiers").json["tiers"]}

    assert tiers[rate]["audio_concurrent_per_provider"]["minimax"] == limit


class Held:
    """A voice that speaks when it is let go."""

    def __init__(self) -> None:
        self.began, self.may_end = threading.Event(), threading.Event()

    def speak(self, *_: object) -> bytes:
        self.began.set()
        assert self.may_end.wait(60)
        return b"RIFF"


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> Iterator[Held]:
    held = Held()
    monkeypatch.setattr("lib.demo.kyma_speech.speak", held.speak)
    yield held
    held.may_end.set()


def while_one_speaks(caller: Caller, held: Held) -> tuple[threading.Thread, list[int], str]:
    """A thread whose speech is under way; the status that it gets in the end; its voice."""
    kyma, ends = at_kyma(caller), list[int]()
    voice = str(clone(kyma).json["voice_id"])
    thread = threading.Thread(target=lambda: ends.append(speak(kyma, voice).status))
    thread.start()
    assert held.began.wait(60)
    return thread, ends, voice


def test_a_second_audio_call_of_a_key_waits_its_turn(
    state_path: Path, clock: SettableClock, held: Held
) -> None:
    with served(DemoService(state_path, clock, audio_at_once=1)) as caller:
        thread, ends, voice = while_one_speaks(caller, held)
        kyma, colleague = at_kyma(caller), at_kyma(caller, "another-key")

        refusals = [speak(kyma, voice), clone(kyma), design(kyma)]
        quiet = kyma.get("/credits/balance")
        others = design(colleague)
        held.may_end.set()
        thread.join(60)
        after = speak(kyma, voice)

    for refused in refusals:
        assert refused.status == 429
        assert refused.json["error"]["type"] == "rate_limit"
        assert 0 < int(refused.headers["Retry-After"]) <= 5
    assert (quiet.status, others.status, after.status, ends) == (200, 200, 200, [200])


def test_inside_an_app_nobody_waits(demo: tuple[DemoService, Caller], held: Held) -> None:
    thread, ends, _voice = while_one_speaks(demo[1], held)

    assert design(at_kyma(demo[1])).status == 200

    held.may_end.set()
    thread.join(60)
    assert ends == [200]
