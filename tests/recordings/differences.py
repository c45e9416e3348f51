"""The differences between recorded responses of the API and those of the sandbox."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import NamedTuple

ABSENT = "absent"
COOKIE = "Cookie, origin"
JSON = "application/json"
UTF_8 = f"{JSON}; charset=utf-8"

NETWORK = "added by the network between the API and its clients"
CONNECTION = "depends on the length of the body and on how it is sent"
PAGES = "about pages of the website in a browser"
ALLOW = "the API writes the methods of a path in a different way in each recording"
SMALL = "the sandbox does not compress less than 1,500 bytes"
COMPRESSED = "the sandbox compresses responses itself, which caches have to know"
ONE_SERVICE = "sent by one of the two services that respond to this operation"
OLD_CHARSET = "the API did not send the charset in 2023"
LATER = "the API has had it only since a later time"
LATER_STREAM = "event streams had to be requested, with `stream: true`"
LATER_OUTPUT = "the output was absent, not null, until the end of the run"
DROPPED = "the API does not have it any more"


class Difference(NamedTuple):
    """A field or header in which responses differ.

    Args:
        operation: id of the operation; `*` stands for any text.
        field: path of a field in the body, or `header` and a name.
        recorded: JSON types of the field, or the value of the header, in recordings.
        ours: the same in the responses of the sandbox.
    """

    operation: str
    field: str
    recorded: str
    ours: str

    def covers(self, other: Difference) -> bool:
        """Return whether this entry explains a difference."""
        return all(map(fnmatchcase, other, self))


REASONS = {
    **{
        Difference("*", f"header {name}", "*", ABSENT): reason
        for reason, names in {
            NETWORK: "alt-svc cf-cache-status cf-placement cf-ray nel replicate-edge-cluster "
            "replicate-target-cluster report-to reporting-endpoints server via",
            CONNECTION: "connection transfer-encoding",
            PAGES: "content-security-policy-report-only strict-transport-security",
            ALLOW: "allow",
        }.items()
        for name in names.split()
    },
    Difference("*", "header content-length", "*", "*"): CONNECTION,
    Difference("files.get", "header content-encoding", "gzip", ABSENT): SMALL,
    Difference("hardware.list", "header content-encoding", "gzip", ABSENT): SMALL,
    Difference("predictions.get", "header content-encoding", "gzip", ABSENT): SMALL,
    Difference("predictions.cancel", "header content-encoding", "gzip", ABSENT): SMALL,
    Difference("files.*", "header vary", "Accept-Encoding", ABSENT): SMALL,
    Difference("models.*", "header vary", COOKIE, f"{COOKIE}, Accept-Encoding"): COMPRESSED,
    Difference("predictions.get", "header vary", COOKIE, ABSENT): ONE_SERVICE,
    Difference("*predictions.create", "header content-type", JSON, UTF_8): OLD_CHARSET,
    Difference("predictions.get", "model", ABSENT, "str"): LATER,
    Difference("*predictions.*", "data_removed", ABSENT, "bool"): LATER,
    Difference("*predictions.*", "source", ABSENT, "str"): LATER,
    Difference("*predictions.*", "urls.web", ABSENT, "str"): LATER,
    Difference("*predictions.*", "urls.stream", ABSENT, "str"): LATER_STREAM,
    Difference("*predictions.create", "output", ABSENT, "NoneType"): LATER_OUTPUT,
    Difference("predictions.get", "output", ABSENT, "NoneType"): LATER_OUTPUT,
    Difference("predictions.get", "metrics.total_time", ABSENT, "number"): LATER,
    Difference("predictions.get", "webhook_completed", "NoneType", ABSENT): DROPPED,
    Difference("predictions.cancel", "webhook_completed", "NoneType", ABSENT): DROPPED,
    Difference("models.create", "created_at", ABSENT, "str"): LATER,
    Difference("models.get", "created_at", ABSENT, "str"): LATER,
    Difference("models.create", "is_official", ABSENT, "bool"): LATER,
    Difference("models.get", "is_official", ABSENT, "bool"): LATER,
    Difference("models.search", "results[[]].is_official", ABSENT, "bool"): LATER,
    Difference("models.create", "weights_url", ABSENT, "NoneType"): LATER,
    Difference("models.get", "weights_url", ABSENT, "NoneType"): LATER,
    Difference("models.search", "results[[]].weights_url", ABSENT, "NoneType"): LATER,
    Difference("trainings.create", "output", ABSENT, "NoneType"): LATER_OUTPUT,
    Difference("trainings.create", "source", ABSENT, "str"): LATER,
    Difference("trainings.create", "urls.web", ABSENT, "str"): LATER,
}
"""Why each difference exists; every field and header that differs has an entry."""


def explaining(difference: Difference) -> list[Difference]:
    """Return the entries that explain a difference."""
    return [entry for entry in REASONS if entry.covers(difference)]
