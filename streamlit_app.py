"""Voicekeep's front door: `python -m streamlit run streamlit_app.py`."""

from lib.ui.access.front import open_front_door

open_front_door()
