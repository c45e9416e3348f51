"""A pytest plugin that runs tests against the local sandbox instead of Replicate's API.

    def test_caption(replicate_sandbox):
        assert my_app.caption("cat.png") == "a cat"
        replicate_sandbox.assert_ran("acme/caption", length="short")

pytest finds the plugin by itself once `replicate-ext[testing]` is installed. It does nothing until
a test uses the sandbox: with one of the fixtures `replicate_sandbox`, `replicate_client` and
`async_replicate_client`, with the marker `replicate`, or with `replicate_sandbox = true` in the
configuration file of pytest. For an introduction, see docs/testing.md.
"""

try:
    from replicate_ext.testing._blocking import RealAPIBlocked
except ModuleNotFoundError as _error:
    if _error.name != "pytest":
        raise
    raise ImportError(
        "replicate_ext.testing needs pytest: pip install 'replicate-ext[testing]'"
    ) from None

__all__ = ["RealAPIBlocked"]
