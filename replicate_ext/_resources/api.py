"""The parts of the API as attributes of the clients: the generated ones, some of them refined."""

from __future__ import annotations

from typing import TYPE_CHECKING

from replicate_api.resources.api import Api, AsyncApi

if TYPE_CHECKING:
    from replicate_ext._http.drivers import AsyncDriver, Driver
    from replicate_ext._resources.files import AsyncFiles, Files
    from replicate_ext._resources.models import (
        AsyncDeployments,
        AsyncModels,
        AsyncTrainings,
        Deployments,
        Models,
        Trainings,
    )
    from replicate_ext._resources.predictions import AsyncPredictions, Predictions


class Resources(Api):
    """Everything that the API offers."""

    _driver: Driver

    @property
    def predictions(self) -> Predictions:
        """Create, run, stream, wait for, get, cancel and list predictions."""
        from replicate_ext._resources.predictions import Predictions

        return Predictions(self._driver)

    @property
    def models(self) -> Models:
        """Search, get, create, update and delete models; their versions, examples and README."""
        from replicate_ext._resources.models import Models

        return Models(self._driver)

    @property
    def deployments(self) -> Deployments:
        """Run predictions on deployments; get, create, update and delete these."""
        from replicate_ext._resources.models import Deployments

        return Deployments(self._driver)

    @property
    def trainings(self) -> Trainings:
        """Start, get, cancel and list trainings."""
        from replicate_ext._resources.models import Trainings

        return Trainings(self._driver)

    @property
    def files(self) -> Files:
        """Upload, get, list, delete and download files."""
        from replicate_ext._resources.files import Files

        return Files(self._driver)


class AsyncResources(AsyncApi):
    """Everything that the API offers."""

    _driver: AsyncDriver

    @property
    def predictions(self) -> AsyncPredictions:
        """Create, run, stream, wait for, get, cancel and list predictions."""
        from replicate_ext._resources.predictions import AsyncPredictions

        return AsyncPredictions(self._driver)

    @property
    def models(self) -> AsyncModels:
        """Search, get, create, update and delete models; their versions, examples and README."""
        from replicate_ext._resources.models import AsyncModels

        return AsyncModels(self._driver)

    @property
    def deployments(self) -> AsyncDeployments:
        """Run predictions on deployments; get, create, update and delete these."""
        from replicate_ext._resources.models import AsyncDeployments

        return AsyncDeployments(self._driver)

    @property
    def trainings(self) -> AsyncTrainings:
        """Start, get, cancel and list trainings."""
        from replicate_ext._resources.models import AsyncTrainings

        return AsyncTrainings(self._driver)

    @property
    def files(self) -> AsyncFiles:
        """Upload, get, list, delete and download files."""
        from replicate_ext._resources.files import AsyncFiles

        return AsyncFiles(self._driver)
