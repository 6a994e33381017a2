"""What visitors who are not in could use up or end: memory, room for connections, the library.

Streamlit takes files from anybody who is connected, shown a field for them or not. Each connection
takes several file descriptors, of which a process has 1,024 by default. Used up, memory or these
would end the app, and the keeper in it. And at the word of anybody who is connected it clears the
caches of all, in which the library and its keeper live.
"""

from __future__ import annotations

from contextlib import suppress

from streamlit.runtime.app_session import AppSession

from lib.ui.access import uploads

CLEAR_CACHES = "_handle_clear_cache_request"


def guard() -> None:
    """Bound what strangers can do to this process; does nothing the second time."""
    if uploads.bounds() is None or getattr(AppSession, CLEAR_CACHES) is _keep_caches:
        return
    setattr(AppSession, CLEAR_CACHES, _keep_caches)
    uploads.share_copies()
    _allow_many_connections()


def _keep_caches(_session: AppSession) -> None:
    """Nobody needs them cleared: what is in them notices by itself when it is out of date."""


def _allow_many_connections() -> None:
    """As many as the system grants, where it has such a limit."""
    with suppress(ImportError, OSError, ValueError):
        import resource

        _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
