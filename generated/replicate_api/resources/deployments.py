# Generated from openapi.yaml by `make generate`; changes made here are lost.
"""The resources of deployments, with a method for each operation."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from .. import models
from ..paths import joined_path

if TYPE_CHECKING:
    from ..client import AsyncOperationRunner, OperationRunner
    from ..models import Deployment, DeploymentPage


class DeploymentsResource:
    """Operations of deployments: create, delete, get, list, update.

    Args:
        runner: The object that performs the operations.
    """

    def __init__(self, runner: OperationRunner) -> None:
        self._runner = runner

    @cached_property
    def predictions(self) -> DeploymentsPredictionsResource:
        """Base class for the operations of deployments.predictions."""
        return DeploymentsPredictionsResource(self._runner)

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
            hardware: The SKU of the hardware. See hardware.list.
            max_instances: The maximum number of instances, 0 to 20.
            min_instances: The minimum number of instances, 0 to 5.
            model: The model, as owner/name.
            name: The name of the deployment.
            version: The ID of the version: 64 hexadecimal digits.

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
        return self._runner.perform(_arguments, _operation.parse, repeatable=_operation.REPEATABLE)

    def delete(self, deployment_owner: str, deployment_name: str | None = None) -> None:
        """Delete a deployment that has been offline and unused for at least 15 minutes.

        Args:
            deployment_owner: The user or organization that owns the deployment. Can also be
                "owner/name"; omit the arguments that it contains.
            deployment_name: The name of the deployment.

        Raises:
            TypeError: A path argument has the wrong type, is missing, or is given twice.
            ValueError: A path argument is empty, "." or "..".
            replicate_ext.APIError: The request failed.
        """
        from ..api.deployments import delete as _operation

        _arguments = _operation.request(
            *joined_path(deployment_owner=deployment_owner, deployment_name=deployment_name)
        )
        return self._runner.perform(_arguments, _operation.parse, repeatable=_operation.REPEATABLE)

    def get(self, deployment_owner: str, deployment_name: str | None = None) -> Deployment:
        """Get a deployment.

        Args:
            deployment_owner: The user or organization that owns the deployment. Can also be
                "owner/name"; omit the arguments that it contains.
            deployment_name: The name of the deployment.

        Raises:
            TypeError: A path argument has the wrong type, is missing, or is given twice.
            ValueError: A path argument is empty, "." or "..".
            replicate_ext.APIError: The request failed.
        """
        from ..api.deployments import get as _operation

        _arguments = _operation.request(
            *joined_path(deployment_owner=deployment_owner, deployment_name=deployment_name)
        )
        return self._runner.perform(_arguments, _operation.parse, repeatable=_operation.REPEATABLE)

    def list(self, *, cursor: str | None = None) -> DeploymentPage:
        """List the deployments of the account.

        Args:
            cursor: The cursor of the page to return, from the next or previous URL of another
                page.

        Raises:
            replicate_ext.APIError: The request failed.
        """
        from ..api.deployments import list_ as _operation

        _arguments = _operation.request(cursor=cursor)
        return self._runner.perform(_arguments, _operation.parse, repeatable=_operation.REPEATABLE)

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
        """Update the version, hardware or number of instances of a deployment.

        Args:
            deployment_owner: The user or organization that owns the deployment. Can also be
                "owner/name"; omit the arguments that it contains.
            deployment_name: The name of the deployment.
            hardware: The SKU of the hardware. See hardware.list.
            max_instances: The maximum number of instances, 0 to 20.
            min_instances: The minimum number of instances, 0 to 5.
            version: The ID of the version: 64 hexadecimal digits.

        Raises:
            TypeError: A path argument has the wrong type, is missing, or is given twice.
            ValueError: A path argument is empty, "." or "..".
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
        return self._runner.perform(_arguments, _operation.parse, repeatable=_operation.REPEATABLE)


