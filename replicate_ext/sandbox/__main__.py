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


def main() -> None:
    """Serve until Ctrl-C or SIGTERM."""
    parser = argparse.ArgumentParser(
        prog="python -m replicate_ext.sandbox",
        description="Serve a local stand-in for Replicate's HTTP API, on 127.0.0.1 only.",
    )
    parser.add_argument(
        "--port", type=int, default=0, help="where to listen (default: any free port)"
    )
    sandbox = Sandbox(port=parser.parse_args().port)
    try:
        with sandbox:
            introduction = _INTRODUCTION.format(
                base_url=sandbox.base_url,
                api_token=sandbox.api_token,
                models=", ".join(sandbox.models),
            )
            sys.stdout.write(introduction)
            sys.stdout.flush()
            _wait_for_signal()
    except OSError as error:
        parser.error(f"cannot listen: {error}")


def _wait_for_signal() -> None:
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        # Ending takes a moment, which a second Ctrl-C must not cut short: files would stay.
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)


if __name__ == "__main__":
    main()
