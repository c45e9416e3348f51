"""`/deployments`: named deployments of model versions, with numbered releases."""

import time
from dataclasses import asdict, dataclass, field
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from replicate_ext.sandbox._contract.contract import read_json
from replicate_ext.sandbox._http.pages import PAGE_SIZE, Pages, next_sequence
from replicate_ext.sandbox._http.problems import (
    invalid_version,
    not_allowed,
    not_found,
    validation_failed,
)
from replicate_ext.sandbox._http.responses import APIResponse
from replicate_ext.sandbox._http.timestamps import rfc3339
from replicate_ext.sandbox._models.model import NAME, Version
from replicate_ext.sandbox._resources.account import ACCOUNT, USERNAME
from replicate_ext.sandbox._resources.hardware import check_hardware
from replicate_ext.sandbox._resources.models import Models
from replicate_ext.sandbox._resources.predictions import PredictionRoutes


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """The hardware and scaling of a release.

    Args:
        hardware: SKU of the hardware.
        min_instances: number of instances that always run.
        max_instances: maximum number of instances.
    """

    hardware: str
    min_instances: int
    max_instances: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """A release of a deployment.

    Args:
        number: number of the release, from 1.
        version: version that runs.
        configuration: its hardware and scaling.
    """

    number: int
    version: Version
    configuration: Configuration
    created_at: int = field(default_factory=time.time_ns)

    def to_dict(self) -> dict[str, object]:
        """Return the release as JSON."""
        return {
            "number": self.number,
            "model": self.version.model.name,
            "version": self.version.id,
            "created_at": rfc3339(self.created_at, digits=6),
            "created_by": ACCOUNT,
            "configuration": asdict(self.configuration),
        }


@dataclass(eq=False, kw_only=True)
class Deployment:
    """A deployment.

    Args:
        name: name without the owner.
        release: current release.
    """

    name: str
    release: Release
    sequence: int = field(default_factory=next_sequence)

    @property
    def full_name(self) -> str:
        """`owner/name`."""
        return f"{USERNAME}/{self.name}"

    def update(self, version: Version, configuration: Configuration) -> None:
        """Create the next release."""
        number = self.release.number + 1
        self.release = Release(number=number, version=version, configuration=configuration)

    def to_dict(self) -> dict[str, object]:
        """Return the deployment as JSON."""
        return {"owner": USERNAME, "name": self.name, "current_release": self.release.to_dict()}


class Deployments:
    """The store of deployments."""

    def __init__(self) -> None:
        self._by_name: dict[str, Deployment] = {}

    def all(self) -> list[Deployment]:
        """Return all deployments, oldest first."""
        return list(self._by_name.values())

    def named(self, name: str) -> Deployment | None:
        """Return the deployment with this name (without the owner), or None."""
        return self._by_name.get(name)

    def add(self, deployment: Deployment) -> None:
        """Add a deployment."""
        self._by_name[deployment.name] = deployment

    def remove(self, deployment: Deployment) -> None:
        """Remove a deployment."""
        del self._by_name[deployment.name]

    def use(self, version: Version) -> bool:
        """Return whether a deployment runs a version."""
        return any(deployment.release.version is version for deployment in self.all())


class DeploymentRoutes:
    """The routes that list, get, create, update, delete and run deployments.

    Args:
        deployments: the store of deployments.
        models: the store of models.
        predictions: creates predictions.
        base_url: URL of the API, with `/v1`.
    """

    def __init__(
        self,
        deployments: Deployments,
        models: Models,
        predictions: PredictionRoutes,
        base_url: str,
    ) -> None:
        self._deployments = deployments
        self._models = models
        self._predictions = predictions
        self._pages = Pages(PAGE_SIZE, f"{base_url}/deployments", Deployment.to_dict)

    def routes(self) -> list[BaseRoute]:
        """Return the routes, relative to `/v1`."""
        deployment = "/deployments/{owner}/{name}"
        return [
            Route("/deployments", self._list),
            Route("/deployments", self._create, methods=["POST"]),
            Route(deployment, self._get),
            Route(deployment, self._update, methods=["PATCH"]),
            Route(deployment, self._delete, methods=["DELETE"]),
            Route(f"{deployment}/predictions", self._predict, methods=["POST"]),
        ]

    async def _list(self, request: Request) -> Response:
        return self._pages.response(request, self._deployments.all())

    async def _create(self, request: Request) -> Response:
        body = await read_json(request)
        name = str(body["name"])
        if not NAME.fullmatch(name):
            detail = "Only letters, digits, hyphens, underscores and dots are allowed."
            raise validation_failed({"name": detail})
        if self._deployments.named(name) is not None:
            raise validation_failed({"name": "A deployment with that name already exists."})
        release = Release(
            number=1,
            version=self._version(str(body["model"]), str(body["version"])),
            configuration=_configuration(body),
        )
        deployment = Deployment(name=name, release=release)
        self._deployments.add(deployment)
        return APIResponse(deployment.to_dict())

    async def _get(self, request: Request) -> Response:
        return APIResponse(self._find(request).to_dict())

    async def _update(self, request: Request) -> Response:
        deployment = self._find(request)
        body = await read_json(request)
        now = deployment.release
        version = now.version
        if "version" in body:
            version = self._version(version.model.name, str(body["version"]))
        deployment.update(version, _configuration({**asdict(now.configuration), **body}))
        return APIResponse(deployment.to_dict())

    async def _delete(self, request: Request) -> Response:
        deployment = self._find(request)
        if deployment.release.configuration.min_instances:
            raise not_allowed(
                "Only deployments that are offline can be deleted: set min_instances to 0."
            )
        self._deployments.remove(deployment)
        return Response(status_code=204)

    async def _predict(self, request: Request) -> Response:
        deployment = self._find(request)
        body = await read_json(request)
        version = deployment.release.version
        name = deployment.full_name
        return await self._predictions.create(request, body, version, deployment=name)

    def _find(self, request: Request) -> Deployment:
        path = request.path_params
        deployment = self._deployments.named(path["name"])
        if deployment is None or path["owner"] != USERNAME:
            raise not_found()
        return deployment

    def _version(self, model_name: str, id_: str) -> Version:
        owner, _, name = model_name.partition("/")
        model = self._models.named(owner, name)
        version = None if model is None else model.version(id_)
        if version is None:
            raise invalid_version()
        return version


def _configuration(body: dict[str, Any]) -> Configuration:
    check_hardware(body["hardware"])
    return Configuration(
        hardware=body["hardware"],
        min_instances=body["min_instances"],
        max_instances=body["max_instances"],
    )
