"""The two drivers of flows."""

from replicate_ext._http.async_driver import AsyncDriver
from replicate_ext._http.driver import Driver

__all__ = ["AsyncDriver", "Driver"]
