"""What goes to Kyma, what its answers hold and what its refusals mean: nothing is sent here.

Facts are those of docs.kymaapi.com (audio-voice-clone, audio-voice-design, audio-speech, errors,
rate-limits). Published copies of these pages differ: what is read is the union of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from lib.models import ErrorKind, Money
from lib.providers.base import CloneOrder, DesignOrder, SpeechOrder, Spent
from lib.providers.http import Answer, Content, money
from lib.providers.refusals import Asked, Complaint, kind_of
from lib.services import KYMA, MEGABYTE, MINIMAX, SERVICES, speech_model
from lib.services.kyma import MAX_NAME, MAX_TEXT

_ID = re.compile(r"[\w.:-]{1,200}", re.ASCII)

_CLONE = SERVICES[KYMA].clones[0]
_DESIGN = SERVICES[KYMA].designs[0]
_LENGTH = f"{_CLONE.min_seconds:g} seconds to {_CLONE.max_seconds / 60:g} minutes"
_SIZE = f"{_CLONE.max_bytes / MEGABYTE:g} MB"
_FORMATS = "MP3, WAV and M4A"


# --- what goes there --------------------------------------------------------------------------


def clone_faults(order: CloneOrder) -> Iterator[str]:
    """Sentences on why Kyma would refuse this order, or worse, take it."""
    if order.kind != MINIMAX:
        yield "Kyma does not make voices of this kind."
    if not order.model:
        yield "No model was chosen to clone with."
    if order.audio is None:
        yield "Kyma accepts the recording itself, not a link to it."
    elif not order.audio:
        yield "The recording is empty."
    elif len(order.audio) > _CLONE.max_bytes:
        yield f"The recording is larger than the {_SIZE} that Kyma accepts."


def clone_content(order: CloneOrder) -> Content:
    """A clone order as httpx arguments: a form with the recording."""
    fields = {"model": order.model, "name": order.name[:MAX_NAME]}
    return {
        "data": {name: value for name, value in fields.items() if value},
        "files": {"file": (order.file_name, order.audio or b"", order.media_type)},
    }


def design_faults(order: DesignOrder) -> Iterator[str]:
    """Sentences on why Kyma would refuse this order, or worse, take it."""
    if order.kind != MINIMAX:
        yield "Kyma does not make voices of this kind."
    if not order.model:
        yield "No model was chosen to make the voice with."
    if not order.description.strip():
        yield "There is no description to make a voice from."
    if len(order.description) > _DESIGN.description_max:
        yield f"The description is longer than {_DESIGN.description_max:,} characters."
    if len(order.preview_text) > _DESIGN.preview_text_max:
        yield f"The preview text is longer than {_DESIGN.preview_text_max} characters."
    if order.gender and order.gender not in _DESIGN.genders:
        yield "Kyma does not know this gender of a voice."
    if order.age_group and order.age_group not in _DESIGN.age_groups:
        yield "Kyma does not know this age of a voice."


def design_content(order: DesignOrder) -> dict[str, str]:
    """A design order as a JSON object; what is left open is not sent."""
    fields = {
        "model": order.model,
        "description": order.description,
        "name": order.name[:MAX_NAME],
        "gender": order.gender,
        "age_group": order.age_group,
        "preview_text": order.preview_text,
    }
    return {name: value for name, value in fields.items() if value}


def speech_faults(order: SpeechOrder, service: str) -> Iterator[str]:
    """Sentences on why Kyma would refuse this order, or worse, take it."""
    known = speech_model(service, order.model)
    longest = known.max_chars if known else MAX_TEXT
    if order.kind != MINIMAX:
        yield "Kyma does not work with voices of this kind."
    if not order.model:  # its own choice would be a model that does not know our voices
        yield "No model was chosen to speak the text."
    if not order.voice_id:
        yield "The voice has no ID to speak with."
    if not order.text.strip():
        yield "There is no text to speak."
    if len(order.text) > longest:
        yield f"The text is longer than the {longest:,} characters that Kyma accepts at a time."


def speech_content(order: SpeechOrder) -> dict[str, str]:
    """A speech order as JSON; format, speed and language are not documented for MiniMax."""
    return {"model": order.model, "input": order.text, "voice_id": order.voice_id}


# --- what comes back --------------------------------------------------------------------------


def voice_id_in(body: Mapping[str, object]) -> str:
    """The new voice's ID; "" where there is none that could be used."""
    found = body.get("voice_id")
    return found if isinstance(found, str) and _ID.fullmatch(found) else ""


