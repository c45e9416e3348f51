"""Turning a published OpenAPI document into openapi.yaml, and checking it for the templates."""
