"""A training, and its JSON in the response of each endpoint."""

from dataclasses import dataclass

from replicate_ext.sandbox._http.timestamps import milliseconds
from replicate_ext.sandbox._models.model import Model
from replicate_ext.sandbox._runs.job import Job


@dataclass(eq=False, kw_only=True)
class Training(Job):
    """One training of a version.

    Args:
        destination: model that receives the new version.
    """

    destination: Model

    def as_created(self) -> dict[str, object]:
        """Return the training as the response to its creation, with URLs of a prediction."""
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
        """Return the training as the response to `GET /trainings/{id}`.

        Unlike in predictions, times that are not known yet and empty logs are null.
        """
        now = {
            "logs": self.logs or None,
            "output": self.output,
            "error": self.error,
            "status": self.status,
            "urls": self._urls("trainings"),
        }
        absent = {"started_at": None, "completed_at": None}
        return self.as_created() | absent | now | self._times()

    def as_canceled(self) -> dict[str, object]:
        """Return the training as the response to its cancellation, with URLs of a prediction."""
        logs = {"logs": None} if self.status in ("canceled", "aborted") else {}
        return self.to_dict() | logs | {"urls": self._urls("predictions")}

    def as_listed(self) -> dict[str, object]:
        """Return the training as an item of the list, without logs."""
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
