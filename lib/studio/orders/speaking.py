"""Speech as a person orders it: one text, a long one in parts, several lines; by any voices.

Checked and priced here → confirmed jobs. Sends nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from lib.json_reading import JsonObject
from lib.models import (
    Dossier,
    Job,
    JobKind,
    JobState,
    LongText,
    Money,
    Take,
    TextState,
    Voice,
    new_id,
)
from lib.pricing import speech_price
from lib.registry import VoiceChanges
from lib.registry.long_texts import Text
from lib.roles import Permission, Person
from lib.scripts import LineOrder
from lib.services import KINDS, SpeechModel
from lib.splitting import expected_seconds, split
from lib.studio.core import accounts, consents, money
from lib.studio.core.catalogue import speech_model
from lib.studio.core.context import Context
from lib.studio.core.people import recorded_as
from lib.studio.core.reasons import Priced
from lib.studio.core.standpoint import Standpoint, standpoint_of
from lib.studio.core.typed_text import several_lines
from lib.studio.orders import wording
from lib.studio.orders.confirming import (
    SEND_WITHIN,
    OrderRefused,
    check_durable,
    check_money,
    check_ready,
    commit,
    commit_instead,
    confirmed,
    order_key,
    send_after_all,
    within_budget,
)
from lib.studio.orders.wording import Reason, sentence

MAX_CHARS = 60_000
"""Of one text, however many parts it takes: over an hour of speech."""
PART_CHARS = 2_000
"""Of a text that has to be split: a part that fails is paid again, and short parts are spoken
side by side. What a model takes whole is not split."""
PLANNED_SHARE = 0.75
"""Of the sound that a model makes at most: some say a text more slowly than others."""
PART_TURN = timedelta(seconds=10)
"""What is ordered together waits longer for its turn: so much more for each text or part of one."""


@dataclass(frozen=True)
class OfScript:
    """Which line of a script a text is: the one at this `place`, counted from 1.

    `number`: which order of this line it is. The same number is the same order.
    """

    script_id: str
    line_id: str
    place: int
    number: int


@dataclass(frozen=True)
class SpeechRequest:
    """A text to be spoken by a voice, as a person filled it in."""

    voice_id: str
    text: str
    model: str
    person: Person
    language: str = ""
    speed: float = 1.0
    another: int = 0
    line: OfScript | None = None


@dataclass(frozen=True)
class Plan:
    """How a text would be spoken: in which parts, at what price in all."""

    parts: tuple[str, ...]
    price: Money


def plan(model: SpeechModel, text: str) -> Plan:
    """The parts of a text for this model, and what they cost together. Pure."""
    parts = _parts(model, text)
    return Plan(parts, Money.total(speech_price(model, part) for part in parts))


def seconds_of(take: Take) -> float:
    """How long the text of a take should sound at its speed."""
    return expected_seconds(take.text) / speed_of(take)


def speed_of(take: Take) -> float:
    """The speed it was asked for; a story from a vault may hold anything."""
    speed = take.settings.get("speed", 1.0)
    return float(speed) if isinstance(speed, (int, float)) and speed > 0 else 1.0


def settings_of(model: SpeechModel, language: str, speed: float) -> JsonObject:
    """Language and speed as this model takes them; what is usual is not said."""
    settings: JsonObject = {}
    if language and language in model.languages:
        settings["language"] = language
    if model.min_speed <= speed <= model.max_speed and speed != 1.0:
        settings["speed"] = speed
    return settings


def language_of(voice: Voice, model: SpeechModel) -> str:
    """The voice's own language, where the model knows it by that name; "" for any. Pure."""
    return next((name for name in model.languages if name.lower() == voice.language.lower()), "")


def order(context: Context, request: SpeechRequest) -> Job | LongText:
    """Commit an order to speak a text; what to follow.

    A text that has to be split becomes a long text, with an order for each part. Raises
    `NotPermitted` and `OrderRefused`.
    """
    return order_all(context, [request])[0]


def order_all(context: Context, requests: Sequence[SpeechRequest]) -> list[Job | LongText]:
    """Commit orders for several texts, if all of them can be taken.

    Raises `NotPermitted`, and `OrderRefused`, which names the line of a script.
    """
    for request in requests:
        request.person.require(Permission.SPEAK)
    reader = next((recorded_as(request.person) for request in requests), "")
    standpoint = standpoint_of(context)
    ids = {request.voice_id for request in requests}
    dossiers = {voice_id: context.registry.voices.dossier(voice_id) for voice_id in ids}
    checked_all = [
        _check(context, standpoint, _typed(request), dossiers[request.voice_id])
        for request in requests
    ]
    for service in {checked.voice.service for checked in checked_all}:
        of_service = (checked for checked in checked_all if checked.voice.service == service)
        total = Money.total(checked.plan.price for checked in of_service)
        check_money(context, standpoint, service, total, reader)
    pieces = sum(len(checked.plan.parts) for checked in checked_all)
    turn = PART_TURN * pieces if pieces > 1 else timedelta()
    texts = [_orders(context, standpoint, checked, turn) for checked in checked_all]
    lines = [
        LineOrder(order.id, of.script_id, of.line_id, order.created_at, of.number)
        for (order, _), checked in zip(texts, checked_all, strict=True)
        if (of := checked.request.line)
    ]
    with within_budget(reader, Priced.SEVERAL if len(texts) > 1 else Priced.ONE):
        ordered = context.registry.long_texts.order(
            *texts, budget=money.budget_for(context), lines=lines
        )
    context.wake()
    return ordered


