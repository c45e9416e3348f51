"""Loopback hosts."""

import ipaddress


def is_loopback(host: str) -> bool:
    """Return whether a host name or IP address is that of this machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
