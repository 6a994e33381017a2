"""The keeper: `passes.py` does what is due, `thread.py` goes on doing it, in the app and in `run`.

`python -m lib.keeper` (`__main__.py`) is for a scheduler outside: `commands.py` and `files.py`.
"""

from lib.keeper.outside import OUTSIDE, SEEN_WITHIN, last_seen_at
from lib.keeper.passes import HEARTBEAT, Summary, one_pass, outlook, service_groups, sleep_after
from lib.keeper.pinging import PING
from lib.keeper.thread import THREAD_NAME, KeeperThread, start

__all__ = [
    "HEARTBEAT",
    "OUTSIDE",
    "PING",
    "SEEN_WITHIN",
    "THREAD_NAME",
    "KeeperThread",
    "Summary",
    "last_seen_at",
    "one_pass",
    "outlook",
    "service_groups",
    "sleep_after",
    "start",
]
