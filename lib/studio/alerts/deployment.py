"""How far the deployment of this app is: the steps in their order, and what is known of each.

A step is done once its test has passed, never because something is set. What an own machine can do
without is optional there; a hosted app needs all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from lib import notify
from lib.registry import Note
from lib.settings import Door, Settings
from lib.studio.alerts import channels, checks
from lib.studio.core.context import Context


class Step(StrEnum):
    """What whoever deploys the app does, in this order."""

    KEY = "key"
    STORAGE = "storage"
    DOOR = "door"
    WARNINGS = "warnings"
    KEEPER = "keeper"


class State(StrEnum):
    """How far one step is."""

    MISSING = "missing"
    OPTIONAL = "optional"
    """Not set, and not needed here."""
    RESTART = "restart"
    """It is among the secrets, but the app was not restarted since."""
    UNTESTED = "untested"
    TESTING = "testing"
    TROUBLE = "trouble"
    DONE = "done"


SETTLED = (State.DONE, State.OPTIONAL)


@dataclass(frozen=True)
class Known:
    """What is known of one step.

    `is_set`: the running app has what it takes; `is_pasted`: the secrets have it by now. `works`:
    how its last test went, None before the first one. `is_asked`: a test was asked for and not made
    yet. `is_needed`: whether it is no choice.
    """

    is_set: bool
    is_pasted: bool = False
    works: bool | None = None
    is_asked: bool = False
    is_needed: bool = True

    @property
    def state(self) -> State:
        """How far it is. What is set has to work, needed or not; what works stays so while it is
        tested once more.
        """
        if self.is_set and self.works:
            return State.DONE
        if self.is_set and self.is_asked:
            return State.TESTING
        if self.is_set:
            return State.UNTESTED if self.works is None else State.TROUBLE
        if self.is_pasted:
            return State.RESTART
        return State.MISSING if self.is_needed else State.OPTIONAL


@dataclass(frozen=True)
class Facts:
    """What the steps are judged by.

    `running` are the settings of this process, `now_set` those that stand in the secrets by now.
    `seen`: the results of the last checks; `sent`: how the last message went. `outside_at`: when a
    keeper outside this app was last heard of, if that is not too long ago. `is_hosted`: the app is
    not for its own machine alone.
    """

    running: Settings
    now_set: Settings
    seen: Mapping[str, Note]
    sent: Note
    outside_at: datetime | None = None
    is_hosted: bool = True

    def notes(self, step: Step) -> dict[str, Note]:
        """By their names, the results of the checks that belong to a step; the door needs none."""
        names: Mapping[Step, tuple[str, ...]] = {
            Step.KEY: self.running.live_services,
            Step.STORAGE: (checks.VAULT,),
            Step.WARNINGS: (checks.WARNINGS,),
            Step.KEEPER: (checks.DATABASE,),
        }
        return {name: self.seen.get(name, Note(name)) for name in names.get(step, ())}


def facts(context: Context, now_set: Settings, outside_at: datetime | None) -> Facts:
    """What is known right now. Sends nothing."""
    return Facts(
        context.settings,
        now_set,
        checks.results(context),
        channels.last(context),
        outside_at,
        is_hosted=not context.loopback,
    )


def judge(facts: Facts) -> dict[Step, Known]:
    """What is known of each step, as somebody sees it who is inside."""
    return {
        Step.KEY: replace(
            _set_by(facts, Step.KEY, lambda settings: bool(settings.live_services)),
            is_needed=True,
        ),
        Step.STORAGE: _set_by(facts, Step.STORAGE, lambda settings: "VAULT_URL" in settings.values),
        Step.DOOR: _door(facts),
        Step.WARNINGS: replace(
            _set_by(facts, Step.WARNINGS, lambda settings: "NOTIFY_URLS" in settings.values),
            works=_are_delivered(facts),
        ),
        Step.KEEPER: _keeper(facts),
    }


def next_step(known: Mapping[Step, Known]) -> Step | None:
    """The first step with something left to do; None where all is done."""
    return next((step for step in Step if known[step].state not in SETTLED), None)


def _set_by(facts: Facts, step: Step, is_set: Callable[[Settings], bool]) -> Known:
    """A step that some settings take, and checks test; a hosted app cannot do without."""
    notes = facts.notes(step).values()
    return Known(
        is_set(facts.running),
        is_set(facts.now_set),
        _together(notes),
        any(note.asked_at is not None for note in notes),
        facts.is_hosted,
    )


def _door(facts: Facts) -> Known:
    """Whoever looks has come in by it, which is its test; it changes without a restart."""
    auth = facts.now_set.auth
    return Known(
        facts.now_set.door in (Door.SIGN_IN, Door.PASSPHRASE, Door.TRUSTED_HOST),
        works=auth is None or auth.fault is None,
        is_needed=facts.is_hosted,
    )


def _are_delivered(facts: Facts) -> bool | None:
    """Addresses that could be used prove nothing: a message has to have reached all channels."""
    if _together(facts.notes(Step.WARNINGS).values()) is False:
        return False
    kinds = list(notify.channels(facts.running.get("NOTIFY_URLS")))
    if facts.sent.body.get("kinds") != kinds:
        return None  # the last message went to other channels, or there was none
    return facts.sent.body.get("ok") is True


def _keeper(facts: Facts) -> Known:
    """It needs the app's own database, and is proved by a pass alone. On an own machine, whoever
    sets another database need not want one.
    """
    known = _set_by(facts, Step.KEEPER, lambda settings: "DATABASE_URL" in settings.values)
    is_heard = facts.outside_at is not None
    return replace(
        known,
        is_set=is_heard or (known.is_set and facts.is_hosted),
        is_pasted=known.is_pasted and facts.is_hosted,
        works=False if known.works is False else is_heard or None,
    )


def _together(notes: Iterable[Note]) -> bool | None:
    """How several tests went: all have to work, and one that was not made leaves it open."""
    how = [note.body.get("ok") for note in notes]
    if False in how:
        return False
    return True if how and all(each is True for each in how) else None
