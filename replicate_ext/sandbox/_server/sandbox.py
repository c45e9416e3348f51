"""`Sandbox`: the server in a thread of this process."""

import secrets
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Literal, Self

from anyio import CancelScope, to_thread

from replicate_ext.sandbox._contract.contract import ContractViolation
from replicate_ext.sandbox._faults.injection import Faults
from replicate_ext.sandbox._http.clock import Clock
from replicate_ext.sandbox._runs.prediction import Prediction as Run
from replicate_ext.sandbox._server.app import App
from replicate_ext.sandbox._server.guard import AllowedHosts
from replicate_ext.sandbox._server.recorder import RecordedRequest, Requests
from replicate_ext.sandbox._server.records import Records
from replicate_ext.sandbox._server.registry import Registry
from replicate_ext.sandbox._server.server import listen
from replicate_ext.sandbox._server.settings import (
    DAY,
    HOUR,
    MAX_FILES,
    MAX_FINISHED,
    MAX_JOURNAL,
    MAX_UPLOAD,
    Limits,
    Settings,
)
from replicate_ext.sandbox._server.thread import ServerThread
from replicate_ext.sandbox._webhooks.delivery import RETRY_DELAYS, Delivery
from replicate_ext.sandbox._webhooks.message import new_secret

if TYPE_CHECKING:
    from replicate_api.models import Prediction


