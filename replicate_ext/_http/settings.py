"""The settings of a client, as its flows need them."""

from __future__ import annotations

import random
import time
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from replicate_ext._http.checks import (
    check_file_encoding,
    check_input_check,
    check_max_retries,
    check_poll_interval,
    check_size,
)

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    import httpx
    from replicate_api.client import AsyncClient, SyncClient

    from replicate_ext._http.throttle import Throttle
    from replicate_ext._schemas.model import ModelSchema
    from replicate_ext.types import CheckInput, FileEncoding, PollInterval


async def _async_sleep(seconds: float) -> None:
    # Imported late: only async clients need it, and it takes longer to import than to use.
    import anyio

    await anyio.sleep(seconds)


class Clock(NamedTuple):
    """Time and randomness, replaced in tests so that an hour of polling takes a millisecond.

    Args:
        now: Returns the time in seconds.
        sleep: Blocks for a number of seconds.
        async_sleep: Waits for a number of seconds.
        chance: Returns a random number from 0 to 1.
    """

    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    async_sleep: Callable[[float], Awaitable[None]] = _async_sleep
    chance: Callable[[], float] = random.random


SYSTEM_CLOCK = Clock()


class Settings(NamedTuple):
    """The settings of a client, as its flows need them.

    Args:
        base_url: URL of the API with its version, without a slash at its end.
        timeout: Timeouts of one request.
        max_retries: Maximum number of retries of one request.
        file_encoding: How files in inputs are sent.
        poll_interval: Seconds between polls, or a function of the seconds since the start; None
            for short intervals at first and longer ones later.
        max_response_size: Maximum size of a JSON response in bytes, after decompression.
        max_download_size: Maximum size in bytes of a file that is read into memory.
        use_file_output: Whether files in outputs are FileOutput objects.
        download_client: Client that downloads the files in outputs.
        bind: Returns a prediction, a training or a page of them bound to the client; the second
            argument replaces ``use_file_output`` unless it is None.
        is_async: Whether the client is the async one.
        clock: Time and randomness.
        check_input: Whether inputs are checked against the model's schema before they are sent.
        schemas: Schemas that were read for these checks, by model.
        throttle: The rate at which creates are sent.
    """

    base_url: str
    timeout: httpx.Timeout
    max_retries: int
    file_encoding: FileEncoding
    poll_interval: PollInterval | None
    max_response_size: int
    max_download_size: int
    use_file_output: bool
    download_client: SyncClient | AsyncClient
    bind: Callable[[object, bool | None], Any]
    is_async: bool
    clock: Clock
    check_input: CheckInput
    schemas: dict[str, ModelSchema]
    throttle: Throttle

    def checked(self) -> Self:
        """Return the settings if they are valid.

        Raises:
            InvalidInputError: A setting is not valid.
        """
        check_max_retries(self.max_retries)
        check_poll_interval(self.poll_interval)
        check_file_encoding(self.file_encoding)
        check_input_check(self.check_input)
        check_size("max_response_size", self.max_response_size)
        check_size("max_download_size", self.max_download_size)
        return self

    def absolute(self, url: str) -> str:
        """Return the absolute URL of a path below the base URL; other URLs stay the same.

        Args:
            url: A path that begins with a slash, or an absolute URL.
        """
        return self.base_url + url if url.startswith("/") else url

    def is_of_api(self, url: str) -> bool:
        """Return whether a URL is below the base URL.

        Args:
            url: A path that begins with a slash, or an absolute URL.
        """
        return self.absolute(url).startswith(f"{self.base_url}/")
