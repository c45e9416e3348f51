"""Run three models and show the code that does it.

`make demo` runs it against a local sandbox, without a token. `make demo LIVE=1` greets with the
real API instead, with the token in REPLICATE_API_TOKEN.
"""

from __future__ import annotations

import argparse
import socket
import time
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING, Any

import uvicorn
from PIL import Image, ImageOps

from replicate_ext import FileOutput, Replicate, ReplicateError
from replicate_ext.sandbox import Sandbox, webhook_receiver

if TYPE_CHECKING:
    from collections.abc import Callable

    from replicate_api.models import Prediction

HERE = Path(__file__).parent
PICTURE = HERE / "picture.png"
RESULTS = HERE.parent / "demo-output"


def main() -> None:
    """Run the demo that the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--live", action="store_true", help="greet with the real API")
    if parser.parse_args().live:
        try:
            with Replicate() as client:
                greet(client)
        except ReplicateError as error:
            raise SystemExit(str(error)) from None
        return
    with Sandbox() as sandbox, Replicate(sandbox.api_token, sandbox.base_url) as client:
        print(f"A sandbox answers at {sandbox.base_url}. No token, no bill.\n")
        sandbox.model("demo/mirror")(mirror)
        greet(client)
        process_picture(client)
        tell_story(client)
        receive_webhook(client)


def mirror(image: Image.Image) -> Image.Image:
    """Mirror a picture: in the sandbox a model is a function."""
    return ImageOps.mirror(image)


def greet(client: Replicate) -> None:
    """Text in, text out."""
    output = step(
        "Greeted",
        'client.run("replicate/hello-world", {"text": "Ada"})',
        lambda: client.run("replicate/hello-world", {"text": "Ada"}),
    )
    print(f"  {output}\n")


def process_picture(client: Replicate) -> None:
    """A file in, a file out, and from one model into the next."""
    poster: FileOutput = step(
        "Processed a picture",
        'poster = client.run("sandbox/posterize", {"image": Path("examples/picture.png")})',
        lambda: client.run("sandbox/posterize", {"image": PICTURE, "bits": 2}),
    )
    mirrored: FileOutput = step(
        "Gave it to a second model",
        'mirrored = client.run("demo/mirror", {"image": poster})',
        lambda: client.run("demo/mirror", {"image": poster}),
    )
    path = step(
        "Saved the result",
        'mirrored.save("demo-output/mirrored.png")',
        lambda: mirrored.save(RESULTS / "mirrored.png", overwrite=True),
    )
    print(f"  {path.relative_to(HERE.parent)}, {path.stat().st_size} bytes\n")


def tell_story(client: Replicate) -> None:
    """Text as it is made, token by token."""
    prompt = {"prompt": "a lost key", "max_tokens": 40}

    def tell() -> None:
        with client.stream("sandbox/storyteller", prompt) as stream:
            for text in stream.texts():
                print(text, end="", flush=True)
        print()

    step(
        "Told a story",
        'for event in client.stream("sandbox/storyteller", {...}): print(event, end="")',
        tell,
    )


def receive_webhook(client: Replicate) -> None:
    """Be told when a run ends, by a signed request to a server of one's own."""
    told: SimpleQueue[Prediction] = SimpleQueue()
    app = webhook_receiver(client.webhooks.default.secret.get(), told.put)
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
    listener = socket.create_server(("127.0.0.1", 0))
    Thread(target=server.run, args=[[listener]], daemon=True).start()
    url = f"http://127.0.0.1:{listener.getsockname()[1]}/"

    def create_and_wait() -> Prediction:
        client.predictions.create(
            "replicate/hello-world",
            {"text": "Grace"},
            webhook=url,
            webhook_events_filter=["completed"],
        )
        return told.get(timeout=10)

    prediction = step(
        "Was told by a webhook",
        'client.predictions.create("replicate/hello-world", {...}, webhook=url)',
        create_and_wait,
    )
    print(f"  {prediction.output}, verified\n")
    server.should_exit = True


def step(what: str, code: str, action: Callable[[], Any]) -> Any:
    """Do something, and say what it was, how long it took and which code does it."""
    started = time.perf_counter()
    result = action()
    print(f"{what} in {time.perf_counter() - started:.3f} s:  {code}")
    return result


if __name__ == "__main__":
    main()
