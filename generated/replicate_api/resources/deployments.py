# Generated from openapi.yaml by `make generate`; changes made here are lost.
"""What lies under deployments, as objects with a method for each operation."""

from __future__ import annotations

import builtins
from typing import TYPE_CHECKING, Any

from .. import models
from ..paths import joined_path

if TYPE_CHECKING:
    from ..client import AsyncPerformer, SyncPerformer
    from ..models import Deployment, DeploymentPage, Prediction, WebhookEvent


class DeploymentsResource:
    """deployments: create, delete, get, list, update.

    Args:
        performer: What performs an operation.
    """

    def __init__(self, performer: SyncPerformer) -> None:
        self._performer = performer

    @property
    def predictions(self) -> DeploymentsPredictionsResource:
        """deployments.predictions: create."""
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

    @property
    def predictions(self) -> AsyncDeploymentsPredictionsResource:
        """deployments.predictions: create."""
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
    """deployments.predictions: create.

    Args:
        performer: What performs an operation.
    """

    def __init__(self, performer: SyncPerformer) -> None:
        self._performer = performer

    def create(
        self,
        deployment_owner: str,
        deployment_name: str | None = None,
        *,
        input: dict[str, Any],
        stream: bool | None = None,
        webhook: str | None = None,
        webhook_events_filter: builtins.list[WebhookEvent | str] | None = None,
        prefer: str | None = None,
        cancel_after: str | None = None,
    ) -> Prediction:
        """Create a prediction that runs on a deployment.

        Args:
            deployment_owner: The user or organization that owns the deployment. Or "owner/name", and what
                follows moves up.
            deployment_name: The deployment's name.
            input: What the model takes; see its version's openapi_schema.
            stream: Deprecated: streams are offered without asking.
            webhook: The https URL to send events to.
            webhook_events_filter: The events to send, of start, output, logs and completed; the API sends output
                and completed where it is left out.
            prefer: Hold the answer until the run is done: wait, or wait=n for n seconds, 1 to 60.
            cancel_after: Cancel the run when it takes longer: 90s, 5m or 1h30m; from 5 seconds to 24
                hours.

        Raises:
            TypeError: A part of the path is of another type, or there are too few, or too many.
            ValueError: A part of the path is empty, "." or "..".
            replicate_ext.APIError: The request failed.
        """
        from ..api.deployments import predictions_create as _operation

        _arguments = _operation.request(
            *joined_path(deployment_owner=deployment_owner, deployment_name=deployment_name),
            body=models.PredictionRequest(
                input=input,
                stream=stream,
                webhook=webhook,
                webhook_events_filter=webhook_events_filter,
            ),
            prefer=prefer,
            cancel_after=cancel_after,
        )
        return self._performer.perform(
            _arguments, _operation.parse, repeatable=_operation.REPEATABLE
        )


class AsyncDeploymentsPredictionsResource:
    """deployments.predictions: create.

    Args:
        performer: What performs an operation.
    """

    def __init__(self, performer: AsyncPerformer) -> None:
        self._performer = performer

    async def create(
        self,
        deployment_owner: str,
        deployment_name: str | None = None,
        *,
        input: dict[str, Any],
        stream: bool | None = None,
        webhook: str | None = None,
        webhook_events_filter: builtins.list[WebhookEvent | str] | None = None,
        prefer: str | None = None,
        cancel_after: str | None = None,
    ) -> Prediction:
        """Create a prediction that runs on a deployment.

        Args:
            deployment_owner: The user or organization that owns the deployment. Or "owner/name", and what
                follows moves up.
            deployment_name: The deployment's name.
            input: What the model takes; see its version's openapi_schema.
            stream: Deprecated: streams are offered without asking.
            webhook: The https URL to send events to.
            webhook_events_filter: The events to send, of start, output, logs and completed; the API sends output
                and completed where it is left out.
            prefer: Hold the answer until the run is done: wait, or wait=n for n seconds, 1 to 60.
            cancel_after: Cancel the run when it takes longer: 90s, 5m or 1h30m; from 5 seconds to 24
                hours.

        Raises:
            TypeError: A part of the path is of another type, or there are too few, or too many.
            ValueError: A part of the path is empty, "." or "..".
            replicate_ext.APIError: The request failed.
        """
        from ..api.deployments import predictions_create as _operation

        _arguments = _operation.request(
            *joined_path(deployment_owner=deployment_owner, deployment_name=deployment_name),
            body=models.PredictionRequest(
                input=input,
                stream=stream,
                webhook=webhook,
                webhook_events_filter=webhook_events_filter,
            ),
            prefer=prefer,
            cancel_after=cancel_after,
        )
        return await self._performer.perform(
            _arguments, _operation.parse, repeatable=_operation.REPEATABLE
        )
