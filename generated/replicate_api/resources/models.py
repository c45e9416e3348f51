# Generated from openapi.yaml by `make generate`; changes made here are lost.
"""What lies under models, as objects with a method for each operation."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from .. import models
from ..paths import joined_path

if TYPE_CHECKING:
    from ..client import AsyncPerformer, SyncPerformer
    from ..models import (
        Model,
        ModelPage,
        ModelSortBy,
        ModelVersion,
        ModelVersionPage,
        PredictionPage,
        SortDirection,
        Visibility,
    )


class ModelsResource:
    """models: create, delete, get, list, search, update.

    Args:
        performer: What performs an operation.
    """

    def __init__(self, performer: SyncPerformer) -> None:
        self._performer = performer

    @cached_property
    def examples(self) -> ModelsExamplesResource:
        """models.examples: list."""
        return ModelsExamplesResource(self._performer)

    @cached_property
    def predictions(self) -> ModelsPredictionsResource:
        """models.predictions."""
        return ModelsPredictionsResource(self._performer)

    @cached_property
    def readme(self) -> ModelsReadmeResource:
        """models.readme: get."""
        return ModelsReadmeResource(self._performer)

    @cached_property
    def versions(self) -> ModelsVersionsResource:
        """models.versions: delete, get, list."""
        return ModelsVersionsResource(self._performer)

    def create(
        self,
        *,
        hardware: str,
        name: str,
        owner: str,
        visibility: Visibility,
        cover_image_url: str | None = None,
        description: str | None = None,
        github_url: str | None = None,
        license_url: str | None = None,
        paper_url: str | None = None,
    ) -> Model:
        """Create a model without versions.

        Args:
            hardware: The SKU, as hardware.list gives it.
            name: The model's name, unique among the owner's.
            owner: The user or organization, which must be the token's.
            visibility: Who can see and run it: "public" or "private".
            cover_image_url: A picture for the model's page.
            description: What the model does.
            github_url: Where its source is.
            license_url: Where its licence is.
            paper_url: Where its paper is.

        Raises:
            replicate_ext.APIError: The request failed.
        """
        from ..api.models import create as _operation

        _arguments = _operation.request(
            body=models.ModelCreateRequest(
                hardware=hardware,
                name=name,
                owner=owner,
                visibility=visibility,
                cover_image_url=cover_image_url,
                description=description,
                github_url=github_url,
                license_url=license_url,
                paper_url=paper_url,
            )
        )
        return self._performer.perform(
            _arguments, _operation.parse, repeatable=_operation.REPEATABLE
        )

    def delete(self, model_owner: str, model_name: str | None = None) -> None:
        """Delete a private model that has no versions.

        Args:
            model_owner: The user or organization that owns the model. Or "owner/name", and what follows
                moves up.
            model_name: The model's name.

        Raises:
            TypeError: A part of the path is of another type, or there are too few, or too many.
            ValueError: A part of the path is empty, "." or "..".
            replicate_ext.APIError: The request failed.
        """
        from ..api.models import delete as _operation

        _arguments = _operation.request(
            *joined_path(model_owner=model_owner, model_name=model_name)
        )
        return self._performer.perform(
            _arguments, _operation.parse, repeatable=_operation.REPEATABLE
        )

    def get(self, model_owner: str, model_name: str | None = None) -> Model:
        """Get a model.

        Args:
            model_owner: The user or organization that owns the model. Or "owner/name", and what follows
                moves up.
            model_name: The model's name.

        Raises:
            TypeError: A part of the path is of another type, or there are too few, or too many.
            ValueError: A part of the path is empty, "." or "..".
            replicate_ext.APIError: The request failed.
        """
        from ..api.models import get as _operation

        _arguments = _operation.request(
            *joined_path(model_owner=model_owner, model_name=model_name)
        )
        return self._performer.perform(
            _arguments, _operation.parse, repeatable=_operation.REPEATABLE
        )

    def list(
        self,
        *,
        sort_by: ModelSortBy | None = None,
        sort_direction: SortDirection | None = None,
        cursor: str | None = None,
    ) -> ModelPage:
        """List the public models.

        Args:
            sort_by: "model_created_at" or "latest_version_created_at", which the API takes where it
                is left out.
            sort_direction: "asc" or "desc", which the API takes where it is left out.
            cursor: Where to go on, as an earlier page's next or previous gave it.

        Raises:
            replicate_ext.APIError: The request failed.
        """
        from ..api.models import list_ as _operation

        _arguments = _operation.request(
            sort_by=sort_by, sort_direction=sort_direction, cursor=cursor
        )
        return self._performer.perform(
            _arguments, _operation.parse, repeatable=_operation.REPEATABLE
        )

    def search(self, query: str) -> ModelPage:
        """Search the public models by text.

        Args:
            query: The text to send.

        Raises:
            replicate_ext.APIError: The request failed.
        """
        from ..api.models import search as _operation

        _arguments = _operation.request(body=query)
        return self._performer.perform(
            _arguments, _operation.parse, repeatable=_operation.REPEATABLE
        )

    def update(
        self,
        model_owner: str,
        model_name: str | None = None,
        *,
        description: str | None = None,
        github_url: str | None = None,
        license_url: str | None = None,
        paper_url: str | None = None,
        readme: str | None = None,
        weights_url: str | None = None,
    ) -> Model:
        """Change a model's description, links, README or weights.

        Args:
            model_owner: The user or organization that owns the model. Or "owner/name", and what follows
                moves up.
            model_name: The model's name.
            description: What the model does.
            github_url: Where its source is.
            license_url: Where its licence is.
            paper_url: Where its paper is.
            readme: The README, as Markdown.
            weights_url: Where its weights are.

        Raises:
            TypeError: A part of the path is of another type, or there are too few, or too many.
            ValueError: A part of the path is empty, "." or "..".
            replicate_ext.APIError: The request failed.
        """
        from ..api.models import update as _operation

        _arguments = _operation.request(
            *joined_path(model_owner=model_owner, model_name=model_name),
            body=models.ModelUpdateRequest(
                description=description,
                github_url=github_url,
                license_url=license_url,
                paper_url=paper_url,
                readme=readme,
                weights_url=weights_url,
            ),
        )
        return self._performer.perform(
            _arguments, _operation.parse, repeatable=_operation.REPEATABLE
        )


class AsyncModelsResource:
    """models: create, delete, get, list, search, update.

    Args:
        performer: What performs an operation.
    """

    def __init__(self, performer: AsyncPerformer) -> None:
        self._performer = performer

    @cached_property
    def examples(self) -> AsyncModelsExamplesResource:
        """models.examples: list."""
        return AsyncModelsExamplesResource(self._performer)

    @cached_property
    def predictions(self) -> AsyncModelsPredictionsResource:
        """models.predictions."""
        return AsyncModelsPredictionsResource(self._performer)

    @cached_property
    def readme(self) -> AsyncModelsReadmeResource:
        """models.readme: get."""
        return AsyncModelsReadmeResource(self._performer)

    @cached_property
    def versions(self) -> AsyncModelsVersionsResource:
        """models.versions: delete, get, list."""
        return AsyncModelsVersionsResource(self._performer)

    async def create(
        self,
        *,
        hardware: str,
        name: str,
        owner: str,
        visibility: Visibility,
        cover_image_url: str | None = None,
        description: str | None = None,
        github_url: str | None = None,
        license_url: str | None = None,
        paper_url: str | None = None,
    ) -> Model:
        """Create a model without versions.

        Args:
            hardware: The SKU, as hardware.list gives it.
            name: The model's name, unique among the owner's.
            owner: The user or organization, which must be the token's.
            visibility: Who can see and run it: "public" or "private".
            cover_image_url: A picture for the model's page.
            description: What the model does.
            github_url: Where its source is.
            license_url: Where its licence is.
            paper_url: Where its paper is.

        Raises:
            replicate_ext.APIError: The request failed.
        """
        from ..api.models import create as _operation

        _arguments = _operation.request(
            body=models.ModelCreateRequest(
                hardware=hardware,
                name=name,
                owner=owner,
                visibility=visibility,
                cover_image_url=cover_image_url,
                description=description,
                github_url=github_url,
                license_url=license_url,
                paper_url=paper_url,
            )
        )
        return await self._performer.perform(
            _arguments, _operation.parse, repeatable=_operation.REPEATABLE
        )

    async def delete(self, model_owner: str, model_name: str | None = None) -> None:
        """Delete a private model that has no versions.

        Args:
            model_owner: The user or organization that owns the model. Or "owner/name", and what follows
                moves up.
            model_name: The model's name.

        Raises:
            TypeError: A part of the path is of another type, or there are too few, or too many.
            ValueError: A part of the path is empty, "." or "..".
            replicate_ext.APIError: The request failed.
        """
        from ..api.models import delete as _operation

        _arguments = _operation.request(
            *joined_path(model_owner=model_owner, model_name=model_name)
        )
        return await self._performer.perform(
            _arguments, _operation.parse, repeatable=_operation.REPEATABLE
        )

    async def get(self, model_owner: str, model_name: str | None = None) -> Model:
        """Get a model.

        Args:
            model_owner: The user or organization that owns the model. Or "owner/name", and what follows
                moves up.
            model_name: The model's name.

        Raises:
            TypeError: A part of the path is of another type, or there are too few, or too many.
            ValueError: A part of the path is empty, "." or "..".
            replicate_ext.APIError: The request failed.
        """
        from ..api.models import get as _operation

        _arguments = _operation.request(
            *joined_path(model_owner=model_owner, model_name=model_name)
        )
        return await self._performer.perform(
            _arguments, _operation.parse, repeatable=_operation.REPEATABLE
        )

    async def list(
        self,
        *,
        sort_by: ModelSortBy | None = None,
        sort_direction: SortDirection | None = None,
        cursor: str | None = None,
    ) -> ModelPage:
        """List the public models.

        Args:
            sort_by: "model_created_at" or "latest_version_created_at", which the API takes where it
                is left out.
            sort_direction: "asc" or "desc", which the API takes where it is left out.
            cursor: Where to go on, as an earlier page's next or previous gave it.

        Raises:
            replicate_ext.APIError: The request failed.
        """
        from ..api.models import list_ as _operation

        _arguments = _operation.request(
            sort_by=sort_by, sort_direction=sort_direction, cursor=cursor
        )
        return await self._performer.perform(
            _arguments, _operation.parse, repeatable=_operation.REPEATABLE
        )

    async def search(self, query: str) -> ModelPage:
        """Search the public models by text.

        Args:
            query: The text to send.

        Raises:
            replicate_ext.APIError: The request failed.
        """
        from ..api.models import search as _operation

        _arguments = _operation.request(body=query)
        return await self._performer.perform(
            _arguments, _operation.parse, repeatable=_operation.REPEATABLE
        )

    async def update(
        self,
        model_owner: str,
        model_name: str | None = None,
        *,
        description: str | None = None,
        github_url: str | None = None,
        license_url: str | None = None,
        paper_url: str | None = None,
        readme: str | None = None,
        weights_url: str | None = None,
    ) -> Model:
        """Change a model's description, links, README or weights.

        Args:
            model_owner: The user or organization that owns the model. Or "owner/name", and what follows
                moves up.
            model_name: The model's name.
            description: What the model does.
            github_url: Where its source is.
            license_url: Where its licence is.
            paper_url: Where its paper is.
            readme: The README, as Markdown.
            weights_url: Where its weights are.

        Raises:
            TypeError: A part of the path is of another type, or there are too few, or too many.
            ValueError: A part of the path is empty, "." or "..".
            replicate_ext.APIError: The request failed.
        """
        from ..api.models import update as _operation

        _arguments = _operation.request(
            *joined_path(model_owner=model_owner, model_name=model_name),
            body=models.ModelUpdateRequest(
                description=description,
                github_url=github_url,
                license_url=license_url,
                paper_url=paper_url,
                readme=readme,
                weights_url=weights_url,
            ),
        )
        return await self._performer.perform(
            _arguments, _operation.parse, repeatable=_operation.REPEATABLE
        )


class ModelsExamplesResource:
    """models.examples: list.

    Args:
        performer: What performs an operation.
    """

    def __init__(self, performer: SyncPerformer) -> None:
        self._performer = performer

    def list(
        self, model_owner: str, model_name: str | None = None, *, cursor: str | None = None
    ) -> PredictionPage:
        """List a model's example predictions.

        Args:
            model_owner: The user or organization that owns the model. Or "owner/name", and what follows
                moves up.
            model_name: The model's name.
            cursor: Where to go on, as an earlier page's next or previous gave it.

        Raises:
            TypeError: A part of the path is of another type, or there are too few, or too many.
            ValueError: A part of the path is empty, "." or "..".
            replicate_ext.APIError: The request failed.
        """
        from ..api.models import examples_list as _operation

        _arguments = _operation.request(
            *joined_path(model_owner=model_owner, model_name=model_name), cursor=cursor
        )
        return self._performer.perform(
            _arguments, _operation.parse, repeatable=_operation.REPEATABLE
        )


class AsyncModelsExamplesResource:
    """models.examples: list.

    Args:
        performer: What performs an operation.
    """

    def __init__(self, performer: AsyncPerformer) -> None:
        self._performer = performer

    async def list(
        self, model_owner: str, model_name: str | None = None, *, cursor: str | None = None
    ) -> PredictionPage:
        """List a model's example predictions.

        Args:
            model_owner: The user or organization that owns the model. Or "owner/name", and what follows
                moves up.
            model_name: The model's name.
            cursor: Where to go on, as an earlier page's next or previous gave it.

        Raises:
            TypeError: A part of the path is of another type, or there are too few, or too many.
            ValueError: A part of the path is empty, "." or "..".
            replicate_ext.APIError: The request failed.
        """
        from ..api.models import examples_list as _operation

        _arguments = _operation.request(
            *joined_path(model_owner=model_owner, model_name=model_name), cursor=cursor
        )
        return await self._performer.perform(
            _arguments, _operation.parse, repeatable=_operation.REPEATABLE
        )


class ModelsPredictionsResource:
    """models.predictions.

    Args:
        performer: What performs an operation.
    """

    def __init__(self, performer: SyncPerformer) -> None:
        self._performer = performer


class AsyncModelsPredictionsResource:
    """models.predictions.

    Args:
        performer: What performs an operation.
    """

    def __init__(self, performer: AsyncPerformer) -> None:
        self._performer = performer


class ModelsReadmeResource:
    """models.readme: get.

    Args:
        performer: What performs an operation.
    """

    def __init__(self, performer: SyncPerformer) -> None:
        self._performer = performer

    def get(self, model_owner: str, model_name: str | None = None) -> str:
        """Get a model's README as Markdown.

        Args:
            model_owner: The user or organization that owns the model. Or "owner/name", and what follows
                moves up.
            model_name: The model's name.

        Raises:
            TypeError: A part of the path is of another type, or there are too few, or too many.
            ValueError: A part of the path is empty, "." or "..".
            replicate_ext.APIError: The request failed.
        """
        from ..api.models import readme_get as _operation

        _arguments = _operation.request(
            *joined_path(model_owner=model_owner, model_name=model_name)
        )
        return self._performer.perform(
            _arguments, _operation.parse, repeatable=_operation.REPEATABLE
        )


class AsyncModelsReadmeResource:
    """models.readme: get.

    Args:
        performer: What performs an operation.
    """

    def __init__(self, performer: AsyncPerformer) -> None:
        self._performer = performer

    async def get(self, model_owner: str, model_name: str | None = None) -> str:
        """Get a model's README as Markdown.

        Args:
            model_owner: The user or organization that owns the model. Or "owner/name", and what follows
                moves up.
            model_name: The model's name.

        Raises:
            TypeError: A part of the path is of another type, or there are too few, or too many.
            ValueError: A part of the path is empty, "." or "..".
            replicate_ext.APIError: The request failed.
        """
        from ..api.models import readme_get as _operation

        _arguments = _operation.request(
            *joined_path(model_owner=model_owner, model_name=model_name)
        )
        return await self._performer.perform(
            _arguments, _operation.parse, repeatable=_operation.REPEATABLE
        )


class ModelsVersionsResource:
    """models.versions: delete, get, list.

    Args:
        performer: What performs an operation.
    """

    def __init__(self, performer: SyncPerformer) -> None:
        self._performer = performer

    def delete(
        self, model_owner: str, model_name: str | None = None, version_id: str | None = None
    ) -> None:
        """Delete a version of a private model, and its predictions.

        Args:
            model_owner: The user or organization that owns the model. Or "owner/name", or
                "owner/name:version", and what follows moves up.
            model_name: The model's name.
            version_id: The version's id, 64 hexadecimal digits.

        Raises:
            TypeError: A part of the path is of another type, or there are too few, or too many.
            ValueError: A part of the path is empty, "." or "..".
            replicate_ext.APIError: The request failed.
        """
        from ..api.models import versions_delete as _operation

        _arguments = _operation.request(
            *joined_path(model_owner=model_owner, model_name=model_name, version_id=version_id)
        )
        return self._performer.perform(
            _arguments, _operation.parse, repeatable=_operation.REPEATABLE
        )

    def get(
        self, model_owner: str, model_name: str | None = None, version_id: str | None = None
    ) -> ModelVersion:
        """Get one version of a model.

        Args:
            model_owner: The user or organization that owns the model. Or "owner/name", or
                "owner/name:version", and what follows moves up.
            model_name: The model's name.
            version_id: The version's id, 64 hexadecimal digits.

        Raises:
            TypeError: A part of the path is of another type, or there are too few, or too many.
            ValueError: A part of the path is empty, "." or "..".
            replicate_ext.APIError: The request failed.
        """
        from ..api.models import versions_get as _operation

        _arguments = _operation.request(
            *joined_path(model_owner=model_owner, model_name=model_name, version_id=version_id)
        )
        return self._performer.perform(
            _arguments, _operation.parse, repeatable=_operation.REPEATABLE
        )

    def list(
        self, model_owner: str, model_name: str | None = None, *, cursor: str | None = None
    ) -> ModelVersionPage:
        """List a model's versions, newest first.

        Args:
            model_owner: The user or organization that owns the model. Or "owner/name", and what follows
                moves up.
            model_name: The model's name.
            cursor: Where to go on, as an earlier page's next or previous gave it.

        Raises:
            TypeError: A part of the path is of another type, or there are too few, or too many.
            ValueError: A part of the path is empty, "." or "..".
            replicate_ext.APIError: The request failed.
        """
        from ..api.models import versions_list as _operation

        _arguments = _operation.request(
            *joined_path(model_owner=model_owner, model_name=model_name), cursor=cursor
        )
        return self._performer.perform(
            _arguments, _operation.parse, repeatable=_operation.REPEATABLE
        )


class AsyncModelsVersionsResource:
    """models.versions: delete, get, list.

    Args:
        performer: What performs an operation.
    """

    def __init__(self, performer: AsyncPerformer) -> None:
        self._performer = performer

    async def delete(
        self, model_owner: str, model_name: str | None = None, version_id: str | None = None
    ) -> None:
        """Delete a version of a private model, and its predictions.

        Args:
            model_owner: The user or organization that owns the model. Or "owner/name", or
                "owner/name:version", and what follows moves up.
            model_name: The model's name.
            version_id: The version's id, 64 hexadecimal digits.

        Raises:
            TypeError: A part of the path is of another type, or there are too few, or too many.
            ValueError: A part of the path is empty, "." or "..".
            replicate_ext.APIError: The request failed.
        """
        from ..api.models import versions_delete as _operation

        _arguments = _operation.request(
            *joined_path(model_owner=model_owner, model_name=model_name, version_id=version_id)
        )
        return await self._performer.perform(
            _arguments, _operation.parse, repeatable=_operation.REPEATABLE
        )

    async def get(
        self, model_owner: str, model_name: str | None = None, version_id: str | None = None
    ) -> ModelVersion:
        """Get one version of a model.

        Args:
            model_owner: The user or organization that owns the model. Or "owner/name", or
                "owner/name:version", and what follows moves up.
            model_name: The model's name.
            version_id: The version's id, 64 hexadecimal digits.

        Raises:
            TypeError: A part of the path is of another type, or there are too few, or too many.
            ValueError: A part of the path is empty, "." or "..".
            replicate_ext.APIError: The request failed.
        """
        from ..api.models import versions_get as _operation

        _arguments = _operation.request(
            *joined_path(model_owner=model_owner, model_name=model_name, version_id=version_id)
        )
        return await self._performer.perform(
            _arguments, _operation.parse, repeatable=_operation.REPEATABLE
        )

    async def list(
        self, model_owner: str, model_name: str | None = None, *, cursor: str | None = None
    ) -> ModelVersionPage:
        """List a model's versions, newest first.

        Args:
            model_owner: The user or organization that owns the model. Or "owner/name", and what follows
                moves up.
            model_name: The model's name.
            cursor: Where to go on, as an earlier page's next or previous gave it.

        Raises:
            TypeError: A part of the path is of another type, or there are too few, or too many.
            ValueError: A part of the path is empty, "." or "..".
            replicate_ext.APIError: The request failed.
        """
        from ..api.models import versions_list as _operation

        _arguments = _operation.request(
            *joined_path(model_owner=model_owner, model_name=model_name), cursor=cursor
        )
        return await self._performer.perform(
            _arguments, _operation.parse, repeatable=_operation.REPEATABLE
        )
