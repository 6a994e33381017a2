"""The keeper: `passes.py` does what is due, `thread.py` runs it inside the app, and
`python -m lib.keeper` (`__main__.py`) for a scheduler outside.
"""

from lib.keeper.passes import HEARTBEAT, Summary, groups, one_pass, outlook, pause_after
from lib.keeper.thread import THREAD_NAME, KeeperThread, start

__all__ = [
    "HEARTBEAT",
    "THREAD_NAME",
    "KeeperThread",
    "Summary",
    "groups",
    "one_pass",
    "outlook",
    "pause_after",
    "start",
]
