"""Connections to the API: pool, proxies, TLS, credentials."""
