# Generated from openapi.yaml by `make generate`; changes made here are lost.
"""Base URL of the API: the first server of the document."""

DEFAULT_BASE_URL = "https://api.replicate.com/v1"
