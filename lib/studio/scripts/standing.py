"""How a script stands: of each line what is spoken, what is under way, and what it would cost."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from lib.models import Job, JobState, LongText, Money, Take, TextState, Voice
from lib.registry.scripts import SpokenLines
from lib.scripts import Line, LineOrder, Script
from lib.splitting import expected_seconds
from lib.studio.core.context import Context
from lib.studio.core.standpoint import standpoint_of
from lib.studio.core.typed_text import several_lines
from lib.studio.jobs import long_texts
from lib.studio.orders import speaking
from lib.studio.scripts.casting import CastMember, member_of
from lib.studio.scripts.wording import Reason, sentence


class LineState(StrEnum):
    """Where a line stands. `TO_GENERATE` are generated together."""

    NO_TEXT = "no_text"
    NO_VOICE = "no_voice"
    CANNOT = "cannot"
    """Its voice cannot speak it: `why` says why."""
    READY = "ready"
    """Nothing is spoken yet."""
    CHANGED = "changed"
    """There is a take, but text, voice, model, language or speed changed since."""
    WORKING = "working"
    SPOKEN = "spoken"
    """Also where generating it once more failed: `why` tells that."""
    FAILED = "failed"
    UNKNOWN = "unknown"
    """Nobody knows whether its order was done."""


TO_GENERATE = frozenset({LineState.READY, LineState.CHANGED, LineState.FAILED})


@dataclass(frozen=True)
class LineStanding:
    """One line. `take`: what is heard of it now; `takes`: all there is to choose, newest first.

    `order`: the latest, `orders`: the number of the last one. `missing`: the parts of a long line
    that are to be spoken again. `price`: of generating it now, also once more; None where that
    cannot be done. `why`: what stands against it, or what failed.
    """

    number: int
    line: Line
    state: LineState
    voice: Voice | None = None
    take: Take | None = None
    takes: tuple[Take, ...] = ()
    order: Job | LongText | None = None
    orders: int = 0
    missing: tuple[Job, ...] = ()
    price: Money | None = None
    why: str = ""

    @property
    def is_to_generate(self) -> bool:
        return self.state in TO_GENERATE and self.price is not None


@dataclass(frozen=True)
class Standing:
    """A script as it stands. `seconds`: its length with all pauses; what is not spoken yet is
    estimated.
    """

    script: Script
    cast: tuple[CastMember, ...]
    lines: tuple[LineStanding, ...]
    seconds: float = 0.0

    @property
    def to_generate(self) -> tuple[LineStanding, ...]:
        """What *Generate* would order."""
        return tuple(line for line in self.lines if line.is_to_generate)

    @property
    def price(self) -> Money:
        """Of all that is to be generated."""
        return Money.total(line.price for line in self.to_generate if line.price is not None)

    @property
    def spoken(self) -> int:
        """Lines that are spoken as they stand now."""
        return sum(line.state is LineState.SPOKEN for line in self.lines)

    @property
    def is_working(self) -> bool:
        return any(line.state is LineState.WORKING for line in self.lines)

    def of(self, line_id: str) -> LineStanding | None:
        return next((line for line in self.lines if line.line.id == line_id), None)


@dataclass(frozen=True)
class Summary:
    """A script in a list. `spoken`: lines with a sound; `seconds`: how long these are."""

    script: Script
    spoken: int
    seconds: float


def stand(context: Context, script: Script) -> Standing:
    """How a script stands; the same few queries however long it is."""
    standpoint = standpoint_of(context)
    names = dict.fromkeys(line.speaker for line in script.lines)
    members = {name: member_of(context, standpoint, script, script.speaker(name)) for name in names}
    found = context.registry.scripts.spoken(script)
    orders = _by_line(found.orders)
    lines = tuple(
        _line(context, members[line.speaker], found, orders[line.id], line, number)
        for number, line in enumerate(script.lines, 1)
    )
    return Standing(script, tuple(members.values()), lines, _seconds(script, members, lines))


def find(context: Context, script_id: str) -> Script | None:
    """The script with this id, of the services that are shown; None where there is none."""
    script = context.registry.scripts.get(script_id)
    shown = script and script.service in ("", *context.settings.visible)
    return script if shown else None


def listed(context: Context, search: str = "", *, limit: int, skip: int = 0) -> list[Summary]:
    """Scripts whose name has all words of the search; what was changed last comes first."""
    registry, services = context.registry.scripts, context.settings.visible
    scripts = registry.find(search, services=services, limit=limit, skip=skip)
    lengths = registry.lengths(scripts)
    return [
        Summary(script, len(lengths[script.id]), sum(lengths[script.id].values()))
        for script in scripts
    ]


def count(context: Context, search: str = "") -> int:
    """How many scripts `listed` goes through."""
    return context.registry.scripts.count(search, services=context.settings.visible)


def names(context: Context, *, limit: int) -> Sequence[tuple[str, str]]:
    """Ids and names of scripts that have takes, to choose their takes by; the newest first."""
    return context.registry.scripts.spoken_names(services=context.settings.visible, limit=limit)


def _by_line(orders: Sequence[LineOrder]) -> defaultdict[str, list[LineOrder]]:
    found: defaultdict[str, list[LineOrder]] = defaultdict(list)
    for order in orders:
        found[order.line_id].append(order)
    return found


def _line(
    context: Context,
    member: CastMember,
    found: SpokenLines,
    orders: Sequence[LineOrder],
    line: Line,
    number: int,
) -> LineStanding:
    text = several_lines(line.text)
    takes = _takes(found, orders, line)
    fitting = [take for take in takes if member.asks_for(text, take)]
    last = orders[-1] if orders else None
    order = found.order(last.order_id) if last else None
    missing = _missing(context, found, order) if order and member.asks_for(text, order) else ()
    state, why = _state(context, member, text, order, is_spoken=bool(fitting))
    if state is LineState.READY and takes:
        state = LineState.CHANGED
    return LineStanding(
        number,
        line,
        state,
        voice=member.voice,
        take=_heard(fitting, line) or _heard(takes, line),
        takes=tuple(takes),
        order=order,
        orders=last.number if last else 0,
        missing=missing,
        price=_price(member, text, state, missing),
        why=why,
    )


def _takes(found: SpokenLines, orders: Sequence[LineOrder], line: Line) -> list[Take]:
    """What was spoken for a line and still has its sound, and the take that was chosen; the newest
    first.
    """
    ids = {line.take_id, *(order.order_id for order in orders)}
    known = (found.takes[take_id] for take_id in ids & found.takes.keys())
    heard = (take for take in known if take.key)
    return sorted(heard, key=lambda take: (take.created_at, take.id), reverse=True)


def _heard(takes: Sequence[Take], line: Line) -> Take | None:
    """Of these takes the chosen one, else the newest."""
    chosen = (take for take in takes if take.id == line.take_id)
    return next(chosen, next(iter(takes), None))


def _state(
    context: Context,
    member: CastMember,
    text: str,
    order: Job | LongText | None,
    *,
    is_spoken: bool,
) -> tuple[LineState, str]:
    """Where a line stands by its last order, and why. `is_spoken`: there is a take that fits."""
    if not text:
        return LineState.NO_TEXT, ""
    now = context.now(order.service) if order else context.clock.now()
    if order and _is_under_way(order, now):
        return LineState.WORKING, ""
    if order and order.state is JobState.UNKNOWN:
        return LineState.UNKNOWN, sentence(Reason.NOT_KNOWN)
    if not member.speaker.voice_id:
        return LineState.NO_VOICE, ""
    failure = _failure(order, now) if order and member.asks_for(text, order) else ""
    if is_spoken:
        return LineState.SPOKEN, failure
    if member.why:
        return LineState.CANNOT, member.why
    return (LineState.FAILED, failure) if failure else (LineState.READY, "")


def _is_under_way(order: Job | LongText, now: datetime) -> bool:
    if isinstance(order, LongText):
        return order.state is TextState.WAITING
    return order.is_in_progress(now)


def _failure(order: Job | LongText, now: datetime) -> str:
    """Why an order brought nothing, in a sentence; "" where it did."""
    if isinstance(order, Job) and order.is_expired(now):
        return sentence(Reason.NOT_SENT)
    if order.state in (JobState.FAILED, TextState.FAILED):
        return order.error or sentence(Reason.NOT_SPOKEN)
    return ""


def _missing(context: Context, found: SpokenLines, order: Job | LongText) -> tuple[Job, ...]:
    """The parts of a long line that are to be spoken again."""
    if not isinstance(order, LongText) or order.state is not TextState.FAILED:
        return ()
    parts = [job for job in found.jobs.values() if job.long_text_id == order.id]
    reading = long_texts.reading_of(order, parts, found.takes, context.now(order.service))
    return tuple(part.latest for part in reading.missing)


def _price(member: CastMember, text: str, state: LineState, missing: Sequence[Job]) -> Money | None:
    """What it costs to generate a line now; of a long one whose parts failed, these parts."""
    if state in (LineState.NO_TEXT, LineState.WORKING) or member.why or member.model is None:
        return None
    if state is LineState.FAILED and missing:
        return Money.total(part.estimate for part in missing)
    return speaking.plan(member.model, text).price


def _seconds(
    script: Script, members: Mapping[str, CastMember], lines: Sequence[LineStanding]
) -> float:
    """How long it is with all pauses but the last."""
    heard = sum(
        line.take.seconds
        if line.take
        else expected_seconds(line.line.text) / members[line.line.speaker].speaker.speed
        for line in lines
    )
    return heard + sum(script.pause_after(line) for line in script.lines[:-1])