def again(context: Context, part: Job, person: Person) -> Job:
    """Order one part of a long text once more: only this part is paid.

    Also for one that was spoken, but sounds cut off. Where nobody knows whether it was spoken,
    the first order is given up. Raises `NotPermitted` and `OrderRefused`.
    """
    person.require(Permission.SPEAK)
    now = context.now(part.service)
    if part.state is JobState.CONFIRMED and part.send_before and part.send_before <= now:
        send_after_all(context, part, person)
        return part
    voice = context.registry.voices.get(part.voice_id)
    if voice is None:
        raise OrderRefused(sentence(Reason.VOICE_GONE))
    standpoint = standpoint_of(context)
    if why := accounts.why_not_speak(standpoint, voice):
        raise OrderRefused(why)
    _check_consent(context, voice)
    check_durable(context, part.service)
    check_money(context, standpoint, part.service, part.estimate, recorded_as(person))
    key = order_key("again", part.id)
    fresh = replace(
        confirmed(context, standpoint, part.kind, voice, person, key, part.request, part.estimate),
        id=f"{part.long_text_id}-{part.part:03d}-{new_id()[:6]}",
        long_text_id=part.long_text_id,
        part=part.part,
    )
    if part.is_open:
        raise OrderRefused(sentence(Reason.BEING_SPOKEN))
    if part.state is not JobState.UNKNOWN:
        return commit(context, fresh)
    why = sentence(Reason.SENT_AGAIN)
    return commit_instead(context, part, fresh, voice_changes=VoiceChanges(), why=why)


@dataclass(frozen=True)
class _Checked:
    """A request that was checked."""

    request: SpeechRequest
    voice: Voice
    model: SpeechModel
    plan: Plan


def _typed(request: SpeechRequest) -> SpeechRequest:
    """What a person typed, fit to be stored."""
    return replace(request, text=several_lines(request.text))


def _check(
    context: Context, standpoint: Standpoint, request: SpeechRequest, dossier: Dossier | None
) -> _Checked:
    try:
        return _checked(context, standpoint, request, dossier)
    except OrderRefused as problem:
        if request.line is None:
            raise
        raise OrderRefused(wording.in_line(request.line.place, str(problem))) from None


def _checked(
    context: Context, standpoint: Standpoint, request: SpeechRequest, dossier: Dossier | None
) -> _Checked:
    if dossier is None or dossier.voice.service not in context.settings.services:
        raise OrderRefused(sentence(Reason.VOICE_GONE))
    voice = dossier.voice
    if fault := accounts.why_not_speak(standpoint, voice):
        raise OrderRefused(fault)
    _check_consent(context, voice)
    model = speech_model(context, voice.service, request.model)
    if model is None or voice.kind not in model.kinds:
        raise OrderRefused(sentence(Reason.OTHER_MODEL))
    _check_text(request.text)
    check_ready(context, voice.service)
    return _Checked(request, voice, model, plan(model, request.text))


def _check_consent(context: Context, voice: Voice) -> None:
    if why := consents.why_not_speak(voice, context.now(voice.service)):
        raise OrderRefused(wording.nothing_spent(why))


def _orders(context: Context, standpoint: Standpoint, checked: _Checked, turn: timedelta) -> Text:
    """The order for a text in one piece, or a long text and the order of each of its parts.

    `turn`: how much longer than usual it waits to be sent.
    """
    request, voice, model = checked.request, checked.voice, checked.model
    settings = settings_of(model, request.language, request.speed)
    asked = {"model": model.id, "text": checked.request.text, "settings": settings} | settings
    asked |= {"voice_id": voice.provider_voice_id}
    key = order_key(
        voice.service, voice.account, voice.id, checked.request.text, asked | _apart(request)
    )
    one = confirmed(
        context, standpoint, JobKind.SPEECH, voice, request.person, key, asked, checked.plan.price
    )
    until = one.created_at + context.service_time(one.service, SEND_WITHIN + turn)
    one = replace(one, send_before=until)
    if len(checked.plan.parts) == 1:
        return one, []
    long_text = LongText(
        id=one.id,
        voice_id=voice.id,
        state=TextState.WAITING,
        order_key=key,
        service=one.service,
        created_at=one.created_at,
        person=one.person,
        text=request.text,
        model=model.id,
        settings=settings,
        parts=len(checked.plan.parts),
        next_check_at=one.created_at,
    )
    return long_text, _part_orders(one, checked)


def _apart(request: SpeechRequest) -> JsonObject:
    """What tells orders apart that ask for the same."""
    if of := request.line:
        return {"script": of.script_id, "line": of.line_id, "number": of.number}
    return {"another": request.another}


def _part_orders(one: Job, checked: _Checked) -> list[Job]:
    """The orders of the parts, each as that for the text in one piece would be."""
    return [
        replace(
            one,
            id=f"{one.id}-{number:03d}",
            order_key=order_key(one.id, number),
            request=one.request | {"text": text},
            estimate=speech_price(checked.model, text),
            long_text_id=one.id,
            part=number,
        )
        for number, text in enumerate(checked.plan.parts, start=1)
    ]


def _parts(model: SpeechModel, text: str) -> tuple[str, ...]:
    seconds = max((KINDS[kind].sound_seconds for kind in model.kinds), default=0.0) * PLANNED_SHARE
    if len(text) <= model.max_chars and (not seconds or expected_seconds(text) <= seconds):
        return (text,)
    return split(text, min(model.max_chars, PART_CHARS), seconds=seconds)


def _check_text(text: str) -> None:
    if not text:
        raise OrderRefused(sentence(Reason.NO_TEXT))
    if len(text) > MAX_CHARS:
        raise OrderRefused(wording.text_too_long(len(text), MAX_CHARS))
