"""A caller's own httpx client whose hooks raise for a status, as httpx's documents have it."""

from __future__ import annotations

from typing import Any

import anyio
import httpx
import pytest
from support.clients import Kind, prediction
from support.raw import DONE, Heard, StartServer, Wire, response

from replicate_ext import AsyncReplicate, AuthenticationError, Replicate


def raising(response_: httpx.Response) -> None:
    response_.raise_for_status()


async def araising(response_: httpx.Response) -> None:
    response_.raise_for_status()


def test_a_hook_of_a_lent_client_that_raises_changes_nothing(
    kind: Kind, start_server: StartServer
) -> None:
    looks = iter([502, 429, 200])

    def answer(heard: Heard, wire: Wire) -> None:
        if heard.method == "POST":
            wire.send(response(201, prediction("processing")))
        else:
            status = next(looks)
            wire.send(response(status, DONE if status == 200 else b"<html>", Retry_After="0"))

    server = start_server(answer)
    url = f"{server.url}/v1"
    if kind == "sync":
        with httpx.Client(event_hooks={"response": [raising]}) as lent:
            output = Replicate("r8_x", url, http_client=lent).run("owner/name", {}, wait=False)
    else:

        async def main() -> Any:
            async with httpx.AsyncClient(event_hooks={"response": [araising]}) as lent:
                client = AsyncReplicate("r8_x", url, http_client=lent)
                return await client.run("owner/name", {}, wait=False)

        output = anyio.run(main, backend=kind)

    assert output == "done"
    assert server.seen[1:] == ["GET /v1/predictions/p1"] * 3


def test_an_error_that_a_hook_raised_is_ours_and_shows_no_token(
    kind: Kind, start_server: StartServer
) -> None:
    server = start_server(lambda _, wire: wire.send(response(401, {"detail": "no"})))
    url, token = f"{server.url}/v1", "r8_secret_of_this_test"

    def call() -> None:
        with httpx.Client(event_hooks={"response": [raising]}) as lent:
            Replicate(token, url, http_client=lent).account.get()

    async def acall() -> None:
        async with httpx.AsyncClient(event_hooks={"response": [araising]}) as lent:
            await AsyncReplicate(token, url, http_client=lent).account.get()

    with pytest.raises(AuthenticationError, match="401") as caught:
        call() if kind == "sync" else anyio.run(acall, backend=kind)

    assert token not in repr(caught.value.request.headers.raw)
    assert caught.value.__cause__ is None
