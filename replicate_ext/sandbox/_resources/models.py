"""`/models`: the store of models, and its routes."""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from replicate_ext.sandbox._contract.contract import read_json
from replicate_ext.sandbox._http.bodies import MAX_TEXT, read
from replicate_ext.sandbox._http.pages import PAGE_SIZE, Pages
from replicate_ext.sandbox._http.problems import missing, not_allowed, not_found, validation_failed
from replicate_ext.sandbox._http.responses import APIResponse
from replicate_ext.sandbox._models.model import NAME, Model, Program, Version
from replicate_ext.sandbox._models.script import Script
from replicate_ext.sandbox._models.signature import Signature
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
        self._registered: dict[str, tuple[Program, bool]] = {}
        self._by_name: dict[str, Model] = {}

    def register(
        self,
        name: str,
        function: Callable[..., object],
        *,
        official: bool = True,
        boot_time: float = 0.0,
        stream_ids: bool = True,
        script: Script | None = None,
    ) -> None:
        """Register a function as `owner/name`, in place of a model with that name.

        Raises:
            ValueError: the name is not `owner/name`.
            TypeError: the function's type hints have no JSON Schema.
        """
        owner, _, rest = name.partition("/")
        if not NAME.fullmatch(owner) or not NAME.fullmatch(rest):
            raise ValueError(f"invalid model name {name!r}: expected owner/name")
        program = Program(
            function=function,
            signature=Signature.of(function),
            boot_time=boot_time,
            stream_ids=stream_ids,
            script=script,
        )
        self._registered[name] = program, official
        self.add(_model(name, program, official=official))

    def add(self, model: Model) -> None:
        """Add a model, in place of one with the same name."""
        self._by_name[model.name] = model

    def remove(self, model: Model) -> None:
        """Remove a model."""
        self._by_name.pop(model.name, None)

    @property
    def registered(self) -> Mapping[str, tuple[Program, bool]]:
        """The registered models, for `reset`."""
        return dict(self._registered)

    def reset(self, registered: Mapping[str, tuple[Program, bool]] | None = None) -> None:
        """Undo all changes made through the API, so that only registered models are left.

        Args:
            registered: an earlier value of `registered` to return to. Default: the current one.
        """
        if registered is not None:
            self._registered = dict(registered)
        self._by_name = {
            name: _model(name, program, official=official)
            for name, (program, official) in self._registered.items()
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
            # A model without a version is sorted by its own creation.
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
            raise not_allowed("The model still has versions; delete these first.")
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


def _model(name: str, program: Program, *, official: bool) -> Model:
    """Return a model for a function. The same name and schema always give the same version id."""
    text = json.dumps([name, program.signature.openapi_schema], sort_keys=True)
    summary = (program.function.__doc__ or "").partition("\n")[0]
    texts = {"description": summary} if summary else {}
    model = Model(name=name, official=official, texts=texts)
    id_ = hashlib.sha256(text.encode()).hexdigest()
    model.versions.append(Version(model=model, program=program, id=id_))
    return model


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
