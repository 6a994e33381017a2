"""How every page looks before it draws anything: icon, name, and what the theme cannot say."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

# Files of our own: Streamlit's pages fetch icons that are named in words from the network.
_ICON = Path(__file__).with_name("icon.png")
_WORDMARK = Path(__file__).with_name("wordmark.svg")
_STYLE = Path(__file__).with_name("style.css")


def dress() -> None:
    """Set the icon of the tab, the mark of the sidebar, and the style sheet."""
    st.set_page_config(page_icon=_ICON, layout="wide")
    st.logo(_WORDMARK, size="large", icon_image=_ICON)
    st.html(_STYLE)
