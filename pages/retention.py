"""Retention: every voice, what can still be saved first, its proof, and what can be done."""

from lib.ui.front import enter, page_file, plain_failures

workshop = enter()

import streamlit as st

from lib import keeper
from lib.models import Health
from lib.studio import agenda, channels, library
from lib.studio.attention import lines
from lib.studio.library import Entry
from lib.ui import (
    accounts,
    attention,
    rules,
    storage,
    story,
    table,
    tending,
    timeline,
    unreadable,
    voices,
)
from lib.ui.live import reading_the_vault, watch
from lib.ui.story import Story

LINES = 10


def load() -> Story | list[Entry]:
    """The voice in the address, or all of them."""
    asked = st.query_params.get("voice", "")
    found = story.load(workshop, asked) if asked else None
    if asked and not found:
        st.info("The voice of this link is not here. These are the voices that are.")
    return found or library.entries(workshop)


def moves(found: Story | list[Entry]) -> bool:
    return any(item.moves for item in ([found.item] if isinstance(found, Story) else found))


def draw(found: Story | list[Entry]) -> None:
    if isinstance(found, Story):
        story.draw(workshop, found)
    else:
        draw_overview(found)


def show(label: str, key: str, healths: list[Health]) -> None:
    """The way to these voices in the table."""
    st.button(label, key=key, type="tertiary", on_click=table.only, args=(healths,))


def draw_timeline(entries: list[Entry]) -> None:
    st.subheader("The next 7 days", anchor=False)
    timeline.draw(entries)


def draw_overview(entries: list[Entry]) -> None:
    """Counts, the voices that somebody should look at, the picture, the table."""
    if not entries:
        unreadable.draw(workshop)
        st.info("No voice yet. Clone, describe or adopt one, and this page shows how it is kept.")
        st.page_link(page_file("clone"), label="Get a voice", icon=":material/mic:")
        return
    accounts.remind(entries)
    storage.tell_move(workshop, entries)
    present = [item for item in entries if not item.is_archived]
    table.counts(present)
    worrying = [item for item in present if item.needs_somebody]
    under_way = [item for item in present if item.moves and not item.needs_somebody]
    tending.progress(entries, lines=True)
    attention.draw(
        workshop, [*lines(worrying), *lines(under_way)], most=LINES, place="card", show=show
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
        tending.bar(workshop, chosen)
    with question:
        tending.question(workshop, entries)
        tending.progress(entries)
    if narrowed:
        draw_timeline(entries)
    st.download_button(
        "Deadlines for your calendar",
        data=lambda: agenda.calendar(
            entries, app_url=channels.app_url(workshop), now=workshop.clock.now()
        ),
        file_name=agenda.FILE_NAME,
        mime=agenda.MEDIA_TYPE,
        icon=":material/event:",
        on_click="ignore",
        key="retention_calendar",
        help="A file with one entry for each deadline; import it into any calendar.",
    )
    rules.table(workshop.clock.now().date())


st.title("Retention", anchor=False)

with plain_failures():
    if reading_the_vault(workshop):
        st.stop()
    voices.last_pass(workshop, workshop.registry.notes.all().get(keeper.HEARTBEAT))
    watch(load, draw, moves=moves, key="retention")
