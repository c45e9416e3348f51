# Generated from openapi.yaml by `make generate`; changes made here are lost.
from __future__ import annotations

from typing import Final

import httpx

from ...client import AsyncClient, SyncClient
from ...decoding import detailed, read, success
from ...errors import errors_of
from ...paths import as_segment
from ...types import RequestArguments, Response

REPEATABLE: Final = True
"""Whether the request is safe to send again when the API may already have processed it."""


def request(deployment_owner: str, deployment_name: str) -> RequestArguments:
    """Return the request, without sending it.

    Args:
        deployment_owner: The user or organization that owns the deployment.
        deployment_name: The name of the deployment.
    """
    arguments: RequestArguments = {
        "method": "DELETE",
        "url": f"/deployments/{as_segment(deployment_owner, 'deployment_owner')}/{as_segment(deployment_name, 'deployment_name')}",
    }
    return arguments


def parse(response: httpx.Response) -> None:
    """Read the object from a successful response.

    Args:
        response: The response.
    """
    return None


def sync_detailed(
    deployment_owner: str, deployment_name: str, *, client: SyncClient
) -> Response[None]:
    """Delete a deployment that has been offline and unused for at least 15 minutes.

    Args:
        deployment_owner: The user or organization that owns the deployment.
        deployment_name: The name of the deployment.
        client: Client that sends the request: one of this package or of replicate_ext.
    """
    arguments = request(deployment_owner, deployment_name)
    with errors_of(client, repeatable=REPEATABLE):
        sent = client.get_httpx_client().request(**arguments)
        return detailed(sent, parse)


def sync(deployment_owner: str, deployment_name: str, *, client: SyncClient) -> None:
    """Delete a deployment that has been offline and unused for at least 15 minutes.

    Args:
        deployment_owner: The user or organization that owns the deployment.
        deployment_name: The name of the deployment.
        client: Client that sends the request: one of this package or of replicate_ext.

    Raises:
        replicate_ext.APIError: The request failed. Clients of replicate_ext raise this error,
            and clients of this package raise the following ones.
        errors.UnexpectedStatus: The status of the response is not 2xx.
        httpx.TransportError: No response was received.
        ValueError: The response is not the expected JSON.
    """
    arguments = request(deployment_owner, deployment_name)
    with errors_of(client, repeatable=REPEATABLE):
        sent = client.get_httpx_client().request(**arguments)
        return read(success(sent), parse)


async def asyncio_detailed(
    deployment_owner: str, deployment_name: str, *, client: AsyncClient
) -> Response[None]:
    """Delete a deployment that has been offline and unused for at least 15 minutes.

    Args:
        deployment_owner: The user or organization that owns the deployment.
        deployment_name: The name of the deployment.
        client: Client that sends the request: one of this package or of replicate_ext.
    """
    arguments = request(deployment_owner, deployment_name)
    with errors_of(client, repeatable=REPEATABLE):
        sent = await client.get_async_httpx_client().request(**arguments)
        return detailed(sent, parse)


async def asyncio(deployment_owner: str, deployment_name: str, *, client: AsyncClient) -> None:
    """Delete a deployment that has been offline and unused for at least 15 minutes.

    Args:
        deployment_owner: The user or organization that owns the deployment.
        deployment_name: The name of the deployment.
        client: Client that sends the request: one of this package or of replicate_ext.

    Raises:
        replicate_ext.APIError: The request failed. Clients of replicate_ext raise this error,
            and clients of this package raise the following ones.
        errors.UnexpectedStatus: The status of the response is not 2xx.
        httpx.TransportError: No response was received.
        ValueError: The response is not the expected JSON.
    """
    arguments = request(deployment_owner, deployment_name)
    with errors_of(client, repeatable=REPEATABLE):
        sent = await client.get_async_httpx_client().request(**arguments)
        return read(success(sent), parse)
