"""`/models`: the store of models, and its routes."""

from collections.abc import Iterable, Mapping
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from replicate_ext.sandbox._contract.contract import read_json
from replicate_ext.sandbox._http.bodies import MAX_TEXT, read
from replicate_ext.sandbox._http.pages import PAGE_SIZE, Pages
from replicate_ext.sandbox._http.problems import missing, not_allowed, not_found, validation_failed
from replicate_ext.sandbox._http.responses import APIResponse
from replicate_ext.sandbox._models.details import ModelDetails
from replicate_ext.sandbox._models.model import NAME, Model, Program, Version
from replicate_ext.sandbox._models.registration import (
    Registration,
    check_name,
    check_version,
    version_id,
)
from replicate_ext.sandbox._resources.hardware import check_hardware
from replicate_ext.sandbox._resources.relevance import ranked
from replicate_ext.sandbox._runs.jobs import Jobs
from replicate_ext.sandbox._runs.prediction import Prediction

MODELS_PAGE_SIZE = 25

_ALWAYS = ("description", "github_url", "license_url", "paper_url")
_CREATED_WITH = (*_ALWAYS, "cover_image_url")
_UPDATED_WITH = (*_ALWAYS, "readme", "weights_url")


class Models:
    """The store of models. Models can be registered from any thread while the server runs."""

    def __init__(self) -> None:
        self._registered: dict[str, Registration] = {}
        self._by_name: dict[str, Model] = {}

    def register(
        self,
        name: str,
        program: Program,
        *,
        version: str | None = None,
        official: bool = True,
        details: ModelDetails | None = None,
    ) -> None:
        """Register a model, or another version of one.

        Args:
            name: `owner/name`.
            program: what the model runs.
            version: id of the version, which is added to those of the model. Default: None, an id
                is computed, and a model with this name is replaced.
            official: whether the model runs by name.
            details: texts, links and more.

        Raises:
            ValueError: the name is not `owner/name`, or the version is not an id.
        """
        check_name(name)
        before = None
        if version is not None:
            check_version(version)
            before = self._registered.get(name)
        programs = {} if before is None else before.programs
        self._registered[name] = Registration(
            name=name,
            official=official,
            details=details or (ModelDetails() if before is None else before.details),
            programs={**programs, version or version_id(name, program): program},
        )
        self.add(self._registered[name].model())

    def add(self, model: Model) -> None:
        """Add a model; it replaces a model of the same name."""
        self._by_name[model.name] = model

    def remove(self, model: Model) -> None:
        """Remove a model."""
        self._by_name.pop(model.name, None)

    @property
    def registered(self) -> Mapping[str, Registration]:
        """The registered models, for `reset`."""
        return dict(self._registered)

    def reset(self, registered: Mapping[str, Registration] | None = None) -> None:
        """Undo all changes made through the API, so that only registered models are left.

        Args:
            registered: an earlier value of `registered` to return to. Default: the current one.
        """
        if registered is not None:
            self._registered = dict(registered)
        self._by_name = {
            name: registration.model() for name, registration in self._registered.items()
        }

    def all(self) -> list[Model]:
        """Return all models, in the order of registration."""
        return list(self._by_name.values())

    def public(self) -> Iterable[Model]:
        """Return the models that lists and searches show."""
        return (model for model in self.all() if model.public)

    def named(self, owner: str, name: str) -> Model | None:
        """Return the model `owner/name`, or None."""
        return self._by_name.get(f"{owner}/{name}")

    def require(self, owner: str, name: str) -> Model:
        """Return the model `owner/name`.

        Raises:
            Problem: 404 when it does not exist.
        """
        model = self.named(owner, name)
        if model is None:
            raise not_found()
        return model

    def with_version(self, id_: str) -> Version | None:
        """Return the version with this id, of any model, or None."""
        found = (model.version(id_) for model in self.all())
        return next((version for version in found if version is not None), None)


