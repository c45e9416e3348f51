"""`/models`: what models there are, and what users make of them."""

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
from replicate_ext.sandbox._http.responses import JSONAnswer
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
    """The registry of models; safe to add to while the server runs."""

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
        """Register a function as `owner/name`, in place of what had that name.

        Raises:
            ValueError: the name is not `owner/name`.
            TypeError: the function's hints cannot be shown as a schema.
        """
        owner, _, rest = name.partition("/")
        if not NAME.fullmatch(owner) or not NAME.fullmatch(rest):
            raise ValueError(f"A model's name has the form owner/name, not {name!r}")
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
        """Add a model, in place of what had its name."""
        self._by_name[model.name] = model

    def remove(self, model: Model) -> None:
        """Take a model away."""
        self._by_name.pop(model.name, None)

    def reset(self) -> None:
        """Forget what was done through the API: only what was registered is left, as it was."""
        self._by_name = {
            name: _model(name, program, official=official)
            for name, (program, official) in self._registered.items()
        }

    def all(self) -> list[Model]:
        """Return every model, the first registered first."""
        return list(self._by_name.values())

    def public(self) -> Iterable[Model]:
        """Return the models that lists and searches show."""
        return (model for model in self.all() if model.public)

    def named(self, owner: str, name: str) -> Model | None:
        """Return the model `owner/name`."""
        return self._by_name.get(f"{owner}/{name}")

    def require(self, owner: str, name: str) -> Model:
        """Return the model `owner/name`.

        Raises:
            Problem: 404 when there is none.
        """
        model = self.named(owner, name)
        if model is None:
            raise not_found()
        return model

    def with_version(self, id_: str) -> Version | None:
        """Return the version that has this id, whichever model it belongs to."""
        found = (model.version(id_) for model in self.all())
        return next((version for version in found if version is not None), None)


class ModelRoutes:
    """The routes that list, show, make, change and delete models.

    The account may do so for every owner.

    Args:
        models: what they act on.
        jobs: what has run, for the examples.
        base_url: the API's own URL, with its `/v1`.
    """

    def __init__(self, models: Models, jobs: Jobs, base_url: str) -> None:
        self._models = models
        self._jobs = jobs
        self._url = f"{base_url}/models"
        self._pages = Pages(MODELS_PAGE_SIZE, self._url, Model.to_dict)

    def routes(self) -> list[BaseRoute]:
        """List the routes, below `/v1`."""
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
            # A model without a version counts from when it was created itself.
            newest = model if by_creation or model.latest is None else model.latest
            return direction * newest.sequence

        return self._pages.answer(request, self._models.public(), place)

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
        return JSONAnswer(model.to_dict(), 201)

    async def _search(self, request: Request) -> Response:
        query = (await read(request, MAX_TEXT)).decode(errors="replace")
        found = ranked(query, self._models.public())[:MODELS_PAGE_SIZE]
        results = [model.to_dict() for _, model in found]
        return JSONAnswer({"next": None, "previous": None, "results": results})

    async def _get(self, request: Request) -> Response:
        return JSONAnswer(self._find(request).to_dict())

    async def _update(self, request: Request) -> Response:
        model = self._find(request)
        body = await read_json(request)
        model.texts.update(_texts(body, _UPDATED_WITH))
        return JSONAnswer(model.to_dict())

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
            if prediction.version.model is model and prediction.status == "succeeded"
        )
        return pages.answer(request, finished)

    def _find(self, request: Request) -> Model:
        path = request.path_params
        return self._models.require(path["owner"], path["name"])


def _model(name: str, program: Program, *, official: bool) -> Model:
    """Make a model of a function; its version has the same id each time."""
    text = json.dumps([name, program.signature.openapi_schema], sort_keys=True)
    summary = (program.function.__doc__ or "").partition("\n")[0]
    texts = {"description": summary} if summary else {}
    model = Model(name=name, official=official, texts=texts)
    id_ = hashlib.sha256(text.encode()).hexdigest()
    model.versions.append(Version(model=model, program=program, id=id_))
    return model


def _texts(body: Mapping[str, object], names: tuple[str, ...]) -> dict[str, str]:
    """Take out what a model's page says.

    Raises:
        Problem: 400 when something is no link that should be one.
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
