"""`/search`, and how well texts fit what somebody looks for."""

from collections.abc import Iterable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from replicate_ext.sandbox._http.problems import bad_query
from replicate_ext.sandbox._http.responses import JSONAnswer
from replicate_ext.sandbox._models.model import Model, Models
from replicate_ext.sandbox._resources.collections import COLLECTIONS

DEFAULT_LIMIT = 20

_PAGES = {
    "Create a prediction": "/docs/topics/predictions/create-a-prediction",
    "Input files": "/docs/topics/predictions/input-files",
    "Lifecycle of a prediction": "/docs/topics/predictions/lifecycle",
    "Rate limits": "/docs/topics/predictions/rate-limits",
    "Streaming output": "/docs/topics/predictions/streaming",
    "Webhooks": "/docs/topics/webhooks",
}


def score(query: str, *texts: str) -> float:
    """Return which part of a query's words stands in each of the texts, added up."""
    words = query.lower().split()
    found = sum(word in text.lower() for word in words for text in texts)
    return found / max(1, len(words))


def search(query: str, models: Iterable[Model]) -> list[tuple[float, Model]]:
    """Return the models that fit a query and how well, the best first, then the newest."""
    scored = [
        (score(query, model.name, model.texts.get("description", "")), model) for model in models
    ]
    fitting = [(points, model) for points, model in scored if points]
    return sorted(fitting, key=lambda pair: (pair[0], pair[1].sequence), reverse=True)


class SearchRoutes:
    """The search over everything.

    Args:
        models: what can be found, beside collections and pages of the documentation.
    """

    def __init__(self, models: Models) -> None:
        self._models = models

    def routes(self) -> list[BaseRoute]:
        """List the routes, below `/v1`."""
        return [Route("/search", self._search)]

    async def _search(self, request: Request) -> Response:
        query = request.query_params.get("query", "")
        if not query:
            raise bad_query('Query parameter "query" is required')
        limit = int(request.query_params.get("limit", DEFAULT_LIMIT))
        found = search(query, self._models.public())[:limit]
        return JSONAnswer(
            {
                "query": query,
                "models": [_found(points, model) for points, model in found],
                "collections": [
                    collection.to_dict()
                    for collection in COLLECTIONS
                    if score(query, collection.name, collection.description)
                ],
                "pages": [
                    {"name": name, "href": href}
                    for name, href in _PAGES.items()
                    if score(query, name)
                ],
            }
        )


def _found(points: float, model: Model) -> dict[str, object]:
    tags = [collection.slug for collection in COLLECTIONS if collection.holds(model)]
    about = {"generated_description": None, "score": points, "tags": tags}
    return {"model": model.to_dict(), "metadata": about}
