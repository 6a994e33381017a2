"""What was done to an original recording before it was sent, in words."""

from __future__ import annotations

from contextlib import suppress

from lib import units
from lib.json_reading import JsonObject, object_of
from lib.recordings.edits import BadEdit, Edit

_SWITCHES = {
    "level": "loudness evened out",
    "rumble": "rumble removed",
    "mono": "mixed to one channel",
}
_CHANNELS = {0: "the left channel alone", 1: "the right channel alone"}
_HOW = {"rewrapped": "repackaged without loss", "encoded": "written as a new file"}


def in_words(changes: JsonObject) -> str:
    """A sentence; "" where nothing is known. What a later version noted is passed over."""
    edit = object_of(changes.get("edit"))
    told = []
    with suppress(BadEdit):
        if part := Edit.from_json({"part": edit.get("part")}).part:
            told.append(f"{units.seconds(part.start)} to {units.seconds(part.end)} of it")
    channel = edit.get("channel")
    if type(channel) is int and channel in _CHANNELS:
        told.append(_CHANNELS[channel])
    told += [wording for name, wording in _SWITCHES.items() if edit.get(name) is True]
    how = changes.get("how")
    if isinstance(how, str) and how in _HOW:
        told.append(_HOW[how])
    return f"What was sent: {', '.join(told)}." if told else ""
