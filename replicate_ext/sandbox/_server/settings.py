"""Settings of a sandbox, with its limits."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from replicate_ext.sandbox._server.guard import AllowedHosts

DAY = 24 * 60 * 60.0
HOUR = 60 * 60.0
MAX_UPLOAD = 100_000_000
MAX_FILES = 1024**3
MAX_FINISHED = 64 * 1024**2
MAX_JOURNAL = 64 * 1024**2


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Limits on size and time.

    Args:
        file_seconds: seconds after which uploaded files expire.
        output_seconds: seconds after which output files expire.
        max_upload: largest upload in bytes.
        max_files: bytes on disk that all files may take up.
        max_finished: bytes of memory that finished predictions and trainings may take up.
        max_journal: bytes of memory that recorded requests may take up.
    """

    file_seconds: float = DAY
    output_seconds: float = HOUR
    max_upload: int = MAX_UPLOAD
    max_files: int = MAX_FILES
    max_finished: int = MAX_FINISHED
    max_journal: int = MAX_JOURNAL


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Settings of a sandbox.

    Args:
        api_token: token that the API accepts.
        webhook_secret: signing secret of webhooks.
        files_secret: signing secret of download links.
        retry_delays: seconds before each retry of a `completed` webhook.
        allowed_hosts: accepted host names in `Host` and `Origin`.
        limits: limits on size and time.
        outputs_as_data: whether output files become data URIs.
        webhook_hosts: hosts in addition to loopback ones to which webhooks are posted.
        rate_limits: whether requests over the rate limits get a 429.
        strict: whether to validate responses as well as requests.
    """

    api_token: str = field(repr=False)
    webhook_secret: str = field(repr=False)
    files_secret: str = field(repr=False)
    retry_delays: Sequence[float]
    allowed_hosts: AllowedHosts
    limits: Limits
    outputs_as_data: bool
    webhook_hosts: Collection[str]
    rate_limits: bool
    strict: bool
