"""Fault injection: errors, delays and broken connections on request."""
