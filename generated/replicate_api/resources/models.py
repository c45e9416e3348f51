# Generated from openapi.yaml by `make generate`; changes made here are lost.
"""The resources of models, with a method for each operation."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, cast

from .. import models
from ..paths import joined_path

if TYPE_CHECKING:
    from replicate_ext._resources.async_objects import AsyncPrediction
    from replicate_ext._resources.links import Page
    from replicate_ext._resources.objects import Prediction

    from ..client import AsyncOperationRunner, OperationRunner
    from ..models import (
        Model,
        ModelPage,
        ModelSortBy,
        ModelVersion,
        ModelVersionPage,
        SortDirection,
        Visibility,
    )
    from ..types import Identified


class ModelsResource:
    """Operations of models: create, delete, get, list, search, update.

    Args:
        runner: The object that performs the operations.
    """

    def __init__(self, runner: OperationRunner) -> None:
        self._runner = runner

    @cached_property
    def examples(self) -> ModelsExamplesResource:
        """Operations of models.examples: list."""
        return ModelsExamplesResource(self._runner)

    @cached_property
    def predictions(self) -> ModelsPredictionsResource:
        """Base class for the operations of models.predictions."""
        return ModelsPredictionsResource(self._runner)

    @cached_property
    def readme(self) -> ModelsReadmeResource:
        """Operations of models.readme: get."""
        return ModelsReadmeResource(self._runner)

    @cached_property
    def versions(self) -> ModelsVersionsResource:
        """Operations of models.versions: delete, get, list."""
        return ModelsVersionsResource(self._runner)

    def create(
        self,
        owner: str,
        name: str,
        *,
        hardware: str,
        visibility: Visibility,
        cover_image_url: str | None = None,
        description: str | None = None,
        github_url: str | None = None,
        license_url: str | None = None,
        paper_url: str | None = None,
    ) -> Model:
        """Create a model. It has no versions yet.

        Args:
            owner: The user or organization that owns the model. It must be the account of the
                API token.
            name: The name of the model. It must be unique among the models of the owner.
            hardware: The SKU of the hardware. See hardware.list.
            visibility: Who can see and run the model: "public" or "private".
            cover_image_url: The URL of the cover image.
            description: A description of the model.
            github_url: The URL of the source code.
            license_url: The URL of the license.
            paper_url: The URL of the paper.

        Raises:
            replicate_ext.APIError: The request failed.
        """
        from ..api.models import create as _operation

        _arguments = _operation.request(
            body=models.ModelCreateRequest(
                owner=owner,
                name=name,
                hardware=hardware,
                visibility=visibility,
                cover_image_url=cover_image_url,
                description=description,
                github_url=github_url,
                license_url=license_url,
                paper_url=paper_url,
            )
        )
        return self._runner.perform(_arguments, _operation.parse, repeatable=_operation.REPEATABLE)

    def delete(self, model_owner: str, model_name: str | None = None) -> None:
        """Delete a private model that has no versions.

        Args:
            model_owner: The user or organization that owns the model. Can also be "owner/name";
                omit the arguments that it contains.
            model_name: The name of the model.

        Raises:
            TypeError: A path argument has the wrong type, is missing, or is given twice.
            ValueError: A path argument is empty, "." or "..".
            replicate_ext.APIError: The request failed.
        """
        from ..api.models import delete as _operation

        _arguments = _operation.request(
            *joined_path(model_owner=model_owner, model_name=model_name)
        )
        return self._runner.perform(_arguments, _operation.parse, repeatable=_operation.REPEATABLE)

    def get(self, model_owner: str, model_name: str | None = None) -> Model:
        """Get a model.

        Args:
            model_owner: The user or organization that owns the model. Can also be "owner/name";
                omit the arguments that it contains.
            model_name: The name of the model.

        Raises:
            TypeError: A path argument has the wrong type, is missing, or is given twice.
            ValueError: A path argument is empty, "." or "..".
            replicate_ext.APIError: The request failed.
        """
        from ..api.models import get as _operation

        _arguments = _operation.request(
            *joined_path(model_owner=model_owner, model_name=model_name)
        )
        return self._runner.perform(_arguments, _operation.parse, repeatable=_operation.REPEATABLE)

    def list(
        self,
        *,
        sort_by: ModelSortBy | None = None,
        sort_direction: SortDirection | None = None,
        cursor: str | None = None,
    ) -> ModelPage:
        """List the public models.

        Args:
            sort_by: The field to sort by: "model_created_at" or "latest_version_created_at".
                Default: "latest_version_created_at".
            sort_direction: The sort direction: "asc" or "desc". Default: "desc".
            cursor: The cursor of the page to return, from the next or previous URL of another
                page.

        Raises:
            replicate_ext.APIError: The request failed.
        """
        from ..api.models import list_ as _operation

        _arguments = _operation.request(
            sort_by=sort_by, sort_direction=sort_direction, cursor=cursor
        )
        return self._runner.perform(_arguments, _operation.parse, repeatable=_operation.REPEATABLE)

    def search(self, query: str) -> ModelPage:
        """Search the public models by text.

        Args:
            query: The text to send.

        Raises:
            replicate_ext.APIError: The request failed.
        """
        from ..api.models import search as _operation

        _arguments = _operation.request(body=query)
        return self._runner.perform(_arguments, _operation.parse, repeatable=_operation.REPEATABLE)

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
        """Update the description, links, README or weights of a model.

        Args:
            model_owner: The user or organization that owns the model. Can also be "owner/name";
                omit the arguments that it contains.
            model_name: The name of the model.
            description: A description of the model.
            github_url: The URL of the source code.
            license_url: The URL of the license.
            paper_url: The URL of the paper.
            readme: The README, in Markdown.
            weights_url: The URL of the weights.

        Raises:
            TypeError: A path argument has the wrong type, is missing, or is given twice.
            ValueError: A path argument is empty, "." or "..".
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
        return self._runner.perform(_arguments, _operation.parse, repeatable=_operation.REPEATABLE)


