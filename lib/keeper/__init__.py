"""The keeper: `passes.py` does what is due, `thread.py` goes on doing it, in the app and in `run`.

`python -m lib.keeper` (`__main__.py`) is for a scheduler outside: `commands.py` and `files.py`.
"""

from lib.keeper.passes import Summary, one_pass, outlook, sleep_after
from lib.keeper.signs import Signs, signs
from lib.keeper.thread import start

__all__ = ["Signs", "Summary", "one_pass", "outlook", "signs", "sleep_after", "start"]
