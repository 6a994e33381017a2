"""Settings: what works, when that was last seen, and what to paste where something is missing."""

from lib.ui.access.front import draw_elevation, enter, may, person, plain_failures

context = enter()

from functools import partial

import streamlit as st

from lib import keeper
from lib.json_reading import list_of
from lib.roles import Permission
from lib.services import DEMO, SERVICES
from lib.setting_problems import describe
from lib.studio.alerts import channels, checks
from lib.studio.core.records import Note
from lib.ui import words
from lib.ui.access.process import load_settings
from lib.ui.adoption import saved_ids, service_lists
from lib.ui.settings import library_file
from lib.ui.shared import accounts, looks, sleeping, voices
from lib.ui.shared.live import watch

TITLES = {
    checks.DATABASE: "Database",
    checks.VAULT: "Storage",
    checks.SPEECH: "Speech",
    checks.WARNINGS: "Warnings",
}
WHAT = {
    checks.DATABASE: "Remembers voices, orders and evidence.",
    checks.VAULT: "Keeps recordings, voice files and takes, and a story of each voice.",
    checks.SPEECH: "How the last speech went.",
}
WHAT_WARNINGS = (
    "A message when half of a voice's time is over and it is not kept, with 48 and 24 hours left, "
    "when something holds voices up, and when one is lost. Each once."
)
SETTINGS = {
    checks.DATABASE: "DATABASE_URL",
    checks.VAULT: "VAULT_URL",
    checks.WARNINGS: "NOTIFY_URLS",
}
NOT_CONNECTED = ":gray-badge[:material/link_off: Not connected]"
PASTE_BUCKET = """VAULT_URL = "s3://your-bucket/voicekeep"
AWS_ACCESS_KEY_ID = "…"
AWS_SECRET_ACCESS_KEY = "…"
# Cloudflare R2:
AWS_ENDPOINT_URL_S3 = "https://<account id>.r2.cloudflarestorage.com"
# Amazon S3:
# AWS_REGION = "eu-central-1"
"""
PASTE_WARNINGS = """NOTIFY_URLS = "mailtos://user:password@example.org?to=team@example.org"
# More than one, each on a line of its own:
# NOTIFY_URLS = [
#   "slack://…",
#   "discord://…",
# ]
# This app's address, for the links in the messages:
APP_URL = "https://your-app.streamlit.app"
"""
PASTE_APP_URL = 'APP_URL = "https://your-app.streamlit.app"\n'
PASTE_DATABASE = 'DATABASE_URL = "postgresql://user:password@host/voicekeep"\n'


def is_admin() -> bool:
    return may(context, Permission.SETTINGS)


def look(name: str) -> None:
    checks.request(context, name, person(context))


def draw_check(name: str, note: Note) -> None:
    """One part: what it is for, how it was when last seen, a new look."""
    service = SERVICES.get(name)
    title = service.title if service else TITLES[name]
    what = WHAT.get(name, "Makes voices and speaks.")
    with st.container(border=True, key=f"part_{name}"):
        demo = words.demo_badge(demo=name == DEMO)
        looks.head(
            f"**{title}** {looks.badge(note)}{demo}",
            partial(look, name) if name != checks.SPEECH and is_admin() else None,
            key=f"check_{name}",
            label="Check now",
            is_asked=note.asked_at is not None,
        )
        looks.show(note)
        st.caption(f"{what} {origin_of(name)} {looks.when(context, note)}")
        if name == checks.VAULT and not context.settings.get("VAULT_URL"):
            paste("To keep files for good, paste this into the secrets:", PASTE_BUCKET)
        if name == checks.DATABASE and not context.settings.get("DATABASE_URL"):
            paste(
                "With a bucket, this database is rebuilt after a restart. If the keeper also "
                "runs elsewhere, paste:",
                PASTE_DATABASE,
            )


def draw_warnings(seen: dict[str, Note]) -> None:
    """Where warnings go, how the last message went, and a way to try it."""
    note = seen.get(checks.WARNINGS)
    sent = channels.last(context)
    with st.container(border=True, key=f"part_{checks.WARNINGS}"):
        trouble = sent if sent.body.get("ok") is False else note
        badge = looks.badge(trouble) if note and trouble else NOT_CONNECTED
        looks.head(
            f"**{TITLES[checks.WARNINGS]}** {badge}",
            partial(look, checks.WARNINGS) if note and is_admin() else None,
            key="notify_test",
            label="Send a test message",
            is_asked=note is not None and note.asked_at is not None,
            asked="Sending…",
            icon=":material/send:",
        )
        if note is None:
            st.write("Nobody is told when a voice needs somebody, unless they look here.")
        else:
            looks.show(note)
            if sent.at:
                when_sent = words.until(sent.at, context.clock.now())
                how = str(sent.body.get("sentence", ""))
                st.write(f"{words.plain(how)} That was {when_sent}.")
        st.caption(f"{WHAT_WARNINGS} {origin_of(checks.WARNINGS)}")
        if note is None:
            paste(
                "Mail, Slack, Discord, Teams and many others: the address of each is described at "
                "https://github.com/caronc/apprise. Paste into the secrets, and restart the app:",
                PASTE_WARNINGS,
            )
        elif not channels.app_url(context):
            paste("For links into this app, paste its address as well:", PASTE_APP_URL)


