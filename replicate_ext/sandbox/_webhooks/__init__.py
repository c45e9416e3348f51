"""Webhooks: their delivery, and an app that receives them."""
