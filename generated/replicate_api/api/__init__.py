# Generated from openapi.yaml by `make generate`; changes made here are lost.
"""Endpoint functions: a package for each group of operations."""
