"""Base URL of the API."""

DEFAULT_BASE_URL = "https://api.replicate.com/v1"
