"""A training: what it is, what it becomes, and how each call of the API shows it."""

from dataclasses import dataclass

from replicate_ext.sandbox._http.timestamps import milliseconds
from replicate_ext.sandbox._models.model import Model
from replicate_ext.sandbox._runs.job import Job


@dataclass(eq=False, kw_only=True)
class Training(Job):
    """One training of a version.

    Args:
        destination: the model that gets the new version.
    """

    destination: Model

    def when_created(self) -> dict[str, object]:
        """Return the object as the create call answers it: as if it were a prediction."""
        return {
            "id": self.id,
            "model": self.version.model.name,
            "version": self.version.id,
            "input": dict(sorted(self.input.items())),
            "logs": "",
            "output": None,
            "error": None,
            "source": "api",
            "status": self.first_status,
            "created_at": milliseconds(self.created_at),
            "urls": self._urls("predictions"),
        }

    def to_dict(self) -> dict[str, object]:
        """Return the object as `GET /trainings/{id}` answers it: null where predictions leave out.

        Until there are logs they are null too.
        """
        now = {
            "logs": self.logs or None,
            "output": self.output,
            "error": self.error,
            "status": self.status,
            "urls": self._urls("trainings"),
        }
        absent = {"started_at": None, "completed_at": None}
        return self.when_created() | absent | now | self._times()

    def when_cancelled(self) -> dict[str, object]:
        """Return the object as the cancel call answers it, where it is a prediction again."""
        return self.to_dict() | {"urls": self._urls("predictions")}

    def when_listed(self) -> dict[str, object]:
        """Return the object as the list shows it, without logs."""
        body = self.to_dict()
        del body["logs"]
        return body

    def _urls(self, kind: str) -> dict[str, str]:
        own = f"{self.base_url}/{kind}/{self.id}"
        return {
            "cancel": f"{own}/cancel",
            "get": own,
            "web": f"https://replicate.com/p/{self.id}",
        }
