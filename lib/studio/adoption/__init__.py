"""Voices that exist already at a service: recognised, listed, taken over, listened to."""