class AsyncDeploymentsResource:
    """Operations of deployments: create, delete, get, list, update.

    Args:
        runner: The object that performs the operations.
    """

    def __init__(self, runner: AsyncOperationRunner) -> None:
        self._runner = runner

    @cached_property
    def predictions(self) -> AsyncDeploymentsPredictionsResource:
        """Base class for the operations of deployments.predictions."""
        return AsyncDeploymentsPredictionsResource(self._runner)

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
            hardware: The SKU of the hardware. See hardware.list.
            max_instances: The maximum number of instances, 0 to 20.
            min_instances: The minimum number of instances, 0 to 5.
            model: The model, as owner/name.
            name: The name of the deployment.
            version: The ID of the version: 64 hexadecimal digits.

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
        return await self._runner.perform(
            _arguments, _operation.parse, repeatable=_operation.REPEATABLE
        )

    async def delete(self, deployment_owner: str, deployment_name: str | None = None) -> None:
        """Delete a deployment that has been offline and unused for at least 15 minutes.

        Args:
            deployment_owner: The user or organization that owns the deployment. Can also be
                "owner/name"; omit the arguments that it contains.
            deployment_name: The name of the deployment.

        Raises:
            TypeError: A path argument has the wrong type, is missing, or is given twice.
            ValueError: A path argument is empty, "." or "..".
            replicate_ext.APIError: The request failed.
        """
        from ..api.deployments import delete as _operation

        _arguments = _operation.request(
            *joined_path(deployment_owner=deployment_owner, deployment_name=deployment_name)
        )
        return await self._runner.perform(
            _arguments, _operation.parse, repeatable=_operation.REPEATABLE
        )

    async def get(self, deployment_owner: str, deployment_name: str | None = None) -> Deployment:
        """Get a deployment.

        Args:
            deployment_owner: The user or organization that owns the deployment. Can also be
                "owner/name"; omit the arguments that it contains.
            deployment_name: The name of the deployment.

        Raises:
            TypeError: A path argument has the wrong type, is missing, or is given twice.
            ValueError: A path argument is empty, "." or "..".
            replicate_ext.APIError: The request failed.
        """
        from ..api.deployments import get as _operation

        _arguments = _operation.request(
            *joined_path(deployment_owner=deployment_owner, deployment_name=deployment_name)
        )
        return await self._runner.perform(
            _arguments, _operation.parse, repeatable=_operation.REPEATABLE
        )

    async def list(self, *, cursor: str | None = None) -> DeploymentPage:
        """List the deployments of the account.

        Args:
            cursor: The cursor of the page to return, from the next or previous URL of another
                page.

        Raises:
            replicate_ext.APIError: The request failed.
        """
        from ..api.deployments import list_ as _operation

        _arguments = _operation.request(cursor=cursor)
        return await self._runner.perform(
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
        """Update the version, hardware or number of instances of a deployment.

        Args:
            deployment_owner: The user or organization that owns the deployment. Can also be
                "owner/name"; omit the arguments that it contains.
            deployment_name: The name of the deployment.
            hardware: The SKU of the hardware. See hardware.list.
            max_instances: The maximum number of instances, 0 to 20.
            min_instances: The minimum number of instances, 0 to 5.
            version: The ID of the version: 64 hexadecimal digits.

        Raises:
            TypeError: A path argument has the wrong type, is missing, or is given twice.
            ValueError: A path argument is empty, "." or "..".
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
        return await self._runner.perform(
            _arguments, _operation.parse, repeatable=_operation.REPEATABLE
        )


class DeploymentsPredictionsResource:
    """Base class for the operations of deployments.predictions.

    Args:
        runner: The object that performs the operations.
    """

    def __init__(self, runner: OperationRunner) -> None:
        self._runner = runner


class AsyncDeploymentsPredictionsResource:
    """Base class for the operations of deployments.predictions.

    Args:
        runner: The object that performs the operations.
    """

    def __init__(self, runner: AsyncOperationRunner) -> None:
        self._runner = runner
