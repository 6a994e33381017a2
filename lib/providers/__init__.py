"""One client per service behind one small protocol (`base.py`)."""
