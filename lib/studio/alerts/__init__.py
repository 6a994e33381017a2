"""What a team has to be told, in which words, and over which channel."""
