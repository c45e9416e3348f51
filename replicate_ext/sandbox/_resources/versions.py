"""`/models/{owner}/{name}/versions`: the versions of a model."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from replicate_ext.sandbox._http.pages import PAGE_SIZE, Pages
from replicate_ext.sandbox._http.problems import missing, not_allowed
from replicate_ext.sandbox._http.responses import APIResponse
from replicate_ext.sandbox._models.model import Version
from replicate_ext.sandbox._resources.deployments import Deployments
from replicate_ext.sandbox._resources.models import Models
from replicate_ext.sandbox._runs.jobs import Jobs
from replicate_ext.sandbox._runs.training import Training


class VersionRoutes:
    """The routes that list, get and delete versions.

    Args:
        models: the store of models.
        jobs: the store of jobs, which drops the jobs of a deleted version.
        deployments: the store of deployments, which may use a version.
        base_url: URL of the API, with `/v1`.
    """

    def __init__(self, models: Models, jobs: Jobs, deployments: Deployments, base_url: str) -> None:
        self._models = models
        self._jobs = jobs
        self._deployments = deployments
        self._url = f"{base_url}/models"

    def routes(self) -> list[BaseRoute]:
        """Return the routes, relative to `/v1`."""
        versions = "/models/{owner}/{name}/versions"
        return [
            Route(versions, self._list),
            Route(f"{versions}/{{version}}", self._get),
            Route(f"{versions}/{{version}}", self._delete, methods=["DELETE"]),
        ]

    async def _list(self, request: Request) -> Response:
        path = request.path_params
        model = self._models.require(path["owner"], path["name"])
        pages = Pages(PAGE_SIZE, f"{self._url}/{model.name}/versions", Version.to_dict)
        return pages.response(request, model.versions)

    async def _get(self, request: Request) -> Response:
        return APIResponse(self._find(request).to_dict())

    async def _delete(self, request: Request) -> Response:
        version = self._find(request)
        if version.model.public:
            raise not_allowed("Only versions of private models can be deleted.")
        if self._deployments.use(version):
            raise not_allowed(
                "A deployment uses the version; delete or update the deployment first."
            )
        if any(training.version is version for training in self._jobs.all(Training)):
            raise not_allowed("A version that a training was started from cannot be deleted.")
        self._jobs.forget(version)
        version.model.versions.remove(version)
        return Response(status_code=202)

    def _find(self, request: Request) -> Version:
        path = request.path_params
        version = self._models.require(path["owner"], path["name"]).version(path["version"])
        if version is None:
            raise missing()
        return version
