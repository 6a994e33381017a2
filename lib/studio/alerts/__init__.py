"""Warnings: what needs a person, in which words, and over which channel."""
