"""Streams as server-sent events for browsers."""
