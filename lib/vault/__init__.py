"""Durable files: one protocol (`base.py`), a folder or an S3-compatible bucket behind it."""
