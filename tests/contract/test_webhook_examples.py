"""The webhook examples, each in its web framework, unchanged."""

from __future__ import annotations

import json
import sqlite3
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from django.conf import settings
from django.test import Client as DjangoClient
from django.urls import clear_url_caches
from django.utils.functional import empty
from support.receivers import Sent, sent
from support.webhooks import OTHER_SECRET, RUN, SECRET

with warnings.catch_warnings():
    # It would rather have httpx2, which nothing else here needs.
    warnings.simplefilter("ignore")
    from fastapi.testclient import TestClient

EXAMPLES = Path(__file__).parents[2] / "examples"
PATH = "/replicate"
SUCCEEDED = RUN
PROCESSING = {**RUN, "status": "processing", "output": None, "logs": "half\n", "completed_at": None}

Deliver: TypeAlias = Callable[[Sent], int]


def fastapi(module: Any) -> Deliver:
    client = TestClient(module.app, raise_server_exceptions=False)
    return lambda it: client.post(PATH, content=it.body, headers=it.headers).status_code


def flask(module: Any) -> Deliver:
    client = module.app.test_client()
    return lambda it: int(client.post(PATH, data=it.body, headers=it.headers).status_code)


def django(_: Any) -> Deliver:
    settings.MIDDLEWARE = ["django.middleware.csrf.CsrfViewMiddleware"]  # as projects have it
    client = DjangoClient(enforce_csrf_checks=True, raise_request_exception=False)
    kind = "application/json"
    return lambda it: int(
        client.post(PATH, data=it.body, content_type=kind, headers=it.headers).status_code
    )


FRAMEWORKS = [fastapi, flask, django]


class Example:
    """An example that runs in an empty folder, and its database."""

    def __init__(self, framework: Callable[[Any], Deliver]) -> None:
        name = f"webhooks_{framework.__name__}"
        spec = spec_from_file_location(name, EXAMPLES / f"{name}.py")
        assert spec
        assert spec.loader
        module = module_from_spec(spec)
        sys.modules[name] = module  # where Django looks for its routes
        spec.loader.exec_module(module)
        self.deliver = framework(module)

    def rows(self, query: str) -> list[Any]:
        with closing(sqlite3.connect("webhooks.db")) as database:
            return database.execute(query).fetchall()

    @property
    def deliveries(self) -> list[str]:
        return [id_ for (id_,) in self.rows("SELECT id FROM deliveries ORDER BY id")]

    @property
    def runs(self) -> dict[str, Any]:
        return {id_: json.loads(state) for id_, state in self.rows("SELECT id, state FROM runs")}


@pytest.fixture(params=FRAMEWORKS, ids=lambda framework: framework.__name__)
def framework(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[Any], Deliver]]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("REPLICATE_WEBHOOK_SECRET", SECRET)
    with unconfigured_django():
        yield request.param


@contextmanager
def unconfigured_django() -> Iterator[None]:
    """Forget Django's settings, which are made once in a process, for as long as this lasts."""
    before = settings._wrapped  # noqa: SLF001 - there is no public way
    settings._wrapped = empty  # noqa: SLF001 - as above
    clear_url_caches()
    try:
        yield
    finally:
        settings._wrapped = before  # noqa: SLF001 - as above
        clear_url_caches()


@pytest.fixture
def example(framework: Callable[[Any], Deliver]) -> Example:
    return Example(framework)


def test_a_delivery_is_stored(example: Example) -> None:
    assert example.deliver(sent(SUCCEEDED, message_id="msg_1")) == 204
    assert example.deliveries == ["msg_1"]
    assert example.runs == {RUN["id"]: SUCCEEDED}


def test_a_repeated_one_is_handled_once(example: Example) -> None:
    # A state that is_newer lets pass, so that only its id keeps it out.
    again = {**SUCCEEDED, "logs": "done\nand more\n"}

    assert example.deliver(sent(SUCCEEDED, message_id="msg_1")) == 204
    assert example.deliver(sent(again, message_id="msg_1")) == 204
    assert example.runs == {RUN["id"]: SUCCEEDED}

    assert example.deliver(sent(again, message_id="msg_2")) == 204
    assert example.runs == {RUN["id"]: again}


def test_a_failed_delivery_is_not_marked_as_handled(example: Example) -> None:
    example.rows("ALTER TABLE runs RENAME TO elsewhere")
    assert example.deliver(sent(SUCCEEDED)) == 500
    assert example.deliveries == []

    example.rows("ALTER TABLE elsewhere RENAME TO runs")
    assert example.deliver(sent(SUCCEEDED)) == 204
    assert example.runs == {RUN["id"]: SUCCEEDED}


REFUSED: dict[str, Callable[[], Sent]] = {
    "tampered": lambda: sent(SUCCEEDED)._replace(body=json.dumps(PROCESSING).encode()),
    "stale": lambda: sent(SUCCEEDED, age=timedelta(minutes=6)),
    "signed with another secret": lambda: sent(SUCCEEDED, secret=OTHER_SECRET),
    "not signed": lambda: sent(SUCCEEDED)._replace(headers={}),
}


@pytest.mark.parametrize("why", REFUSED)
def test_an_unsigned_request_is_rejected(example: Example, why: str) -> None:
    assert example.deliver(REFUSED[why]()) == 400
    assert (example.deliveries, example.runs) == ([], {})


def test_an_older_state_does_not_replace_a_newer(example: Example) -> None:
    for number, state in enumerate([PROCESSING, SUCCEEDED, PROCESSING]):
        assert example.deliver(sent(state, message_id=f"msg_{number}")) == 204
    assert example.deliveries == ["msg_0", "msg_1", "msg_2"]
    assert example.runs == {RUN["id"]: SUCCEEDED}


def test_each_run_has_a_state_of_its_own(example: Example) -> None:
    for id_ in ("a", "b"):
        example.deliver(sent({**PROCESSING, "id": id_}, message_id=f"msg_{id_}"))
    assert example.runs.keys() == {"a", "b"}


def test_a_large_one_is_stored(example: Example) -> None:
    large = {**SUCCEEDED, "logs": "x" * 4_000_000}
    assert example.deliver(sent(large)) == 204
    assert example.runs == {RUN["id"]: large}


def test_two_secrets_while_they_are_rotated(
    framework: Callable[[Any], Deliver], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REPLICATE_WEBHOOK_SECRET", f"{OTHER_SECRET} {SECRET}")
    example = Example(framework)
    for number, secret in enumerate([SECRET, OTHER_SECRET]):
        delivery = sent(SUCCEEDED, message_id=f"msg_{number}", secret=secret)
        assert example.deliver(delivery) == 204
    assert len(example.deliveries) == 2


@pytest.mark.parametrize("secret", [None, "", " \n"])
def test_a_missing_secret_is_named(
    framework: Callable[[Any], Deliver], monkeypatch: pytest.MonkeyPatch, secret: str | None
) -> None:
    monkeypatch.delenv("REPLICATE_WEBHOOK_SECRET")
    if secret is not None:
        monkeypatch.setenv("REPLICATE_WEBHOOK_SECRET", secret)
    with pytest.raises(SystemExit, match="Set REPLICATE_WEBHOOK_SECRET"):
        Example(framework)
    assert not Path("webhooks.db").exists()
