# Generated from openapi.yaml by `make generate`; changes made here are lost.
"""What lies under deployments, as objects with a method for each operation."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from .. import models
from ..paths import joined_path

if TYPE_CHECKING:
    from ..client import AsyncPerformer, SyncPerformer
    from ..models import Deployment, DeploymentPage


class DeploymentsResource:
    """deployments: create, delete, get, list, update.

    Args:
        performer: What performs an operation.
    """

    def __init__(self, performer: SyncPerformer) -> None:
        self._performer = performer

    @cached_property
    def predictions(self) -> DeploymentsPredictionsResource:
        """deployments.predictions."""
        return DeploymentsPredictionsResource(self._performer)

    def create(
        self,
        *,
        hardware: str,
        max_instances: int,
        min_instances: int,
        model: str,
        name: str,
        version: str,
    ) -> Deployment:
        """Create a deployment of a model.

        Args:
            hardware: The SKU, as hardware.list gives it.
            max_instances: The most instances to scale to, 0 to 20.
            min_instances: The instances kept running, 0 to 5.
            model: The model as owner/name.
            name: The deployment's name.
            version: The version's id, 64 hexadecimal digits.

        Raises:
            replicate_ext.APIError: The request failed.
        """
        from ..api.deployments import create as _operation

        _arguments = _operation.request(
            body=models.DeploymentCreateRequest(
                hardware=hardware,
                max_instances=max_instances,
                min_instances=min_instances,
                model=model,
                name=name,
                version=version,
            )
        )
        return self._performer.perform(
            _arguments, _operation.parse, repeatable=_operation.REPEATABLE
        )

    def delete(self, deployment_owner: str, deployment_name: str | None = None) -> None:
        """Delete a deployment; it must have been offline and unused for 15 minutes.

        Args:
            deployment_owner: The user or organization that owns the deployment. Or "owner/name", and what
                follows moves up.
            deployment_name: The deployment's name.

        Raises:
            TypeError: A part of the path is of another type, or there are too few, or too many.
            ValueError: A part of the path is empty, "." or "..".
            replicate_ext.APIError: The request failed.
        """
        from ..api.deployments import delete as _operation

        _arguments = _operation.request(
            *joined_path(deployment_owner=deployment_owner, deployment_name=deployment_name)
        )
        return self._performer.perform(
            _arguments, _operation.parse, repeatable=_operation.REPEATABLE
        )

    def get(self, deployment_owner: str, deployment_name: str | None = None) -> Deployment:
        """Get a deployment.

        Args:
            deployment_owner: The user or organization that owns the deployment. Or "owner/name", and what
                follows moves up.
            deployment_name: The deployment's name.

        Raises:
            TypeError: A part of the path is of another type, or there are too few, or too many.
            ValueError: A part of the path is empty, "." or "..".
            replicate_ext.APIError: The request failed.
        """
        from ..api.deployments import get as _operation

        _arguments = _operation.request(
            *joined_path(deployment_owner=deployment_owner, deployment_name=deployment_name)
        )
        return self._performer.perform(
            _arguments, _operation.parse, repeatable=_operation.REPEATABLE
        )

    def list(self, *, cursor: str | None = None) -> DeploymentPage:
        """List the account's deployments.

        Args:
            cursor: Where to go on, as an earlier page's next or previous gave it.

        Raises:
            replicate_ext.APIError: The request failed.
        """
        from ..api.deployments import list_ as _operation

        _arguments = _operation.request(cursor=cursor)
        return self._performer.perform(
            _arguments, _operation.parse, repeatable=_operation.REPEATABLE
        )

    def update(
        self,
        deployment_owner: str,
        deployment_name: str | None = None,
        *,
        hardware: str | None = None,
        max_instances: int | None = None,
        min_instances: int | None = None,
        version: str | None = None,
    ) -> Deployment:
        """Change a deployment's version, hardware or number of instances.

        Args:
            deployment_owner: The user or organization that owns the deployment. Or "owner/name", and what
                follows moves up.
            deployment_name: The deployment's name.
            hardware: The SKU, as hardware.list gives it.
            max_instances: The most instances to scale to, 0 to 20.
            min_instances: The instances kept running, 0 to 5.
            version: The version's id, 64 hexadecimal digits.

        Raises:
            TypeError: A part of the path is of another type, or there are too few, or too many.
            ValueError: A part of the path is empty, "." or "..".
            replicate_ext.APIError: The request failed.
        """
        from ..api.deployments import update as _operation

        _arguments = _operation.request(
            *joined_path(deployment_owner=deployment_owner, deployment_name=deployment_name),
            body=models.DeploymentUpdateRequest(
                hardware=hardware,
                max_instances=max_instances,
                min_instances=min_instances,
                version=version,
            ),
        )
        return self._performer.perform(
            _arguments, _operation.parse, repeatable=_operation.REPEATABLE
        )


class AsyncDeploymentsResource:
    """deployments: create, delete, get, list, update.

    Args:
        performer: What performs an operation.
    """

    def __init__(self, performer: AsyncPerformer) -> None:
        self._performer = performer

    @cached_property
    def predictions(self) -> AsyncDeploymentsPredictionsResource:
        """deployments.predictions."""
        return AsyncDeploymentsPredictionsResource(self._performer)

    async def create(
        self,
        *,
        hardware: str,
        max_instances: int,
        min_instances: int,
        model: str,
        name: str,
        version: str,
    ) -> Deployment:
        """Create a deployment of a model.

        Args:
            hardware: The SKU, as hardware.list gives it.
            max_instances: The most instances to scale to, 0 to 20.
            min_instances: The instances kept running, 0 to 5.
            model: The model as owner/name.
            name: The deployment's name.
            version: The version's id, 64 hexadecimal digits.

        Raises:
            replicate_ext.APIError: The request failed.
        """
        from ..api.deployments import create as _operation

        _arguments = _operation.request(
            body=models.DeploymentCreateRequest(
                hardware=hardware,
                max_instances=max_instances,
                min_instances=min_instances,
                model=model,
                name=name,
                version=version,
            )
        )
        return await self._performer.perform(
            _arguments, _operation.parse, repeatable=_operation.REPEATABLE
        )

    async def delete(self, deployment_owner: str, deployment_name: str | None = None) -> None:
        """Delete a deployment; it must have been offline and unused for 15 minutes.

        Args:
            deployment_owner: The user or organization that owns the deployment. Or "owner/name", and what
                follows moves up.
            deployment_name: The deployment's name.

        Raises:
            TypeError: A part of the path is of another type, or there are too few, or too many.
            ValueError: A part of the path is empty, "." or "..".
            replicate_ext.APIError: The request failed.
        """
        from ..api.deployments import delete as _operation

        _arguments = _operation.request(
            *joined_path(deployment_owner=deployment_owner, deployment_name=deployment_name)
        )
        return await self._performer.perform(
            _arguments, _operation.parse, repeatable=_operation.REPEATABLE
        )

    async def get(self, deployment_owner: str, deployment_name: str | None = None) -> Deployment:
        """Get a deployment.

        Args:
            deployment_owner: The user or organization that owns the deployment. Or "owner/name", and what
                follows moves up.
            deployment_name: The deployment's name.

        Raises:
            TypeError: A part of the path is of another type, or there are too few, or too many.
            ValueError: A part of the path is empty, "." or "..".
            replicate_ext.APIError: The request failed.
        """
        from ..api.deployments import get as _operation

        _arguments = _operation.request(
            *joined_path(deployment_owner=deployment_owner, deployment_name=deployment_name)
        )
        return await self._performer.perform(
            _arguments, _operation.parse, repeatable=_operation.REPEATABLE
        )

    async def list(self, *, cursor: str | None = None) -> DeploymentPage:
        """List the account's deployments.

        Args:
            cursor: Where to go on, as an earlier page's next or previous gave it.

        Raises:
            replicate_ext.APIError: The request failed.
        """
        from ..api.deployments import list_ as _operation

        _arguments = _operation.request(cursor=cursor)
        return await self._performer.perform(
            _arguments, _operation.parse, repeatable=_operation.REPEATABLE
        )

    async def update(
        self,
        deployment_owner: str,
        deployment_name: str | None = None,
        *,
        hardware: str | None = None,
        max_instances: int | None = None,
        min_instances: int | None = None,
        version: str | None = None,
    ) -> Deployment:
        """Change a deployment's version, hardware or number of instances.

        Args:
            deployment_owner: The user or organization that owns the deployment. Or "owner/name", and what
                follows moves up.
            deployment_name: The deployment's name.
            hardware: The SKU, as hardware.list gives it.
            max_instances: The most instances to scale to, 0 to 20.
            min_instances: The instances kept running, 0 to 5.
            version: The version's id, 64 hexadecimal digits.

        Raises:
            TypeError: A part of the path is of another type, or there are too few, or too many.
            ValueError: A part of the path is empty, "." or "..".
            replicate_ext.APIError: The request failed.
        """
        from ..api.deployments import update as _operation

        _arguments = _operation.request(
            *joined_path(deployment_owner=deployment_owner, deployment_name=deployment_name),
            body=models.DeploymentUpdateRequest(
                hardware=hardware,
                max_instances=max_instances,
                min_instances=min_instances,
                version=version,
            ),
        )
        return await self._performer.perform(
            _arguments, _operation.parse, repeatable=_operation.REPEATABLE
        )


class DeploymentsPredictionsResource:
    """deployments.predictions.

    Args:
        performer: What performs an operation.
    """

    def __init__(self, performer: SyncPerformer) -> None:
        self._performer = performer


class AsyncDeploymentsPredictionsResource:
    """deployments.predictions.

    Args:
        performer: What performs an operation.
    """

    def __init__(self, performer: AsyncPerformer) -> None:
        self._performer = performer
