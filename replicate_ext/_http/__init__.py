"""Sending requests: flows and their drivers, what is sent again, connections."""
