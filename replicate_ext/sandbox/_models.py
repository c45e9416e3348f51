"""The models a sandbox knows, and the routes that show them."""

import hashlib
import json
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from replicate_ext.sandbox._pages import Pages
from replicate_ext.sandbox._problems import missing, not_found
from replicate_ext.sandbox._schema import Signature
from replicate_ext.sandbox._scripts import Script
from replicate_ext.sandbox._stamps import rfc3339
from replicate_ext.sandbox._validation import Schema

PAGE_SIZE = 25
_NAME = re.compile(r"[a-zA-Z0-9._-]+/[a-zA-Z0-9._-]+")


@dataclass(eq=False, kw_only=True)
class Model:
    """A model with its one version.

    Args:
        name: `owner/name`.
        function: what it computes.
        signature: what the function takes and gives.
        official: whether it runs by name, without a version.
        boot_time: seconds for which its predictions stay in `starting`.
        stream_ids: whether the events of its streams have ids.
        script: what becomes of its predictions in place of calling the function, or None.
        sequence: its place in the order of registration.
    """

    name: str
    function: Callable[..., object]
    signature: Signature
    official: bool
    boot_time: float
    stream_ids: bool
    script: Script | None
    sequence: int
    created_at: int = field(default_factory=time.time_ns)
    run_count: int = 0

    def __post_init__(self) -> None:
        document = self.signature.openapi_schema
        text = json.dumps([self.name, document], sort_keys=True)
        self.version = hashlib.sha256(text.encode()).hexdigest()
        self.input_schema = Schema({**document, "$ref": "#/components/schemas/Input"})

    def version_to_dict(self) -> dict[str, object]:
        """Return the version as the API shows it."""
        return {
            "id": self.version,
            "created_at": rfc3339(self.created_at, digits=6),
            "cog_version": "sandbox",
            "openapi_schema": self.signature.openapi_schema,
        }

    def to_dict(self) -> dict[str, object]:
        """Return the model as the API shows it."""
        owner, _, name = self.name.partition("/")
        return {
            "url": f"https://replicate.com/{self.name}",
            "owner": owner,
            "name": name,
            "description": (self.function.__doc__ or "").partition("\n")[0] or None,
            "visibility": "public",
            "is_official": self.official,
            "github_url": None,
            "paper_url": None,
            "license_url": None,
            "run_count": self.run_count,
            "cover_image_url": None,
            "default_example": None,
            "latest_version": self.version_to_dict(),
            "created_at": rfc3339(self.created_at, digits=6),
        }


class Models:
    """The registry of models; safe to add to while the server runs."""

    def __init__(self) -> None:
        self._by_name: dict[str, Model] = {}
        self._sequence = count()

    def add(
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
        if not _NAME.fullmatch(name):
            raise ValueError(f"A model's name has the form owner/name, not {name!r}")
        self._by_name[name] = Model(
            name=name,
            function=function,
            signature=Signature.of(function),
            official=official,
            boot_time=boot_time,
            stream_ids=stream_ids,
            script=script,
            sequence=next(self._sequence),
        )

    def all(self) -> list[Model]:
        """Return every model, the first registered first."""
        return list(self._by_name.values())

    def named(self, owner: str, name: str) -> Model | None:
        """Return the model `owner/name`."""
        return self._by_name.get(f"{owner}/{name}")

    def with_version(self, version: str) -> Model | None:
        """Return the model that has the version of this id."""
        return next((model for model in self.all() if model.version == version), None)


class ModelRoutes:
    """`GET /models` and what lies below.

    Args:
        models: what is shown.
        base_url: the API's own URL, with its `/v1`.
    """

    def __init__(self, models: Models, base_url: str) -> None:
        self._models = models
        self._pages = Pages(PAGE_SIZE, f"{base_url}/models", Model.to_dict)

    def routes(self) -> list[BaseRoute]:
        """List the routes, below `/v1`."""
        model = "/models/{owner}/{name}"
        return [
            Route("/models", self._list),
            Route(model, self._get),
            Route(f"{model}/versions", self._versions),
            Route(f"{model}/versions/{{version}}", self._version),
        ]

    async def _list(self, request: Request) -> Response:
        return self._pages.answer(request, self._models.all())

    async def _get(self, request: Request) -> Response:
        return JSONResponse(self._find(request).to_dict())

    async def _versions(self, request: Request) -> Response:
        results = [self._find(request).version_to_dict()]
        return JSONResponse({"next": None, "previous": None, "results": results})

    async def _version(self, request: Request) -> Response:
        model = self._find(request)
        if request.path_params["version"] != model.version:
            raise missing()
        return JSONResponse(model.version_to_dict())

    def _find(self, request: Request) -> Model:
        path = request.path_params
        model = self._models.named(path["owner"], path["name"])
        if model is None:
            raise not_found()
        return model
