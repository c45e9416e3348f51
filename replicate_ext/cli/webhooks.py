"""``replicate-ext webhooks``."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from replicate_ext.cli._command import Command, examples
from replicate_ext.cli._session import Session

app: typer.Typer = typer.Typer(add_completion=False, no_args_is_help=True)

Secret = Annotated[
    str | None,
    typer.Option(
        "--secret",
        metavar="SECRET",
        envvar="REPLICATE_WEBHOOK_SECRET",
        help="Signing secret. Default: the secret of the account.",
        show_default=False,
    ),
]


@app.command(cls=Command, epilog=examples("webhooks secret"))
def secret(ctx: typer.Context) -> None:
    """Print the secret that signs the webhooks of the account."""
    session = Session.of(ctx)
    found = session.client.webhooks.default.secret.get()
    if session.out.is_json:
        session.out.json(found.to_dict())
    else:
        session.out.text(found.key or "")


@app.command(
    cls=Command,
    epilog=examples("webhooks verify a.json --id m --timestamp 1 --signature v1,k="),
)
def verify(
    ctx: typer.Context,
    body: Annotated[
        str,
        typer.Argument(metavar="FILE", help="The raw body; - for standard input."),
    ],
    *,
    id_: Annotated[str, typer.Option("--id", metavar="ID", help="Header webhook-id.")],
    timestamp: Annotated[str, typer.Option(metavar="SECONDS", help="Header webhook-timestamp.")],
    signature: Annotated[str, typer.Option(metavar="TEXT", help="Header webhook-signature.")],
    tolerance: Annotated[
        float, typer.Option(metavar="SECONDS", help="Maximum age of the delivery.", min=0)
    ] = 300,
    key: Secret = None,
) -> None:
    """Verify the signature of a webhook delivery, and print its prediction."""
    from replicate_ext import WebhookVerifier

    session = Session.of(ctx)
    raw = sys.stdin.buffer.read() if body == "-" else Path(body).read_bytes()
    headers = {
        "webhook-id": id_,
        "webhook-timestamp": timestamp,
        "webhook-signature": signature,
    }
    verifier = WebhookVerifier(_secret(session, key), tolerance)
    found = verifier.unwrap(headers, raw)
    fields = {"Verified": "yes", "ID": found.id, "Status": found.status, "Model": found.model}
    session.out.record(found, fields)


@app.command(cls=Command, epilog=examples("webhooks listen --port 8000"))
def listen(
    ctx: typer.Context,
    *,
    port: Annotated[
        int, typer.Option(metavar="NUMBER", help="Port to listen on.", min=0, max=65535)
    ] = 8000,
    key: Secret = None,
) -> None:
    """Receive webhooks on 127.0.0.1, verify them, and print them until Ctrl-C.

    Replicate needs a tunnel to this port; the sandbox does not. This command needs the extra
    sandbox: pip install 'replicate-ext[cli,sandbox]'
    """
    from replicate_ext.cli._receiver import receive

    session = Session.of(ctx)
    receive(session.out, _secret(session, key), port)


def _secret(session: Session, given: str | None) -> str:
    return given or session.client.webhooks.default.secret.get().key or ""
