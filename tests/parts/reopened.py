"""A context whose process was opened with something else: other settings, or other clients."""

from __future__ import annotations

from typing import Any

from lib.studio.core.context import Context


def reopen(context: Context, **fields: Any) -> None:
    """Change what is fixed for a process, as a restart would, for all who hold the context."""
    for name, value in fields.items():
        assert hasattr(context, name), name
        object.__setattr__(context, name, value)
