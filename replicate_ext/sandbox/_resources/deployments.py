"""Deployments: versions of models under names of the account's own, in numbered releases."""

import time
from dataclasses import asdict, dataclass, field

from replicate_ext.sandbox._http.pages import next_sequence
from replicate_ext.sandbox._http.timestamps import rfc3339
from replicate_ext.sandbox._models.model import Version
from replicate_ext.sandbox._resources.account import ACCOUNT, USERNAME


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """What a release is said to run on.

    Args:
        hardware: the SKU.
        min_instances: how many instances run all the time.
        max_instances: how many instances run at most.
    """

    hardware: str
    min_instances: int
    max_instances: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """One state of a deployment.

    Args:
        number: 1 for the first.
        version: what runs.
        configuration: what it runs on.
    """

    number: int
    version: Version
    configuration: Configuration
    created_at: int = field(default_factory=time.time_ns)

    def to_dict(self) -> dict[str, object]:
        """Return the release as the API shows it."""
        return {
            "number": self.number,
            "model": self.version.model.name,
            "version": self.version.id,
            "created_at": rfc3339(self.created_at, digits=6),
            "created_by": ACCOUNT,
            "configuration": asdict(self.configuration),
        }


@dataclass(eq=False, kw_only=True)
class Deployment:
    """A name, and what runs under it.

    Args:
        name: the name, without its owner.
        release: the current release.
    """

    name: str
    release: Release
    sequence: int = field(default_factory=next_sequence)

    @property
    def full_name(self) -> str:
        """`owner/name`."""
        return f"{USERNAME}/{self.name}"

    def update(self, version: Version, configuration: Configuration) -> None:
        """Make the next release."""
        number = self.release.number + 1
        self.release = Release(number=number, version=version, configuration=configuration)

    def to_dict(self) -> dict[str, object]:
        """Return the deployment as the API shows it."""
        return {"owner": USERNAME, "name": self.name, "current_release": self.release.to_dict()}


class Deployments:
    """The account's deployments."""

    def __init__(self) -> None:
        self._by_name: dict[str, Deployment] = {}

    def all(self) -> list[Deployment]:
        """Return every deployment, the oldest first."""
        return list(self._by_name.values())

    def named(self, name: str) -> Deployment | None:
        """Return the deployment that has this name, which is without its owner."""
        return self._by_name.get(name)

    def add(self, deployment: Deployment) -> None:
        """Add a deployment."""
        self._by_name[deployment.name] = deployment

    def remove(self, deployment: Deployment) -> None:
        """Take a deployment away."""
        del self._by_name[deployment.name]

    def use(self, version: Version) -> bool:
        """Say whether one of them runs a version."""
        return any(deployment.release.version is version for deployment in self.all())
