"""The keeper: `passes.py` does what is due, `thread.py` goes on doing it, in the app and in `run`.

`python -m lib.keeper` (`__main__.py`) is for a scheduler outside: `commands.py` and `files.py`.
"""

from lib.keeper.passes import Summary, one_pass, outlook, service_groups, sleep_after
from lib.keeper.signs import HEARTBEAT, OUTSIDE, PING, SEEN_WITHIN, Signs, signs
from lib.keeper.thread import THREAD_NAME, KeeperThread, start

__all__ = [
    "HEARTBEAT",
    "OUTSIDE",
    "PING",
    "SEEN_WITHIN",
    "THREAD_NAME",
    "KeeperThread",
    "Signs",
    "Summary",
    "one_pass",
    "outlook",
    "service_groups",
    "signs",
    "sleep_after",
    "start",
]
