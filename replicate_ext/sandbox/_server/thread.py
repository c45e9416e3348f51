"""The server in a thread of its own, with an application that can be replaced."""

import asyncio
import shutil
import socket
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp
from typing import TypeVar

from starlette.types import Receive, Scope, Send

from replicate_ext.sandbox._server.app import App
from replicate_ext.sandbox._server.server import Certificate, Server

T = TypeVar("T")


class ServerThread:
    """A running server. It starts when the object is created.

    Args:
        listener: the socket to serve.
        make: creates the application, given an empty folder; called in the event loop.
        certificate: files of the certificate chain and the private key for TLS, or None.

    Raises:
        OSError: no temporary folder can be created.
    """

    def __init__(
        self,
        listener: socket.socket,
        make: Callable[[Path], App],
        certificate: Certificate | None,
    ) -> None:
        self._make = make
        self._certificate = certificate
        ready: Future[None] = Future()
        self._thread = threading.Thread(
            target=self._run,
            args=(listener, ready),
            name=f"sandbox {listener.getsockname()[1]}",
            daemon=True,
        )
        self._thread.start()
        ready.result()

    @property
    def app(self) -> App:
        """The current application."""
        return self._app

    def stop(self) -> None:
        """Stop the server and remove all files."""
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()

    def renew(self) -> None:
        """Replace the application with a new one. Open connections stay open."""
        self.call(self._renew)

    def call(self, function: Callable[[], Awaitable[T]], timeout: float | None = None) -> T:
        """Call an async function in the event loop of the server, and return its result.

        Args:
            function: the function, without arguments.
            timeout: seconds to wait. Default: None, no limit.

        Raises:
            TimeoutError: the function did not end in time, and was canceled.
        """

        async def run() -> T:
            async with asyncio.timeout(timeout):
                return await function()

        return asyncio.run_coroutine_threadsafe(run(), self._loop).result()

    def _run(self, listener: socket.socket, ready: Future[None]) -> None:
        try:
            asyncio.run(self._serve(listener, ready))
        except Exception as error:
            if ready.done():
                raise
            listener.close()
            ready.set_exception(error)

    async def _serve(self, listener: socket.socket, ready: Future[None]) -> None:
        self._loop = asyncio.get_running_loop()
        self._stop = asyncio.Event()
        with TemporaryDirectory(prefix="sandbox-", ignore_cleanup_errors=True) as folder:
            self._root = Path(folder)
            self._begin()
            server = Server(self._handle, self._close, self._stop, self._certificate)
            server.config.load()  # this opens the certificate
            ready.set_result(None)
            await server.serve(sockets=[listener])

    def _begin(self) -> None:
        self._folder = Path(mkdtemp(dir=self._root))
        self._app = self._make(self._folder)

    async def _renew(self) -> None:
        app, folder = self._app, self._folder
        self._begin()
        await app.close()
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)

    async def _handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._app.asgi(scope, receive, send)

    async def _close(self) -> None:
        await self._app.close()
