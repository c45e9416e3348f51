"""The clock of the API, and the predictions that may belong to a row."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from replicate_ext import ModelReference
from replicate_ext.batch._async_primitives import async_sleep
from replicate_ext.batch._inputs import files_to_check
from replicate_ext.batch._reconcile import (
    CLOCK_MARGIN,
    Candidate,
    Model,
    Verdict,
    reconcile,
)
from replicate_ext.errors import APIError, InvalidReferenceError, PaginationError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import httpx

    from replicate_ext import AsyncReplicate
    from replicate_ext.batch._journal import Journal
    from replicate_ext.batch._rows import Record


class AsyncAccount:
    """The predictions of an account, and the clock of the API.

    Times are those of the API's clock. The clock of this machine may be wrong, and may change.

    Args:
        client: The client.
        journal: The journal, which has the predictions that belong to rows.
        listing_lag: Seconds in which a new prediction may be missing in the list.
    """

    def __init__(self, client: AsyncReplicate, journal: Journal, listing_lag: float) -> None:
        self._client = client
        self._journal = journal
        self._listing_lag = listing_lag
        self._offset: float | None = None

    def now(self) -> float:
        """Return the time of the API's clock, in seconds since 1970."""
        return time.monotonic() + (self._offset or 0.0)

    async def read_clock(self) -> None:
        """Read the API's clock, from the ``Date`` header of a response.

        Raises:
            APIError: No response was received, or the token is not valid.
        """
        response: httpx.Response | None
        try:
            response = await self._client.request("GET", "/account")
        except APIError as error:
            if error.response is None or error.status == 401:
                raise
            response = error.response
        self._offset = _date_of(response) - time.monotonic()

    async def settle(self, records: Sequence[Record]) -> dict[str, str | Verdict]:
        """Find out whether predictions were created for rows.

        Args:
            records: The rows.

        Returns:
            For each key, the ID of the row's prediction or a Verdict.
        """
        # A new prediction may be missing in the list for some seconds. Wait for that time from
        # now on: after ``sent_at``, uploads may have delayed the create request itself.
        await async_sleep(self._listing_lag)
        since = min(record.sent_at or 0.0 for record in records)
        try:
            candidates = await self._candidates(since - CLOCK_MARGIN)
            hashes = await self._hashes(records, candidates)
        except (APIError, PaginationError):
            return reconcile(records, None, model_of)
        return reconcile(records, candidates, model_of, hashes.get)

    async def _candidates(self, since: float) -> list[Candidate]:
        found: list[Candidate] = []
        after = datetime.fromtimestamp(max(since, 0.0), UTC)
        pages = self._client.paginate(self._client.predictions.list, created_after=after)
        async for prediction in pages.items():
            candidate = _candidate(prediction.to_dict())
            if candidate.created_at is not None and candidate.created_at < since:
                break  # the newest come first; some gateways ignore created_after
            found.append(candidate)
        claimed = self._journal.claimed(each.id for each in found)
        return [each for each in found if each.id not in claimed]

    async def _hashes(
        self, records: Sequence[Record], candidates: Sequence[Candidate]
    ) -> dict[str, str]:
        """Return the hashes of the uploaded files in the inputs of candidates, by their URL."""
        urls = {
            url
            for record in records
            if '"$file"' in record.input
            for each in candidates
            for url in files_to_check(record.input, each.input)
        }
        hashes: dict[str, str] = {}
        for url in urls:
            path = urlsplit(url).path
            if "/files/" not in path:
                continue
            try:
                file = await self._client.files.get(path.partition("/files/")[2].partition("/")[0])
            except APIError:
                continue  # without this hash, the row remains undecided
            checksum = getattr(file.checksums, "sha256", None)
            if isinstance(checksum, str):
                hashes[url] = checksum
        return hashes


def model_of(reference: str) -> Model:
    """Return the name and the version of the model that a reference has.

    Args:
        reference: The reference as the journal stores it.
    """
    try:
        parsed = ModelReference.of(reference)
    except InvalidReferenceError:
        return Model(None, None)
    # The name of a deployment does not tell which model it runs.
    is_named = parsed.name is not None and not parsed.is_deployment
    return Model(f"{parsed.owner}/{parsed.name}" if is_named else None, parsed.version)


def _candidate(prediction: dict[str, Any]) -> Candidate:
    given = prediction.get("input")
    is_known = isinstance(given, dict) and not prediction.get("data_removed")
    model, version = prediction.get("model"), prediction.get("version")
    return Candidate(
        id=str(prediction.get("id")),
        created_at=_seconds(prediction.get("created_at")),
        input=given if is_known else None,
        model=model if isinstance(model, str) and "/" in model else None,
        version=version if isinstance(version, str) and version != "hidden" else None,
    )


def _seconds(moment: object) -> float | None:
    try:
        parsed = datetime.fromisoformat(moment) if isinstance(moment, str) else None
    except ValueError:
        return None
    return None if parsed is None else parsed.timestamp()


def _date_of(response: httpx.Response) -> float:
    try:
        return parsedate_to_datetime(response.headers["Date"]).timestamp()
    except (KeyError, ValueError, TypeError):
        return time.time()
