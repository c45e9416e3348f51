"""Predictions of models and deployments, and trainings: their creates take files and wait."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

from replicate_api.resources.deployments import (
    AsyncDeploymentsPredictionsResource,
    AsyncDeploymentsResource,
    DeploymentsPredictionsResource,
    DeploymentsResource,
)
from replicate_api.resources.models import (
    AsyncModelsPredictionsResource,
    AsyncModelsResource,
    ModelsPredictionsResource,
    ModelsResource,
)
from replicate_api.resources.trainings import AsyncTrainingsResource, TrainingsResource
from replicate_api.types import joined_path

from replicate_ext._http.options import NamedCreateOptions
from replicate_ext._resources.signatures import check_options, takes
from replicate_ext._runs.reference import ModelReference

if TYPE_CHECKING:
    from collections.abc import Iterable

    from replicate_api.models import Prediction, Training

    from replicate_ext._http.drivers import AsyncDriver, Driver
    from replicate_ext._http.options import FileEncoding, Input, WebhookEvent


class Models(ModelsResource):
    """Models, and what belongs to them."""

    def __init__(self, driver: Driver) -> None:
        super().__init__(driver)
        self._driver = driver

    @property
    def predictions(self) -> ModelsPredictions:
        """Predictions of official models."""
        return ModelsPredictions(self._driver)


class ModelsPredictions(ModelsPredictionsResource):
    """Predictions of official models."""

    def __init__(self, driver: Driver) -> None:
        super().__init__(driver)
        self._driver = driver

    @takes(NamedCreateOptions)
    def create(  # type: ignore[override] # see tests/unit/test_refinements.py
        self,
        model_owner: str,
        model_name: str | None = None,
        *,
        input: Input,
        **options: Unpack[NamedCreateOptions],
    ) -> Prediction:
        """Create a prediction with an official model.

        Args:
            model_owner: The user or organization that owns the model, or ``owner/name``.
            model_name: The model's name, where it is not given with the owner.
            input: What the model takes. Paths, open binary files and bytes are sent as files.
            options: See NamedCreateOptions.

        Raises:
            TypeError: There is no name, or one too many.
            OutcomeUnknownError: The API may have created it, or not.
            APIError: A request failed.
        """
        check_options(options, NamedCreateOptions, "create")
        from replicate_ext._runs import flows

        owner, name = joined_path(model_owner=model_owner, model_name=model_name)
        reference = ModelReference(owner, name)
        flow = flows.create(self._driver.settings, reference, input, **options)
        return self._driver.run(flow)


class Deployments(DeploymentsResource):
    """Models on hardware of the account's own choice."""

    def __init__(self, driver: Driver) -> None:
        super().__init__(driver)
        self._driver = driver

    @property
    def predictions(self) -> DeploymentsPredictions:
        """Predictions on deployments."""
        return DeploymentsPredictions(self._driver)


class DeploymentsPredictions(DeploymentsPredictionsResource):
    """Predictions on deployments."""

    def __init__(self, driver: Driver) -> None:
        super().__init__(driver)
        self._driver = driver

    @takes(NamedCreateOptions)
    def create(  # type: ignore[override] # see tests/unit/test_refinements.py
        self,
        deployment_owner: str,
        deployment_name: str | None = None,
        *,
        input: Input,
        **options: Unpack[NamedCreateOptions],
    ) -> Prediction:
        """Create a prediction that runs on a deployment.

        Args:
            deployment_owner: The user or organization that owns the deployment, or ``owner/name``.
            deployment_name: The deployment's name, where it is not given with the owner.
            input: What the model takes. Paths, open binary files and bytes are sent as files.
            options: See NamedCreateOptions.

        Raises:
            TypeError: There is no name, or one too many.
            OutcomeUnknownError: The API may have created it, or not.
            APIError: A request failed.
        """
        check_options(options, NamedCreateOptions, "create")
        from replicate_ext._runs import flows

        owner, name = joined_path(
            deployment_owner=deployment_owner, deployment_name=deployment_name
        )
        reference = ModelReference(owner, name, is_deployment=True)
        flow = flows.create(self._driver.settings, reference, input, **options)
        return self._driver.run(flow)


class Trainings(TrainingsResource):
    """Trainings, each of which makes a new version of a model."""

    def __init__(self, driver: Driver) -> None:
        super().__init__(driver)
        self._driver = driver

    def create(
        self,
        model_owner: str,
        model_name: str | None = None,
        version_id: str | None = None,
        *,
        destination: str,
        input: Input,
        webhook: str | None = None,
        webhook_events_filter: Iterable[WebhookEvent | str] | None = None,
        file_encoding: FileEncoding | None = None,
    ) -> Training:
        """Start a training of a new version from a version that can be trained.

        Args:
            model_owner: The user or organization that owns the model; or ``owner/name``, or
                ``owner/name:version``, and what follows moves up.
            model_name: The model's name.
            version_id: The version to train from.
            destination: ``owner/name`` of the model that gets the new version; it must exist.
            input: What the version's training takes. Paths, open binary files and bytes are sent
                as files.
            webhook: The https URL that gets the training's events (http only on loopback).
            webhook_events_filter: The events to send: start, output, logs, completed.
            file_encoding: How files in the input are sent, in place of the client's own way.

        Raises:
            TypeError: A part of the path is of another type, or there are too few, or too many.
            ValueError: A part of the path is empty, "." or "..".
            InvalidInputError: Something that was given cannot be sent.
            OutcomeUnknownError: The API may have started it, or not.
            APIError: A request failed.
        """
        from replicate_ext._runs import training

        flow = training.create(
            self._driver.settings,
            joined_path(model_owner=model_owner, model_name=model_name, version_id=version_id),
            destination,
            input,
            webhook=webhook,
            webhook_events_filter=webhook_events_filter,
            file_encoding=file_encoding,
        )
        return self._driver.run(flow)


