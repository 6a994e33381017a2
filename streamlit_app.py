"""Voicekeep's front door: `python -m streamlit run streamlit_app.py`.

Streamlit imports this file for its server, and runs it as a script for each visit.
"""

if __name__ == "__main__":
    from lib.ui.access.front import open_front_door

    open_front_door()
else:
    import gc

    from streamlit.starlette import App

    # What is loaded by now stays. To look for garbage in it over and over, while all else is
    # loaded, took a sixth of that time.
    gc.freeze()

    from lib.ui.access.entry import BEFORE_STREAMLIT

    # Streamlit finds this call by reading the file: it has to stand here, by this name.
    app = App(__file__, middleware=BEFORE_STREAMLIT)
