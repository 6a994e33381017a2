"""A button that shows its icon alone. Streamlit has none that says what it does to those who hear
the page: an icon without a label is read by the icon's own name.
"""

from __future__ import annotations

from typing import Any

import streamlit as st


def icon_button(label: str, icon: str, *, key: str, **options: Any) -> bool:
    """A small button; `label` (Markdown) is what it is called, and is not seen.

    Its key becomes `icon_<key>`: by that `lib/ui/style.css` knows whose label to hide. `options`:
    those of `st.button`.
    """
    options.setdefault("type", "tertiary")
    return st.button(label, icon=icon, key=f"icon_{key}", **options)
