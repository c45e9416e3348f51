"""Validation of requests and responses against the API's OpenAPI document."""
