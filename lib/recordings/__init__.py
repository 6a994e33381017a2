"""What a recording is, which service takes it, and whether a voice file is whole."""
