"""Scripts as people make and change them.

A change is made to the script that the person saw: where somebody else changed it in the meantime,
it is refused. Each function raises `NotPermitted` and `ScriptRefused`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from lib.event_kinds import EventKind
from lib.models import new_id
from lib.roles import Permission, Person
from lib.scripts import (
    MAX_PAUSE,
    MAX_SCRIPT_NAME,
    MAX_SPEAKER,
    NARRATOR,
    SPEEDS,
    Line,
    Script,
    ScriptChanged,
    ScriptRefused,
    Speaker,
    cast_of,
    fault,
)
from lib.studio.core import record
from lib.studio.core.context import Context
from lib.studio.core.people import recorded_as
from lib.studio.core.typed_text import one_line, several_lines
from lib.studio.scripts import standing, wording
from lib.studio.scripts.reading import Draft
from lib.studio.scripts.wording import Reason, sentence
from lib.studio.storage.manifests import save_now


def create(context: Context, person: Person, name: str, draft: Draft) -> Script:
    """Make a script of what was read."""
    person.require(Permission.SPEAK)
    lines = [Line("", line.speaker, line.text, line.pause) for line in draft.lines]
    made = _make(context, _blank(context, person, name), lines)
    _note(context, person, wording.made(made.name))
    return made


def duplicate(context: Context, person: Person, script: Script, name: str = "") -> Script:
    """Another script of the same lines and voices, with the takes that are heard now."""
    person.require(Permission.SPEAK)
    heard = standing.stand(context, script).lines
    lines = [replace(one.line, id="", take_id=one.take.id if one.take else "") for one in heard]
    copy = _blank(context, person, name or one_line(wording.copy_of(script.name), MAX_SCRIPT_NAME))
    copy = replace(copy, pause=script.pause, speakers=script.speakers)
    made = _make(context, copy, lines)
    _note(context, person, wording.duplicated(made.name))
    return made


def rename(context: Context, person: Person, script: Script, name: str) -> Script:
    """Rename a script."""
    person.require(Permission.SPEAK)
    renamed = _changed(context, script, name=_named(name))
    _note(context, person, wording.renamed(script.name, renamed.name))
    return renamed


def remove(context: Context, person: Person, script: Script) -> None:
    """Delete a script; its takes stay."""
    person.require(Permission.SPEAK)
    now = context.clock.now()
    _changed(context, script, name="", speakers=(), lines=(), deleted_at=now)
    # Told to the vault at once: a container that ends now must not undo it.
    save_now(context, "scripts", script.id)
    _note(context, person, wording.deleted(script.name))


def write_lines(context: Context, person: Person, script: Script, lines: Sequence[Line]) -> Script:
    """Replace the lines. One whose id is kept keeps its takes; "" is the id of a new one."""
    person.require(Permission.SPEAK)
    written = _written(lines, {line.id for line in script.lines})
    cast = cast_of(written, script.speakers)
    return _changed(context, script, lines=written, speakers=cast)


def give_voice(context: Context, person: Person, script: Script, speaker: Speaker) -> Script:
    """Say which voice speaks for the name of this speaker, and how."""
    person.require(Permission.SPEAK)
    if all(one.name != speaker.name for one in script.speakers):
        raise ScriptRefused(sentence(Reason.NO_SPEAKER))
    if speaker.voice_id:
        voice = context.registry.voices.get(speaker.voice_id)
        if voice is None or voice.service not in context.settings.visible:
            raise ScriptRefused(sentence(Reason.VOICE_GONE))
    slowest, fastest = SPEEDS
    if not slowest <= speaker.speed <= fastest:
        raise ScriptRefused(wording.speed_out_of_range(slowest, fastest))
    cast = tuple(speaker if one.name == speaker.name else one for one in script.speakers)
    return _changed(context, script, speakers=cast)


def set_pause(
    context: Context, person: Person, script: Script, pause: float | None, *, line_id: str = ""
) -> Script:
    """The seconds after each line, or after one (None: as after the others)."""
    person.require(Permission.SPEAK)
    if not line_id:
        return _changed(context, script, pause=_seconds(pause or 0.0))
    seconds = None if pause is None else _seconds(pause)
    return _with_line(context, script, line_id, pause=seconds)


def choose_take(
    context: Context, person: Person, script: Script, line_id: str, take_id: str
) -> Script:
    """Choose what is heard of a line; "" for the newest that fits."""
    person.require(Permission.SPEAK)
    if take_id:
        one = standing.stand(context, script).of(line_id)
        if one is None or all(take.id != take_id for take in one.takes):
            raise ScriptRefused(sentence(Reason.NO_TAKE))
    return _with_line(context, script, line_id, take_id=take_id)


def forget_choices(context: Context, script: Script, line_ids: Sequence[str]) -> None:
    """Of these lines the newest take that fits is heard from now on: more are being spoken."""
    lines = tuple(
        replace(line, take_id="") if line.id in line_ids else line for line in script.lines
    )
    if lines != script.lines:
        context.registry.scripts.change(replace(script, lines=lines))


def _blank(context: Context, person: Person, name: str) -> Script:
    now = context.clock.now()
    return Script(new_id(), _named(name), now, now, recorded_as(person))


def _make(context: Context, script: Script, lines: Sequence[Line]) -> Script:
    written = _written(lines, set())
    made = replace(script, lines=written, speakers=cast_of(written, script.speakers))
    context.registry.scripts.add(made)
    return made


def _changed(context: Context, script: Script, **changes: object) -> Script:
    """Commit a change to the script as it was seen. Raises `ScriptChanged`."""
    wanted = replace(script, changed_at=context.clock.now(), **changes)  # type: ignore[arg-type]
    changed = context.registry.scripts.change(wanted)
    if changed is None:
        raise ScriptChanged
    context.wake()
    return changed


def _with_line(context: Context, script: Script, line_id: str, **changes: object) -> Script:
    if all(line.id != line_id for line in script.lines):
        raise ScriptRefused(sentence(Reason.NO_LINE))
    lines = tuple(
        replace(line, **changes) if line.id == line_id else line  # type: ignore[arg-type]
        for line in script.lines
    )
    return _changed(context, script, lines=lines)


def _written(lines: Sequence[Line], known: set[str]) -> tuple[Line, ...]:
    """Lines fit to be stored, those that say nothing left out. Raises `ScriptRefused`."""
    found: list[Line] = []
    for line in lines:
        text = several_lines(line.text)
        if not text:
            continue
        kept = line.id if line.id in known and all(one.id != line.id for one in found) else ""
        speaker = one_line(line.speaker, MAX_SPEAKER) or NARRATOR
        pause = None if line.pause is None else _seconds(line.pause)
        found.append(Line(kept or new_id(), speaker, text, pause, line.take_id))
    if why := fault(found):
        raise ScriptRefused(why)
    return tuple(found)


def _seconds(pause: float) -> float:
    if not (math.isfinite(pause) and 0 <= pause <= MAX_PAUSE):
        raise ScriptRefused(wording.pause_out_of_range(MAX_PAUSE))
    return round(pause, 3)


def _named(name: str) -> str:
    named = one_line(name)
    if not named:
        raise ScriptRefused(sentence(Reason.NO_NAME))
    if len(named) > MAX_SCRIPT_NAME:
        raise ScriptRefused(wording.name_too_long(MAX_SCRIPT_NAME))
    return named


def _note(context: Context, person: Person, what: str) -> None:
    record.note(context, person, EventKind.SCRIPT, what)
    context.wake()
