"""A file that is needed for a moment: without a name, and on this disk where it is large."""

from __future__ import annotations

import tempfile
from typing import BinaryIO, cast

from lib.studio.core.context import Context

IN_MEMORY = 4 * 1024 * 1024
"""Bytes; a larger one waits on the disk."""


def scratch_file(context: Context) -> BinaryIO:
    """An empty file, gone when it is closed, whatever becomes of this process."""
    folder = context.settings.data_folder
    folder.mkdir(parents=True, exist_ok=True)
    return cast(BinaryIO, tempfile.SpooledTemporaryFile(IN_MEMORY, dir=str(folder)))
