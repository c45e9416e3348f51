# Printed from _async_base.py by `make generate`; changes made here are lost.
"""Construction of the asynchronous client, its connections and its resources."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, Self, cast, overload

from replicate_api.resources.api import Api

from replicate_ext._copying import Copied
from replicate_ext._defaults import DEFAULT_TIMEOUT, MAX_DOWNLOAD_SIZE, MAX_RESPONSE_SIZE
from replicate_ext._resources.hints import hint
from replicate_ext._version import USER_AGENT

if TYPE_CHECKING:
    import ssl
    from collections.abc import Mapping
    from os import PathLike

    import httpx
    from replicate_api import models

    from replicate_ext._http.policy import Outcome
    from replicate_ext._http.settings import Clock
    from replicate_ext._network.clients import Clients
    from replicate_ext._resources.files import Files
    from replicate_ext._resources.models import Deployments, Models, Trainings
    from replicate_ext._resources.objects import Prediction, Training
    from replicate_ext._resources.predictions import Predictions
    from replicate_ext.errors import APIError
    from replicate_ext.types import CheckInput, FileEncoding, PollInterval


class BaseClient(Copied, Api):
    """Base of the client: construction, connections and resources."""

    @hint
    def __init__(
        self,
        api_token: str | None = None,
        base_url: str | None = None,
        *,
        timeout: httpx.Timeout | float | None = DEFAULT_TIMEOUT,
        max_retries: int = 5,
        poll_interval: PollInterval | None = None,
        file_encoding: FileEncoding = "auto",
        use_file_output: bool = True,
        user_agent: str = USER_AGENT,
        headers: Mapping[str, str] | None = None,
        proxy: str | None = None,
        verify: ssl.SSLContext | PathLike[str] | str | bool = True,
        transport: httpx.BaseTransport | None = None,
        http_client: httpx.Client | None = None,
        max_response_size: int = MAX_RESPONSE_SIZE,
        max_download_size: int = MAX_DOWNLOAD_SIZE,
        check_input: CheckInput = False,
        _clock: Clock | None = None,
    ) -> None:
        """Create a client; nothing is sent or opened yet.

        Args:
            api_token: API token. Default: the environment variable REPLICATE_API_TOKEN, read at
                every request.
            base_url: URL of the API; a URL without a path gets the path ``/v1``. Default: the
                environment variable REPLICATE_BASE_URL or REPLICATE_API_BASE_URL, else the public
                API.
            timeout: Seconds for each step of one request, or an ``httpx.Timeout``. ``run`` has a
                timeout of its own. Default: 30 seconds, and 10 seconds to connect.
            max_retries: Maximum number of retries of a failed request. Only requests that are safe
                to repeat are retried. Default: 5.
            poll_interval: Seconds between polls, or a function that takes the seconds since the
                start and returns the seconds until the next poll. Default: short at first, then
                longer.
            file_encoding: How files in inputs are sent. "auto" puts up to 256 kB in total into the
                request and uploads larger files, "data-uri" puts all files into the request,
                "upload" uploads all files. Default: "auto".
            use_file_output: Return files in outputs as FileOutput instead of URLs. Default: True.
            user_agent: Value of the User-Agent header. Default: the name and version of this
                package.
            headers: Headers for every request to the API. They are not sent to other hosts, and the
                headers of a single request replace them.
            proxy: URL of a proxy. Default: the proxy of the environment.
            verify: Whether to verify TLS certificates, an ``ssl.SSLContext``, or the path of a file
                or folder with the certificates to trust. Default: True.
            transport: An httpx transport that sends the requests. Default: the connection pool of
                the client.
            http_client: An httpx client of your own. Its proxy, verify, transport and user agent
                are used. The client never closes it.
            max_response_size: Maximum size of a JSON response in bytes, after decompression.
                Default: 160 MiB.
            max_download_size: Maximum size in bytes of a FileOutput that is read into memory.
                Saving to disk has no limit. Default: 1 GiB.
            check_input: Check inputs against the model's schema before they are sent: True raises
                InvalidInputError for an invalid input, "warn" warns. Each schema is fetched once
                and kept on disk. Default: False.
            _clock: Time and randomness, for tests. Default: those of the system.

        Raises:
            TypeError: http_client is combined with proxy, verify or transport.
            InvalidTokenError: api_token is a URL or not a string. The first request raises it for
                any other malformed token.
            InvalidInputError: Another argument is not valid.
        """
        # Imported late: they take several times longer to import than the modules above.
        from replicate_ext._http.checks import check_exchange_timeout
        from replicate_ext._http.driver import Driver
        from replicate_ext._http.settings import SYSTEM_CLOCK, Settings
        from replicate_ext._http.throttle import Throttle
        from replicate_ext._network.access import Access, Secrets
        from replicate_ext._network.clients import Clients
        from replicate_ext._resources.advice import unsendable

        secrets = Secrets(api_token, base_url, headers, proxy)
        # Tools that print the locals of a traceback must not find a secret in this frame.
        del api_token, base_url, headers, proxy
        access = Access(
            secrets,
            user_agent=user_agent,
            verify=verify,
            transport=transport,
            http_client=http_client,
        )
        timeouts = check_exchange_timeout(timeout)
        clients = Clients(access, timeouts)
        settings = Settings(
            base_url=access.base_url.rstrip("/"),
            timeout=timeouts,
            max_retries=max_retries,
            poll_interval=poll_interval,
            file_encoding=file_encoding,
            max_response_size=max_response_size,
            max_download_size=max_download_size,
            use_file_output=use_file_output,
            download_client=clients,
            bind=self._bound,
            is_async=Driver.is_async,
            clock=_clock or SYSTEM_CLOCK,
            check_input=check_input,
            schemas={},
            throttle=Throttle(),
        ).checked()
        self._access = access
        self._settings = settings
        self._clients: Clients = clients
        self._driver: Driver = Driver(clients, access.auth, settings, unsendable)
        super().__init__(self._driver)

    def __setstate__(self, state: dict[str, Any]) -> None:
        # The __init__ of a subclass is not called: it may take other arguments. The attributes
        # that it has set are restored below.
        BaseClient.__init__(self, **state["options"])
        vars(self).update(state["attributes"])

    def _bound(self, value: object, use_file_output: bool | None) -> Any:  # noqa: FBT001 - a hook
        from replicate_ext._resources.objects import bind

        use_files = self._settings.use_file_output if use_file_output is None else use_file_output
        return bind(self._driver, value, use_files=use_files)

    def with_options(
        self,
        *,
        timeout: httpx.Timeout | float | None = None,
        max_retries: int | None = None,
        poll_interval: PollInterval | None = None,
        file_encoding: FileEncoding | None = None,
        use_file_output: bool | None = None,
        check_input: CheckInput | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Self:
        """Return a client with other options that uses the token and connections of this client.

        The connections belong to this client: closing the returned client does not close them, and
        closing this client closes them for both. Objects that the returned client returns, such as
        predictions and FileOutput, use its options.

        Args:
            timeout: Seconds for each step of one request, or an ``httpx.Timeout``; ``math.inf`` for
                no limit. Default: this client's.
            max_retries: Maximum number of retries of a failed request. Default: this client's.
            poll_interval: Seconds between polls, or a function that takes the seconds since the
                start and returns the seconds until the next poll. Default: this client's.
            file_encoding: How files in inputs are sent: "auto", "data-uri" or "upload". Default:
                this client's.
            use_file_output: Return files in outputs as FileOutput instead of URLs. Default: this
                client's.
            check_input: Check inputs against the model's schema: True, False or "warn". Default:
                this client's.
            headers: Headers in addition to this client's. They replace headers of the same name.

        Raises:
            InvalidInputError: An argument is not valid.

        Example::

            patient = client.with_options(timeout=120, max_retries=10)
        """
        secrets = None if headers is None else self._access.secrets.with_headers(headers)
        del headers  # may be secret, as in the constructor
        changes = {
            "timeout": timeout,
            "max_retries": max_retries,
            "poll_interval": poll_interval,
            "file_encoding": file_encoding,
            "use_file_output": use_file_output,
            "check_input": check_input,
        }
        return self._derived(secrets, changes)

    @overload
    def bind(self, run: models.Training) -> Training: ...

    @overload
    def bind(self, run: models.Prediction) -> Prediction: ...

    def bind(self, run: models.Prediction | models.Training) -> Prediction | Training:
        """Return a prediction or training bound to this client, so that its methods work.

        Args:
            run: A run that was unpickled, constructed by you, or returned by another client.
        """
        return cast("Prediction | Training", self._bound(run, None))

    @property
    def base_url(self) -> str:
        """URL of the API."""
        return self._access.base_url

    def get_httpx_client(self) -> httpx.Client:
        """Return an httpx client that adds the token and uses this client's connections."""
        return self._clients.lent()

    def _error_of(self, outcome: Outcome, *, repeatable: bool) -> APIError:
        """Return the error of a low-level function that sent a request with this client."""
        from replicate_ext._http.failures import low_level_error

        return low_level_error(outcome, repeatable=repeatable)

    @cached_property
    def predictions(self) -> Predictions:
        """Create, run, stream, wait for, get, cancel and list predictions."""
        from replicate_ext._resources.predictions import Predictions

        return Predictions(self._driver)

    @cached_property
    def models(self) -> Models:
        """Search, get, list, create, update and delete models; their versions and predictions."""
        from replicate_ext._resources.models import Models

        return Models(self._driver)

    @cached_property
    def deployments(self) -> Deployments:
        """Get, list, create, update and delete deployments; run predictions on them."""
        from replicate_ext._resources.models import Deployments

        return Deployments(self._driver)

    @cached_property
    def trainings(self) -> Trainings:
        """Start, get, cancel and list trainings."""
        from replicate_ext._resources.models import Trainings

        return Trainings(self._driver)

    @cached_property
    def files(self) -> Files:
        """Upload, get, list, delete and download files."""
        from replicate_ext._resources.files import Files

        return Files(self._driver)

    def close(self) -> None:
        """Close the connections of this process and event loop; the next request opens new ones.

        This does nothing for a client that ``with_options`` returned: its connections belong to
        the client that created it.
        """
        if self._owns_connections:
            self._clients.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
