"""The hooks and fixtures of the plugin.

pytest imports this module in every environment that has replicate-ext, so it must be fast to
import, and imports neither the client nor the sandbox.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from replicate_ext import AsyncReplicate, Replicate
    from replicate_ext.sandbox import Sandbox
    from replicate_ext.testing._offline import Offline

OPTION = "replicate_sandbox"
SANDBOX = "replicate_sandbox"
LIVE = "_replicate_live"

_MARKERS = (
    (
        "replicate(models=None, latency=None, faults=None): run the test against the local sandbox "
        "of Replicate. models: a Python file with register(sandbox), or functions by owner/name. "
        "latency: seconds before each response. faults: a list of faults for the first requests, "
        "or a dict of faults by request, such as {'POST /predictions': Fault.error(503)}."
    ),
    "replicate_live: let the test use the real Replicate API.",
)
_offline_key = pytest.StashKey["Offline"]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option for the configuration file."""
    parser.addini(
        OPTION,
        "Run all tests against the local sandbox of Replicate, and block the real API.",
        type="bool",
        default=False,
    )


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """Use the sandbox before test modules are imported, which may create clients."""
    if early_config.getini(OPTION):
        from replicate_ext.testing._offline import is_xdist_controller

        if not is_xdist_controller(early_config):
            _offline(early_config).begin()


def pytest_configure(config: pytest.Config) -> None:
    """Declare the markers."""
    for marker in _MARKERS:
        config.addinivalue_line("markers", marker)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Add the sandbox to the tests that use it, before all their other fixtures."""
    is_for_all = config.getini(OPTION)
    for item in items:
        names: list[str] | None = getattr(item, "fixturenames", None)
        if names is None:
            continue
        if item.get_closest_marker("replicate_live"):
            first = LIVE
        elif is_for_all or SANDBOX in names or item.get_closest_marker("replicate"):
            first = SANDBOX
        else:
            continue
        # Make a new list, since the tests of a parametrized function share one list.
        vars(item)["fixturenames"] = [first, *(name for name in names if name != first)]


@pytest.fixture
def replicate_sandbox(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    """A local sandbox of Replicate, in a fresh state.

    The environment variables and the default client point to the sandbox, and requests to the
    real API are blocked.
    """
    if request.node.get_closest_marker("replicate_live"):
        pytest.fail("a test with the marker replicate_live cannot use the sandbox", pytrace=False)
    markers = request.node.iter_markers("replicate")
    with _offline(request.config).test(markers, request.path.parent) as sandbox:
        yield sandbox


@pytest.fixture
def replicate_client(replicate_sandbox: Sandbox) -> Iterator[Replicate]:
    """A client for the sandbox."""
    from replicate_ext import Replicate

    with Replicate(replicate_sandbox.api_token, replicate_sandbox.base_url) as client:
        yield client


@pytest.fixture
def async_replicate_client(replicate_sandbox: Sandbox) -> AsyncReplicate:
    """An async client for the sandbox."""
    from replicate_ext import AsyncReplicate

    return AsyncReplicate(replicate_sandbox.api_token, replicate_sandbox.base_url)


@pytest.fixture(name=LIVE)
def _replicate_live(request: pytest.FixtureRequest) -> Iterator[None]:
    with _offline(request.config).live():
        yield


@pytest.fixture(scope="session")
def replicate_vcr_config() -> dict[str, Any]:
    """Settings for vcrpy that keep secrets and the contents of files out of cassettes.

    `vcr.VCR(**replicate_vcr_config)`; with pytest-recording, return it from a fixture `vcr_config`.
    """
    from replicate_ext.testing._cassettes import vcr_config

    return vcr_config()


def _offline(config: pytest.Config) -> Offline:
    offline = config.stash.get(_offline_key, None)
    if offline is None:
        from replicate_ext.testing._offline import Offline

        offline = config.stash[_offline_key] = Offline()
        config.add_cleanup(offline.close)
    return offline
