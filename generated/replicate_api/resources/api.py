# Generated from openapi.yaml by `make generate`; changes made here are lost.
"""The resources of the API as attributes of one object."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..client import AsyncOperationRunner, OperationRunner
    from ..models import SearchResults
    from .account import AccountResource, AsyncAccountResource
    from .collections import AsyncCollectionsResource, CollectionsResource
    from .deployments import AsyncDeploymentsResource, DeploymentsResource
    from .files import AsyncFilesResource, FilesResource
    from .hardware import AsyncHardwareResource, HardwareResource
    from .models import AsyncModelsResource, ModelsResource
    from .predictions import AsyncPredictionsResource, PredictionsResource
    from .trainings import AsyncTrainingsResource, TrainingsResource
    from .webhooks import AsyncWebhooksResource, WebhooksResource


class Api:
    """The resources of the API.

    Args:
        runner: The object that performs the operations.
    """

    def __init__(self, runner: OperationRunner) -> None:
        self._runner = runner

    @cached_property
    def account(self) -> AccountResource:
        """Operations of account: get."""
        from .account import AccountResource

        return AccountResource(self._runner)

    @cached_property
    def collections(self) -> CollectionsResource:
        """Operations of collections: get, list."""
        from .collections import CollectionsResource

        return CollectionsResource(self._runner)

    @cached_property
    def deployments(self) -> DeploymentsResource:
        """Operations of deployments: create, delete, get, list, update."""
        from .deployments import DeploymentsResource

        return DeploymentsResource(self._runner)

    @cached_property
    def files(self) -> FilesResource:
        """Operations of files: delete, get, list."""
        from .files import FilesResource

        return FilesResource(self._runner)

    @cached_property
    def hardware(self) -> HardwareResource:
        """Operations of hardware: list."""
        from .hardware import HardwareResource

        return HardwareResource(self._runner)

    @cached_property
    def models(self) -> ModelsResource:
        """Operations of models: create, delete, get, list, search, update."""
        from .models import ModelsResource

        return ModelsResource(self._runner)

    @cached_property
    def predictions(self) -> PredictionsResource:
        """Operations of predictions: cancel, get."""
        from .predictions import PredictionsResource

        return PredictionsResource(self._runner)

    def search(self, query: str, *, limit: int | None = None) -> SearchResults:
        """Search models, collections and documentation pages.

        Args:
            query: The text to search for.
            limit: The maximum number of models to return, 1 to 50. Default: 20.

        Raises:
            replicate_ext.APIError: The request failed.
        """
        from ..api.search import search as _operation

        _arguments = _operation.request(query=query, limit=limit)
        return self._runner.perform(_arguments, _operation.parse, repeatable=_operation.REPEATABLE)

    @cached_property
    def trainings(self) -> TrainingsResource:
        """Operations of trainings: cancel, get, list."""
        from .trainings import TrainingsResource

        return TrainingsResource(self._runner)

    @cached_property
    def webhooks(self) -> WebhooksResource:
        """Resources of webhooks: default."""
        from .webhooks import WebhooksResource

        return WebhooksResource(self._runner)


class AsyncApi:
    """The resources of the API.

    Args:
        runner: The object that performs the operations.
    """

    def __init__(self, runner: AsyncOperationRunner) -> None:
        self._runner = runner

    @cached_property
    def account(self) -> AsyncAccountResource:
        """Operations of account: get."""
        from .account import AsyncAccountResource

        return AsyncAccountResource(self._runner)

    @cached_property
    def collections(self) -> AsyncCollectionsResource:
        """Operations of collections: get, list."""
        from .collections import AsyncCollectionsResource

        return AsyncCollectionsResource(self._runner)

    @cached_property
    def deployments(self) -> AsyncDeploymentsResource:
        """Operations of deployments: create, delete, get, list, update."""
        from .deployments import AsyncDeploymentsResource

        return AsyncDeploymentsResource(self._runner)

    @cached_property
    def files(self) -> AsyncFilesResource:
        """Operations of files: delete, get, list."""
        from .files import AsyncFilesResource

        return AsyncFilesResource(self._runner)

    @cached_property
    def hardware(self) -> AsyncHardwareResource:
        """Operations of hardware: list."""
        from .hardware import AsyncHardwareResource

        return AsyncHardwareResource(self._runner)

    @cached_property
    def models(self) -> AsyncModelsResource:
        """Operations of models: create, delete, get, list, search, update."""
        from .models import AsyncModelsResource

        return AsyncModelsResource(self._runner)

    @cached_property
    def predictions(self) -> AsyncPredictionsResource:
        """Operations of predictions: cancel, get."""
        from .predictions import AsyncPredictionsResource

        return AsyncPredictionsResource(self._runner)

    async def search(self, query: str, *, limit: int | None = None) -> SearchResults:
        """Search models, collections and documentation pages.

        Args:
            query: The text to search for.
            limit: The maximum number of models to return, 1 to 50. Default: 20.

        Raises:
            replicate_ext.APIError: The request failed.
        """
        from ..api.search import search as _operation

        _arguments = _operation.request(query=query, limit=limit)
        return await self._runner.perform(
            _arguments, _operation.parse, repeatable=_operation.REPEATABLE
        )

    @cached_property
    def trainings(self) -> AsyncTrainingsResource:
        """Operations of trainings: cancel, get, list."""
        from .trainings import AsyncTrainingsResource

        return AsyncTrainingsResource(self._runner)

    @cached_property
    def webhooks(self) -> AsyncWebhooksResource:
        """Resources of webhooks: default."""
        from .webhooks import AsyncWebhooksResource

        return AsyncWebhooksResource(self._runner)