def origin_of(name: str) -> str:
    """Where its setting came from; never the value."""
    settings = context.settings
    setting = SERVICES[name].key_setting if name in SERVICES else SETTINGS.get(name, "")
    origin = settings.origins.get(setting, "")
    if origin:
        return f"{setting} was set in {origin}."
    if name == checks.DATABASE:
        return "A file on this computer."
    return "A folder on this computer." if name == checks.VAULT else ""


def paste(why: str, lines: str) -> None:
    with st.expander("What to paste"):
        st.write(why)
        st.code(lines, language="toml")


def draw_problems() -> None:
    """What is set and not followed, by name."""
    if problems := load_settings().problems:
        lines = "\n".join(f"- {words.plain(describe(problem))}" for problem in problems)
        st.warning(f"Not everything that is set takes effect:\n{lines}")


def draw_missing() -> None:
    """Services without a key, and the line that connects each."""
    for service in SERVICES.values():
        if service.is_demo or service.id in context.settings.live_services:
            continue
        with st.container(border=True):
            st.markdown(f"**{service.title}** {NOT_CONNECTED}")
            st.write("Paste its key into the secrets, and restart the app.")
            st.code(f'{service.key_setting} = "…"', language="toml")


def draw_keeper(signs: keeper.Signs) -> None:
    """How the last pass went, and what stood in its way."""
    with st.container(border=True):
        st.markdown("**Keeper**")
        voices.last_pass(context, signs.passed_at)
        st.caption(
            "Looks after all voices in the background while this app runs. A hosted app sleeps "
            "when nobody visits: docs/operate.md shows how to run the keeper elsewhere as well."
        )
        draw_outside(signs)
        body = signs.summary
        for line in [*list_of(body.get("failed")), *list_of(body.get("blocked"))][:5]:
            st.warning(words.plain(str(line)))
        if ping := signs.ping:
            when_told = words.until(ping.at, context.clock.now()) if ping.at else ""
            st.write(words.plain(f"{ping.body.get('sentence', '')} That was {when_told}."))
        if is_admin() and st.button("Check now", key="check_keeper", icon=":material/refresh:"):
            checks.look_now(context, person(context))
            st.toast("The keeper looks now.")


def draw_outside(signs: keeper.Signs) -> None:
    """The keeper that looks after voices while the app does not, or the risk of having none."""
    if heard := signs.outside_at:
        when_heard = words.until(heard, context.clock.now())
        st.write(f"A keeper outside this app looked after the voices {when_heard}.")
    elif risk := sleeping.risk(context):
        st.warning(
            f"**This is the largest risk here.** {risk} Run the keeper elsewhere as well, for "
            "example from GitHub every 6 hours: docs/operate.md shows how, under “The keeper”.",
            icon=":material/bedtime:",
        )


def load_checks() -> tuple[dict[str, Note], keeper.Signs]:
    """What was last seen of each part, and of keepers."""
    return checks.results(context), keeper.signs(context)


def draw_checks(loaded: tuple[dict[str, Note], keeper.Signs]) -> None:
    """All parts, and the keeper."""
    seen, signs = loaded
    for name, note in seen.items():
        if name != checks.WARNINGS:
            draw_check(name, note)
    draw_warnings(seen)
    draw_keeper(signs)


def awaited(loaded: tuple[dict[str, Note], keeper.Signs]) -> bool:
    """Whether a look is still awaited."""
    return any(
        note.asked_at is not None or (note.at is None and name != checks.SPEECH)
        for name, note in loaded[0].items()
    )


st.title("Settings", anchor=False)

with plain_failures():
    draw_elevation(context)
    draw_problems()
    accounts.draw(context)
    watch(load_checks, draw_checks, is_in_progress=awaited, key="settings_checks")
    draw_missing()
    service_lists.draw(context)
    saved_ids.draw(context)
    if may(context, Permission.EXPORT):
        library_file.draw(context)
