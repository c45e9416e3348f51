"""`python -m replicate_ext.sandbox`: serve the API from a terminal."""

import argparse
import signal
import sys
import threading

from replicate_ext.sandbox import Sandbox

_INTRODUCTION = """\
Base URL   {base_url}
API token  {api_token}
Models     {models}

Try
  from replicate_ext import Replicate
  client = Replicate("{api_token}", "{base_url}")
  print(client.run("replicate/hello-world", {{"text": "world"}}))
or
  curl -s {base_url}/predictions \\
    -H 'Authorization: Bearer {api_token}' -H 'Content-Type: application/json' -H 'Prefer: wait' \\
    -d '{{"version": "replicate/hello-world", "input": {{"text": "world"}}}}'

Ctrl-C ends it.
"""
_ENDINGS = (signal.SIGINT, signal.SIGTERM)


def main() -> None:
    """Serve until Ctrl-C or SIGTERM."""
    parser = argparse.ArgumentParser(
        prog="python -m replicate_ext.sandbox",
        description="Serve a local stand-in for Replicate's HTTP API, on 127.0.0.1 only.",
    )
    parser.add_argument(
        "--port", type=int, default=0, help="where to listen (default: any free port)"
    )
    parser.add_argument(
        "--allow-host",
        action="append",
        default=[],
        metavar="NAME",
        help="another name under which the server may be called; may be repeated "
        "(default: 127.0.0.1, localhost and other loopback names only)",
    )
    options = parser.parse_args()
    try:
        # Nobody could read a journal.
        sandbox = Sandbox(port=options.port, allowed_hosts=options.allow_host, max_journal=0)
    except ValueError as error:
        parser.error(str(error))
    try:
        _serve(sandbox)
    except OSError as error:
        parser.error(f"cannot listen: {error}")


def _serve(sandbox: Sandbox) -> None:
    try:
        _listen_to_signals()
        with sandbox:
            introduction = _INTRODUCTION.format(
                base_url=sandbox.base_url,
                api_token=sandbox.api_token,
                models=", ".join(sandbox.models),
            )
            sys.stdout.write(introduction)
            sys.stdout.flush()
            _wait_for_signal()
    except KeyboardInterrupt:
        pass  # it came while the server started


def _listen_to_signals() -> None:
    """End on either signal, also where whoever started this has it ignored or blocked.

    A shell without job control starts what it runs in the background with SIGINT ignored.
    """
    for number in _ENDINGS:
        signal.signal(number, signal.default_int_handler)
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _ENDINGS)


def _wait_for_signal() -> None:
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        # Ending takes a moment, which a second Ctrl-C must not cut short: files would stay.
        for number in _ENDINGS:
            signal.signal(number, signal.SIG_IGN)


if __name__ == "__main__":
    main()
