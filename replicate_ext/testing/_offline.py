"""The sandbox of a pytest session, and the environment of the tests that use it."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Iterable, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest

from replicate_ext.testing._blocking import REAL_HOST, block_real_api

if TYPE_CHECKING:
    from replicate_ext.sandbox import Fault, Sandbox

PROXIES = ("http_proxy", "https_proxy", "all_proxy")


class Offline:
    """The sandbox of a session. It starts when the first test needs it."""

    def __init__(self) -> None:
        self._stack = ExitStack()
        self._sandbox: Sandbox | None = None
        self._session: pytest.MonkeyPatch | None = None

    def begin(self) -> None:
        """Use the sandbox until the end of the session, not only in single tests."""
        self._session = pytest.MonkeyPatch()
        self._stack.callback(self._session.undo)
        _redirect(self._session, self._start())

    @contextmanager
    def test(self, markers: Iterable[pytest.Mark], folder: Path) -> Generator[Sandbox, None, None]:
        """Use the sandbox for one test.

        Args:
            markers: the `replicate` markers of the test, the closest first.
            folder: folder of the test's file.

        Returns:
            The sandbox, in the state in which it was started.
        """
        from replicate_ext import AsyncReplicate, Replicate, set_default_client

        sandbox = self._start()
        sandbox.reset()
        for marker in reversed(list(markers)):
            _configure(sandbox, marker, folder)
        with pytest.MonkeyPatch.context() as patch:
            _redirect(patch, sandbox)
            with (
                Replicate() as client,
                set_default_client(client),
                set_default_client(AsyncReplicate()),
            ):
                yield sandbox
        # Predictions and webhooks that are still running must not affect the next test.
        sandbox.reset()

    @contextmanager
    def live(self) -> Generator[None, None, None]:
        """Use the real API for one test."""
        if self._session is None or self._sandbox is None:
            yield
            return
        self._session.undo()
        try:
            yield
        finally:
            _redirect(self._session, self._sandbox)

    def close(self) -> None:
        """Stop the sandbox and restore the environment."""
        self._stack.close()

    def _start(self) -> Sandbox:
        if self._sandbox is None:
            from replicate_ext.sandbox import Sandbox

            self._sandbox = self._stack.enter_context(Sandbox())
        return self._sandbox


def _redirect(patch: pytest.MonkeyPatch, sandbox: Sandbox) -> None:
    patch.setenv("REPLICATE_API_TOKEN", sandbox.api_token)
    # Without /v1: the official client 1.x adds it, and 2.x works with and without it.
    for name in ("REPLICATE_BASE_URL", "REPLICATE_API_BASE_URL"):
        patch.setenv(name, sandbox.origin)
    if any(os.environ.get(name) or os.environ.get(name.upper()) for name in PROXIES):
        for name in ("no_proxy", "NO_PROXY"):
            kept = os.environ.get(name, "")
            # Bypass the proxy: it would look up the host name, so the real API could not be
            # blocked.
            patch.setenv(name, ",".join(filter(None, (kept, "127.0.0.1", "localhost", REAL_HOST))))
    block_real_api(patch)


def _configure(sandbox: Sandbox, marker: pytest.Mark, folder: Path) -> None:
    settings = _Settings(sandbox, folder)
    known: dict[str, Callable[[Any], None]] = {
        "models": settings.models,
        "latency": settings.latency,
        "faults": settings.faults,
    }
    if marker.args or not marker.kwargs.keys() <= known.keys():
        raise pytest.UsageError(
            "invalid marker replicate: expected the keywords models, latency and faults, got "
            f"{[*marker.args, *marker.kwargs]}"
        )
    for name, value in marker.kwargs.items():
        known[name](value)


class _Settings:
    """The keywords of the marker `replicate`."""

    def __init__(self, sandbox: Sandbox, folder: Path) -> None:
        self._sandbox = sandbox
        self._folder = folder

    def models(self, models: str | Path | Mapping[str, Callable[..., object]]) -> None:
        if isinstance(models, str | Path):
            self._sandbox.load(self._folder / models)
            return
        for name, function in models.items():
            self._sandbox.model(name)(function)

    def latency(self, seconds: float) -> None:
        self._sandbox.faults.latency = seconds

    def faults(self, faults: Iterable[Fault] | Mapping[str, Fault]) -> None:
        if not isinstance(faults, Mapping):
            for fault in faults:
                self._sandbox.faults.add(fault)
            return
        for on, fault in cast("Mapping[str, Fault]", faults).items():
            self._sandbox.faults.add(fault, on=on)


def is_xdist_controller(config: Any) -> bool:
    """Return whether the tests run in worker processes of pytest-xdist, each with a sandbox.

    Args:
        config: the configuration of pytest, before its command line is parsed completely.
    """
    options = config.known_args_namespace
    asks = getattr(options, "numprocesses", None) or getattr(options, "tx", None)
    return bool(asks) and "PYTEST_XDIST_WORKER" not in os.environ