class Sandbox(Registry):
    """A local server with Replicate's HTTP API; use it with `with` or `async with`.

    The server runs in a daemon thread of this process and listens on 127.0.0.1 only. On exit it
    cancels all predictions and trainings, undoes changes made through the API, drops planned
    faults, and removes all files. Records such as `requests` are kept until the context is entered
    again; the server then starts again with the same models.

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
        outputs: "url" for output files on this server, "data" for data URIs. The official clients
            convert only `https` URLs and data URIs to files. Default: "url".
        ssl_certfile: certificate chain in PEM format, to serve HTTPS. Default: None, HTTP.
        ssl_keyfile: private key of the certificate; None if it is in `ssl_certfile`.
        webhook_hosts: hosts in addition to those of this machine to which webhooks are posted.
            Webhook URLs on other hosts are accepted in requests, but nothing is sent to them.
        rate_limits: whether requests over the rate limits of the API get a 429. Default: False.
        strict: whether to validate responses, not only requests, against the API's OpenAPI
            document. Invalid responses are listed in `contract_violations`. This is slow, and finds
            bugs of the sandbox only. Default: False.

    Raises:
        ValueError: allowed_hosts contains an invalid host name, or outputs is neither "url" nor
            "data".
        OSError: on entering the context, the port is taken, or the certificate or a folder for
            temporary files is missing.
    """

    def __init__(  # noqa: PLR0913 - each is independent of the others
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
        outputs: Literal["url", "data"] = "url",
        ssl_certfile: Path | str | None = None,
        ssl_keyfile: Path | str | None = None,
        webhook_hosts: Collection[str] = (),
        rate_limits: bool = False,
        strict: bool = False,
    ) -> None:
        super().__init__(models or {})
        if outputs not in ("url", "data"):
            raise ValueError(f"outputs must be 'url' or 'data', got {outputs!r}")
        self.api_token = api_token
        self.webhook_secret: str = new_secret()
        """Signing secret of webhooks, which `webhooks.default.secret.get` returns."""
        self.files_secret: str = secrets.token_urlsafe()
        """Signing secret of the download links that `files.download` accepts."""
        self._settings = Settings(
            api_token=api_token,
            webhook_secret=self.webhook_secret,
            files_secret=self.files_secret,
            retry_delays=webhook_retry_delays,
            allowed_hosts=AllowedHosts(allowed_hosts),
            limits=Limits(
                file_seconds=file_seconds,
                output_seconds=output_seconds,
                max_upload=max_upload,
                max_files=max_files,
                max_finished=max_finished,
                max_journal=max_journal,
            ),
            outputs_as_data=outputs == "data",
            webhook_hosts=webhook_hosts,
            rate_limits=rate_limits,
            strict=strict,
        )
        self._port = port
        self._certificate = None if ssl_certfile is None else (ssl_certfile, ssl_keyfile)
        self._faults = Faults()
        self._clock = Clock()
        self._records = Records(Requests(max_journal))
        self._origin = ""
        self._server: ServerThread | None = None

    @property
    def origin(self) -> str:
        """Scheme, host and port of the server.

        Raises:
            RuntimeError: the server is not running.
        """
        self._running()
        return self._origin

    @property
    def base_url(self) -> str:
        """The `base_url` for a client: the origin and `/v1`.

        Raises:
            RuntimeError: the server is not running.
        """
        return f"{self.origin}/v1"

    @property
    def requests(self) -> list[RecordedRequest]:
        """The requests so far, oldest first; at most 10,000, and at most `max_journal` bytes."""
        return self._records.requests.all()

    @property
    def predictions(self) -> list["Prediction"]:
        """The predictions so far, oldest first; empty when the server is not running."""
        return [_shown(run) for run in self._runs()]

    @property
    def deliveries(self) -> list[Delivery]:
        """The attempts to deliver webhooks so far, oldest first; at most the last 10,000."""
        return list(self._records.deliveries)

    @property
    def contract_violations(self) -> list[ContractViolation]:
        """Responses that did not match the API's OpenAPI document and were replaced with a 500.

        Each is a bug of the sandbox; faults and the statuses of scripts do not count. At most the
        last 1,000. Always empty unless `strict` is set.
        """
        return list(self._records.violations)

    @property
    def open_streams(self) -> int:
        """Number of open connections to event streams."""
        return 0 if self._server is None else self._server.app.streams.open

    @property
    def faults(self) -> Faults:
        """The planned faults; add one with `faults.add`."""
        return self._faults

    def assert_ran(self, reference: str, /, **input: object) -> "Prediction":
        """Assert that a model ran, and return the latest prediction that matches.

            sandbox.assert_ran("owner/name", prompt="a lost key")

        Args:
            reference: `owner/name`, `owner/name:version` or `deployments/owner/name`.
            input: values that the input of the prediction must have; it may have others too.

        Raises:
            AssertionError: no prediction matches; the message lists all predictions.
        """
        runs = self._runs()
        for run in reversed(runs):
            if reference in _references(run) and input.items() <= run.input.items():
                return _shown(run)
        listed = "".join(f"\n  {run.version.model.name} {run.input}: {run.status}" for run in runs)
        raise AssertionError(
            f"{reference!r} did not run with the input {input}. Predictions so far:"
            f"{listed or ' none'}"
        )

    def wait_idle(self, timeout: float = 10.0) -> None:
        """Wait until all predictions and trainings have ended and all webhooks are delivered.

        In an async test, call it in a thread if webhooks arrive in the event loop of the test:
        `await asyncio.to_thread(sandbox.wait_idle)`.

        Args:
            timeout: seconds to wait. Default: 10.

        Raises:
            TimeoutError: predictions or webhooks are still pending after the timeout.
        """
        server = self._running()
        try:
            server.call(server.app.idle, timeout)
        except TimeoutError:
            raise TimeoutError(
                f"The sandbox is still running predictions, or delivering webhooks, after {timeout}"
                " seconds"
            ) from None

    def advance(self, *, seconds: float = 0, minutes: float = 0, hours: float = 0) -> None:
        """Advance the clock of the sandbox: files expire, and the data of predictions is removed.

        Outputs and the data of predictions are kept for an hour, uploaded files for a day. Running
        predictions and timeouts are not affected.

        Args:
            seconds: seconds to add.
            minutes: minutes to add.
            hours: hours to add.
        """
        self._clock.advance(seconds + 60 * minutes + HOUR * hours)

    def expire_files(self) -> None:
        """Let all current uploads and outputs expire; later files are not affected."""
        if self._server is not None:
            self._server.app.expire_files()

    def reset(self) -> None:
        """Return to the state in which the server was started, on the same port.

        Predictions and trainings are canceled and dropped with all files, records, planned faults
        and changes made through the API, and so are models that were registered since the start.

        Raises:
            RuntimeError: the server is not running.
        """
        server = self._running()
        self._models.reset(self._registered)
        self._faults.clear()
        self._recordings.clear()
        self._clear()
        server.renew()

    def __enter__(self) -> Self:
        if self._server is not None:
            raise RuntimeError("The sandbox is already running")
        listener = listen(self._port)
        host, port = listener.getsockname()
        scheme = "http" if self._certificate is None else "https"
        self._origin = f"{scheme}://{host}:{port}"
        self._registered = self._models.registered
        self._clear()
        self._server = ServerThread(listener, self._make, self._certificate)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        server, self._server = self._server, None
        if server is not None:
            server.stop()
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

    def _clear(self) -> None:
        self._clock = Clock()
        self._records = Records(Requests(self._settings.limits.max_journal))

    def _make(self, folder: Path) -> App:
        return App(
            self._settings,
            models=self._models,
            origin=self._origin,
            folder=folder,
            records=self._records,
            scripted=self._scripted,
            faults=self._faults,
            clock=self._clock,
            recordings=self._recordings,
        )

    def _running(self) -> ServerThread:
        if self._server is None:
            raise RuntimeError("The sandbox is not running. Start it with a `with` statement.")
        return self._server

    def _runs(self) -> list[Run]:
        return [] if self._server is None else self._server.app.jobs.all(Run)


def _references(run: Run) -> Iterable[str]:
    name = run.version.model.name
    return name, f"{name}:{run.version.id}", f"deployments/{run.deployment}"


def _shown(run: Run) -> "Prediction":
    from replicate_api.models import Prediction

    return Prediction.from_dict(run.to_dict())
