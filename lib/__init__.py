"""Voicekeep: clone voices through hosted services, speak with them, never lose one."""
