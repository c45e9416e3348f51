"""`Sandbox`: the server in a thread of this process."""

import asyncio
import secrets
import socket
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Self, TypeAlias, TypeVar

from anyio import CancelScope, to_thread

from replicate_ext.sandbox._contract.contract import ContractViolation
from replicate_ext.sandbox._faults.injection import Faults
from replicate_ext.sandbox._models.builtin import BUILTIN
from replicate_ext.sandbox._models.script import Script, Step, any_input
from replicate_ext.sandbox._resources.models import Models
from replicate_ext.sandbox._server.app import App, Limits
from replicate_ext.sandbox._server.guard import AllowedHosts
from replicate_ext.sandbox._server.journal import Journal
from replicate_ext.sandbox._server.recorder import RecordedRequest, Requests
from replicate_ext.sandbox._server.server import Server, listen
from replicate_ext.sandbox._webhooks.delivery import RETRY_DELAYS, Delivery
from replicate_ext.sandbox._webhooks.message import new_secret

_Ready: TypeAlias = Future[tuple[asyncio.AbstractEventLoop, asyncio.Event, App]]
DAY = 24 * 60 * 60.0
HOUR = 60 * 60.0
MAX_UPLOAD = 100_000_000
MAX_FILES = 1024**3
MAX_FINISHED = 64 * 1024**2
MAX_JOURNAL = 64 * 1024**2

F = TypeVar("F", bound=Callable[..., object])


@dataclass(frozen=True, slots=True)
class _Running:
    origin: str
    thread: threading.Thread
    loop: asyncio.AbstractEventLoop
    stop: asyncio.Event
    app: App


