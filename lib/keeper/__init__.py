"""The keeper: `passes.py` does what is due, `thread.py` goes on doing it, in the app and in `run`.

`python -m lib.keeper` (`__main__.py`) is for a scheduler outside: `commands.py` and `files.py`.
"""

from lib.keeper.outside import HEARD_WITHIN, OUTSIDE, heard_at
from lib.keeper.passes import HEARTBEAT, Summary, groups, one_pass, outlook, pause_after
from lib.keeper.pinging import PING
from lib.keeper.thread import THREAD_NAME, KeeperThread, start

__all__ = [
    "HEARD_WITHIN",
    "HEARTBEAT",
    "OUTSIDE",
    "PING",
    "THREAD_NAME",
    "KeeperThread",
    "Summary",
    "groups",
    "heard_at",
    "one_pass",
    "outlook",
    "pause_after",
    "start",
]
