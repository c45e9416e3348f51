"""Callable that runs a model in Ray Data, Dask and similar engines."""

from __future__ import annotations

import hashlib
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from replicate_ext import describe_input
from replicate_ext.batch._batch import Batch
from replicate_ext.batch._errors import JournalInUseError
from replicate_ext.batch._inputs import canonical
from replicate_ext.batch._pace import interval_of
from replicate_ext.errors import InvalidInputError

if TYPE_CHECKING:
    from os import PathLike

    from replicate_ext import Replicate
    from replicate_ext.batch._options import Reference
    from replicate_ext.batch._result import Result

_LOCK_SECONDS = 0.5
"""Seconds between two attempts to open a journal that another worker uses."""


class Mapper:
    """Runs a model on a batch of rows; pass it to ``Dataset.map_batches`` or ``map_partitions``.

    The engine distributes the batches, repeats those that were lost, and keeps the results. Each
    batch has a journal of its own, named after the keys of its rows, so a batch that the engine
    repeats pays for no row twice. A mapper can be pickled; the API token is read from the
    environment of each worker.

    Args:
        reference: The model to run, in any form that ``client.run`` takes.
        journal_dir: Directory for the journals, which all workers share.
        key: Column that identifies a row.
        input: Names of the columns that are inputs of the model. Default: all but the key.
        save_to: Directory for the files of outputs, which all workers share. Default: files are not
            saved.
        workers: Number of workers that run mappers at the same time. Concurrency and rate are
            divided by it. Default: 1.
        concurrency: Number of predictions that run at the same time in all workers. Default: 50.
        rate: Maximum rate of creates of all workers, such as "600/min". Default: what the API
            allows.
        timeout: Seconds for each prediction. Default: no limit.
        client: The client. Default: the default client of each worker.

    Raises:
        InvalidInputError: An argument is not valid.
    """

    def __init__(
        self,
        reference: Reference,
        *,
        journal_dir: str | PathLike[str],
        key: str,
        input: list[str] | None = None,
        save_to: str | PathLike[str] | None = None,
        workers: int = 1,
        concurrency: int = 50,
        rate: str | None = None,
        timeout: float | None = None,
        client: Replicate | None = None,
    ) -> None:
        if workers < 1 or concurrency < 1:
            raise InvalidInputError(
                "workers and concurrency must be at least 1, "
                f"got workers={workers}, concurrency={concurrency}"
            )
        self._reference = reference
        self._directory = Path(journal_dir)
        self._key = key
        self._input = input
        self._client = client
        interval = interval_of(rate) * workers
        self._options: dict[str, Any] = {
            "save_to": None if save_to is None else Path(save_to),
            "concurrency": max(concurrency // workers, 1),
            "rate": f"{3600 / interval}/hour" if interval else None,
            "timeout": timeout,
        }

    def __call__(self, batch: Any) -> Any:
        """Run the model on each row, and return the batch with further columns.

        The columns are ``output`` (text as it is, anything else as JSON text), ``files`` (the paths
        of the saved files) and ``error`` (a message, or None).

        Args:
            batch: A dict of columns, a list of dicts, or a pandas DataFrame.

        Returns:
            The same kind of batch.
        """
        rows = _rows_of(batch)
        results = self._results(rows) if rows else []
        columns: dict[str, list[Any]] = {
            "output": [_text_of(result.output) for result in results],
            "files": [[str(path) for path in result.files] for result in results],
            "error": [None if each.error is None else str(each.error) for each in results],
        }
        return _with_columns(batch, columns)

    def _results(self, rows: list[dict[str, Any]]) -> list[Result]:
        self._directory.mkdir(parents=True, exist_ok=True)
        keys = canonical([str(row[self._key]) for row in rows])
        digest = hashlib.sha256(f"{self._reference}\n{keys}".encode()).hexdigest()[:32]
        while True:
            try:
                with Batch(self._directory / f"{digest}.db", self._client) as batch:
                    results = batch.map(
                        self._reference,
                        rows,
                        key=self._key,
                        input=self._input_of,
                        ordered=True,
                        **self._options,
                    )
                    return list(results)
            except JournalInUseError:
                # Another worker has the same batch: the engine assumes that it was lost, or runs
                # it twice to be faster. When that worker ends, the journal has the results.
                time.sleep(_LOCK_SECONDS)

    def _input_of(self, row: dict[str, Any]) -> dict[str, Any]:
        names = [name for name in row if name != self._key] if self._input is None else self._input
        made: dict[str, Any] = describe_input({name: row[name] for name in names})
        return made


def _rows_of(batch: Any) -> list[dict[str, Any]]:
    if isinstance(batch, list):
        return batch
    if hasattr(batch, "to_dict") and hasattr(batch, "columns"):  # a DataFrame
        rows: list[dict[str, Any]] = batch.to_dict("records")
        return rows
    if not isinstance(batch, dict):
        raise InvalidInputError(
            "A batch must be a dict of columns, a list of dicts or a pandas DataFrame, got "
            f"{type(batch).__name__}"
        )
    return [dict(zip(batch, values, strict=True)) for values in zip(*batch.values(), strict=True)]


def _with_columns(batch: Any, columns: dict[str, list[Any]]) -> Any:
    if isinstance(batch, list):
        added = [
            dict(zip(columns, values, strict=True))
            for values in zip(*columns.values(), strict=True)
        ]
        return [{**row, **more} for row, more in zip(batch, added, strict=True)]
    if hasattr(batch, "assign"):
        return batch.assign(**columns)
    return {**batch, **columns}


def _text_of(output: Any) -> str | None:
    if output is None or isinstance(output, str):
        return output
    return canonical(describe_input(output))
