"""Details of a model: texts, links, collections, and metrics of its predictions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

TEXTS = (
    "description",
    "readme",
    "github_url",
    "paper_url",
    "license_url",
    "weights_url",
    "cover_image_url",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelDetails:
    """Details of a model, for `Sandbox.model(..., details=...)`.

    Args:
        description: one sentence. Default: the first line of the function's docstring.
        readme: README in Markdown.
        github_url: link to the source code.
        paper_url: link to a paper.
        license_url: link to the license.
        weights_url: link to the weights.
        cover_image_url: link to a picture.
        default_example: prediction as JSON. Default: the first prediction that succeeds.
        collections: slugs of the collections that contain the model; new ones are created.
        metrics: numbers to add to the metrics of each successful prediction, such as
            `{"image_count": 1}`.
    """

    description: str | None = None
    readme: str | None = None
    github_url: str | None = None
    paper_url: str | None = None
    license_url: str | None = None
    weights_url: str | None = None
    cover_image_url: str | None = None
    default_example: Mapping[str, object] | None = None
    collections: Sequence[str] = ()
    metrics: Mapping[str, float] = field(default_factory=dict[str, float])

    def texts(self) -> dict[str, str]:
        """Return the texts and links that are set, by their field names in the API."""
        named = {name: getattr(self, name) for name in TEXTS}
        return {name: text for name, text in named.items() if text is not None}
