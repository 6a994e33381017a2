"""Orders lines of a script: all or nothing, each line once, however often somebody clicks."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextlib import suppress

from lib.models import Job, LongText
from lib.roles import Permission, Person
from lib.scripts import Script, ScriptChanged
from lib.studio.core.context import Context
from lib.studio.orders import confirming, speaking
from lib.studio.orders.confirming import OrderRefused
from lib.studio.orders.speaking import OfScript, SpeechRequest
from lib.studio.scripts import editing, standing
from lib.studio.scripts.standing import LineStanding, LineState, Standing
from lib.studio.scripts.wording import Reason, not_generated, sentence

_WHY_NOT = {
    LineState.NO_TEXT: Reason.NO_TEXT,
    LineState.NO_VOICE: Reason.NO_VOICE,
    LineState.WORKING: Reason.WORKING,
}


def generate(
    context: Context,
    person: Person,
    shown: Standing,
    line_ids: Collection[str] | None = None,
) -> list[Job | LongText]:
    """Order all lines that are to be generated, or these, also once more; returns what to follow.

    `shown`: the script as the person saw it, with its prices. What was ordered since then is not
    ordered again. Of a long line whose parts failed, these parts alone are ordered. Raises
    `NotPermitted`, `OrderRefused` and `ScriptChanged`.
    """
    person.require(Permission.SPEAK)
    script = context.registry.scripts.get(shown.script.id)
    if script is None or _asked(script) != _asked(shown.script):
        raise ScriptChanged
    if line_ids is None:
        wanted: Sequence[LineStanding] = shown.to_generate
    else:
        wanted = [one for one in shown.lines if one.line.id in line_ids]
    _check(wanted)
    whole = [one for one in wanted if not one.missing]
    requests = [_request(shown, one, person) for one in whole]
    ordered = speaking.order_all(context, requests) if requests else []
    editing.forget_choices(context, script, [one.line.id for one in wanted])
    _take_back(context, person, whole)
    if len(whole) < len(wanted):
        now = standing.stand(context, script)
        still = [now.of(one.line.id) for one in wanted if one.missing]
        parts = [part for one in still if one for part in one.missing]
        ordered += [speaking.again(context, part, person) for part in parts]
    return ordered


def _request(shown: Standing, one: LineStanding, person: Person) -> SpeechRequest:
    """The next order of a line, by whoever speaks it."""
    member = next(each for each in shown.cast if each.speaker.name == one.line.speaker)
    return SpeechRequest(
        member.speaker.voice_id,
        one.line.text,
        member.model.id if member.model else "",
        person,
        member.language,
        member.speaker.speed,
        line=OfScript(shown.script.id, one.line.id, one.number, one.orders + 1),
    )


def _asked(script: Script) -> object:
    """What of a script is paid for."""
    said = [(line.id, line.speaker, line.text) for line in script.lines]
    return script.speakers, said


def _check(wanted: Sequence[LineStanding]) -> None:
    """Raises `OrderRefused` where one of these lines cannot be generated, or there is none."""
    if not wanted:
        raise OrderRefused(sentence(Reason.NOTHING_TO_GENERATE))
    for one in wanted:
        if one.state is LineState.CANNOT:
            raise OrderRefused(not_generated(one.number, one.why))
        if one.state in _WHY_NOT:
            raise OrderRefused(not_generated(one.number, sentence(_WHY_NOT[one.state])))


def _take_back(context: Context, person: Person, lines: Sequence[LineStanding]) -> None:
    """What was not sent in time and is ordered anew must not be sent as well."""
    for one in lines:
        order = one.order
        if isinstance(order, Job) and order.is_expired(context.now(order.service)):
            with suppress(OrderRefused):
                confirming.withdraw(context, order, person)
