"""The sandbox as users hold it: a server in a thread of this process."""

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
from replicate_ext.sandbox._models.script import Script, Step, accept_anything
from replicate_ext.sandbox._resources.models import Models
from replicate_ext.sandbox._server.app import Limits, World
from replicate_ext.sandbox._server.guard import AllowedHosts
from replicate_ext.sandbox._server.journal import Journal
from replicate_ext.sandbox._server.recorder import RecordedRequest, Requests
from replicate_ext.sandbox._server.server import Server, listen
from replicate_ext.sandbox._webhooks.delivery import RETRY_DELAYS, Delivery
from replicate_ext.sandbox._webhooks.message import new_secret

_Ready: TypeAlias = Future[tuple[asyncio.AbstractEventLoop, asyncio.Event, World]]
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
    world: World


class Sandbox:
    """A local server that speaks Replicate's API, for `with` and `async with`.

    It runs in a daemon thread of this process and listens on 127.0.0.1 only. Leaving the context
    cancels what runs, forgets what was done through the API and faults that did not happen, and
    removes all files; entering it again starts afresh, with the same models, and what was recorded
    of the time before is kept until then.

    Args:
        models: functions by `owner/name`, each registered as `Sandbox.model` does.
        api_token: the token it accepts.
        port: where to listen; 0, the default, takes a free port.
        file_seconds: for how long uploaded files last; a day by default.
        output_seconds: for how long output files last; an hour by default.
        max_upload: the size of the largest file that may be uploaded, in bytes.
        max_files: how many bytes of the disk all files may take together, uploads, inputs and
            outputs; the oldest go first.
        max_finished: roughly how many bytes of memory predictions and trainings that have ended may
            take together; the oldest go first, and before all others those whose end was answered.
            What runs is always kept.
        max_journal: roughly how many bytes of memory `requests` may take; 0 keeps none.
        allowed_hosts: names under which the server may be called beside those of this machine, such
            as that of a container. Requests for others, and those that pages of other sites send,
            are answered 403.
        webhook_retry_delays: seconds before each new try to deliver the webhook that says that a
            prediction or training has ended; five within a minute by default, the first soon.
        strict: whether to hold its answers to the API's document as it does requests; what does not
            fit is in `contract_violations`. It takes time, and finds bugs of the sandbox only.

    Raises:
        ValueError: one of allowed_hosts is not a host name.
        OSError: on entering, when the port is taken or there is no place for files.
    """

    def __init__(
        self,
        models: Mapping[str, Callable[..., object]] | None = None,
        *,
        api_token: str = "r8_sandbox",  # noqa: S107 - it opens nothing but this server
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
        """What signs the webhooks that are sent; `webhooks.default.secret.get` gives it."""
        self.files_secret: str = secrets.token_urlsafe()
        """What signs links for `files.download`, which the API's users find on the web site."""
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
        """What a client takes as its `base_url`.

        Raises:
            RuntimeError: the server is not running.
        """
        if self._running is None:
            raise RuntimeError("The sandbox is not running; use it as a context manager")
        return f"{self._running.origin}/v1"

    @property
    def requests(self) -> list[RecordedRequest]:
        """What was received so far, the oldest first; at most the last 10,000 and `max_journal`."""
        return self._journal.requests.all()

    @property
    def deliveries(self) -> list[Delivery]:
        """The webhooks that were sent so far, each try, the oldest first; at most 10,000."""
        return list(self._journal.deliveries)

    @property
    def contract_violations(self) -> list[ContractViolation]:
        """Answers that were replaced by a 500 because the API's document does not have them.

        Each is a bug of the sandbox; faults and scripts are none. At most the last 1,000, and none
        unless it is strict.
        """
        return list(self._journal.violations)

    @property
    def open_streams(self) -> int:
        """How many connections read an event stream just now."""
        return 0 if self._running is None else self._running.world.streams.open

    @property
    def faults(self) -> Faults:
        """What is to go wrong with requests that come; nothing at first."""
        return self._faults

    @property
    def models(self) -> list[str]:
        """The names of all models."""
        return [model.name for model in self._models.all()]

    def expire_files(self) -> None:
        """Let the time of all files be over, uploaded ones and outputs; those to come last."""
        if self._running is not None:
            self._running.world.expire_files()

    def model(
        self, name: str, *, official: bool = True, boot_time: float = 0.0, stream_ids: bool = True
    ) -> Callable[[F], F]:
        """Register the decorated function as a model, also while the server runs.

        Its parameters are the inputs; their types make the schema, with `Annotated[..., Input()]`
        for descriptions and bounds. `Path`, `bytes`, `File` and Pillow's `Image` stand for files,
        in and out. A generator, asynchronous or not, streams its output; it and what returns text
        have an event stream. A plain function runs in a thread, which nothing can stop: cancelled,
        it runs to its end and the result is dropped. A training of it takes half a second, and its
        new version runs the same function.

        Args:
            name: `owner/name`; a model of that name is replaced.
            official: whether it runs by its name alone, as official models do; others need a
                version.
            boot_time: seconds for which each prediction stays in `starting`.
            stream_ids: whether the events of its streams have ids, without which nobody can go on
                where a connection broke off.

        Raises:
            ValueError: the name is not `owner/name`.
            TypeError: a parameter has no type, or one that JSON does not know.
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
        """Register a model that takes any input; its predictions and trainings all go the same way.

            sandbox.script("me/slow", ["queued", ("processing", 0.5), "succeeded"], output="done")

        Args:
            name: `owner/name`; a model of that name is replaced.
            steps: its statuses, known to the API or not. With a number it lasts for so many
                seconds; alone it lasts until it has been shown once, by the answer to the create
                or to a look, and until then no answer is held: it comes as 202. Without one of
                `succeeded`, `failed`, `canceled`, `aborted` at its end, the last status lasts.
            output: what a prediction puts out if it succeeds: JSON or files; a training always
                puts out its new version.
            error: the text of a failure.

        Raises:
            ValueError: the name is not `owner/name`, or there are no steps, or some after an end.
        """
        script = Script.of(steps, output=output, error=error)
        self._scripted.update(status for status, _ in script.steps)
        self._models.register(name, accept_anything, script=script)

    def __enter__(self) -> Self:
        if self._running is not None:
            raise RuntimeError("The sandbox is running already")
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
            world = World(
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
            server = Server(world, stop)
            ready.set_result((asyncio.get_running_loop(), stop, world))
            await server.serve(sockets=[listener])
