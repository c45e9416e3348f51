"""Models, their versions, and the functions that these run."""

import asyncio
import inspect
import re
import secrets
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from replicate_ext.sandbox._contract.validation import Schema
from replicate_ext.sandbox._http.pages import next_sequence
from replicate_ext.sandbox._http.timestamps import rfc3339
from replicate_ext.sandbox._models.script import Script
from replicate_ext.sandbox._models.signature import Signature

COG_VERSION = "0.16.8"
"""The version of Cog whose schemas the sandbox writes."""
NAME = re.compile(r"[a-zA-Z0-9._-]+")
_LINKS = ("github_url", "paper_url", "license_url", "weights_url", "cover_image_url")


@dataclass(eq=False, kw_only=True)
class Program:
    """The function that a version runs, or the script that replaces it.

    Args:
        function: the function.
        signature: inputs and output of the function.
        boot_time: seconds that predictions stay in `starting`.
        stream_ids: whether stream events have ids.
        script: statuses that predictions go through instead of calling the function, or None.
        trainable: whether the version can be trained.
        setup: called once, before the first run, or None.
        metrics: additional metrics of predictions that succeed.
    """

    function: Callable[..., object]
    signature: Signature
    boot_time: float
    stream_ids: bool
    script: Script | None
    trainable: bool = True
    setup: Callable[..., object] | None = None
    metrics: Mapping[str, float] = field(default_factory=dict[str, float])

    def __post_init__(self) -> None:
        document = self.signature.openapi_schema
        self._setup = threading.Lock()
        self.input_schema = Schema({**document, "$ref": "#/components/schemas/Input"})

    def set_up(self) -> None:
        """Call `setup`, unless an earlier call succeeded. Use this in a thread.

        If the setup fails, the next run repeats it.
        """
        with self._setup:
            if self.setup is not None:
                outcome = self.setup()
                if inspect.iscoroutine(outcome):
                    asyncio.run(outcome)
                self.setup = None


@dataclass(eq=False, kw_only=True)
class Version:
    """A version of a model.

    Args:
        model: the model.
        program: the function that the version runs.
        id: 64 hexadecimal digits.
    """

    model: "Model"
    program: Program
    id: str
    sequence: int = field(default_factory=next_sequence)
    created_at: int = field(default_factory=time.time_ns)

    def to_dict(self) -> dict[str, object]:
        """Return the version as JSON."""
        return {
            "id": self.id,
            "created_at": rfc3339(self.created_at, digits=6),
            "cog_version": COG_VERSION,
            "openapi_schema": self.program.signature.openapi_schema,
        }


@dataclass(eq=False, kw_only=True)
class Model:
    """A model with its versions.

    Args:
        name: `owner/name`.
        official: whether it runs by name, without a version.
        visibility: `public` or `private`.
        texts: description, README and links, by their field names in the API.
        collections: slugs of the collections that contain it.
        example: prediction that `default_example` shows, or None.
    """

    name: str
    official: bool = False
    visibility: str = "public"
    texts: dict[str, str]
    collections: Sequence[str] = ()
    example: Mapping[str, object] | None = None
    versions: list[Version] = field(default_factory=list[Version])
    sequence: int = field(default_factory=next_sequence)
    created_at: int = field(default_factory=time.time_ns)
    run_count: int = 0

    @property
    def public(self) -> bool:
        """Whether lists and searches show the model."""
        return self.visibility == "public"

    @property
    def latest(self) -> Version | None:
        """The newest version, or None."""
        return self.versions[-1] if self.versions else None

    def version(self, id_: str) -> Version | None:
        """Return the version with this id, or None."""
        return next((version for version in self.versions if version.id == id_), None)

    def add_version(self, program: Program) -> Version:
        """Add a version with a random id, and return it."""
        version = Version(model=self, program=program, id=secrets.token_hex(32))
        self.versions.append(version)
        return version

    def to_dict(self) -> dict[str, object]:
        """Return the model as JSON."""
        owner, _, name = self.name.partition("/")
        return {
            "url": f"https://replicate.com/{self.name}",
            "owner": owner,
            "name": name,
            "description": self.texts.get("description"),
            "visibility": self.visibility,
            "is_official": self.official,
            **{link: self.texts.get(link) for link in _LINKS},
            "run_count": self.run_count,
            "default_example": self.example,
            "latest_version": None if self.latest is None else self.latest.to_dict(),
            "created_at": rfc3339(self.created_at, digits=6),
        }