class ModelRoutes:
    """The routes that list, get, create, update and delete models, for every owner.

    Args:
        models: the store of models.
        jobs: the store of jobs; finished predictions are shown as examples.
        base_url: URL of the API, with `/v1`.
    """

    def __init__(self, models: Models, jobs: Jobs, base_url: str) -> None:
        self._models = models
        self._jobs = jobs
        self._url = f"{base_url}/models"
        self._pages = Pages(MODELS_PAGE_SIZE, self._url, Model.to_dict)

    def routes(self) -> list[BaseRoute]:
        """Return the routes, relative to `/v1`."""
        model = "/models/{owner}/{name}"
        return [
            Route("/models", self._list),
            Route("/models", self._create, methods=["POST"]),
            Route("/models", self._search, methods=["QUERY"]),
            Route(model, self._get),
            Route(model, self._update, methods=["PATCH"]),
            Route(model, self._delete, methods=["DELETE"]),
            Route(f"{model}/readme", self._readme),
            Route(f"{model}/examples", self._examples),
        ]

    async def _list(self, request: Request) -> Response:
        query = request.query_params
        by_creation = query.get("sort_by") == "model_created_at"
        direction = -1 if query.get("sort_direction") == "asc" else 1

        def place(model: Model) -> int:
            # A model without a version is sorted by its own creation time.
            newest = model if by_creation or model.latest is None else model.latest
            return direction * newest.sequence

        return self._pages.response(request, self._models.public(), place)

    async def _create(self, request: Request) -> Response:
        body = await read_json(request)
        check_hardware(body["hardware"])
        owner, name = str(body["owner"]), str(body["name"])
        for field, value in (("owner", owner), ("name", name)):
            if not NAME.fullmatch(value):
                detail = "Only letters, digits, hyphens, underscores and dots are allowed."
                raise validation_failed({field: detail})
        if self._models.named(owner, name) is not None:
            raise validation_failed({"name": "A model with that name and owner already exists."})
        texts = _texts(body, _CREATED_WITH)
        model = Model(name=f"{owner}/{name}", visibility=str(body["visibility"]), texts=texts)
        self._models.add(model)
        return APIResponse(model.to_dict(), 201)

    async def _search(self, request: Request) -> Response:
        query = (await read(request, MAX_TEXT)).decode(errors="replace")
        found = ranked(query, self._models.public())[:MODELS_PAGE_SIZE]
        results = [model.to_dict() for _, model in found]
        return APIResponse({"next": None, "previous": None, "results": results})

    async def _get(self, request: Request) -> Response:
        return APIResponse(self._find(request).to_dict())

    async def _update(self, request: Request) -> Response:
        model = self._find(request)
        body = await read_json(request)
        model.texts.update(_texts(body, _UPDATED_WITH))
        return APIResponse(model.to_dict())

    async def _delete(self, request: Request) -> Response:
        model = self._find(request)
        if model.public:
            raise not_allowed("Only private models can be deleted.")
        if model.versions:
            raise not_allowed("The model still has versions; delete the versions first.")
        self._models.remove(model)
        return Response(status_code=204)

    async def _readme(self, request: Request) -> Response:
        readme = self._find(request).texts.get("readme")
        if readme is None:
            raise missing()
        return PlainTextResponse(readme)

    async def _examples(self, request: Request) -> Response:
        model = self._find(request)
        pages = Pages(PAGE_SIZE, f"{self._url}/{model.name}/examples", Prediction.to_dict)
        finished = (
            prediction
            for prediction in self._jobs.all(Prediction)
            if prediction.version.model is model
            and prediction.status == "succeeded"
            and not prediction.data_is_removed
        )
        return pages.response(request, finished)

    def _find(self, request: Request) -> Model:
        path = request.path_params
        return self._models.require(path["owner"], path["name"])


def _texts(body: Mapping[str, object], names: tuple[str, ...]) -> dict[str, str]:
    """Return the texts and links in a request body.

    Raises:
        Problem: 400 when a link is not a valid URL.
    """
    texts = {name: str(body[name]) for name in names if name in body}
    wrong = [name for name, text in texts.items() if name.endswith("_url") and not _is_link(text)]
    if wrong:
        raise validation_failed(dict.fromkeys(wrong, "Enter a valid URL."))
    return texts


def _is_link(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and not set(text) & set(" \n")
