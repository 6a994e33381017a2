"""Scrolls to a part of the page: Streamlit leaves the window where it is, and who presses a button
far down would not see what it changed above.
"""

from __future__ import annotations

import streamlit as st

_JS = """
export default function ({ data }) {
  document.querySelector(`.st-key-${data.key}`)?.scrollIntoView({ block: "center" });
}
"""


def bring_up(key: str) -> None:
    """Scroll to the element of this key, once: in the run that draws this, and in no later one."""
    _bring_up(key=f"bring_up_{key}", data={"key": key})


_bring_up = st.components.v2.component("voicekeep_bring_up", js=_JS)
