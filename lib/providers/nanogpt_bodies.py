"""What goes to NanoGPT and what its answers hold: bodies only, nothing is sent here.

Facts are those of docs.nano-gpt.com (Voice Cloning, TTS, TTS status, Check balance, Errors) as of
2026-08-22; where the docs are silent, the code is lenient in what it reads and strict in what it
sends.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from math import isfinite

from lib import json_reading
from lib.models import ErrorKind, Money
from lib.providers import wording
from lib.providers.base import CloneOrder, Finished, Sound, SpeechOrder, Ticket
from lib.providers.http import Answer, Content, money
from lib.providers.refusals import Complaint, kind_of
from lib.providers.wording import Reason, sentence
from lib.services import INWORLD, MINIMAX, QWEN, SERVICES

ECHOED = ("cost", "paymentSource", "isApiRequest")
"""Ticket fields that each poll repeats; refunds come by themselves only with them (TTS page)."""
POLL_AFTER = (1.0, 60.0)
"""Seconds: the least and the longest pause between polls that a service may ask for."""
MAX_ID_CHARS = 200
MAX_URL_CHARS = 8_000

RUNNING = ("pending", "processing", "queued", "in_progress")
"""Words of `status_word` for a run that has not ended, in all spellings seen."""
DONE = ("completed", "succeeded")
FAILED = ("failed", "error")

# "Voice abc123 not found", "no such voice", but not "voice model not found": only a message about
# the voice itself may count against it.
_NO_VOICE = re.compile(
    r"\bvoice(?:(?!model|setting|format|language|file|embedding|provider|service|endpoint)"
    r"[^.\n]){0,90}?"
    r"(?:not found|not exist|n[’']t exist|no longer exists|is (?:unknown|invalid|not valid))"
    r"|\b(?:no such|unknown|invalid|(?:cannot|can't|could not) find(?: the)?) (?:custom )?voice"
    r"(?![ _-]?(?:model|setting|format|param|language|file))",
    re.I,
)
# "customVoiceId already exists", "voice clone voice id duplicate"
_EXISTS = re.compile(
    r"voice[^.\n]{0,60}?(?:already (?:exist|in use|taken|used|registered)|duplicate|not unique)"
    r"|duplicated? (?:custom ?)?voice",
    re.I,
)
_EXISTS_CODES = ("duplicate_voice_id", "voice_id_exists", "voice_exists")
_NO_VOICE_CODES = ("voice_not_found", "invalid_voice", "voice_not_exist")


# --- what goes there --------------------------------------------------------------------------


def clone_faults(order: CloneOrder, service: str) -> Iterator[str]:
    """Sentences on why the service would refuse this order, or worse, take it."""
    offer = SERVICES[service].clone_offer(order.kind)
    if offer is None:
        yield sentence(Reason.MAKES_NO_SUCH_VOICES)
        return
    if (order.audio is not None) == bool(order.audio_url):
        yield sentence(Reason.NOT_ONE_RECORDING)
    if order.audio is not None and not order.audio:
        yield sentence(Reason.EMPTY_RECORDING)
    if order.audio and len(order.audio) > offer.direct_bytes:
        yield wording.too_large_without_link(offer.direct_bytes)
    if order.audio_url and not _is_url(order.audio_url):
        yield sentence(Reason.NO_LINK)
    if offer.id_rule and not offer.id_rule.fullmatch(order.voice_id):
        yield wording.odd_voice_id(offer.id_rule_words)
    if offer.preview_text_max and len(order.preview_text) > offer.preview_text_max:
        yield wording.preview_text_too_long(offer.preview_text_max)
    if offer.has_audio_options and not 0 <= order.accuracy <= 1:
        yield sentence(Reason.ACCURACY_OUT_OF_RANGE)


def clone_content(order: CloneOrder) -> Content:
    """A clone order as httpx arguments: a form with the recording, or JSON with its link."""
    fields: dict[str, object]
    if order.kind == MINIMAX:
        fields = {
            "customVoiceId": order.voice_id,
            "voiceCloneModel": order.model,
            "needNoiseReduction": order.noise_reduction,
            "needVolumeNormalization": order.volume_normalization,
            "accuracy": order.accuracy,
            "text": order.preview_text,
        }
    else:
        fields = {"referenceText": order.transcript}
    fields = {name: value for name, value in fields.items() if value != ""}
    if order.audio is None:
        return {"json": {"audioUrl": order.audio_url, **fields}}
    recording = (order.file_name, order.audio, order.media_type)
    return {"data": as_texts(fields), "files": {"audio": recording}}


def as_texts(fields: Mapping[str, object]) -> dict[str, str]:
    """Fields for a form or a query, which know no types: "true" as JSON has it, not "True"."""
    return {
        name: str(value).lower() if isinstance(value, bool) else str(value)
        for name, value in fields.items()
    }


def speech_faults(order: SpeechOrder) -> Iterator[str]:
    """Sentences on why the service would refuse this order, or worse, take it."""
    if order.kind not in (MINIMAX, QWEN, INWORLD):
        yield sentence(Reason.SPEAKS_NO_SUCH_VOICES)
    if not order.text.strip():
        yield sentence(Reason.NO_TEXT)
    if not order.model:
        yield sentence(Reason.NO_SPEECH_MODEL)
    if order.kind in (MINIMAX, INWORLD) and not order.voice_id:
        yield sentence(Reason.NO_VOICE_ID)
    if order.kind == QWEN and not _is_url(order.embedding_url):
        yield sentence(Reason.NO_VOICE_FILE_LINK)
    if not 0.1 <= order.speed <= 5:
        yield sentence(Reason.SPEED_OUT_OF_RANGE)


def speech_content(order: SpeechOrder) -> dict[str, object]:
    """A speech order as a JSON object."""
    fields: dict[str, object] = {"model": order.model, "text": order.text}
    if order.kind == QWEN:
        fields["speaker_voice_embedding_file_url"] = order.embedding_url
        fields |= {"reference_text": order.transcript} if order.transcript else {}
        fields |= {"language": order.language} if order.language else {}
    else:
        fields["voice"] = order.voice_id
    if order.speed != 1:
        fields["speed"] = order.speed
    return fields


def poll_fields(ticket: Ticket) -> dict[str, object]:
    """What a poll says of its ticket: the run, for speech the model too, and the echo."""
    model = {"model": ticket.model} if ticket.for_speech else {}
    echo = {name: value for name, value in ticket.echo.items() if name in ECHOED}
    return {"runId": ticket.run_id} | model | echo


# --- what comes back --------------------------------------------------------------------------


def ticket_in(
    answer: Answer, body: Mapping[str, object], *, kind: str, speech: str = ""
) -> Ticket | None:
    """The ticket in an answer, if there is one; `speech` is the model of a speech order."""
    run_id = body.get("runId") or body.get("id")
    if type(run_id) is int:
        run_id = str(run_id)
    if not isinstance(run_id, str) or not run_id.strip() or not _can_be_echoed(run_id):
        return None
    named = body.get("model")
    model = named if isinstance(named, str) and 0 < len(named) <= MAX_ID_CHARS else speech
    return Ticket(
        run_id=run_id,
        kind=kind,
        for_speech=bool(speech),
        model=model if speech else "",
        echo={name: _storable(body[name]) for name in ECHOED if _can_be_echoed(body.get(name))},
        cost=cost_in(body),
        request_id=answer.request_id,
        answered_at=answer.answered_at,
        poll_after=poll_after(answer),
    )


def _can_be_echoed(value: object) -> bool:
    """Whether it is a number, a truth value or a short text: what a poll can repeat."""
    if isinstance(value, str):
        return value.isprintable() and len(value) <= MAX_ID_CHARS
    return isinstance(value, int) or (isinstance(value, Decimal) and isfinite(float(value)))


def _storable(value: object) -> object:
    """As received, in a form that JSON writes again."""
    return float(value) if isinstance(value, Decimal) else value


def poll_after(answer: Answer) -> float | None:
    """Seconds until the next poll, where the answer asks for a pause."""
    return answer.seconds("x-poll-after", *POLL_AFTER)


def sound(
    answer: Answer, *, cost: Money | None, audio: bytes | None = None, url: str = ""
) -> Sound:
    """Speech that is there already: its bytes, or where they stand."""
    return Sound(audio, url, cost, answer.request_id, answer.answered_at)


def cost_in(body: Mapping[str, object]) -> Money | None:
    """Dollars; a cost in another currency is not taken for them."""
    amount = money(body.get("cost"))
    is_dollars = body.get("currency") in (None, "USD", "usd")
    return amount if is_dollars and amount is not None and amount >= Money() else None


def finished(ticket: Ticket, answer: Answer, body: Mapping[str, object]) -> Finished:
    """What a finished run made, as far as it is there."""
    speech = ticket.for_speech
    embedding = _first_url(body.get("speakerEmbeddingUrl"), body.get("speaker_embedding_url"))
    preview = _first_url(body.get("audioUrls"), body.get("audioUrl"))
    return Finished(
        embedding_url=embedding if ticket.kind == QWEN and not speech else "",
        preview_url=preview if ticket.kind == MINIMAX and not speech else "",
        audio_url=speech_url(body) if speech else "",
        cost=cost_in(body),
        request_id=answer.request_id,
        answered_at=answer.answered_at,
    )


def refund_in(ticket: Ticket, body: Mapping[str, object]) -> Money | None:
    """What came back, if the answer says so: an amount, or the word that the cost did."""
    said = body.get("refunded")
    # As text: a stored cost may be a float, and money is made of exact numbers alone.
    amount = money(str(ticket.echo.get("cost")) if said is True else said)
    return amount if amount and amount > Money() else None


def speech_url(body: Mapping[str, object]) -> str:
    """Where spoken audio stands; empty where the answer names no web address."""
    inner = json_reading.object_of(body.get("data"))
    return _first_url(
        body.get("audioUrl"), body.get("url"), inner.get("audioUrl"), inner.get("url")
    )


def _first_url(*values: object) -> str:
    """The first web address among texts and lists of texts."""
    found = [item for value in values for item in (value if isinstance(value, list) else [value])]
    return next((item for item in found if isinstance(item, str) and _is_url(item)), "")


def _is_url(text: str) -> bool:
    return text.startswith(("https://", "http://")) and len(text) <= MAX_URL_CHARS


def status_word(body: Mapping[str, object]) -> str:
    """The run's status in lower case: of RUNNING, DONE or FAILED, empty, or a word unknown."""
    word = body.get("status")
    return word.strip().lower() if isinstance(word, str) else ""


def has_failed(body: Mapping[str, object]) -> bool:
    """Whether an answer that came as a success tells of an error."""
    return bool(body.get("error")) or status_word(body) in FAILED


def id_exists(said: Complaint) -> bool:
    """Whether a refusal says that the ID of the new voice is a voice's already."""
    return any(code in said.code for code in _EXISTS_CODES) or bool(_EXISTS.search(said.message))


def error_kind(status: int, said: Complaint, *, paid: bool, voice_kind: str) -> ErrorKind:
    """What a refusal means; `voice_kind` is that of the voice to speak with, else empty.

    That a voice does not exist has to be said in so many words: a bare 404 (a wrong base address,
    an unknown model) is no evidence that it is lost. Only MiniMax voices live at the service.
    """
    kind = kind_of(status, said.code, paid=paid)
    if not voice_kind or kind not in (ErrorKind.INPUT, ErrorKind.NOT_FOUND):
        return kind
    named = any(code in said.code for code in _NO_VOICE_CODES)
    if voice_kind == MINIMAX and (named or _NO_VOICE.search(said.message)):
        return ErrorKind.NOT_FOUND
    return ErrorKind.INPUT
