"""`/collections`: each contains the models that match its rule."""

from collections.abc import Callable
from dataclasses import dataclass, field
from zlib import crc32

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from replicate_ext.sandbox._http.pages import PAGE_SIZE, Pages, next_sequence
from replicate_ext.sandbox._http.problems import not_found
from replicate_ext.sandbox._http.responses import APIResponse
from replicate_ext.sandbox._models.model import Model
from replicate_ext.sandbox._resources.models import Models


@dataclass(frozen=True, slots=True, kw_only=True)
class Collection:
    """A collection of models.

    Args:
        slug: name in URLs.
        name: display name.
        description: which models are in it.
        includes: returns whether a model is in it.
    """

    slug: str
    name: str
    description: str
    includes: Callable[[Model], bool]
    sequence: int = field(default_factory=next_sequence)

    @classmethod
    def of(cls, slug: str) -> "Collection":
        """Create the collection of the models whose details name it."""
        name = slug.replace("-", " ").capitalize()
        return cls(
            slug=slug,
            name=name,
            description=f"{name}.",
            includes=lambda model: slug in model.collections,
            sequence=-1 - crc32(slug.encode()),
        )

    def to_dict(self) -> dict[str, object]:
        """Return the collection as an item of a list."""
        return {"name": self.name, "slug": self.slug, "description": self.description}


def _streams_text(model: Model) -> bool:
    version = model.latest
    return version is not None and version.program.signature.stream_of == "text"


COLLECTIONS = (
    Collection(
        slug="official",
        name="Official models",
        description="Models that run by their name, without a version.",
        includes=lambda model: model.official,
    ),
    Collection(
        slug="streaming-language-models",
        name="Streaming language models",
        description="Models that stream the text they generate.",
        includes=_streams_text,
    ),
)


def collections(models: Models) -> list[Collection]:
    """Return the collections that every sandbox has, and those that the details of models name."""
    named = {slug for model in models.public() for slug in model.collections}
    known = {collection.slug for collection in COLLECTIONS}
    return [*COLLECTIONS, *map(Collection.of, sorted(named - known))]


class CollectionRoutes:
    """The routes of collections.

    Args:
        models: the store of models.
        base_url: URL of the API, with `/v1`.
    """

    def __init__(self, models: Models, base_url: str) -> None:
        self._models = models
        self._pages = Pages(PAGE_SIZE, f"{base_url}/collections", Collection.to_dict)

    def routes(self) -> list[BaseRoute]:
        """Return the routes, relative to `/v1`."""
        return [
            Route("/collections", self._list),
            Route("/collections/{slug}", self._get),
        ]

    async def _list(self, request: Request) -> Response:
        return self._pages.response(request, collections(self._models))

    async def _get(self, request: Request) -> Response:
        for collection in collections(self._models):
            if collection.slug == request.path_params["slug"]:
                models = filter(collection.includes, self._models.public())
                shown = [model.to_dict() for model in models]
                extra = {"full_description": None, "models": shown}
                return APIResponse(collection.to_dict() | extra)
        raise not_found()
