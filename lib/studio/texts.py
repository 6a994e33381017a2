"""What people type, made fit to be stored."""

from __future__ import annotations


def one_line(text: str) -> str:
    """One line without control characters and repeated blanks."""
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())