def cost_in(answer: Answer, body: Mapping[str, object] | None = None) -> Money | None:
    """What it cost, by header or body; None where neither tells."""
    stated = _dollars(answer.headers.get("x-kyma-cost-usd"), (body or {}).get("cost_usd"))
    return stated if stated is not None and stated >= Money() else None


def balance_in(answer: Answer, body: Mapping[str, object] | None = None) -> Money | None:
    """What is left, by header or body; None where neither tells."""
    body = body or {}
    return _dollars(
        answer.headers.get("x-kyma-balance-usd"), body.get("balance_usd"), body.get("balance")
    )


def _dollars(*stated: object) -> Money | None:
    amounts = (money(value) for value in stated)
    return next((amount for amount in amounts if amount is not None), None)


# --- what a refusal means ---------------------------------------------------------------------


@dataclass(frozen=True)
class Meaning:
    """A refusal understood. `words`: its own sentence, without the stop; "": the usual one."""

    kind: ErrorKind
    words: str = ""
    spent: Spent | None = None


_BY_CODE = {
    "not_a_voice_clone_model": "Kyma does not clone voices with the model that was asked for",
    "not_a_voice_design_model": "Kyma does not make voices from words with the model asked for",
    "not_a_tts_model": "Kyma does not offer the model that was asked for",
    "reference_too_short": f"The recording is too short: Kyma accepts {_LENGTH} of speech",
    "reference_too_long": f"The recording is too long: Kyma accepts {_LENGTH} of speech",
    "audio_unreadable": f"Kyma cannot read the recording: it accepts intact {_FORMATS}, {_LENGTH}",
    "description_too_long": (
        f"The description is longer than the {_DESIGN.description_max:,} characters Kyma accepts"
    ),
    "input_too_long": f"The text is longer than the {MAX_TEXT:,} characters Kyma accepts at a time",
    "voice_required": "The order named no voice",
}
_BY_STATUS = {
    413: f"The recording is larger than the {_SIZE} that Kyma accepts",
    415: f"The recording is of a kind that Kyma does not accept: it accepts {_FORMATS}",
}
_STATUS_OF = {"auth_error": 401, "rate_limit": 429, "invalid_request": 400} | dict.fromkeys(
    (*_BY_CODE, "voice_not_owned", "insufficient_credits", "billing_error"), 400
)
"""For a refusal that came as a success: what its code stands for."""
_NOT_OWNED = "This voice belongs to another Kyma account than the key in use. It is not lost"
_NOT_REGISTERED = "Kyma could not register the new voice for this account"
_SUPPLIER = "The supplier behind Kyma could not make the voice"
_SUPPLIER_OF_SPEECH = (
    "The supplier behind Kyma could not generate this. That may pass, or the voice may be gone: "
    "one failure does not tell which"
)


def status_told(said: Complaint) -> int | None:
    """The status of a refusal that came as a success; None where it proves nothing."""
    codes = said.code.split()
    return said.status or next((_STATUS_OF[code] for code in codes if code in _STATUS_OF), None)


def meaning(status: int, said: Complaint, asked: Asked) -> Meaning:
    """What an answer that is no success means. Pure.

    That a voice is gone is never said here: Kyma takes an id that it does not know for one of
    MiniMax, so that a lost voice looks like any trouble of the supplier.
    """
    codes = said.code.split()
    speaks = bool(asked.voice_kind)
    kind = kind_of(status, said.code, paid=asked.paid)
    if asked.paid and kind is ErrorKind.UNKNOWN_OUTCOME:
        if status == 500 and "ownership_write_failed" in codes and not speaks:
            return Meaning(ErrorKind.TROUBLE, _NOT_REGISTERED, Spent.NO)
        if "provider_error" in codes:
            return Meaning(kind, _SUPPLIER_OF_SPEECH if speaks else _SUPPLIER)
        return Meaning(kind)
    if "voice_not_owned" in codes and kind in (ErrorKind.PERMISSION, ErrorKind.INPUT):
        return Meaning(ErrorKind.PERMISSION, _NOT_OWNED)
    if kind is ErrorKind.NOT_FOUND:  # a wrong address of the service, or a model; never a voice
        return Meaning(ErrorKind.INPUT)
    if kind is not ErrorKind.INPUT:
        return Meaning(kind)
    words = next((_BY_CODE[code] for code in codes if code in _BY_CODE), "")
    return Meaning(kind, words or ("" if speaks else _BY_STATUS.get(status, "")))
