# Generated from openapi.yaml by `make generate`; changes made here are lost.
"""Everything that the API offers, as attributes of one object."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..client import AsyncPerformer, SyncPerformer
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
    """Everything that the API offers.

    Args:
        performer: What performs an operation.
    """

    def __init__(self, performer: SyncPerformer) -> None:
        self._performer = performer

    @cached_property
    def account(self) -> AccountResource:
        """account: get."""
        from .account import AccountResource

        return AccountResource(self._performer)

    @cached_property
    def collections(self) -> CollectionsResource:
        """collections: get, list."""
        from .collections import CollectionsResource

        return CollectionsResource(self._performer)

    @cached_property
    def deployments(self) -> DeploymentsResource:
        """deployments: create, delete, get, list, update."""
        from .deployments import DeploymentsResource

        return DeploymentsResource(self._performer)

    @cached_property
    def files(self) -> FilesResource:
        """files: delete, get, list."""
        from .files import FilesResource

        return FilesResource(self._performer)

    @cached_property
    def hardware(self) -> HardwareResource:
        """hardware: list."""
        from .hardware import HardwareResource

        return HardwareResource(self._performer)

    @cached_property
    def models(self) -> ModelsResource:
        """models: create, delete, get, list, search, update."""
        from .models import ModelsResource

        return ModelsResource(self._performer)

    @cached_property
    def predictions(self) -> PredictionsResource:
        """predictions: cancel, get."""
        from .predictions import PredictionsResource

        return PredictionsResource(self._performer)

    def search(self, query: str, *, limit: int | None = None) -> SearchResults:
        """Search models, collections and documentation pages.

        Args:
            query: The text to look for.
            limit: How many models at most, 1 to 50; the API takes 20 where it is left out.

        Raises:
            replicate_ext.APIError: The request failed.
        """
        from ..api.search import search as _operation

        _arguments = _operation.request(query=query, limit=limit)
        return self._performer.perform(
            _arguments, _operation.parse, repeatable=_operation.REPEATABLE
        )

    @cached_property
    def trainings(self) -> TrainingsResource:
        """trainings: cancel, get, list."""
        from .trainings import TrainingsResource

        return TrainingsResource(self._performer)

    @cached_property
    def webhooks(self) -> WebhooksResource:
        """webhooks: default."""
        from .webhooks import WebhooksResource

        return WebhooksResource(self._performer)


class AsyncApi:
    """Everything that the API offers.

    Args:
        performer: What performs an operation.
    """

    def __init__(self, performer: AsyncPerformer) -> None:
        self._performer = performer

    @cached_property
    def account(self) -> AsyncAccountResource:
        """account: get."""
        from .account import AsyncAccountResource

        return AsyncAccountResource(self._performer)

    @cached_property
    def collections(self) -> AsyncCollectionsResource:
        """collections: get, list."""
        from .collections import AsyncCollectionsResource

        return AsyncCollectionsResource(self._performer)

    @cached_property
    def deployments(self) -> AsyncDeploymentsResource:
        """deployments: create, delete, get, list, update."""
        from .deployments import AsyncDeploymentsResource

        return AsyncDeploymentsResource(self._performer)

    @cached_property
    def files(self) -> AsyncFilesResource:
        """files: delete, get, list."""
        from .files import AsyncFilesResource

        return AsyncFilesResource(self._performer)

    @cached_property
    def hardware(self) -> AsyncHardwareResource:
        """hardware: list."""
        from .hardware import AsyncHardwareResource

        return AsyncHardwareResource(self._performer)

    @cached_property
    def models(self) -> AsyncModelsResource:
        """models: create, delete, get, list, search, update."""
        from .models import AsyncModelsResource

        return AsyncModelsResource(self._performer)

    @cached_property
    def predictions(self) -> AsyncPredictionsResource:
        """predictions: cancel, get."""
        from .predictions import AsyncPredictionsResource

        return AsyncPredictionsResource(self._performer)

    async def search(self, query: str, *, limit: int | None = None) -> SearchResults:
        """Search models, collections and documentation pages.

        Args:
            query: The text to look for.
            limit: How many models at most, 1 to 50; the API takes 20 where it is left out.

        Raises:
            replicate_ext.APIError: The request failed.
        """
        from ..api.search import search as _operation

        _arguments = _operation.request(query=query, limit=limit)
        return await self._performer.perform(
            _arguments, _operation.parse, repeatable=_operation.REPEATABLE
        )

    @cached_property
    def trainings(self) -> AsyncTrainingsResource:
        """trainings: cancel, get, list."""
        from .trainings import AsyncTrainingsResource

        return AsyncTrainingsResource(self._performer)

    @cached_property
    def webhooks(self) -> AsyncWebhooksResource:
        """webhooks: default."""
        from .webhooks import AsyncWebhooksResource

        return AsyncWebhooksResource(self._performer)
