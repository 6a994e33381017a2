"""The keeper: `passes.py` does what is due, `thread.py` goes on doing it, in the app and in `run`.

`python -m lib.keeper` (`__main__.py`) is for a scheduler outside: `commands.py` and `files.py`.
"""

from lib.keeper.passes import Summary, one_pass, outlook, service_groups, sleep_after
from lib.keeper.signs import HEARTBEAT, OUTSIDE, PING, SEEN_WITHIN, Signs, signs
from lib.keeper.thread import THREAD_NAME, KeeperThread, start

__all__ = [
    "SEEN_WITHIN",
    "HEARTBEAT",
    "OUTSIDE",
    "PING",
    "THREAD_NAME",
    "KeeperThread",
    "Signs",
    "Summary",
    "service_groups",
    "one_pass",
    "outlook",
    "sleep_after",
    "signs",
    "start",
]
