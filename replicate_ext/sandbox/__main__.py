"""`python -m replicate_ext.sandbox`: start the sandbox from a terminal."""

import argparse
import logging
import signal
import sys
import threading
from collections.abc import Generator, Sequence
from contextlib import contextmanager

from replicate_ext.sandbox import Sandbox

_INTRODUCTION = """\
Base URL   {base_url}
API token  {api_token}
Models     {models}
Page       {origin}

To use the sandbox instead of Replicate, with unchanged code, enter in another terminal
  export REPLICATE_API_TOKEN={api_token}
  export REPLICATE_BASE_URL={origin}

Try
  python -c 'from replicate_ext import run; print(run("replicate/hello-world", {{"text": "Ada"}}))'
or
  curl -s {base_url}/predictions \\
    -H 'Authorization: Bearer {api_token}' -H 'Content-Type: application/json' -H 'Prefer: wait' \\
    -d '{{"version": "replicate/hello-world", "input": {{"text": "world"}}}}'

Press Ctrl-C to stop.
"""
_SIGNALS = (signal.SIGINT, signal.SIGTERM)


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve until Ctrl-C or SIGTERM.

    Args:
        arguments: Arguments of the command. Default: those of the process.
    """
    parser = argparse.ArgumentParser(
        prog="python -m replicate_ext.sandbox",
        description="Start a local server with Replicate's HTTP API, on 127.0.0.1 only.",
    )
    parser.add_argument(
        "--port", type=int, default=0, help="port to listen on (default: any free port)"
    )
    parser.add_argument(
        "--allow-host",
        action="append",
        default=[],
        metavar="NAME",
        help="host name to accept in addition to 127.0.0.1, localhost and other loopback names; "
        "may be repeated",
    )
    parser.add_argument(
        "--models",
        action="append",
        default=[],
        metavar="FILE",
        help="Python file with register(sandbox), which registers models; may be repeated",
    )
    parser.add_argument(
        "--token", default="r8_sandbox", help="API token to accept (default: r8_sandbox)"
    )
    options = parser.parse_args(arguments)
    try:
        # Requests are not recorded: nothing in this process would read them.
        sandbox = Sandbox(
            api_token=options.token,
            port=options.port,
            allowed_hosts=options.allow_host,
            max_journal=0,
        )
        for file in options.models:
            sandbox.load(file)
    except (OSError, TypeError, ValueError) as error:
        parser.error(str(error))
    try:
        with _requests_logged():
            _serve(sandbox)
    except OSError as error:
        parser.error(f"cannot listen: {error}")


def _serve(sandbox: Sandbox) -> None:
    try:
        _enable_signals()
        with sandbox:
            introduction = _INTRODUCTION.format(
                base_url=sandbox.base_url,
                origin=sandbox.origin,
                api_token=sandbox.api_token,
                models=", ".join(sandbox.models),
            )
            sys.stdout.write(introduction)
            sys.stdout.flush()
            _wait_for_signal()
    except KeyboardInterrupt:
        pass  # Ctrl-C while the server was starting


@contextmanager
def _requests_logged() -> Generator[None]:
    """Print a line for each request."""
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(message)s", datefmt="%H:%M:%S"))
    log = logging.getLogger("replicate_ext.sandbox")
    level = log.level
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    try:
        yield
    finally:
        log.removeHandler(handler)
        log.setLevel(level)


def _enable_signals() -> None:
    """Stop on SIGINT and SIGTERM, even if the parent process ignored or blocked them.

    A shell without job control starts background processes with SIGINT ignored.
    """
    for number in _SIGNALS:
        signal.signal(number, signal.default_int_handler)
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)


def _wait_for_signal() -> None:
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        # A second Ctrl-C must not interrupt the shutdown, which removes temporary files.
        for number in _SIGNALS:
            signal.signal(number, signal.SIG_IGN)


if __name__ == "__main__":
    main()
