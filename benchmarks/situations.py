"""The official client 1.x and replicate-ext in the same situations, against the local sandbox.

It prints the first table of docs/why.md. Both clients are in one environment:

    python3 -m venv build/why
    build/why/bin/pip install '.[sandbox]' replicate==1.0.7
    build/why/bin/python benchmarks/situations.py
"""

from __future__ import annotations

import signal
import time
from collections.abc import AsyncIterator  # noqa: TC003 - the sandbox reads it
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread, Timer
from typing import TYPE_CHECKING, Any

import anyio
import replicate

import replicate_ext
from replicate_ext.sandbox import Fault, Sandbox

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

TOKEN = "r8_sandbox"  # noqa: S105 - the sandbox's, which is public
WORDS = [f"word{number} " for number in range(10)]
Client = Any
"""A client of either package: what is called here has the same names in both."""


def requests_of_a_run(client: Client, sandbox: Sandbox) -> str:
    """Count the requests of a run of a pinned version."""
    [version, *_] = sandbox_client(sandbox).models.versions.list("me/echo")
    before = len(sandbox.requests)
    client.run(f"me/echo:{version.id}", input={"text": "Ada"})
    count = len(sandbox.requests) - before
    return f"sends {count} request{'s' if count > 1 else ''}"


def too_many_requests(client: Client, sandbox: Sandbox) -> str:
    """Run while the API answers 429 once."""
    sandbox.faults.add(Fault.throttle(retry_after=1), on="POST **/predictions")
    return f"returns {client.run('me/echo', input={'text': 'Ada'})!r}"


def misspelled_input(client: Client, sandbox: Sandbox) -> str:  # noqa: ARG001 - all take the same
    """Run with an input that the model does not have."""
    options = {"check_input": True} if isinstance(client, replicate_ext.Replicate) else {}
    return f"returns {client.run('me/echo', input={'text': 'Ada', 'styel': 'loud'}, **options)!r}"


def canceled_elsewhere(client: Client, sandbox: Sandbox) -> str:
    """Wait for a run that somebody cancels on the web page."""

    def cancel() -> None:
        other = sandbox_client(sandbox)
        for run in other.predictions.list():
            if run.status == "processing":
                other.predictions.cancel(run.id)

    Timer(1, cancel).start()
    return f"returns {client.run('me/words', input={}, wait=False)!r}"


def interrupted(client: Client, sandbox: Sandbox) -> str:
    """Press Ctrl-C while a run goes on."""
    Timer(1, signal.raise_signal, [signal.SIGINT]).start()
    try:
        client.run("me/words", input={}, wait=False)
    except KeyboardInterrupt:
        time.sleep(0.2)
    [newest, *_] = sandbox_client(sandbox).predictions.list()
    return "cancels the run" if newest.status == "canceled" else "the run goes on"


def lost_stream(client: Client, sandbox: Sandbox) -> str:
    """Lose the connection in the middle of a stream."""
    sandbox.faults.add(Fault.cut(after=300), on="GET **/stream**")
    events = client.stream("me/words", input={})
    return "gives all words" if "".join(map(str, events)) == "".join(WORDS) else "loses words"


def output_elsewhere(client: Client, sandbox: Sandbox) -> str:  # noqa: ARG001 - all take the same
    """Read an output that is a file on another host."""
    is_ours = isinstance(client, replicate_ext.Replicate)
    output: Any = replicate_ext.FileOutput if is_ours else replicate.helpers.FileOutput
    with another_host() as (url, headers):
        output(f"{url}/picture.png", client).read()
    return "sends the token there" if "Authorization" in headers else "sends no token there"


SITUATIONS: dict[str, Callable[[Client, Sandbox], str]] = {
    "`run` of `owner/name:version`": requests_of_a_run,
    "429 with `retry_after`, once": too_many_requests,
    "a misspelled input": misspelled_input,
    "another program cancels the run": canceled_elsewhere,
    "Ctrl-C during a run": interrupted,
    "the connection of a stream is lost": lost_stream,
    "an output on another host": output_elsewhere,
}


def main() -> None:
    """Print the table."""
    print("| situation | replicate 1.0.7 | replicate-ext |\n|---|---|---|")
    with Sandbox(api_token=TOKEN) as sandbox:
        sandbox.model("me/echo")(echo)
        sandbox.model("me/words")(words)
        official = replicate.Client(api_token=TOKEN, base_url=sandbox.origin)
        ours = sandbox_client(sandbox)
        for name, situation in SITUATIONS.items():
            cells = [outcome(situation, client, sandbox) for client in (official, ours)]
            print(f"| {name} | {' | '.join(cells)} |")


def outcome(situation: Callable[[Client, Sandbox], str], client: Client, sandbox: Sandbox) -> str:
    """Return what happens to a client in a situation."""
    sandbox.faults.clear()
    try:
        return situation(client, sandbox)
    except Exception as error:  # noqa: BLE001 - the table has the class of the error
        return f"raises `{type(error).__name__}`"


def echo(text: str) -> str:
    """Return the text."""
    return text


async def words() -> AsyncIterator[str]:
    """Return ten words in three seconds."""
    for word in WORDS:
        yield word
        await anyio.sleep(0.3)


def sandbox_client(sandbox: Sandbox) -> replicate_ext.Replicate:
    """Return a client of the sandbox."""
    return replicate_ext.Replicate(sandbox.api_token, sandbox.base_url)


@contextmanager
def another_host() -> Iterator[tuple[str, dict[str, str]]]:
    """Start a server; its URL, and the headers of the last request."""
    headers: dict[str, str] = {}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            headers.update(self.headers)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Print nothing."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", headers
    finally:
        server.shutdown()
        server.server_close()


if __name__ == "__main__":
    main()
