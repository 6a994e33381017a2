"""Voicekeep's front door: `python -m streamlit run streamlit_app.py`."""

from lib.ui.front import open_front_door

open_front_door()
