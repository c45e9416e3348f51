"""`/collections`: models by theme, each by a rule, so that registered models are found in them."""

from collections.abc import Callable
from dataclasses import dataclass, field

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from replicate_ext.sandbox._http.pages import PAGE_SIZE, Pages, next_sequence
from replicate_ext.sandbox._http.problems import not_found
from replicate_ext.sandbox._http.responses import JSONAnswer
from replicate_ext.sandbox._models.model import Model
from replicate_ext.sandbox._resources.models import Models


@dataclass(frozen=True, slots=True, kw_only=True)
class Collection:
    """A theme.

    Args:
        slug: the name in URLs.
        name: the name for people.
        description: what is in it.
        holds: says whether a model belongs to it.
    """

    slug: str
    name: str
    description: str
    holds: Callable[[Model], bool]
    sequence: int = field(default_factory=next_sequence)

    def to_dict(self) -> dict[str, object]:
        """Return the collection as lists show it."""
        return {"name": self.name, "slug": self.slug, "description": self.description}


def _tells_a_text(model: Model) -> bool:
    version = model.latest
    return version is not None and version.program.signature.stream_of == "text"


COLLECTIONS = (
    Collection(
        slug="official",
        name="Official models",
        description="Models that run by their name, without a version.",
        holds=lambda model: model.official,
    ),
    Collection(
        slug="streaming-language-models",
        name="Streaming language models",
        description="Models whose text can be read while they write it.",
        holds=_tells_a_text,
    ),
)


class CollectionRoutes:
    """The routes that show collections.

    Args:
        models: what is in them.
        base_url: the API's own URL, with its `/v1`.
    """

    def __init__(self, models: Models, base_url: str) -> None:
        self._models = models
        self._pages = Pages(PAGE_SIZE, f"{base_url}/collections", Collection.to_dict)

    def routes(self) -> list[BaseRoute]:
        """List the routes, below `/v1`."""
        return [
            Route("/collections", self._list),
            Route("/collections/{slug}", self._get),
        ]

    async def _list(self, request: Request) -> Response:
        return self._pages.answer(request, COLLECTIONS)

    async def _get(self, request: Request) -> Response:
        for collection in COLLECTIONS:
            if collection.slug == request.path_params["slug"]:
                models = filter(collection.holds, self._models.public())
                shown = [model.to_dict() for model in models]
                extra = {"full_description": None, "models": shown}
                return JSONAnswer(collection.to_dict() | extra)
        raise not_found()
