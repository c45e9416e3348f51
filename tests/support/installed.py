"""The wheel in an environment outside the checkout, with the dependencies that a test selects.

The dependencies are those that the tests run with, so nothing is downloaded. The environment has a
dependency only if the metadata of the wheel requires it, directly or indirectly.
"""

from __future__ import annotations

import subprocess
import sys
import venv
from dataclasses import dataclass
from importlib.metadata import Distribution, distribution, distributions
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from support.bodies import ROOT


def build_wheel(folder: Path) -> Path:
    """Build the wheel of the checkout, and return its path."""
    command = (*("-m", "build", "--wheel", "--no-isolation"), "--outdir", str(folder), str(ROOT))
    subprocess.run([sys.executable, *command], check=True, stdout=subprocess.DEVNULL)
    return next(folder.glob("*.whl"))


@dataclass(frozen=True)
class Installation:
    """The wheel in an environment with nothing else, and folders of dependencies beside it.

    Args:
        folder: The folder of the environment.
    """

    folder: Path

    @classmethod
    def create(cls, folder: Path, wheel: Path) -> Installation:
        """Create the environment, and install the wheel."""
        venv.create(folder / "env", symlinks=True)
        installation = cls(folder)
        pip = (sys.executable, "-m", "pip", "--python", str(installation.python))
        options = ("--quiet", "--disable-pip-version-check", "--no-index", "--no-deps")
        subprocess.run([*pip, "install", *options, str(wheel)], check=True)
        return installation

    @property
    def scripts(self) -> Path:
        """Folder of the commands."""
        return self.folder / "env" / "bin"

    @property
    def python(self) -> Path:
        """The interpreter."""
        return self.scripts / "python"

    @property
    def metadata(self) -> Distribution:
        """Metadata of the wheel."""
        (packages,) = self.folder.glob("env/lib/*/site-packages")
        (found,) = distributions(name="replicate-ext", path=[str(packages)])
        return found

    def dependencies(self, *extras: str) -> dict[str, Distribution]:
        """Return what the wheel with these extras depends on, directly and indirectly."""
        found = {"replicate-ext": self.metadata}
        todo = [("replicate-ext", extra) for extra in ("", *extras)]
        for name, extra in todo:  # the loop extends the list
            for needed in map(Requirement, found[name].requires or ()):
                if needed.marker and not needed.marker.evaluate({"extra": extra}):
                    continue
                other = canonicalize_name(needed.name)
                if other not in found:
                    found[other] = distribution(other)
                todo += {(other, each) for each in ("", *needed.extras)}.difference(todo)
        del found["replicate-ext"]
        return found

    def run(
        self, *command: str | Path, extras: tuple[str, ...] = (), cwd: Path, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        """Run a command of the environment, with the dependencies of the extras.

        Args:
            command: The name of a script and its arguments.
            extras: The extras of the wheel.
            cwd: The folder to run in.
            environment: Environment variables. Those of the tests are not passed on.
        """
        return subprocess.run(
            [self.scripts / command[0], *command[1:]],
            cwd=cwd,
            env={
                "PATH": f"{self.scripts}:/usr/bin:/bin",
                "HOME": str(cwd),
                "PYTHONPATH": str(self._linked(extras)),
                "PYTHONSAFEPATH": "1",
                "PYTHONWARNINGS": "error",
                **environment,
            },
            capture_output=True,
            text=True,
            check=False,
        )

    def _linked(self, extras: tuple[str, ...]) -> Path:
        """Return a folder with links to the files of the dependencies."""
        folder = self.folder / "-".join(("with", *extras))
        if folder.exists():
            return folder
        folder.mkdir()
        for each in self.dependencies(*extras).values():
            for top in {file.parts[0] for file in each.files or ()} - {"..", "__pycache__"}:
                (folder / top).symlink_to(str(each.locate_file(top)))
        return folder
