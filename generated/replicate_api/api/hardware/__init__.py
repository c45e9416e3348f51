# Generated from openapi.yaml by `make generate`; changes made here are lost.
"""Endpoint functions of `hardware`: a module for each operation."""
