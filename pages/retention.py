"""Retention: every voice, what can still be saved first, its proof, and what can be done."""

from lib.ui.access.front import draw_elevation, enter, may, page_file, plain_failures

context = enter()

import streamlit as st

from lib import keeper
from lib.models import Health
from lib.roles import Permission
from lib.studio.alerts import calendar, channels
from lib.studio.alerts.attention import attention_groups
from lib.studio.library import listing
from lib.studio.library.listing import Entry
from lib.studio.storage import unreadable as stories
from lib.ui.retention import rules, storage, timeline, voice_details
from lib.ui.retention.voice_details import Story
from lib.ui.shared import accounts, attention, bulk, table, unreadable, voices
from lib.ui.shared.live import reading_the_vault, watch
from lib.ui.shared.player import save_button

LINES = 10


def load() -> Story | list[Entry]:
    """The voice in the address, or all of them."""
    asked = st.query_params.get("voice", "")
    found = voice_details.load(context, asked) if asked else None
    if asked and not found:
        st.info("The voice of this link is not here. These are the voices that are.")
    return found or listing.entries(context)


def is_in_progress(found: Story | list[Entry]) -> bool:
    return any(
        item.is_in_progress for item in ([found.item] if isinstance(found, Story) else found)
    )


def draw(found: Story | list[Entry]) -> None:
    if isinstance(found, Story):
        voice_details.draw(context, found)
    else:
        draw_overview(found)


def show(label: str, key: str, healths: list[Health]) -> None:
    """The way to these voices in the table."""
    st.button(label, key=key, type="tertiary", on_click=table.only, args=(healths,))


def draw_timeline(entries: list[Entry]) -> None:
    st.subheader("The next 7 days", anchor=False)
    timeline.draw(entries)


def draw_admins_way(entries: list[Entry]) -> None:
    """The way to become an admin, where something waits for one."""
    if may(context, Permission.SETTINGS):
        return
    if storage.stuck(entries) or stories.waiting(context):
        draw_elevation(context)


def draw_overview(entries: list[Entry]) -> None:
    """Counts, the voices that somebody should look at, the picture, the table."""
    if not entries:
        unreadable.draw(context)
        draw_admins_way(entries)
        st.info("No voice yet. Clone, describe or adopt one, and this page shows how it is kept.")
        if may(context, Permission.CLONE):
            st.page_link(page_file("clone"), label="Get a voice", icon=":material/mic:")
        return
    accounts.remind(context, entries)
    storage.show_move(context, entries)
    draw_admins_way(entries)
    present = [item for item in entries if not item.is_archived]
    table.counts(present)
    worrying = [item for item in present if item.needs_somebody]
    under_way = [item for item in present if item.is_in_progress and not item.needs_somebody]
    bulk.progress(entries, of_group=True)
    attention.draw(
        context,
        [*attention_groups(worrying), *attention_groups(under_way)],
        most=LINES,
        place="card",
        show=show,
    )
    narrowed = table.is_of_attention()  # then what somebody came for stands first
    if not narrowed:
        draw_timeline(entries)
    st.subheader("All voices", anchor=False)
    shown = table.filtered(entries)
    bar, question = st.container(), st.container()
    if shown:
        chosen = table.chosen(shown)
    else:
        chosen = []
        st.write("No voice matches that.")
    with bar:
        bulk.bar(context, chosen)
    with question:
        bulk.question(context, entries)
        bulk.progress(entries)
    if narrowed:
        draw_timeline(entries)
    save_button(
        "Deadlines for your calendar",
        lambda: calendar.calendar(
            entries, app_url=channels.app_url(context), now=context.clock.now()
        ),
        file_name=calendar.FILE_NAME,
        mime=calendar.MEDIA_TYPE,
        icon=":material/event:",
        key="retention_calendar",
        help="A file with one entry for each deadline; import it into any calendar.",
    )
    rules.table(context.clock.now().date())


st.title("Retention", anchor=False)

with plain_failures():
    if reading_the_vault(context):
        st.stop()
    voices.last_pass(context, keeper.signs(context).passed_at)
    watch(load, draw, is_in_progress=is_in_progress, key="retention")
