# Printed from async_models.py by `make generate`; changes made here are lost.
"""``client.models``, ``client.deployments`` and ``client.trainings``."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from replicate_api.resources.deployments import (
    DeploymentsPredictionsResource,
    DeploymentsResource,
)
from replicate_api.resources.models import ModelsPredictionsResource, ModelsResource
from replicate_api.resources.trainings import TrainingsResource
from replicate_api.types import joined_path

from replicate_ext._resources.hints import hint
from replicate_ext._runs.reference import ModelReference

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import timedelta

    from replicate_ext._http.driver import Driver
    from replicate_ext._http.flow import Flow
    from replicate_ext._resources.objects import Prediction, Training
    from replicate_ext.types import FileEncoding, Input, WebhookEvent


class Models(ModelsResource):
    """Models, with their versions, examples and predictions.

    Args:
        driver: Runs the requests.
    """

    def __init__(self, driver: Driver) -> None:
        super().__init__(driver)
        self._driver = driver

    @cached_property
    def predictions(self) -> ModelsPredictions:
        """Predictions with official models."""
        return ModelsPredictions(self._driver)


class ModelsPredictions(ModelsPredictionsResource):
    """Predictions with official models.

    Args:
        driver: Runs the requests.
    """

    def __init__(self, driver: Driver) -> None:
        super().__init__(driver)
        self._driver = driver

    @hint
    def create(
        self,
        model_owner: str,
        model_name: str | None = None,
        *,
        input: Input,
        wait: bool | float = False,
        webhook: str | None = None,
        webhook_events_filter: Iterable[WebhookEvent] | None = None,
        cancel_after: float | timedelta | str | None = None,
        file_encoding: FileEncoding | None = None,
        stream: bool | None = None,  # noqa: ARG002 - see the docstring
    ) -> Prediction:
        """Create a prediction with an official model.

        Args:
            model_owner: User or organization that owns the model, or ``owner/name``.
            model_name: Name of the model, unless it is given with the owner.
            input: Inputs of the model by name. Paths, open binary files and bytes are sent as
                files.
            wait: Hold the request until the output is available: True for up to 60 seconds, a
                number for that many seconds, False not at all. A held response may have the
                status "processing" although its output is complete; ``predictions.run`` returns
                the finished prediction. Default: False.
            webhook: HTTPS URL that receives the prediction's events (HTTP only on loopback).
            webhook_events_filter: Events to send: "start", "output", "logs", "completed". Default:
                "output" and "completed".
            cancel_after: Time after which the API cancels the prediction: seconds, a timedelta or
                text such as "1h30m"; 5 seconds to 24 hours. Default: no limit.
            file_encoding: How files in the input are sent. "auto" puts up to 256 kB in total into
                the request and uploads larger files, "data-uri" puts all files into the request,
                "upload" uploads all files. Default: the client's.
            stream: Has no effect, and is accepted because the official clients have it: models
                that support streaming always stream.

        Raises:
            TypeError: The name is missing or given twice.
            InvalidInputError: An argument is not valid; nothing was sent.
            OutcomeUnknownError: It is not known whether the prediction was created.
            APIError: A request failed.
        """
        from replicate_ext._runs import run
        from replicate_ext._runs.options import CreateOptions

        owner, name = joined_path(model_owner=model_owner, model_name=model_name)
        options = CreateOptions.of(
            wait=wait,
            webhook=webhook,
            webhook_events_filter=webhook_events_filter,
            cancel_after=cancel_after,
            file_encoding=file_encoding,
        )
        reference = ModelReference(owner, name)
        flow: Flow[Prediction] = run.create(self._driver.settings, reference, input, options)
        return self._driver.run(flow)


class Deployments(DeploymentsResource):
    """Deployments: models on hardware of your choice.

    Args:
        driver: Runs the requests.
    """

    def __init__(self, driver: Driver) -> None:
        super().__init__(driver)
        self._driver = driver

    @cached_property
    def predictions(self) -> DeploymentsPredictions:
        """Predictions on deployments."""
        return DeploymentsPredictions(self._driver)


class DeploymentsPredictions(DeploymentsPredictionsResource):
    """Predictions on deployments.

    Args:
        driver: Runs the requests.
    """

    def __init__(self, driver: Driver) -> None:
        super().__init__(driver)
        self._driver = driver

    @hint
    def create(
        self,
        deployment_owner: str,
        deployment_name: str | None = None,
        *,
        input: Input,
        wait: bool | float = False,
        webhook: str | None = None,
        webhook_events_filter: Iterable[WebhookEvent] | None = None,
        cancel_after: float | timedelta | str | None = None,
        file_encoding: FileEncoding | None = None,
        stream: bool | None = None,  # noqa: ARG002 - see the docstring
    ) -> Prediction:
        """Create a prediction on a deployment.

        Args:
            deployment_owner: User or organization that owns the deployment, or ``owner/name``.
            deployment_name: Name of the deployment, unless it is given with the owner.
            input: Inputs of the model by name. Paths, open binary files and bytes are sent as
                files.
            wait: Hold the request until the output is available: True for up to 60 seconds, a
                number for that many seconds, False not at all. A held response may have the
                status "processing" although its output is complete; ``predictions.run`` returns
                the finished prediction. Default: False.
            webhook: HTTPS URL that receives the prediction's events (HTTP only on loopback).
            webhook_events_filter: Events to send: "start", "output", "logs", "completed". Default:
                "output" and "completed".
            cancel_after: Time after which the API cancels the prediction: seconds, a timedelta or
                text such as "1h30m"; 5 seconds to 24 hours. Default: no limit.
            file_encoding: How files in the input are sent. "auto" puts up to 256 kB in total into
                the request and uploads larger files, "data-uri" puts all files into the request,
                "upload" uploads all files. Default: the client's.
            stream: Has no effect, and is accepted because the official clients have it: models
                that support streaming always stream.

        Raises:
            TypeError: The name is missing or given twice.
            InvalidInputError: An argument is not valid; nothing was sent.
            OutcomeUnknownError: It is not known whether the prediction was created.
            APIError: A request failed.
        """
        from replicate_ext._runs import run
        from replicate_ext._runs.options import CreateOptions

        owner, name = joined_path(
            deployment_owner=deployment_owner, deployment_name=deployment_name
        )
        options = CreateOptions.of(
            wait=wait,
            webhook=webhook,
            webhook_events_filter=webhook_events_filter,
            cancel_after=cancel_after,
            file_encoding=file_encoding,
        )
        reference = ModelReference(owner, name, is_deployment=True)
        flow: Flow[Prediction] = run.create(self._driver.settings, reference, input, options)
        return self._driver.run(flow)


class Trainings(TrainingsResource):
    """Trainings, each of which makes a new version of a model.

    Args:
        driver: Runs the requests.
    """

    def __init__(self, driver: Driver) -> None:
        super().__init__(driver)
        self._driver = driver

    @hint
    def create(
        self,
        model_owner: str,
        model_name: str | None = None,
        version_id: str | None = None,
        *,
        destination: str,
        input: Input,
        webhook: str | None = None,
        webhook_events_filter: Iterable[WebhookEvent] | None = None,
        file_encoding: FileEncoding | None = None,
    ) -> Training:
        """Start a training and return it without waiting for its end.

        Args:
            model_owner: User or organization that owns the model to train. Alternatively
                ``owner/name``, with the version as the next argument, or ``owner/name:version``
                alone.
            model_name: Name of the model to train.
            version_id: Version to train from.
            destination: ``owner/name`` of the model that gets the new version. It must exist.
            input: Inputs of the training by name. Paths, open binary files and bytes are sent as
                files.
            webhook: HTTPS URL that receives the training's events (HTTP only on loopback).
            webhook_events_filter: Events to send: "start", "output", "logs", "completed". Default:
                "output" and "completed".
            file_encoding: How files in the input are sent: "auto", "data-uri" or "upload".
                Default: the client's.

        Raises:
            TypeError: A part of the path is missing, given twice or not a string.
            ValueError: A part of the path is empty, "." or "..".
            InvalidInputError: An argument is not valid; nothing was sent.
            OutcomeUnknownError: It is not known whether the training was started.
            APIError: A request failed.
        """
        from replicate_ext._runs import training
        from replicate_ext._runs.options import CreateOptions

        path = joined_path(model_owner=model_owner, model_name=model_name, version_id=version_id)
        options = CreateOptions.of(
            webhook=webhook,
            webhook_events_filter=webhook_events_filter,
            file_encoding=file_encoding,
        )
        flow: Flow[Training] = training.create(
            self._driver.settings, path, destination, input, options
        )
        return self._driver.run(flow)
