"""The models a sandbox knows, and their versions."""

import hashlib
import json
import re
import secrets
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from replicate_ext.sandbox._contract.validation import Schema
from replicate_ext.sandbox._http.pages import next_sequence
from replicate_ext.sandbox._http.problems import not_found
from replicate_ext.sandbox._http.timestamps import rfc3339
from replicate_ext.sandbox._models.script import Script
from replicate_ext.sandbox._models.signature import Signature

NAME = re.compile(r"[a-zA-Z0-9._-]+")
_LINKS = ("github_url", "paper_url", "license_url", "weights_url", "cover_image_url")


@dataclass(eq=False, kw_only=True)
class Program:
    """What a version runs.

    Args:
        function: what it computes.
        signature: what the function takes and gives.
        boot_time: seconds for which its predictions stay in `starting`.
        stream_ids: whether the events of its streams have ids.
        script: what becomes of its predictions in place of calling the function, or None.
    """

    function: Callable[..., object]
    signature: Signature
    boot_time: float
    stream_ids: bool
    script: Script | None

    def __post_init__(self) -> None:
        document = self.signature.openapi_schema
        self.input_schema = Schema({**document, "$ref": "#/components/schemas/Input"})


@dataclass(eq=False, kw_only=True)
class Version:
    """A version of a model.

    Args:
        model: the model.
        program: what runs.
        id: 64 hexadecimal digits.
    """

    model: "Model"
    program: Program
    id: str
    sequence: int = field(default_factory=next_sequence)
    created_at: int = field(default_factory=time.time_ns)

    def to_dict(self) -> dict[str, object]:
        """Return the version as the API shows it."""
        return {
            "id": self.id,
            "created_at": rfc3339(self.created_at, digits=6),
            "cog_version": "sandbox",
            "openapi_schema": self.program.signature.openapi_schema,
        }


@dataclass(eq=False, kw_only=True)
class Model:
    """A model with its versions.

    Args:
        name: `owner/name`.
        official: whether it runs by name, without a version.
        visibility: `public` or `private`.
        texts: its description, README and links, by the names the API has for them.
    """

    name: str
    official: bool = False
    visibility: str = "public"
    texts: dict[str, str]
    versions: list[Version] = field(default_factory=list)
    sequence: int = field(default_factory=next_sequence)
    created_at: int = field(default_factory=time.time_ns)
    run_count: int = 0

    @property
    def public(self) -> bool:
        """Whether lists and searches show it."""
        return self.visibility == "public"

    @property
    def latest(self) -> Version | None:
        """The newest version, or None where there is none."""
        return self.versions[-1] if self.versions else None

    def version(self, id_: str) -> Version | None:
        """Return the version that has this id."""
        return next((version for version in self.versions if version.id == id_), None)

    def add_version(self, program: Program) -> Version:
        """Make a version of what a training made."""
        version = Version(model=self, program=program, id=secrets.token_hex(32))
        self.versions.append(version)
        return version

    def to_dict(self) -> dict[str, object]:
        """Return the model as the API shows it."""
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
            "default_example": None,
            "latest_version": None if self.latest is None else self.latest.to_dict(),
            "created_at": rfc3339(self.created_at, digits=6),
        }


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


def _model(name: str, program: Program, *, official: bool) -> Model:
    """Make a model of a function; its version has the same id each time."""
    text = json.dumps([name, program.signature.openapi_schema], sort_keys=True)
    summary = (program.function.__doc__ or "").partition("\n")[0]
    texts = {"description": summary} if summary else {}
    model = Model(name=name, official=official, texts=texts)
    id_ = hashlib.sha256(text.encode()).hexdigest()
    model.versions.append(Version(model=model, program=program, id=id_))
    return model
