"""How each thing is done without a mouse, in a panel that opens from the sidebar."""

from __future__ import annotations

import streamlit as st

_WAYS = {
    "Everywhere": {
        "Tab, Shift + Tab": "Next control, previous control",
        "Enter": "Press a button, follow a link, expand a section",
        "Space": "Tick a box, choose, open a list",
        "Arrow keys": "Move inside a list, between tabs and choices",
        "Esc": "Close a list, a menu or this panel; empty a list that is closed",
        "Tab after the last control": "Enter the menu opened by a button such as Filters",
    },
    "Clone a voice": {
        "Enter on Upload": "Choose files",
        "Arrow keys on a service": "Choose it",
        "Arrow keys on a handle of the waveform": "Move it by a tenth of a second",
        "Shift + arrow, Page Up, Page Down": "Move it by a second",
        "Home, End": "Move it to the start or the end",
        "Enter on Record": "Start and stop",
    },
    "Listen and speak": {
        "Enter on a play button": "Play a voice, or stop it",
        "Space, left and right in a player": "Play or pause, go back and forth",
        "Ctrl + Enter in a text": "Apply the text, and see what it costs",
        "Letters in a list": "Find one by name, in the Playground also by tag",
    },
    "Tables": {
        "Arrow keys": "Move from cell to cell",
        "Shift + Space": "Select the row, or clear it",
        "Tab": "Leave the table",
        "Letters in the list above a table": "Open a voice or an order without the table",
    },
}
"""What is done, under the keys that do it, as tried in Chromium. "Clone a voice" is what
waveform.js and recorder.js answer to, the rest what Streamlit's controls do.
"""


def draw() -> None:
    """The button that opens the panel."""
    with st.sidebar:
        if st.button("Keyboard", key="keyboard_help", type="tertiary", icon=":material/keyboard:"):
            _panel()


@st.dialog("Use the keyboard", icon=":material/keyboard:")
def _panel() -> None:
    st.write("Everything here can be done without a mouse.")
    for where, ways in _WAYS.items():
        st.table({where: list(ways), "What it does": list(ways.values())}, border="horizontal")
