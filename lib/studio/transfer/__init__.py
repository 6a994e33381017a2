"""The library as an archive: exported, delivered, checked and imported."""
