"""Erasing a voice for good, or all that there is of a person."""
