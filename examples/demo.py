"""Run three models and show the code for each step.

`make demo` uses a local sandbox and needs no token. `make demo LIVE=1` runs one model on the real
API instead, with the token in REPLICATE_API_TOKEN.
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

from replicate_ext import FileOutput, InvalidInputError, Replicate, ReplicateError, typed
from replicate_ext.sandbox import Sandbox, webhook_receiver

if TYPE_CHECKING:
    from collections.abc import Callable

    from replicate_api.models import Prediction

HERE = Path(__file__).parent
PICTURE = HERE / "picture.png"
RESULTS = HERE.parent / "demo-output"


def main() -> None:
    """Run the demo, or one model on the real API with ``--live``."""
    parser = argparse.ArgumentParser(description="Run three models and show the code.")
    parser.add_argument("--live", action="store_true", help="run one model on the real API")
    if parser.parse_args().live:
        try:
            with Replicate() as client:
                greet(client)
        except ReplicateError as error:
            raise SystemExit(str(error)) from None
        return
    with Sandbox() as sandbox, Replicate(sandbox.api_token, sandbox.base_url) as client:
        print(f"The sandbox runs at {sandbox.base_url}. It needs no token and costs nothing.\n")
        sandbox.model("demo/mirror")(mirror)
        greet(client)
        process_picture(client)
        tell_story(client)
        receive_webhook(client)
        call_function(client)


def mirror(image: Image.Image) -> Image.Image:
    """Mirror a picture; in the sandbox, a model is a Python function."""
    return ImageOps.mirror(image)


def greet(client: Replicate) -> None:
    """Run a model that takes and returns text."""
    output = step(
        "Greeted",
        'client.run("replicate/hello-world", {"text": "Ada"})',
        lambda: client.run("replicate/hello-world", {"text": "Ada"}),
    )
    print(f"  {output}\n")


def process_picture(client: Replicate) -> None:
    """Run a model on a picture, and a second model on its output."""
    poster: FileOutput = step(
        "Processed a picture",
        'poster = client.run("sandbox/posterize", {"image": Path("examples/picture.png")})',
        lambda: client.run("sandbox/posterize", {"image": PICTURE, "bits": 2}),
    )
    mirrored: FileOutput = step(
        "Processed the result with a second model",
        'mirrored = client.run("demo/mirror", {"image": poster})',
        lambda: client.run("demo/mirror", {"image": poster}),
    )
    path = step(
        "Saved the result",
        'mirrored.save("demo-output/mirrored.png")',
        lambda: mirrored.save(RESULTS / "mirrored.png"),
    )
    print(f"  {path.relative_to(HERE.parent)}, {path.stat().st_size} bytes\n")


def tell_story(client: Replicate) -> None:
    """Stream text while the model writes it."""
    prompt = {"prompt": "a lost key", "max_tokens": 40}

    def print_story() -> None:
        with client.stream("sandbox/storyteller", prompt) as stream:
            for text in stream.texts():
                print(text, end="", flush=True)
        print()

    step(
        "Streamed a story",
        'for event in client.stream("sandbox/storyteller", {...}): print(event, end="")',
        print_story,
    )


def receive_webhook(client: Replicate) -> None:
    """Receive a signed webhook when a run ends."""
    received: SimpleQueue[Prediction] = SimpleQueue()
    app = webhook_receiver(client.webhooks.default.secret.get(), received.put)
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
        return received.get(timeout=10)

    prediction = step(
        "Received a webhook",
        'client.predictions.create("replicate/hello-world", {...}, webhook=url)',
        create_and_wait,
    )
    print(f"  {prediction.output}, verified\n")
    server.should_exit = True


def call_function(client: Replicate) -> None:
    """Use a model as a function that knows its inputs."""
    mirror = step(
        "Loaded a model as a function",
        'mirror = typed.load("demo/mirror", client)',
        lambda: typed.load("demo/mirror", client),
    )

    def misspell() -> str:
        try:
            mirror(imgae=PICTURE)
        except InvalidInputError as error:
            return error.invalid_fields[0].description
        raise AssertionError("the input was sent")

    advice = step("Refused a misspelled input before it was sent", "mirror(imgae=path)", misspell)
    print(f"  {mirror.reference}{mirror.signature}: {advice}\n")


def step(what: str, code: str, action: Callable[[], Any]) -> Any:
    """Perform a step, and print its name, its duration and its code."""
    started = time.perf_counter()
    result = action()
    print(f"{what} in {time.perf_counter() - started:.3f} s:  {code}")
    return result


if __name__ == "__main__":
    main()
