"""The deadlines of all voices as a calendar file, for any calendar program."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from lib.retention import TIME_RUNS, reason_words
from lib.studio.alerts import wording
from lib.studio.alerts.notices import clean
from lib.studio.alerts.wording import Reason, sentence
from lib.studio.library.listing import Entry

MEDIA_TYPE = "text/calendar"
FILE_NAME = "voicekeep.ics"
LAST_HOUR = timedelta(hours=1)
"""An event is the last hour before a deadline: what is done in it may still save the voice."""
ALARMS = (timedelta(hours=48), timedelta(hours=24))
"""How long before the deadline a calendar reminds: when the warnings are sent as well."""


def calendar(entries: Iterable[Entry], *, app_url: str, now: datetime) -> bytes:
    """A calendar file (iCalendar, RFC 5545) with one event for each voice that has a deadline
    ahead.

    The demo's voices are left out unless there are no others. An event keeps its identity, so that
    a calendar that reads the file again moves it. `app_url`: the app's address for links, or "".
    """
    from icalendar import Calendar

    page = Calendar()
    page.add("prodid", "-//Voicekeep//Deadlines//EN")
    page.add("version", "2.0")
    page.add("method", "PUBLISH")
    page.add("x-wr-calname", "Voicekeep")
    found = list(entries)
    # Made-up deadlines among real ones would alarm a team; alone they show what the file does.
    live = [item for item in found if not item.is_demo]
    for item in live or found:
        end = item.standing.deadline
        if end and end > item.now and item.standing.health in TIME_RUNS and not item.is_archived:
            page.add_component(_event(item, end, app_url, now))
    return bytes(page.to_ical())


def _event(item: Entry, end: datetime, app_url: str, now: datetime) -> object:
    from icalendar import Alarm, Event, vUri

    name = clean(item.voice.name) or sentence(Reason.NAMELESS)
    if item.is_demo:
        name = wording.of_demo(name)
    event = Event()
    event.add("uid", f"{item.voice.id}@voicekeep")
    event.add("dtstamp", now)
    event.add("dtstart", end - LAST_HOUR)
    event.add("dtend", end)
    event.add("summary", wording.last_moment(name))
    event.add(
        "description",
        f"{reason_words(item.standing.why)} {clean(reason_words(item.step.why), 300)}".strip(),
    )
    event.add("transp", "TRANSPARENT")
    if app_url:
        event["url"] = vUri(f"{app_url}/voice?id={item.voice.id}")
    for before in ALARMS:
        alarm = Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("description", wording.still_not_kept(name))
        alarm.add("trigger", LAST_HOUR - before)
        event.add_component(alarm)
    return event
