"""`/search`: models, collections and pages of the documentation."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from replicate_ext.sandbox._http.problems import bad_query
from replicate_ext.sandbox._http.responses import APIResponse
from replicate_ext.sandbox._models.model import Model
from replicate_ext.sandbox._resources.collections import Collection, collections
from replicate_ext.sandbox._resources.models import Models
from replicate_ext.sandbox._resources.relevance import ranked, relevance

DEFAULT_LIMIT = 20

_PAGES = {
    "Create a prediction": "/docs/topics/predictions/create-a-prediction",
    "Input files": "/docs/topics/predictions/input-files",
    "Lifecycle of a prediction": "/docs/topics/predictions/lifecycle",
    "Rate limits": "/docs/topics/predictions/rate-limits",
    "Streaming output": "/docs/topics/predictions/streaming",
    "Webhooks": "/docs/topics/webhooks",
}


class SearchRoutes:
    """The route of the search.

    Args:
        models: the store of models.
    """

    def __init__(self, models: Models) -> None:
        self._models = models

    def routes(self) -> list[BaseRoute]:
        """Return the routes, relative to `/v1`."""
        return [Route("/search", self._search)]

    async def _search(self, request: Request) -> Response:
        query = request.query_params.get("query", "")
        if not query:
            raise bad_query('Query parameter "query" is required')
        limit = int(request.query_params.get("limit", DEFAULT_LIMIT))
        found = ranked(query, self._models.public())[:limit]
        grouped = collections(self._models)
        return APIResponse(
            {
                "query": query,
                "models": [_found(score, model, grouped) for score, model in found],
                "collections": [
                    collection.to_dict()
                    for collection in grouped
                    if relevance(query, collection.name, collection.description)
                ],
                "pages": [
                    {"name": name, "href": href}
                    for name, href in _PAGES.items()
                    if relevance(query, name)
                ],
            }
        )


def _found(score: float, model: Model, grouped: list[Collection]) -> dict[str, object]:
    tags = [collection.slug for collection in grouped if collection.includes(model)]
    about = {"generated_description": None, "score": score, "tags": tags}
    return {"model": model.to_dict(), "metadata": about}
