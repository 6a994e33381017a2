"""Jobs: everything that was ordered, from confirmed to done, renewed on screen by itself."""

from lib.ui.access.front import enter, page_file, plain_failures

context = enter()

import streamlit as st

from lib.studio.jobs import overview
from lib.ui.jobs import board, choosing, filters, story
from lib.ui.shared.live import reading_the_vault

st.title("Jobs", anchor=False)

with plain_failures():
    if reading_the_vault(context):
        st.stop()
    months = overview.months(context)
    if not months:
        st.info("No orders yet. Clone a voice, and follow it here.")
        st.page_link(page_file("clone"), label="Clone a voice", icon=":material/mic:")
        st.stop()
    choosing.read_address()
    wanted = filters.draw(context, months)
    asked = choosing.chosen()
    chosen = overview.find(context, asked) if asked else None
    if asked and chosen is None:
        st.info("This link leads to an order that no longer exists.")
    if chosen is None:
        board.draw(context, wanted, is_open=False)
    else:
        sides = st.grid(2, min_column_width=380, gap="medium")
        with sides.container():
            board.draw(context, wanted, is_open=True)
        with sides.container(border=True, key="jobs_story"):
            story.draw(context, chosen)
