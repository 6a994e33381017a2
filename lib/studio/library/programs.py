"""How a program of the team's own speaks with a voice: its ID, and a command line to begin with."""

from __future__ import annotations

import json
import shlex

from lib.addresses import unsigned
from lib.providers.base import Documented, SpeechCall, SpeechOrder
from lib.services import DEMO, SERVICES
from lib.studio.core.catalogue import usual_model
from lib.studio.core.context import Context, NotConnected
from lib.studio.library.listing import Entry
from lib.studio.orders import speaking

EXAMPLE = "Hello. This is my voice, spoken by a program of my own."
SOMEWHERE = "https://example.com/voice.safetensors"
"""Stands where an address of the voice file belongs, and none is known."""


def identifier(item: Entry) -> str:
    """What the service calls the voice: its ID there, or the address of its file without what signs
    that; "" where it has neither.
    """
    return item.voice.provider_voice_id or unsigned(item.voice.embedding_url)


def speech_call(context: Context, item: Entry) -> SpeechCall | None:
    """The request that has this voice say an example; None where no program could send it."""
    voice = item.voice
    model = usual_model(context, voice.service, voice.kind)
    if model is None or voice.service == DEMO:
        return None
    try:
        provider = context.provider(voice.service)
    except NotConnected:
        return None
    if not isinstance(provider, Documented):
        return None
    order = SpeechOrder(
        kind=voice.kind,
        model=model.id,
        text=EXAMPLE,
        voice_id=voice.provider_voice_id,
        embedding_url=identifier(item) or SOMEWHERE,
        transcript=voice.transcript,
        language=speaking.language_of(voice, model),
    )
    return provider.speech_call(order)


def curl(context: Context, item: Entry, call: SpeechCall) -> str:
    """The same as a command line for a shell. The key is not in it: the shell fills it in."""
    service = SERVICES[item.voice.service]
    name, value = service.key_header
    # In double quotes, so that the shell puts the key there; all else is quoted against it.
    key = f'"{name}: {value.format("$" + service.key_setting)}"'
    body = json.dumps(call.content, ensure_ascii=False)
    lines = [
        f"curl {shlex.quote(f'{context.settings.base_url(service.id)}/{call.path}')}",
        f"--header {key}",
        "--header 'Content-Type: application/json'",
        f"--data {shlex.quote(body)}",
    ]
    if call.answers_sound:
        lines.append("--output speech.mp3")
    return " \\\n  ".join(lines)
