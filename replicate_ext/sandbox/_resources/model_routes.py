"""`/models`: what models there are, and what users make of them."""

from collections.abc import Mapping
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from replicate_ext.sandbox._contract.contract import read_json
from replicate_ext.sandbox._http.bodies import MAX_TEXT, read
from replicate_ext.sandbox._http.pages import PAGE_SIZE, Pages
from replicate_ext.sandbox._http.problems import missing, not_allowed, validation_failed
from replicate_ext.sandbox._http.responses import JSONAnswer
from replicate_ext.sandbox._models.model import NAME, Model, Models
from replicate_ext.sandbox._resources.hardware import check_hardware
from replicate_ext.sandbox._resources.search import search
from replicate_ext.sandbox._runs.jobs import Jobs
from replicate_ext.sandbox._runs.prediction import Prediction

MODELS_PAGE_SIZE = 25

_ALWAYS = ("description", "github_url", "license_url", "paper_url")
_CREATED_WITH = (*_ALWAYS, "cover_image_url")
_UPDATED_WITH = (*_ALWAYS, "readme", "weights_url")


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
        found = search(query, self._models.public())[:MODELS_PAGE_SIZE]
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
