# Generated from openapi.yaml by `make generate`; changes made here are lost.
from __future__ import annotations

from typing import TYPE_CHECKING, Final

import httpx

from ... import models
from ...client import AsyncClient, SyncClient
from ...decoding import detailed, json_object, parsed, success
from ...paths import as_segment
from ...types import RequestArguments, Response

if TYPE_CHECKING:
    from ...models import Deployment, DeploymentUpdateRequest

REPEATABLE: Final = False
"""Whether sending the request a second time does no harm."""


def request(
    deployment_owner: str, deployment_name: str, *, body: DeploymentUpdateRequest
) -> RequestArguments:
    """Return the request, without sending it.

    Args:
        deployment_owner: The user or organization that owns the deployment.
        deployment_name: The deployment's name.
        body: What to send.
    """
    arguments: RequestArguments = {
        "method": "PATCH",
        "url": f"/deployments/{as_segment(deployment_owner, 'deployment_owner')}/{as_segment(deployment_name, 'deployment_name')}",
    }
    arguments["json"] = body.to_dict()
    return arguments


def parse(response: httpx.Response) -> Deployment:
    """Read the object from a successful answer.

    Args:
        response: The answer.
    """
    made: Deployment = parsed(models.Deployment.from_dict, json_object(response))
    return made


def sync_detailed(
    deployment_owner: str,
    deployment_name: str,
    *,
    client: SyncClient,
    body: DeploymentUpdateRequest,
) -> Response[Deployment]:
    """Change a deployment's version, hardware or number of instances.

    Args:
        deployment_owner: The user or organization that owns the deployment.
        deployment_name: The deployment's name.
        client: What sends the request: a client of this package or one of replicate_ext.
        body: What to send.
    """
    sent = client.get_httpx_client().request(
        **request(deployment_owner, deployment_name, body=body)
    )
    return detailed(sent, parse)


def sync(
    deployment_owner: str,
    deployment_name: str,
    *,
    client: SyncClient,
    body: DeploymentUpdateRequest,
) -> Deployment:
    """Change a deployment's version, hardware or number of instances.

    Args:
        deployment_owner: The user or organization that owns the deployment.
        deployment_name: The deployment's name.
        client: What sends the request: a client of this package or one of replicate_ext.
        body: What to send.

    Raises:
        errors.UnexpectedStatus: The API answered with an error.
        httpx.TransportError: No answer came.
        ValueError: The answer is not the API's JSON.
    """
    sent = client.get_httpx_client().request(
        **request(deployment_owner, deployment_name, body=body)
    )
    return parse(success(sent))


async def asyncio_detailed(
    deployment_owner: str,
    deployment_name: str,
    *,
    client: AsyncClient,
    body: DeploymentUpdateRequest,
) -> Response[Deployment]:
    """Change a deployment's version, hardware or number of instances.

    Args:
        deployment_owner: The user or organization that owns the deployment.
        deployment_name: The deployment's name.
        client: What sends the request: a client of this package or one of replicate_ext.
        body: What to send.
    """
    sent = await client.get_async_httpx_client().request(
        **request(deployment_owner, deployment_name, body=body)
    )
    return detailed(sent, parse)


async def asyncio(
    deployment_owner: str,
    deployment_name: str,
    *,
    client: AsyncClient,
    body: DeploymentUpdateRequest,
) -> Deployment:
    """Change a deployment's version, hardware or number of instances.

    Args:
        deployment_owner: The user or organization that owns the deployment.
        deployment_name: The deployment's name.
        client: What sends the request: a client of this package or one of replicate_ext.
        body: What to send.

    Raises:
        errors.UnexpectedStatus: The API answered with an error.
        httpx.TransportError: No answer came.
        ValueError: The answer is not the API's JSON.
    """
    sent = await client.get_async_httpx_client().request(
        **request(deployment_owner, deployment_name, body=body)
    )
    return parse(success(sent))
