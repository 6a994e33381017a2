"""What a person chose to do with a recording, as data. Pure; `editing` does it."""

from __future__ import annotations

from dataclasses import dataclass, fields
from decimal import Decimal

from lib.json_reading import JsonObject
from lib.recordings.spans import Span

LONGEST = 86_400.0
"""Seconds; a part that ends later is of no recording. A day: none so long is ever read."""


class BadEdit(ValueError):
    """This JSON is no edit. It names nothing of what stood there."""


@dataclass(frozen=True)
class Edit:
    """Everything is done in one go, from what was brought.

    `part`: what is used; None for all of it. `level`: bring it to the loudness of speech.
    `rumble`: take out what is below speech. `channel`: 0 (left) or 1 (right) where a stereo
    recording has somebody else on the other one; `mono`: one channel of both.
    """

    part: Span | None = None
    level: bool = False
    rumble: bool = False
    mono: bool = False
    channel: int | None = None

    @property
    def is_nothing(self) -> bool:
        """Whether the recording stays as it is."""
        return self == Edit()

    def to_json(self) -> JsonObject:
        """Only what is chosen, so that nothing is written as {}."""
        chosen: JsonObject = {name: True for name in _SWITCHES if getattr(self, name)}
        if self.part is not None:
            chosen["part"] = [self.part.start, self.part.end]
        if self.channel is not None:
            chosen["channel"] = self.channel
        return chosen

    @classmethod
    def from_json(cls, value: object) -> Edit:
        """The opposite of `to_json`. What is unknown, of another type or out of bounds is not left
        out, as another sound would be made: raises `BadEdit`.
        """
        if not isinstance(value, dict) or not value.keys() <= _NAMES:
            raise BadEdit("this is no edit")
        if any(type(value.get(name, False)) is not bool for name in _SWITCHES):
            raise BadEdit("a switch of an edit is neither on nor off")
        channel = value.get("channel")
        if channel is not None and (type(channel) is not int or channel not in (0, 1)):
            raise BadEdit("an edit has a channel that is neither left nor right")
        part = _span(value["part"]) if value.get("part") is not None else None
        switches = {name: value.get(name, False) for name in _SWITCHES}
        return cls(part=part, channel=channel, **switches)


_NAMES = frozenset(field.name for field in fields(Edit))
_SWITCHES = ("level", "rumble", "mono")


def _span(value: object) -> Span:
    if not isinstance(value, list) or len(value) != 2:
        raise BadEdit("a part of an edit has no two ends")
    if any(type(end) not in (int, float, Decimal) for end in value):
        raise BadEdit("an end of a part is no number")
    start, end = value
    if not 0 <= start < end <= LONGEST:  # also false for what is not finite
        raise BadEdit("a part of an edit is no stretch of time")
    return Span(float(start), float(end))
