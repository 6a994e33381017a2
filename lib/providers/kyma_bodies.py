"""What goes to Kyma, what its answers hold and what its refusals mean: nothing is sent here.

Facts are those of docs.kymaapi.com (audio-voice-clone, audio-voice-design, audio-speech, errors,
rate-limits). Published copies of these pages differ: what is read is the union of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from lib.models import ErrorKind, Money
from lib.providers import wording
from lib.providers.base import CloneOrder, DesignOrder, SpeechOrder, Spent
from lib.providers.http import Answer, Content, money
from lib.providers.refusals import Asked, Complaint, kind_of
from lib.providers.wording import Reason, sentence
from lib.services import KYMA, MINIMAX, SERVICES, speech_model
from lib.services.kyma import MAX_NAME, MAX_TEXT

_ID = re.compile(r"[\w.:-]{1,200}", re.ASCII)

_CLONE = SERVICES[KYMA].clones[0]
_DESIGN = SERVICES[KYMA].designs[0]


# --- what goes there --------------------------------------------------------------------------


def clone_faults(order: CloneOrder) -> Iterator[str]:
    """Sentences on why Kyma would refuse this order, or worse, take it."""
    if order.kind != MINIMAX:
        yield sentence(Reason.KYMA_MAKES_NO_SUCH_VOICES)
    if not order.model:
        yield sentence(Reason.NO_CLONE_MODEL)
    if order.audio is None:
        yield sentence(Reason.LINK_TO_KYMA)
    elif not order.audio:
        yield sentence(Reason.EMPTY_RECORDING)
    elif len(order.audio) > _CLONE.max_bytes:
        yield sentence(Reason.RECORDING_TOO_LARGE)


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
        yield sentence(Reason.KYMA_MAKES_NO_SUCH_VOICES)
    if not order.model:
        yield sentence(Reason.NO_DESIGN_MODEL)
    if not order.description.strip():
        yield sentence(Reason.NO_DESCRIPTION)
    if len(order.description) > _DESIGN.description_max:
        yield wording.description_too_long(_DESIGN.description_max)
    if len(order.preview_text) > _DESIGN.preview_text_max:
        yield wording.preview_text_too_long(_DESIGN.preview_text_max)
    if order.gender and order.gender not in _DESIGN.genders:
        yield sentence(Reason.UNKNOWN_GENDER)
    if order.age_group and order.age_group not in _DESIGN.age_groups:
        yield sentence(Reason.UNKNOWN_AGE)


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
        yield sentence(Reason.KYMA_SPEAKS_NO_SUCH_VOICES)
    if not order.model:  # its own choice would be a model that does not know our voices
        yield sentence(Reason.NO_SPEECH_MODEL)
    if not order.voice_id:
        yield sentence(Reason.NO_VOICE_ID)
    if not order.text.strip():
        yield sentence(Reason.NO_TEXT)
    if len(order.text) > longest:
        yield wording.text_too_long(longest)


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
    """A refusal understood. `reason`: one of its own; None: what the kind tells."""

    kind: ErrorKind
    reason: Reason | None = None
    spent: Spent | None = None


_BY_CODE = {
    "not_a_voice_clone_model": Reason.NO_CLONES_WITH_MODEL,
    "not_a_voice_design_model": Reason.NO_DESIGNS_WITH_MODEL,
    "not_a_tts_model": Reason.MODEL_NOT_OFFERED,
    "reference_too_short": Reason.RECORDING_TOO_SHORT,
    "reference_too_long": Reason.RECORDING_TOO_LONG,
    "audio_unreadable": Reason.RECORDING_UNREADABLE,
    "description_too_long": Reason.DESCRIPTION_TOO_LONG,
    "input_too_long": Reason.TEXT_TOO_LONG,
    "voice_required": Reason.NO_VOICE_NAMED,
}
_BY_STATUS = {413: Reason.RECORDING_TOO_LARGE, 415: Reason.RECORDING_OF_OTHER_KIND}
_STATUS_OF = {"auth_error": 401, "rate_limit": 429, "invalid_request": 400} | dict.fromkeys(
    (*_BY_CODE, "voice_not_owned", "insufficient_credits", "billing_error"), 400
)
"""For a refusal that came as a success: what its code stands for."""


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
            return Meaning(ErrorKind.TROUBLE, Reason.NOT_REGISTERED, Spent.NO)
        if "provider_error" in codes:
            return Meaning(
                kind, Reason.SUPPLIER_DID_NOT_SPEAK if speaks else Reason.SUPPLIER_MADE_NO_VOICE
            )
        return Meaning(kind)
    if "voice_not_owned" in codes and kind in (ErrorKind.PERMISSION, ErrorKind.INPUT):
        return Meaning(ErrorKind.PERMISSION, Reason.NOT_OWNED)
    if kind is ErrorKind.NOT_FOUND:  # a wrong address of the service, or a model; never a voice
        return Meaning(ErrorKind.INPUT)
    if kind is not ErrorKind.INPUT:
        return Meaning(kind)
    reason = next((_BY_CODE[code] for code in codes if code in _BY_CODE), None)
    return Meaning(kind, reason or (None if speaks else _BY_STATUS.get(status)))
