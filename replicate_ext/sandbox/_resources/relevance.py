"""The relevance of texts and models for a search query."""

import re
from collections.abc import Iterable

from replicate_ext.sandbox._models.model import Model

_WORDS = re.compile(r'"([^"]+)"|([^\s"]+)')


def relevance(query: str, *texts: str) -> float:
    """For each text, compute the share of the query's words that it contains; return the sum.

    Words in double quotes count as one.
    """
    words = [quoted or word for quoted, word in _WORDS.findall(query.lower())]
    found = sum(word in text.lower() for word in words for text in texts)
    return found / max(1, len(words))


def ranked(query: str, models: Iterable[Model]) -> list[tuple[float, Model]]:
    """Return the models that match a query with their relevance: best first, then newest first."""
    scored = [
        (relevance(query, model.name, model.texts.get("description", "")), model)
        for model in models
    ]
    matching = [(score, model) for score, model in scored if score]
    return sorted(matching, key=lambda pair: (pair[0], pair[1].sequence), reverse=True)
