"""Verifying webhook deliveries."""
