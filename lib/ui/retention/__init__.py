"""Parts of the Retention page."""
