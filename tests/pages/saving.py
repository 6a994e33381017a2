"""What a browser can fetch from a page: `AppTest` presses a button and downloads nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from streamlit.runtime.media_file_manager import MediaFileManager
from streamlit.testing.v1 import AppTest

Make = Callable[[], bytes]
Saved = dict[str, tuple[str, str, Make]]
"""By what a browser asks with: the file's name, its media type, and what makes it."""


def offered_from_now_on(monkeypatch: pytest.MonkeyPatch) -> Saved:
    """All files that pages offer from now on."""
    offered: Saved = {}
    add = MediaFileManager.add_deferred

    def note(manager: MediaFileManager, make: Make, kind: str, *rest: Any, **more: Any) -> str:
        file_id = add(manager, make, kind, *rest, **more)
        offered[file_id] = (more["file_name"], kind, make)
        return file_id

    monkeypatch.setattr(MediaFileManager, "add_deferred", note)
    return offered


def fetch(visitor: AppTest, saved: Saved, key: str) -> tuple[str, str, bytes]:
    """The file behind the button of this key, as a browser gets it: name, media type, content."""
    name, kind, make = saved[visitor.download_button(key=key).proto.deferred_file_id]
    return name, kind, make()
