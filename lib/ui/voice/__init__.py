"""Parts of the page of one voice."""
