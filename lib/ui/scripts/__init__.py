"""Parts of the page of scripts."""
