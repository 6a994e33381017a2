"""Spending: what was spent, on what and by whom; what is left, and what keeping will cost."""

from lib.ui.access.front import draw_elevation, enter, page_file, person, plain_failures

context = enter()

import streamlit as st

from lib.roles import Permission
from lib.studio.library import listing, spending
from lib.studio.library.together import fact
from lib.ui.shared.live import reading_the_vault
from lib.ui.spending import beside, choosing, picture, saving, sums

COLUMN = 290  # pixels, at least, of what stands beside the table, which has two of them

st.title("Spending", anchor=False)

with plain_failures():
    visitor = person(context)
    if reading_the_vault(context):
        st.stop()
    months = spending.months(context)
    if not months:
        st.info("No spending yet. Clone a voice, and see here what it cost.")
        if visitor.may(Permission.CLONE):
            st.page_link(page_file("clone"), label="Clone a voice", icon=":material/mic:")
        st.stop()
    everybody = visitor.may(Permission.ACTIVITY)
    if not everybody:
        st.caption("You see your own orders here.")
    period = choosing.draw(context, months)
    is_now = period.month == months[0]  # which budgets bound
    if is_now and not period.play and visitor.may(Permission.SPEAK):
        sums.draw_bounds(spending.bounds(context, visitor))
    with st.grid(3, min_column_width=COLUMN, key="spending_main") as grid:
        with grid.cell(column_span=2):
            place = st.container()
            with st.container(horizontal=True, vertical_alignment="center"):
                by = sums.choose_by(everybody=everybody)
                saving.draw(context, visitor, period)
            report = spending.report(context, visitor, period, by)
            with place:
                sums.draw_total(report.total, period)
            if report.rows:
                sums.draw_rows(report.rows, by)
            else:
                st.write(f"Nothing was spent {choosing.within(period)}.")
        with grid.cell():
            picture.draw(report.months)
            if everybody:
                ahead = fact(listing.entries(context), spending.ahead, play=period.play)
                beside.draw_keeping(report, period, ahead)
                if not period.play:
                    found = spending.figures(context, visitor, period.month)
                    beside.draw_services(found, period, context.clock.now())
    draw_elevation(context, "see what everybody spent")
