"""Verify webhook deliveries."""
