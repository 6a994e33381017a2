"""Each part that the app stands on, folded: what it is for, how it was when last looked at."""

from __future__ import annotations

from functools import partial

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from lib import keeper
from lib.json_reading import list_of
from lib.roles import Permission
from lib.services import DEMO, SERVICES, Service
from lib.studio.alerts import channels, checks
from lib.studio.alerts.deployment import Facts
from lib.studio.core.context import Context
from lib.studio.core.records import Note
from lib.ui import words
from lib.ui.access.front import may, person
from lib.ui.settings import pasting
from lib.ui.shared import looks, sleeping, voices

TITLES = {
    checks.DATABASE: "Database",
    checks.VAULT: "Storage",
    checks.SPEECH: "Speech",
    checks.WARNINGS: "Warnings",
}
WHAT = {
    checks.DATABASE: "Holds voices, orders and proofs.",
    checks.VAULT: "Holds recordings, voice files, takes, and a record of each voice.",
    checks.SPEECH: "How the last speech went.",
    checks.WARNINGS: "A message when half of a voice's time is gone and it is not kept, with 48 "
    "and 24 hours left, when something blocks voices, and when one is lost. Each once.",
}
SETTINGS = {
    checks.DATABASE: "DATABASE_URL",
    checks.VAULT: "VAULT_URL",
    checks.WARNINGS: "NOTIFY_URLS",
}
UNSET = {
    checks.DATABASE: "A file on this computer. With a bucket, it is rebuilt after a restart.",
    checks.VAULT: "A folder on this computer.",
}
NOT_CONNECTED = ":gray-badge[:material/link_off: Not connected]"


def draw(context: Context, facts: Facts, signs: keeper.Signs) -> None:
    """All parts, services first."""
    seen = facts.seen
    for name in (name for name in seen if name in SERVICES):
        _draw_check(context, name, seen[name])
    for service in SERVICES.values():
        if not service.is_demo and service.id not in context.settings.live_services:
            _draw_missing(context, service)
    for name in (checks.DATABASE, checks.VAULT, checks.SPEECH):
        _draw_check(context, name, seen[name])
    _draw_warnings(context, seen.get(checks.WARNINGS), facts.sent)
    _draw_keeper(context, signs)


def _draw_missing(context: Context, service: Service) -> None:
    """A service without a key, and the line that connects it."""
    with _part(context, service.id, f"**{service.title}** {NOT_CONNECTED}"):
        st.write("Paste its key into the secrets, and restart the app.")
        st.code(pasting.key_line(service), language="toml")


def _draw_check(context: Context, name: str, note: Note) -> None:
    service = SERVICES.get(name)
    title = service.title if service else TITLES[name]
    what = WHAT.get(name, "Clones voices and generates speech.")
    demo = words.demo_badge(demo=name == DEMO)
    with _part(context, name, f"**{title}** {looks.badge(note)}{demo}", is_bad=_is_bad(note)):
        looks.show(note)
        st.caption(f"{what} {_origin_of(context, name)} {looks.when(context, note)}")
        if name != checks.SPEECH and may(context, Permission.SETTINGS):
            looks.ask_button(
                partial(checks.request, context, name, person(context)),
                key=f"check_{name}",
                label="Check now",
                is_asked=note.asked_at is not None,
            )


def _draw_warnings(context: Context, note: Note | None, sent: Note) -> None:
    """Where warnings go, how the last message went, and a way to try it."""
    name = checks.WARNINGS
    # Addresses that could be used prove nothing: how the last message went does.
    telling = note if note and _is_bad(note) else sent
    badge = looks.badge(telling) if note else NOT_CONNECTED
    with _part(
        context, name, f"**{TITLES[name]}** {badge}", is_bad=bool(note) and _is_bad(telling)
    ):
        if note is None:
            st.write("Nobody hears that a voice needs attention unless they open this app.")
        else:
            looks.show(note)
            if sent.at:
                when_sent = words.until(sent.at, context.clock.now())
                how = str(sent.body.get("sentence", ""))
                st.write(f"{words.plain(how)} That was {when_sent}.")
        st.caption(f"{WHAT[name]} {_origin_of(context, name)}")
        if note and not channels.app_url(context):
            st.write("For links into this app, paste its address as well:")
            st.code(pasting.APP_URL, language="toml")
        if note and may(context, Permission.SETTINGS):
            looks.ask_button(
                partial(checks.request, context, name, person(context)),
                key="notify_test",
                label="Send a test message",
                is_asked=note.asked_at is not None,
                asked="Sending…",
                icon=":material/send:",
            )


def _draw_keeper(context: Context, signs: keeper.Signs) -> None:
    """How the last pass went, and what stood in its way."""
    risk = "" if signs.outside_at else sleeping.risk(context)
    body = signs.summary
    held_up = [*list_of(body.get("failed")), *list_of(body.get("blocked"))][:5]
    badge = looks.badge(Note("", body={"ok": not held_up if signs.passed_at else None}))
    with _part(context, "keeper", f"**Keeper** {badge}", is_bad=bool(held_up or risk)):
        voices.last_pass(context, signs.passed_at)
        st.caption(
            "Looks after all voices in the background while this app runs. A hosted app sleeps "
            "when nobody visits: docs/operate.md shows how to run the keeper elsewhere as well."
        )
        _draw_outside(context, signs, risk)
        for line in held_up:
            st.warning(words.plain(str(line)))
        if ping := signs.ping:
            when_told = words.until(ping.at, context.clock.now()) if ping.at else ""
            st.write(words.plain(f"{ping.body.get('sentence', '')} That was {when_told}."))
        if may(context, Permission.SETTINGS) and st.button(
            "Check now", key="check_keeper", icon=":material/refresh:"
        ):
            checks.look_now(context, person(context))
            st.toast("The keeper is checking now.")


def _draw_outside(context: Context, signs: keeper.Signs, risk: str) -> None:
    """The keeper that looks after voices while the app does not, or the risk of having none."""
    if heard := signs.outside_at:
        when_heard = words.until(heard, context.clock.now())
        st.write(f"A keeper outside this app last ran {when_heard}.")
    elif risk:
        st.warning(
            f"**This is the largest risk here.** {risk} Run the keeper elsewhere as well, for "
            "example from GitHub every 6 hours: docs/operate.md shows how, under “The keeper”.",
            icon=":material/bedtime:",
        )


def _part(context: Context, name: str, label: str, *, is_bad: bool = False) -> DeltaGenerator:
    """What is in trouble is unfolded for those whom no step tells of it."""
    is_open = is_bad and not may(context, Permission.SETTINGS)
    # A browser remembers by the key whether somebody folded it: trouble unfolds it once more.
    key = f"part_{name}_open" if is_open else f"part_{name}"
    return st.expander(label, key=key, expanded=is_open)


def _is_bad(note: Note) -> bool:
    return note.body.get("ok") is False


def _origin_of(context: Context, name: str) -> str:
    """Where its setting came from; never the value."""
    setting = SERVICES[name].key_setting if name in SERVICES else SETTINGS.get(name, "")
    origin = context.settings.origins.get(setting, "")
    return f"{setting} was set in {origin}." if origin else UNSET.get(name, "")
