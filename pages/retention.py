"""Retention: every voice, what can still be saved first, its proof, and what can be done."""

from lib.ui.access.front import draw_elevation, enter, may, page_file, plain_failures

context = enter()

from collections.abc import Sequence

import streamlit as st

from lib import keeper
from lib.roles import Permission
from lib.studio.alerts import calendar, channels
from lib.studio.alerts.attention import are_moving, needing_and_moving
from lib.studio.library import listing
from lib.studio.library.listing import Entry
from lib.studio.library.together import fact, once
from lib.studio.storage import unreadable as stories
from lib.ui.retention import panel, storage, timeline
from lib.ui.shared import accounts, attention, bulk, rules, table, unreadable, voices
from lib.ui.shared.live import reading_the_vault, watch
from lib.ui.shared.player import save_button

LINES = 3
COLUMN = 290  # pixels, at least, of the panel; the table has two columns of this width


def load() -> Sequence[Entry]:
    return listing.entries(context)


def is_in_progress(entries: Sequence[Entry]) -> bool:
    return fact(entries, are_moving)


def show(label: str, key: str, found: Sequence[Entry]) -> None:
    """The way to these voices in the table."""
    st.button(label, key=key, type="tertiary", on_click=table.only, args=(found,))


def draw_admins_way(entries: Sequence[Entry]) -> None:
    """The way to become an admin, where something waits for one."""
    if may(context, Permission.SETTINGS):
        return
    if storage.stuck(entries) or stories.waiting(context):
        draw_elevation(context)


def draw(entries: Sequence[Entry]) -> None:
    """What somebody should look at, the table of all voices, the chosen one or the picture."""
    if not entries:
        unreadable.draw(context)
        draw_admins_way(entries)
        st.info("No voices yet. Clone, describe or add one, and see here how it is kept.")
        if may(context, Permission.CLONE):
            st.page_link(page_file("clone"), label="Get a voice", icon=":material/mic:")
        return
    accounts.remind(context, entries)
    storage.show_move(context, entries)
    draw_admins_way(entries)
    bulk.progress(entries, of_group=True)
    lines = once(entries, needing_and_moving)
    attention.draw(context, lines, most=LINES, place="card", show=show)
    shown = table.filtered(entries)
    bar, question = st.container(), st.container()
    chosen: list[Entry] = []
    # Beside each other where there is room, beneath each other where there is not.
    with st.grid(3, min_column_width=COLUMN, key="retention_main") as grid:
        with grid.cell(column_span=2):
            if shown:
                chosen = table.chosen(shown)
            else:
                st.write("No voices match.")
        with grid.cell():
            if len(chosen) == 1:
                panel.draw(context, chosen[0], primary=not lines)
            timeline.draw(entries)
    with bar:
        bulk.bar(context, chosen)
    with question:
        bulk.question(context, entries)
        bulk.progress(entries)
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


if asked := st.query_params.get("voice"):  # a link from before a voice had a page of its own
    st.switch_page(page_file("voice"), query_params={"id": asked})

with st.container(horizontal=True, vertical_alignment="center"):
    st.title("Retention", anchor=False, width="content")
    last_pass = st.container(width="content")

with plain_failures():
    if reading_the_vault(context):
        st.stop()
    with last_pass:
        voices.last_pass(context, keeper.signs(context).passed_at)
    watch(load, draw, is_in_progress=is_in_progress, key="retention")