class AsyncModelsResource:
    """Operations of models: create, delete, get, list, search, update.

    Args:
        runner: The object that performs the operations.
    """

    def __init__(self, runner: AsyncOperationRunner) -> None:
        self._runner = runner

    @cached_property
    def examples(self) -> AsyncModelsExamplesResource:
        """Operations of models.examples: list."""
        return AsyncModelsExamplesResource(self._runner)

    @cached_property
    def predictions(self) -> AsyncModelsPredictionsResource:
        """Base class for the operations of models.predictions."""
        return AsyncModelsPredictionsResource(self._runner)

    @cached_property
    def readme(self) -> AsyncModelsReadmeResource:
        """Operations of models.readme: get."""
        return AsyncModelsReadmeResource(self._runner)

    @cached_property
    def versions(self) -> AsyncModelsVersionsResource:
        """Operations of models.versions: delete, get, list."""
        return AsyncModelsVersionsResource(self._runner)

    async def create(
        self,
        owner: str,
        name: str,
        *,
        hardware: str,
        visibility: Visibility,
        cover_image_url: str | None = None,
        description: str | None = None,
        github_url: str | None = None,
        license_url: str | None = None,
        paper_url: str | None = None,
    ) -> Model:
        """Create a model. It has no versions yet.

        Args:
            owner: The user or organization that owns the model. It must be the account of the
                API token.
            name: The name of the model. It must be unique among the models of the owner.
            hardware: The SKU of the hardware. See hardware.list.
            visibility: Who can see and run the model: "public" or "private".
            cover_image_url: The URL of the cover image.
            description: A description of the model.
            github_url: The URL of the source code.
            license_url: The URL of the license.
            paper_url: The URL of the paper.

        Raises:
            replicate_ext.APIError: The request failed.
        """
        from ..api.models import create as _operation

        _arguments = _operation.request(
            body=models.ModelCreateRequest(
                owner=owner,
                name=name,
                hardware=hardware,
                visibility=visibility,
                cover_image_url=cover_image_url,
                description=description,
                github_url=github_url,
                license_url=license_url,
                paper_url=paper_url,
            )
        )
        return await self._runner.perform(
            _arguments, _operation.parse, repeatable=_operation.REPEATABLE
        )

    async def delete(self, model_owner: str, model_name: str | None = None) -> None:
        """Delete a private model that has no versions.

        Args:
            model_owner: The user or organization that owns the model. Can also be "owner/name";
                omit the arguments that it contains.
            model_name: The name of the model.

        Raises:
            TypeError: A path argument has the wrong type, is missing, or is given twice.
            ValueError: A path argument is empty, "." or "..".
            replicate_ext.APIError: The request failed.
        """
        from ..api.models import delete as _operation

        _arguments = _operation.request(
            *joined_path(model_owner=model_owner, model_name=model_name)
        )
        return await self._runner.perform(
            _arguments, _operation.parse, repeatable=_operation.REPEATABLE
        )

    async def get(self, model_owner: str, model_name: str | None = None) -> Model:
        """Get a model.

        Args:
            model_owner: The user or organization that owns the model. Can also be "owner/name";
                omit the arguments that it contains.
            model_name: The name of the model.

        Raises:
            TypeError: A path argument has the wrong type, is missing, or is given twice.
            ValueError: A path argument is empty, "." or "..".
            replicate_ext.APIError: The request failed.
        """
        from ..api.models import get as _operation

        _arguments = _operation.request(
            *joined_path(model_owner=model_owner, model_name=model_name)
        )
        return await self._runner.perform(
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
            sort_by: The field to sort by: "model_created_at" or "latest_version_created_at".
                Default: "latest_version_created_at".
            sort_direction: The sort direction: "asc" or "desc". Default: "desc".
            cursor: The cursor of the page to return, from the next or previous URL of another
                page.

        Raises:
            replicate_ext.APIError: The request failed.
        """
        from ..api.models import list_ as _operation

        _arguments = _operation.request(
            sort_by=sort_by, sort_direction=sort_direction, cursor=cursor
        )
        return await self._runner.perform(
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
        return await self._runner.perform(
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
        """Update the description, links, README or weights of a model.

        Args:
            model_owner: The user or organization that owns the model. Can also be "owner/name";
                omit the arguments that it contains.
            model_name: The name of the model.
            description: A description of the model.
            github_url: The URL of the source code.
            license_url: The URL of the license.
            paper_url: The URL of the paper.
            readme: The README, in Markdown.
            weights_url: The URL of the weights.

        Raises:
            TypeError: A path argument has the wrong type, is missing, or is given twice.
            ValueError: A path argument is empty, "." or "..".
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
        return await self._runner.perform(
            _arguments, _operation.parse, repeatable=_operation.REPEATABLE
        )


class ModelsExamplesResource:
    """Operations of models.examples: list.

    Args:
        runner: The object that performs the operations.
    """

    def __init__(self, runner: OperationRunner) -> None:
        self._runner = runner

    def list(
        self, model_owner: str, model_name: str | None = None, *, cursor: str | None = None
    ) -> Page[Prediction]:
        """List the example predictions of a model.

        Args:
            model_owner: The user or organization that owns the model. Can also be "owner/name";
                omit the arguments that it contains.
            model_name: The name of the model.
            cursor: The cursor of the page to return, from the next or previous URL of another
                page.

        Raises:
            TypeError: A path argument has the wrong type, is missing, or is given twice.
            ValueError: A path argument is empty, "." or "..".
            replicate_ext.APIError: The request failed.
        """
        from ..api.models import examples_list as _operation

        _arguments = _operation.request(
            *joined_path(model_owner=model_owner, model_name=model_name), cursor=cursor
        )
        _made = self._runner.perform(_arguments, _operation.parse, repeatable=_operation.REPEATABLE)
        return cast("Page[Prediction]", _made)


class AsyncModelsExamplesResource:
    """Operations of models.examples: list.

    Args:
        runner: The object that performs the operations.
    """

    def __init__(self, runner: AsyncOperationRunner) -> None:
        self._runner = runner

    async def list(
        self, model_owner: str, model_name: str | None = None, *, cursor: str | None = None
    ) -> Page[AsyncPrediction]:
        """List the example predictions of a model.

        Args:
            model_owner: The user or organization that owns the model. Can also be "owner/name";
                omit the arguments that it contains.
            model_name: The name of the model.
            cursor: The cursor of the page to return, from the next or previous URL of another
                page.

        Raises:
            TypeError: A path argument has the wrong type, is missing, or is given twice.
            ValueError: A path argument is empty, "." or "..".
            replicate_ext.APIError: The request failed.
        """
        from ..api.models import examples_list as _operation

        _arguments = _operation.request(
            *joined_path(model_owner=model_owner, model_name=model_name), cursor=cursor
        )
        _made = await self._runner.perform(
            _arguments, _operation.parse, repeatable=_operation.REPEATABLE
        )
        return cast("Page[AsyncPrediction]", _made)


class ModelsPredictionsResource:
    """Base class for the operations of models.predictions.

    Args:
        runner: The object that performs the operations.
    """

    def __init__(self, runner: OperationRunner) -> None:
        self._runner = runner


class AsyncModelsPredictionsResource:
    """Base class for the operations of models.predictions.

    Args:
        runner: The object that performs the operations.
    """

    def __init__(self, runner: AsyncOperationRunner) -> None:
        self._runner = runner


class ModelsReadmeResource:
    """Operations of models.readme: get.

    Args:
        runner: The object that performs the operations.
    """

    def __init__(self, runner: OperationRunner) -> None:
        self._runner = runner

    def get(self, model_owner: str, model_name: str | None = None) -> str:
        """Get the README of a model as Markdown.

        Args:
            model_owner: The user or organization that owns the model. Can also be "owner/name";
                omit the arguments that it contains.
            model_name: The name of the model.

        Raises:
            TypeError: A path argument has the wrong type, is missing, or is given twice.
            ValueError: A path argument is empty, "." or "..".
            replicate_ext.APIError: The request failed.
        """
        from ..api.models import readme_get as _operation

        _arguments = _operation.request(
            *joined_path(model_owner=model_owner, model_name=model_name)
        )
        return self._runner.perform(_arguments, _operation.parse, repeatable=_operation.REPEATABLE)


class AsyncModelsReadmeResource:
    """Operations of models.readme: get.

    Args:
        runner: The object that performs the operations.
    """

    def __init__(self, runner: AsyncOperationRunner) -> None:
        self._runner = runner

    async def get(self, model_owner: str, model_name: str | None = None) -> str:
        """Get the README of a model as Markdown.

        Args:
            model_owner: The user or organization that owns the model. Can also be "owner/name";
                omit the arguments that it contains.
            model_name: The name of the model.

        Raises:
            TypeError: A path argument has the wrong type, is missing, or is given twice.
            ValueError: A path argument is empty, "." or "..".
            replicate_ext.APIError: The request failed.
        """
        from ..api.models import readme_get as _operation

        _arguments = _operation.request(
            *joined_path(model_owner=model_owner, model_name=model_name)
        )
        return await self._runner.perform(
            _arguments, _operation.parse, repeatable=_operation.REPEATABLE
        )


class ModelsVersionsResource:
    """Operations of models.versions: delete, get, list.

    Args:
        runner: The object that performs the operations.
    """

    def __init__(self, runner: OperationRunner) -> None:
        self._runner = runner

    def delete(
        self,
        model_owner: str,
        model_name: str | None = None,
        version_id: str | Identified | None = None,
    ) -> None:
        """Delete a version of a private model, and all its predictions.

        Args:
            model_owner: The user or organization that owns the model. Can also be "owner/name"
                or "owner/name:version"; omit the arguments that it contains.
            model_name: The name of the model.
            version_id: The ID of the version: 64 hexadecimal digits.

        Raises:
            TypeError: A path argument has the wrong type, is missing, or is given twice.
            ValueError: A path argument is empty, "." or "..".
            replicate_ext.APIError: The request failed.
        """
        from ..api.models import versions_delete as _operation

        _arguments = _operation.request(
            *joined_path(model_owner=model_owner, model_name=model_name, version_id=version_id)
        )
        return self._runner.perform(_arguments, _operation.parse, repeatable=_operation.REPEATABLE)

    def get(
        self,
        model_owner: str,
        model_name: str | None = None,
        version_id: str | Identified | None = None,
    ) -> ModelVersion:
        """Get a version of a model.

        Args:
            model_owner: The user or organization that owns the model. Can also be "owner/name"
                or "owner/name:version"; omit the arguments that it contains.
            model_name: The name of the model.
            version_id: The ID of the version: 64 hexadecimal digits.

        Raises:
            TypeError: A path argument has the wrong type, is missing, or is given twice.
            ValueError: A path argument is empty, "." or "..".
            replicate_ext.APIError: The request failed.
        """
        from ..api.models import versions_get as _operation

        _arguments = _operation.request(
            *joined_path(model_owner=model_owner, model_name=model_name, version_id=version_id)
        )
        return self._runner.perform(_arguments, _operation.parse, repeatable=_operation.REPEATABLE)

    def list(
        self, model_owner: str, model_name: str | None = None, *, cursor: str | None = None
    ) -> ModelVersionPage:
        """List the versions of a model, newest first.

        Args:
            model_owner: The user or organization that owns the model. Can also be "owner/name";
                omit the arguments that it contains.
            model_name: The name of the model.
            cursor: The cursor of the page to return, from the next or previous URL of another
                page.

        Raises:
            TypeError: A path argument has the wrong type, is missing, or is given twice.
            ValueError: A path argument is empty, "." or "..".
            replicate_ext.APIError: The request failed.
        """
        from ..api.models import versions_list as _operation

        _arguments = _operation.request(
            *joined_path(model_owner=model_owner, model_name=model_name), cursor=cursor
        )
        return self._runner.perform(_arguments, _operation.parse, repeatable=_operation.REPEATABLE)


class AsyncModelsVersionsResource:
    """Operations of models.versions: delete, get, list.

    Args:
        runner: The object that performs the operations.
    """

    def __init__(self, runner: AsyncOperationRunner) -> None:
        self._runner = runner

    async def delete(
        self,
        model_owner: str,
        model_name: str | None = None,
        version_id: str | Identified | None = None,
    ) -> None:
        """Delete a version of a private model, and all its predictions.

        Args:
            model_owner: The user or organization that owns the model. Can also be "owner/name"
                or "owner/name:version"; omit the arguments that it contains.
            model_name: The name of the model.
            version_id: The ID of the version: 64 hexadecimal digits.

        Raises:
            TypeError: A path argument has the wrong type, is missing, or is given twice.
            ValueError: A path argument is empty, "." or "..".
            replicate_ext.APIError: The request failed.
        """
        from ..api.models import versions_delete as _operation

        _arguments = _operation.request(
            *joined_path(model_owner=model_owner, model_name=model_name, version_id=version_id)
        )
        return await self._runner.perform(
            _arguments, _operation.parse, repeatable=_operation.REPEATABLE
        )

    async def get(
        self,
        model_owner: str,
        model_name: str | None = None,
        version_id: str | Identified | None = None,
    ) -> ModelVersion:
        """Get a version of a model.

        Args:
            model_owner: The user or organization that owns the model. Can also be "owner/name"
                or "owner/name:version"; omit the arguments that it contains.
            model_name: The name of the model.
            version_id: The ID of the version: 64 hexadecimal digits.

        Raises:
            TypeError: A path argument has the wrong type, is missing, or is given twice.
            ValueError: A path argument is empty, "." or "..".
            replicate_ext.APIError: The request failed.
        """
        from ..api.models import versions_get as _operation

        _arguments = _operation.request(
            *joined_path(model_owner=model_owner, model_name=model_name, version_id=version_id)
        )
        return await self._runner.perform(
            _arguments, _operation.parse, repeatable=_operation.REPEATABLE
        )

    async def list(
        self, model_owner: str, model_name: str | None = None, *, cursor: str | None = None
    ) -> ModelVersionPage:
        """List the versions of a model, newest first.

        Args:
            model_owner: The user or organization that owns the model. Can also be "owner/name";
                omit the arguments that it contains.
            model_name: The name of the model.
            cursor: The cursor of the page to return, from the next or previous URL of another
                page.

        Raises:
            TypeError: A path argument has the wrong type, is missing, or is given twice.
            ValueError: A path argument is empty, "." or "..".
            replicate_ext.APIError: The request failed.
        """
        from ..api.models import versions_list as _operation

        _arguments = _operation.request(
            *joined_path(model_owner=model_owner, model_name=model_name), cursor=cursor
        )
        return await self._runner.perform(
            _arguments, _operation.parse, repeatable=_operation.REPEATABLE
        )
