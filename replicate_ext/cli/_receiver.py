"""Receive webhooks, and print them."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

from replicate_ext.cli._output import show
from replicate_ext.sandbox import webhook_receiver

if TYPE_CHECKING:
    from replicate_api.models import Prediction

    from replicate_ext.cli._output import Output


def receive(out: Output, secret: str, port: int) -> None:
    """Print each webhook that arrives, until Ctrl-C. Rejected webhooks are logged.

    Args:
        out: Where to print.
        secret: Signing secret.
        port: Port to listen on; 0 for any free one.

    Raises:
        WebhookSecretError: The secret is malformed.
        OSError: The port is in use.
    """
    # Imported late: if uvicorn is missing, the import of the sandbox names the extra.
    import uvicorn

    def handle(prediction: Prediction) -> None:
        if out.is_json:
            out.json(prediction.to_dict())
        else:
            model = prediction.model or prediction.version
            out.text(f"{show(prediction.status):<10}  {prediction.id}  {show(model)}")

    receiver = webhook_receiver(secret, handle)
    with socket.create_server(("127.0.0.1", port)) as listener:
        out.note(f"Listening on http://127.0.0.1:{listener.getsockname()[1]}; Ctrl-C stops.")
        config = uvicorn.Config(receiver, log_config=None, lifespan="off", access_log=False)
        uvicorn.Server(config).run(sockets=[listener])
