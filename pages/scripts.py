"""Scripts: several lines, several voices; the cost before, every line heard, generated again."""

from lib.ui.access.front import enter, plain_failures

context = enter()

import streamlit as st

from lib.studio.scripts import standing
from lib.ui.scripts import script, shelf, writing
from lib.ui.shared.live import reading_the_vault

with plain_failures():
    if not context.runtime.reconciliation.finished:
        st.title("Scripts", anchor=False)
        if not reading_the_vault(context):
            st.rerun()
        st.stop()
    asked = st.query_params.get("id", "")
    found = standing.find(context, asked) if asked else None
    if found:
        script.draw(context, found)
    elif writing.is_open(context):
        writing.draw(context)
    else:
        shelf.draw(context, is_missing=bool(asked))
