"""How fast Voicekeep is: `python -m tests.bench`."""

from streamlit.logger import set_log_level

set_log_level("error")  # pages of the app are imported here, where no server runs
