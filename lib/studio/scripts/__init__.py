"""Scripts: read, edited, cast, generated line by line, and exported."""
