"""Adopting voices: from a list, from a service, from saved IDs."""
