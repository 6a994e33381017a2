"""Parts of the Clone page."""
