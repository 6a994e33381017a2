"""Who may enter, and the one process behind all tabs."""
