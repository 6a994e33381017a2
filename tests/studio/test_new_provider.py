"""A new service costs three files (`acme.py`, `acme_client.py` and this one) and its line in
`SERVICES`: everything else follows from its data.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest

from lib.models import Health, JobState, Money
from lib.services import NANOGPT, SERVICES, retention_rules
from lib.settings import NotUnderstood, load
from lib.studio.adoption import adopting
from lib.studio.adoption.adopting import Verdict
from lib.studio.adoption.ids import VoiceType, adoptable_types
from lib.studio.adoption.lists import read
from lib.studio.alerts import checks
from lib.studio.core.context import Context
from lib.studio.core.standpoint import standpoint_of
from lib.studio.orders import cloning, speaking
from lib.studio.orders.speaking import SpeechRequest
from tests.clients.scripted_server import Reply, ScriptedServer, Seen, reply
from tests.parts.persons import ADA
from tests.studio import acme
from tests.studio.acme import ACME
from tests.studio.story import (
    Story,
    clone_request,
    dossier,
    fresh,
    health,
    recording,
    state,
)

KEY = "acme_live_0123456789"
ANOTHER_KEY = "acme_live_9876543210"
VOICE_ID = "acme-0a1b2c3d"
WAV = {"Content-Type": "audio/wav"}


class Server(ScriptedServer):
    """Answers as Acme's pages would have it, to its key alone."""

    refuses = ""

    def next_answer(self, request: Seen) -> Reply:
        if request.headers.get("x-acme-key") != KEY or "authorization" in request.headers:
            return reply({"error": "unknown key"}, 401)
        if self.refuses and request.method == "POST":
            return reply({"error": {"message": self.refuses}}, 400)
        match request.method, request.path:
            case "GET", "/v2/account":
                return reply({"usd": 20})
            case "POST", "/v2/clones":
                return reply({"id": VOICE_ID, "usd": "1.50"})
            case "POST", "/v2/speech" if request.json["voice"] == VOICE_ID:
                return Reply(200, recording(2, 2), WAV | {"X-Acme-USD": "0.003"})
        return reply({"error": "no such thing"}, 404)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """Acme is a service like the others, and answers on a socket."""
    monkeypatch.setitem(SERVICES, ACME, acme.SERVICE)
    with Server() as listening:
        assert isinstance(listening, Server)
        yield listening


@pytest.fixture
def context(story: Story, server: Server) -> Context:
    """The app of a team that has a key for Acme and for nothing else."""
    return story.context(NANOGPT_API_KEY="", ACME_API_KEY=KEY, ACME_BASE_URL=f"{server.origin}/v2")


def test_a_voice_is_made_kept_and_spoken_with(
    story: Story, context: Context, server: Server
) -> None:
    job = cloning.clone(context, clone_request(service=ACME))
    story.until(context, lambda: health(context, job.voice_id) is Health.SAFE)

    made = dossier(context, job.voice_id)
    assert made.voice.provider_voice_id == VOICE_ID
    assert standpoint_of(context).terms(made.voice).rule == acme.RETENTION
    assert fresh(context, job).charged == Money.usd("1.50")

    request = SpeechRequest(job.voice_id, "Good evening.", "acme-speech", ADA)
    spoken = speaking.order(context, request)
    story.until(context, lambda: state(context, spoken) is JobState.DONE)
    assert fresh(context, spoken).charged == Money.usd("0.003")
    assert [seen.path for seen in server.seen if seen.method == "POST"] == [
        "/v2/clones", "/v2/speech", "/v2/speech",
    ]  # fmt: skip


def test_its_key_is_shown_nowhere(
    story: Story, context: Context, server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    server.refuses = f"The key {KEY} may not do this, and {ANOTHER_KEY} neither."
    job = cloning.clone(context, clone_request(service=ACME))
    story.until(context, lambda: state(context, job) is JobState.FAILED)

    error = fresh(context, job).error
    assert error == (
        "Acme refused the request. Nothing was charged. Check the recording and the options "
        "you chose. Acme says: “The key … may not do this, and … neither”."
    )
    assert not [key for key in (KEY, ANOTHER_KEY) if key in caplog.text + repr(context.settings)]


def test_its_ids_are_known_in_a_pasted_list(story: Story, server: Server) -> None:
    context = story.context(ACME_API_KEY=KEY, ACME_BASE_URL=f"{server.origin}/v2")
    lines = read(
        f"{VOICE_ID}, Night train\nacme-0a1b2c3e, Anna, Acme Voices\nacme-short, Tom, acme"
    )
    assert [line.service for line in lines] == ["", ACME, ACME]

    first = next(way for way in adoptable_types(context) if way.service == NANOGPT)
    plan = adopting.plan(context, lines, first, test=False)
    assert [item.voice_type for item in plan.new] == [VoiceType(ACME, first.kind)] * 2
    assert [item.why for item in plan.candidates if item.verdict is Verdict.REFUSED] == [
        "IDs of Acme are acme- and 8 more digits or letters a to f."
    ]
    (strange,) = read("id,kind\nNarrator2024,Elevenlabs")
    assert strange.fault.endswith("Write MiniMax, Qwen, Inworld, Kyma or Acme.")


def test_its_settings_check_and_rules_are_known(context: Context) -> None:
    assert load({"ACME_API_KEY": KEY}).live_services == (ACME,)
    with pytest.raises(NotUnderstood, match="Did you mean ACME_API_KEY"):
        load({"ACME_APIKEY": KEY})
    assert acme.RETENTION in retention_rules()
    checks.request(context, ACME, ADA)
    checks.process_requests(context)
    assert "Balance: $20.00" in str(checks.results(context)[ACME].body["sentence"])
