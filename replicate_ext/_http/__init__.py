"""Sending requests: flows, drivers, retries and responses."""