class AsyncModels(AsyncModelsResource):
    """Models, and what belongs to them."""

    def __init__(self, driver: AsyncDriver) -> None:
        super().__init__(driver)
        self._driver = driver

    @property
    def predictions(self) -> AsyncModelsPredictions:
        """Predictions of official models."""
        return AsyncModelsPredictions(self._driver)


class AsyncModelsPredictions(AsyncModelsPredictionsResource):
    """Predictions of official models."""

    def __init__(self, driver: AsyncDriver) -> None:
        super().__init__(driver)
        self._driver = driver

    @takes(NamedCreateOptions)
    async def create(  # type: ignore[override] # see tests/unit/test_refinements.py
        self,
        model_owner: str,
        model_name: str | None = None,
        *,
        input: Input,
        **options: Unpack[NamedCreateOptions],
    ) -> Prediction:
        """Create a prediction with an official model.

        Args:
            model_owner: The user or organization that owns the model, or ``owner/name``.
            model_name: The model's name, where it is not given with the owner.
            input: What the model takes. Paths, open binary files and bytes are sent as files.
            options: See NamedCreateOptions.

        Raises:
            TypeError: There is no name, or one too many.
            OutcomeUnknownError: The API may have created it, or not.
            APIError: A request failed.
        """
        check_options(options, NamedCreateOptions, "create")
        from replicate_ext._runs import flows

        owner, name = joined_path(model_owner=model_owner, model_name=model_name)
        reference = ModelReference(owner, name)
        flow = flows.create(self._driver.settings, reference, input, **options)
        return await self._driver.run(flow)


class AsyncDeployments(AsyncDeploymentsResource):
    """Models on hardware of the account's own choice."""

    def __init__(self, driver: AsyncDriver) -> None:
        super().__init__(driver)
        self._driver = driver

    @property
    def predictions(self) -> AsyncDeploymentsPredictions:
        """Predictions on deployments."""
        return AsyncDeploymentsPredictions(self._driver)


class AsyncDeploymentsPredictions(AsyncDeploymentsPredictionsResource):
    """Predictions on deployments."""

    def __init__(self, driver: AsyncDriver) -> None:
        super().__init__(driver)
        self._driver = driver

    @takes(NamedCreateOptions)
    async def create(  # type: ignore[override] # see tests/unit/test_refinements.py
        self,
        deployment_owner: str,
        deployment_name: str | None = None,
        *,
        input: Input,
        **options: Unpack[NamedCreateOptions],
    ) -> Prediction:
        """Create a prediction that runs on a deployment.

        Args:
            deployment_owner: The user or organization that owns the deployment, or ``owner/name``.
            deployment_name: The deployment's name, where it is not given with the owner.
            input: What the model takes. Paths, open binary files and bytes are sent as files.
            options: See NamedCreateOptions.

        Raises:
            TypeError: There is no name, or one too many.
            OutcomeUnknownError: The API may have created it, or not.
            APIError: A request failed.
        """
        check_options(options, NamedCreateOptions, "create")
        from replicate_ext._runs import flows

        owner, name = joined_path(
            deployment_owner=deployment_owner, deployment_name=deployment_name
        )
        reference = ModelReference(owner, name, is_deployment=True)
        flow = flows.create(self._driver.settings, reference, input, **options)
        return await self._driver.run(flow)


class AsyncTrainings(AsyncTrainingsResource):
    """Trainings, each of which makes a new version of a model."""

    def __init__(self, driver: AsyncDriver) -> None:
        super().__init__(driver)
        self._driver = driver

    async def create(
        self,
        model_owner: str,
        model_name: str | None = None,
        version_id: str | None = None,
        *,
        destination: str,
        input: Input,
        webhook: str | None = None,
        webhook_events_filter: Iterable[WebhookEvent | str] | None = None,
        file_encoding: FileEncoding | None = None,
    ) -> Training:
        """Start a training of a new version from a version that can be trained.

        Args:
            model_owner: The user or organization that owns the model; or ``owner/name``, or
                ``owner/name:version``, and what follows moves up.
            model_name: The model's name.
            version_id: The version to train from.
            destination: ``owner/name`` of the model that gets the new version; it must exist.
            input: What the version's training takes. Paths, open binary files and bytes are sent
                as files.
            webhook: The https URL that gets the training's events (http only on loopback).
            webhook_events_filter: The events to send: start, output, logs, completed.
            file_encoding: How files in the input are sent, in place of the client's own way.

        Raises:
            TypeError: A part of the path is of another type, or there are too few, or too many.
            ValueError: A part of the path is empty, "." or "..".
            InvalidInputError: Something that was given cannot be sent.
            OutcomeUnknownError: The API may have started it, or not.
            APIError: A request failed.
        """
        from replicate_ext._runs import training

        flow = training.create(
            self._driver.settings,
            joined_path(model_owner=model_owner, model_name=model_name, version_id=version_id),
            destination,
            input,
            webhook=webhook,
            webhook_events_filter=webhook_events_filter,
            file_encoding=file_encoding,
        )
        return await self._driver.run(flow)
