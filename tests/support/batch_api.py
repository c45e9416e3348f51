"""A fake API for batches: it lists predictions, injects failures, and counts requests.

``python batch_api.py`` runs the server in a separate process, and prints its URL.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import random
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

PAGE = 100
OUTPUT_SIZE = 20_000
LATENESS = 0.1  # seconds after which a prediction is in the list


@dataclass
class Behavior:
    """Failures and delays of the server. A create request that is accepted makes a prediction.

    Args:
        throttled: Share of creates that get a 429 and are not accepted.
        failing: Share of creates that get a 500 or 502; half of them are accepted.
        dropped_before: Share of creates that are not accepted and get no response.
        dropped_after: Share of creates that are accepted and get no response.
        failed_models: Share of predictions that fail.
        seconds: Maximum duration of a prediction.
        answer_delay: Seconds between accepting a create and responding to it.
        taking: Seconds between receiving a create and accepting it.
        removed: Whether the list contains predictions without their data.
        lists: Whether predictions can be listed.
        serves: Whether outputs can be downloaded.
        refusal: Status with which all creates are refused; 0 to accept them.
        files: Whether outputs are files.
        offset: Seconds by which the clock of the API is ahead.
        first: Failures of the first creates, by the names of the shares; "" for no failure.
    """

    throttled: float = 0.0
    failing: float = 0.0
    dropped_before: float = 0.0
    dropped_after: float = 0.0
    failed_models: float = 0.0
    seconds: float = 0.0
    answer_delay: float = 0.0
    taking: float = 0.0
    removed: bool = False
    lists: bool = True
    serves: bool = True
    refusal: int = 0
    files: bool = False
    offset: float = 0.0
    first: list[str] = field(default_factory=list)


@dataclass
class Run:
    """A prediction that the server created."""

    id: str
    model: str
    input: dict[str, Any]
    created: float
    seconds: float
    fails: bool
    canceled: bool = False


@dataclass
class Kept:
    """State of the server."""

    runs: dict[str, Run] = field(default_factory=dict)
    refused: int = 0
    creates: int = 0
    requests: list[str] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)


class Request(NamedTuple):
    method: str
    target: str
    headers: dict[str, str]
    body: bytes


class BatchAPI:
    """The server.

    Args:
        behavior: Failures and delays.
        seed: Seed of the random failures.
    """

    def __init__(self, behavior: Behavior | None = None, seed: int = 0) -> None:
        self.behavior = behavior or Behavior()
        self.kept = Kept()
        self.origin = ""
        self.open = 0
        self.most_open = 0
        self._chance = random.Random(seed)  # noqa: S311 - tests are to be repeatable

    @property
    def url(self) -> str:
        return f"{self.origin}/v1"

    @property
    def inputs(self) -> list[dict[str, Any]]:
        """The inputs of the predictions that were created."""
        return [run.input for run in self.kept.runs.values()]

    def now(self) -> float:
        return time.time() + self.behavior.offset

    async def serve(self) -> asyncio.Server:
        server = await asyncio.start_server(self._connection, "127.0.0.1", 0, backlog=4096)
        self.origin = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        return server

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while (request := await _read(reader)) is not None:
                answer = await self._answer(request)
                if answer is None:
                    break
                status, content = answer
                kind = "application/json" if not isinstance(content, bytes) else "image/png"
                raw = content if isinstance(content, bytes) else json.dumps(content).encode()
                date = format_datetime(datetime.fromtimestamp(self.now(), UTC), usegmt=True)
                head = (
                    f"HTTP/1.1 {status} X\r\nContent-Type: {kind}\r\nDate: {date}\r\n"
                    f"Content-Length: {len(raw)}\r\n\r\n"
                )
                writer.write(head.encode() + raw)
                await writer.drain()
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    async def _answer(self, request: Request) -> tuple[int, Any] | None:
        url = urlsplit(request.target)
        parts = url.path.strip("/").split("/")
        self.kept.requests.append(f"{request.method} {url.path}")
        if parts == ["journal"]:
            return 200, asdict(self.kept)
        if parts == ["behavior"]:
            self.behavior = Behavior(**json.loads(request.body))
            return 200, {}
        if parts[0] == "out":
            gone = 404, {"detail": "gone"}
            return (200, output_of(parts[1])) if self.behavior.serves else gone
        return await self._answer_api(request, url.query, parts)

    async def _answer_api(
        self, request: Request, query: str, parts: list[str]
    ) -> tuple[int, Any] | None:
        if request.method == "POST" and parts[-1] == "predictions":
            return await self._create(request, parts)
        if parts[1:] == ["predictions"]:
            return self._list(parse_qs(query))
        if parts[1] == "predictions":
            return self._act(parts)
        return 200, {"type": "user", "username": "me"}

    async def _create(self, request: Request, parts: list[str]) -> tuple[int, Any] | None:
        behavior = self.behavior
        if behavior.first:
            name = behavior.first.pop(0)
            chosen: dict[str, Any] = {name: 1.0} if name else {}
            kept: dict[str, Any] = {
                "answer_delay": behavior.answer_delay,
                "taking": behavior.taking,
            }
            behavior = Behavior(**kept, **chosen)
        self.kept.creates += 1
        self.open += 1
        self.most_open = max(self.open, self.most_open)
        try:
            if behavior.refusal:
                return behavior.refusal, {"detail": "refused", "status": behavior.refusal}
            if self._happens(behavior.throttled):
                self.kept.refused += 1
                return 429, {"detail": "slow down", "status": 429, "retry_after": 0}
            if self._happens(behavior.dropped_before):
                self.kept.refused += 1
                return None
            fails = self._happens(behavior.failing)
            if fails and self._happens(0.5):
                self.kept.refused += 1
                return 500, {"detail": "failed", "status": 500}
            await asyncio.sleep(behavior.taking)
            run = self._run(json.loads(request.body), parts)
            await asyncio.sleep(behavior.answer_delay)
            is_held = "wait" in request.headers.get("prefer", "")
            if is_held:
                await asyncio.sleep(run.seconds)
            if fails:
                return 502, {"detail": "failed", "status": 502}
            return (
                None
                if self._happens(behavior.dropped_after)
                else (201, self._shown(run, is_new=not is_held))
            )
        finally:
            self.open -= 1

    def _run(self, body: dict[str, Any], parts: list[str]) -> Run:
        number = len(self.kept.runs)
        run = Run(
            id=f"p{number:06}",
            model="/".join(parts[2:4]) if len(parts) > 3 else "",
            input=body["input"],
            created=self.now(),
            seconds=body["input"].get("seconds", self.behavior.seconds * self._chance.random()),
            fails=bool(body["input"].get("fails")) or self._happens(self.behavior.failed_models),
        )
        self.kept.runs[run.id] = run
        return run

    def _act(self, parts: list[str]) -> tuple[int, Any]:
        run = self.kept.runs.get(parts[2])
        if run is None:
            return 404, {"detail": "not found", "status": 404}
        if parts[-1] == "cancel" and self._status(run) == "processing":
            run.canceled = True
        return 200, self._shown(run)

    def _list(self, query: dict[str, list[str]]) -> tuple[int, Any]:
        if not self.behavior.lists:
            return 500, {"detail": "failed", "status": 500}
        after = datetime.fromisoformat(query["created_after"][0]).timestamp()
        start = int(query.get("cursor", ["0"])[0])
        found = [
            run
            for run in reversed(self.kept.runs.values())
            if run.created >= after and self.now() - run.created >= LATENESS
        ]
        rest = len(found) > start + PAGE
        link = f"{self.url}/predictions?created_after={query['created_after'][0]}&cursor="
        next_ = link.replace("+", "%2B") + str(start + PAGE) if rest else None
        shown = [self._listed(run) for run in found[start : start + PAGE]]
        return 200, {"next": next_, "previous": None, "results": shown}

    def _listed(self, run: Run) -> dict[str, Any]:
        shown = self._shown(run)
        return {**shown, "input": {}, "data_removed": True} if self.behavior.removed else shown

    def _status(self, run: Run) -> str:
        if run.canceled:
            return "canceled"
        if self.now() - run.created < run.seconds:
            return "processing"
        return "failed" if run.fails else "succeeded"

    def _shown(self, run: Run, *, is_new: bool = False) -> dict[str, Any]:
        status = "starting" if is_new else self._status(run)
        made = f"{self.origin}/out/{run.id}.png" if self.behavior.files else run.input.get("n")
        created = datetime.fromtimestamp(run.created, UTC).isoformat()
        return {
            "id": run.id,
            "model": run.model,
            "version": "hidden",
            "input": run.input,
            "output": made if status == "succeeded" else None,
            "error": "it failed" if status == "failed" else None,
            "logs": "",
            "status": status,
            "created_at": created,
            "started_at": created,
            "completed_at": None if status in ("starting", "processing") else created,
            "metrics": {"predict_time": run.seconds} if status == "succeeded" else {},
            "urls": {},
        }

    def _happens(self, share: float) -> bool:
        return self._chance.random() < share


def output_of(name: str) -> bytes:
    """Return the content of an output file."""
    seed = hashlib.sha256(name.encode()).digest()
    return (seed * (OUTPUT_SIZE // len(seed)))[:OUTPUT_SIZE]


async def _read(reader: asyncio.StreamReader) -> Request | None:
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    except asyncio.IncompleteReadError:
        return None
    first, *lines = head.strip().split("\r\n")
    method, target, _ = first.split(" ")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    return Request(method, target, headers, body)


@contextmanager
def batch_api(behavior: Behavior | None = None, seed: int = 0) -> Iterator[BatchAPI]:
    """Run the server in a thread."""
    api = BatchAPI(behavior, seed)
    loop = asyncio.new_event_loop()
    server = loop.run_until_complete(api.serve())
    thread = threading.Thread(target=loop.run_forever)
    thread.start()

    async def stop() -> None:
        server.close()
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    try:
        yield api
    finally:
        asyncio.run_coroutine_threadsafe(stop(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def main() -> None:
    """Run the server as a process, until it is terminated."""
    api = BatchAPI(Behavior(**json.loads(sys.argv[1])), int(sys.argv[2]))
    server = await api.serve()
    print(api.origin, flush=True)  # noqa: T201 - the parent reads it
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