class Sandbox:
    """A local server with Replicate's HTTP API; use it with `with` or `async with`.

    The server runs in a daemon thread of this process and listens on 127.0.0.1 only. On exit it
    cancels all predictions and trainings, undoes changes made through the API, drops planned
    faults, and removes all files. Records such as `requests` are kept until the context is entered
    again; the server then starts afresh with the same models.

    Args:
        models: functions by `owner/name`, registered as with `Sandbox.model`.
        api_token: token that the server accepts. Default: "r8_sandbox".
        port: port to listen on. Default: 0, any free port.
        file_seconds: seconds after which uploaded files expire. Default: one day.
        output_seconds: seconds after which output files expire. Default: one hour.
        max_upload: largest upload in bytes. Default: 100 MB.
        max_files: bytes on disk that all uploads, inputs and outputs may take up together; the
            oldest files are removed first. Default: 1 GiB.
        max_finished: roughly how many bytes of memory finished predictions and trainings may take
            up together. The oldest are dropped first, beginning with those whose final state a
            response has shown. Default: 64 MiB.
        max_journal: roughly how many bytes of memory `requests` may take up; 0 records no requests.
            Default: 64 MiB.
        allowed_hosts: host names to accept in addition to those of this machine, such as the name
            of a container. Requests for other hosts, and from web pages of other sites, get a 403.
        webhook_retry_delays: seconds before each retry of a `completed` webhook. Default: five
            retries within about a minute.
        strict: whether to validate responses, not only requests, against the API's OpenAPI
            document. Invalid responses are listed in `contract_violations`. This is slow, and finds
            bugs of the sandbox only. Default: False.

    Raises:
        ValueError: allowed_hosts contains an invalid host name.
        OSError: on entering the context, the port is taken or no temporary folder can be created.
    """

    def __init__(
        self,
        models: Mapping[str, Callable[..., object]] | None = None,
        *,
        api_token: str = "r8_sandbox",  # noqa: S107 - not a secret: only this server accepts it
        port: int = 0,
        file_seconds: float = DAY,
        output_seconds: float = HOUR,
        max_upload: int = MAX_UPLOAD,
        max_files: int = MAX_FILES,
        max_finished: int = MAX_FINISHED,
        max_journal: int = MAX_JOURNAL,
        allowed_hosts: Iterable[str] = (),
        webhook_retry_delays: Sequence[float] = RETRY_DELAYS,
        strict: bool = False,
    ) -> None:
        self.api_token = api_token
        self.webhook_secret: str = new_secret()
        """Signing secret of webhooks, which `webhooks.default.secret.get` returns."""
        self.files_secret: str = secrets.token_urlsafe()
        """Signing secret of the download links that `files.download` takes."""
        self._limits = Limits(
            file_seconds=file_seconds,
            output_seconds=output_seconds,
            max_upload=max_upload,
            max_files=max_files,
            max_finished=max_finished,
        )
        self._allowed_hosts = AllowedHosts(allowed_hosts)
        self._max_journal = max_journal
        self._strict = strict
        self._port = port
        self._retry_delays = webhook_retry_delays
        self._models = Models()
        self._faults = Faults()
        self._journal = Journal(Requests(max_journal))
        self._scripted: set[str] = set()
        self._running: _Running | None = None
        for name, function in {**BUILTIN, **(models or {})}.items():
            self._models.register(name, function)

    @property
    def base_url(self) -> str:
        """The `base_url` for a client.

        Raises:
            RuntimeError: the server is not running.
        """
        if self._running is None:
            raise RuntimeError("The sandbox is not running. Start it with a `with` statement.")
        return f"{self._running.origin}/v1"

    @property
    def requests(self) -> list[RecordedRequest]:
        """The requests so far, oldest first; at most 10,000, and at most `max_journal` bytes."""
        return self._journal.requests.all()

    @property
    def deliveries(self) -> list[Delivery]:
        """The attempts to deliver webhooks so far, oldest first; at most the last 10,000."""
        return list(self._journal.deliveries)

    @property
    def contract_violations(self) -> list[ContractViolation]:
        """Responses that did not match the API's OpenAPI document and were replaced with a 500.

        Each is a bug of the sandbox; faults and the statuses of scripts do not count. At most the
        last 1,000. Always empty unless `strict` is set.
        """
        return list(self._journal.violations)

    @property
    def open_streams(self) -> int:
        """Number of open connections to event streams."""
        return 0 if self._running is None else self._running.app.streams.open

    @property
    def faults(self) -> Faults:
        """The planned faults; add one with `faults.add`."""
        return self._faults

    @property
    def models(self) -> list[str]:
        """The names of all models."""
        return [model.name for model in self._models.all()]

    def expire_files(self) -> None:
        """Let all current uploads and outputs expire; later files are not affected."""
        if self._running is not None:
            self._running.app.expire_files()

    def model(
        self, name: str, *, official: bool = True, boot_time: float = 0.0, stream_ids: bool = True
    ) -> Callable[[F], F]:
        """Return a decorator that registers a function as a model.

            @sandbox.model("me/upper")
            def upper(text: str) -> str:
                return text.upper()

        The parameters of the function are the inputs of the model, and their type hints its schema;
        `Annotated[..., Input()]` adds descriptions and bounds. `Path`, `bytes`, `File` and Pillow's
        `Image` are files, as input and output. A generator, asynchronous or not, streams its
        output. Generators and functions that return text have an event stream.

        A plain function runs in a thread that cannot be stopped: when its prediction is canceled,
        it runs to its end and its result is discarded. A training takes half a second, and the new
        version runs the same function. Models can be registered while the server runs.

        Args:
            name: `owner/name`; an existing model with this name is replaced.
            official: whether the model runs by name, as official models do; others need a version.
                Default: True.
            boot_time: seconds that predictions stay in `starting`. Default: 0.
            stream_ids: whether stream events have ids, which clients need to resume a stream.
                Default: True.

        Raises:
            ValueError: the name is not `owner/name`.
            TypeError: a parameter has no type hint, or one without a JSON Schema.
        """

        def register(function: F) -> F:
            self._models.register(
                name, function, official=official, boot_time=boot_time, stream_ids=stream_ids
            )
            return function

        return register

    def script(
        self, name: str, steps: Sequence[Step], *, output: object = None, error: str | None = None
    ) -> None:
        """Register a model whose predictions and trainings go through the given statuses.

            sandbox.script("me/slow", ["queued", ("processing", 0.5), "succeeded"], output="done")

        The model accepts any input.

        Args:
            name: `owner/name`; an existing model with this name is replaced.
            steps: statuses in order; they need not exist in the API. A status with a number lasts
                that many seconds. A status alone lasts until a response has shown it once; during
                such a step, `Prefer: wait` is not held but gets a 202. The last step may be
                `succeeded`, `failed`, `canceled` or `aborted`; otherwise its status lasts forever.
            output: output of predictions that succeed: JSON or files. Trainings always have their
                new version as output.
            error: error message of predictions that fail.

        Raises:
            ValueError: the name is not `owner/name`, there are no steps, or a terminal status is
                not the last step.
        """
        script = Script.of(steps, output=output, error=error)
        self._scripted.update(status for status, _ in script.steps)
        self._models.register(name, any_input, script=script)

    def __enter__(self) -> Self:
        if self._running is not None:
            raise RuntimeError("The sandbox is already running")
        listener = listen(self._port)
        host, port = listener.getsockname()
        origin = f"http://{host}:{port}"
        self._journal = Journal(Requests(self._max_journal))
        ready: _Ready = Future()
        thread = threading.Thread(
            target=self._run,
            args=(listener, origin, ready),
            name=f"sandbox {port}",
            daemon=True,
        )
        thread.start()
        self._running = _Running(origin, thread, *ready.result())
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        running, self._running = self._running, None
        if running is not None:
            running.loop.call_soon_threadsafe(running.stop.set)
            running.thread.join()
            self._faults.clear()
            self._models.reset()

    async def __aenter__(self) -> Self:
        return await to_thread.run_sync(self.__enter__)

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        with CancelScope(shield=True):
            await to_thread.run_sync(self.__exit__, kind, error, traceback)

    def _run(self, listener: socket.socket, origin: str, ready: _Ready) -> None:
        try:
            asyncio.run(self._serve(listener, origin, ready))
        except Exception as error:
            if ready.done():
                raise
            listener.close()
            ready.set_exception(error)

    async def _serve(
        self,
        listener: socket.socket,
        origin: str,
        ready: _Ready,
    ) -> None:
        stop = asyncio.Event()
        with TemporaryDirectory(prefix="sandbox-", ignore_cleanup_errors=True) as folder:
            app = App(
                models=self._models,
                origin=origin,
                api_token=self.api_token,
                webhook_secret=self.webhook_secret,
                files_secret=self.files_secret,
                folder=Path(folder),
                retry_delays=self._retry_delays,
                journal=self._journal,
                scripted=self._scripted,
                faults=self._faults,
                limits=self._limits,
                allowed_hosts=self._allowed_hosts,
                strict=self._strict,
            )
            server = Server(app, stop)
            ready.set_result((asyncio.get_running_loop(), stop, app))
            await server.serve(sockets=[listener])
