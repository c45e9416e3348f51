"""The version of this package."""

__version__ = "0.1.0"
USER_AGENT = f"replicate-ext/{__version__}"
