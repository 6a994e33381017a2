"""The command line that a voice's page gives to developers asks for just what our client asks."""

from __future__ import annotations

import json
import subprocess
from dataclasses import replace
from urllib.parse import urlsplit

import httpx
import pytest

from lib.json_reading import JsonObject
from lib.models import Dossier, JobKind, Voice, VoiceKind
from lib.providers.base import Provider, SpeechOrder
from lib.services import DEMO, KYMA, NANOGPT
from lib.studio.core.catalogue import usual_model
from lib.studio.core.context import Context
from lib.studio.jobs import requests
from lib.studio.library import listing, programs
from lib.studio.orders import speaking
from tests.clients.scripted_server import ScriptedServer, Seen, kyma_at, nanogpt_at
from tests.pages import people
from tests.parts.reopened import reopen
from tests.registry.records import a_job
from tests.studio.kyma import kyma_shop
from tests.studio.story import Story

KEY = "sk-nano-not-in-the-command"
HOSTILE = "It's $HOME, `id`, $(id), \"said\" \\ and 'so'\non two lines; rm -rf é日本"


def shell_words(command: str, **environment: str) -> list[str]:
    """What a shell makes of a command line, in place of the program itself."""
    program = "curl() { printf '%s\\0' \"$@\"; }\n"
    done = subprocess.run(
        ["/bin/sh", "-c", program + command],
        env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", **environment},
        capture_output=True,
        check=True,
        timeout=30,
    )
    assert done.stderr == b""
    return done.stdout.decode().split("\0")[:-1]


def send(command: str, origin: str, **environment: str) -> None:
    """Do what the command line says, at this server."""
    address, *options = shell_words(command, **environment)
    named = list(zip(options[::2], options[1::2], strict=True))
    headers = dict(value.split(": ", 1) for name, value in named if name == "--header")
    (body,) = (value for name, value in named if name == "--data")
    httpx.post(f"{origin}{urlsplit(address).path}", headers=headers, content=body.encode())


def what_we_send(context: Context, provider: Provider, voice: Voice) -> SpeechOrder:
    """The order of the same example, as the keeper builds it from a job."""
    model = usual_model(context, voice.service, voice.kind)
    assert model is not None
    settings = speaking.settings_of(model, speaking.language_of(voice, model), 1.0)
    asked: JsonObject = {"text": programs.EXAMPLE, "model": model.id, **settings}
    job = a_job(voice, kind=JobKind.SPEECH, request=asked)
    order = requests.build_order(context, provider, job, Dossier(voice))
    assert isinstance(order, SpeechOrder)
    return order


def told(seen: Seen) -> tuple[str, str, object, str]:
    return seen.method, seen.path, json.loads(seen.body), seen.headers["authorization"]


@pytest.mark.parametrize(
    ("at", "kind"),
    [(NANOGPT, VoiceKind.MINIMAX), (NANOGPT, VoiceKind.QWEN), (KYMA, VoiceKind.MINIMAX)],
)
@pytest.mark.parametrize("text", ["What I said.", HOSTILE], ids=["plain", "hostile"])
def test_the_command_asks_for_what_our_client_asks(
    story: Story, at: str, kind: VoiceKind, text: str
) -> None:
    context = kyma_shop(story) if at == KYMA else story.context()
    made = people.clone(1, context.clock.now(), service=at, kind=kind)
    voice = replace(made.voice, transcript=text, language="German")
    if kind is VoiceKind.MINIMAX:
        voice = replace(voice, provider_voice_id=text)
    people.move_in(context, [replace(made, voice=voice)])
    with ScriptedServer() as server:
        client: Provider = (
            kyma_at(server.origin, key=KEY) if at == KYMA else nanogpt_at(server.origin)
        )
        reopen(context, providers={at: client})
        item = listing.find(context, voice.id)
        assert item is not None
        call = programs.speech_call(context, item)
        assert call is not None
        command = programs.curl(context, item, call)
        with pytest.raises(Exception, match="answer"):
            client.speak(what_we_send(context, client, voice))
        secret = server.seen[0].headers["authorization"].removeprefix("Bearer ")
        setting = f"{at.upper()}_API_KEY"
        assert secret not in command
        send(command, server.origin, **{setting: secret})
    ours, theirs = server.seen
    assert told(theirs) == told(ours)
    assert theirs.headers["content-type"] == ours.headers["content-type"]


def test_the_demo_has_no_address_that_a_program_could_reach(context: Context) -> None:
    people.move_in(context, [people.clone(1, context.clock.now(), service=DEMO)])
    (item,) = [listing.entry(context, dossier) for dossier in context.registry.voices.dossiers()]
    assert programs.speech_call(context, item) is None
    assert programs.identifier(item) == "Person00001x9"


def test_what_signs_an_address_is_not_part_of_it(context: Context) -> None:
    made = people.clone(1, context.clock.now(), kind=VoiceKind.QWEN)
    signed = replace(
        made.voice, embedding_url="https://host.example/a.safetensors?X-Amz-Signature=1"
    )
    people.move_in(context, [replace(made, voice=signed)])
    (item,) = listing.entries(context)
    call = programs.speech_call(context, item)
    assert call is not None
    assert programs.identifier(item) == "https://host.example/a.safetensors"
    assert "Signature" not in programs.curl(context, item, call)
