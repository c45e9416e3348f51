"""Predictions of the sandbox: created, held, shown and listed."""

import asyncio
import io
import json
import re
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import redirect_stdout
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from support.places import cases
from support.sandboxes import (
    HELLO,
    JSON,
    STAMP,
    STORY,
    TERMINAL,
    WAIT,
    Local,
    create,
    double,
    fetch,
    finish,
    output,
    until,
)
from support.server import serving

from replicate_ext.sandbox._http import timestamps
from replicate_ext.sandbox._http.preferences import wait
from replicate_ext.sandbox._resources import predictions


class TestPredictions:
    def test_create_responds_at_once(self, client: httpx.Client) -> None:
        response = create(client, HELLO, text="you")
        body = response.json()
        assert response.status_code == 201
        assert "preference-applied" not in response.headers
        assert (body["status"], body["output"], body["logs"]) == ("starting", None, "")
        assert re.fullmatch("[a-z0-9]{26}", body["id"])
        assert STAMP.fullmatch(body["created_at"])
        assert body["urls"]["get"] == f"{client.base_url}predictions/{body['id']}"

    def test_a_prediction_succeeds(self, client: httpx.Client) -> None:
        created = create(client, HELLO, text="you").json()
        body = finish(client, created["id"])
        assert body["status"] == "succeeded"
        assert body["output"] == "hello you"
        assert body["created_at"] == created["created_at"]
        assert STAMP.fullmatch(body["started_at"])
        assert STAMP.fullmatch(body["completed_at"])
        assert 0 < body["metrics"]["predict_time"] <= body["metrics"]["total_time"] < 5

    @pytest.mark.parametrize("recorded", cases("recordings/*speech-basic-[12].json"))
    def test_bodies_have_the_fields_of_recorded_ones(
        self, client: httpx.Client, recorded: Path
    ) -> None:
        real = json.loads(recorded.read_text(encoding="utf-8"))
        mine = create(client, HELLO, text="x").json()
        if real["status"] in TERMINAL:
            mine = finish(client, mine["id"])
        assert mine.keys() == real.keys()
        assert mine["urls"].keys() == real["urls"].keys()
        assert mine.get("metrics", {}).keys() == real.get("metrics", {}).keys()

    @pytest.mark.parametrize(
        ("nanoseconds", "text"),
        [
            (0, "1970-01-01T00:00:00Z"),
            (1_700_000_000_100_000_000, "2023-11-14T22:13:20.1Z"),
            (1_700_000_000_000_000_001, "2023-11-14T22:13:20.000000001Z"),
        ],
    )
    def test_timestamps_have_no_trailing_zeros(self, nanoseconds: int, text: str) -> None:
        assert timestamps.rfc3339(nanoseconds) == text

    @pytest.mark.parametrize(
        ("prefer", "applied"),
        [
            ("wait", "wait=60"),
            ("wait=10", "wait=10"),
            ("respond-async, wait=1", "wait=1"),
            ("WAIT=5", "wait=5"),
            ("Wait", "wait=60"),
            ('wait="7"', "wait=7"),
            ('wait=""', "wait=60"),
            ("wait = 8", "wait=8"),
            ("wait=9; foo=bar", "wait=9"),
            ('foo="a, wait=3", wait=4', "wait=4"),
            ("wait=2, wait=6", "wait=2"),
        ],
    )
    def test_prefer_wait_holds_the_response(
        self, client: httpx.Client, prefer: str, applied: str
    ) -> None:
        response = create(client, HELLO, {"Prefer": prefer}, text="you")
        body = response.json()
        assert response.status_code == 201
        assert response.headers["preference-applied"] == applied
        assert (body["status"], body["output"], body["logs"]) == ("processing", "hello you", "")
        assert body.keys().isdisjoint({"started_at", "completed_at", "metrics"})
        assert client.get(f"/predictions/{body['id']}").json()["status"] == "succeeded"

    @pytest.mark.parametrize(
        "prefer",
        [
            "wait=0",
            "wait=61",
            "wait=-1",
            "wait=1.5",
            "wait=x, wait=5",
            "waiting",
            "return=minimal",
            f"wait={'9' * 5_000}",
            "wait=\N{SUPERSCRIPT TWO}".encode("latin-1"),
        ],
        ids=lambda prefer: str(prefer)[:20],
    )
    def test_other_preferences_are_ignored(self, client: httpx.Client, prefer: str | bytes) -> None:
        body = {"version": HELLO, "input": {"text": "you"}}
        headers = {b"Prefer": prefer if isinstance(prefer, bytes) else prefer.encode()}
        response = client.post("/predictions", json=body, headers=headers)
        assert "preference-applied" not in response.headers
        assert response.json()["status"] == "starting"

    def test_a_hold_that_is_too_short_gets_a_202(
        self, client: httpx.Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def sooner(prefer: list[str]) -> float | None:
            seconds = wait(prefer)
            return None if seconds is None else seconds / 10

        monkeypatch.setattr(predictions, "wait", sooner)
        begin = time.monotonic()
        response = create(client, STORY, {"Prefer": "wait=1"}, prompt="x", delay=60)
        assert 0.1 <= time.monotonic() - begin < 1
        body = response.json()
        assert response.status_code == 202
        assert response.headers["location"] == body["urls"]["get"]
        assert response.headers["reason"] == "wait time exceeded"
        assert response.headers["preference-applied"] == "wait=1"
        assert "ratelimit-remaining" not in response.headers
        assert (body["status"], body["output"]) == ("starting", None)
        client.post(f"/predictions/{body['id']}/cancel")

    def test_an_exception_fails_the_prediction(self, local: Local) -> None:
        @local.sandbox.model("me/broken")
        def broken() -> str:
            raise ValueError("the cat sat on the GPU")

        held = create(local.client, "me/broken", WAIT)
        assert held.status_code == 201
        later = finish(local.client, create(local.client, "me/broken").json()["id"])
        for body in (held.json(), later):
            assert (body["status"], body["output"]) == ("failed", None)
            assert body["error"] == "the cat sat on the GPU"

    @pytest.mark.parametrize(
        ("path", "version", "shown"),
        [
            ("/predictions", "{id}", "{id}"),
            ("/predictions", f"{HELLO}:{{id}}", "{id}"),
            ("/predictions", HELLO, "hidden"),
            (f"/models/{HELLO}/predictions", None, "hidden"),
        ],
    )
    def test_a_model_can_be_named_in_several_ways(
        self, client: httpx.Client, path: str, version: str | None, shown: str
    ) -> None:
        id_ = client.get(f"/models/{HELLO}").json()["latest_version"]["id"]
        body: JSON = {"input": {"text": "x"}}
        if version is not None:
            body["version"] = version.format(id=id_)
        created = client.post(path, json=body, headers=WAIT).json()
        assert (created["model"], created["version"]) == (HELLO, shown.format(id=id_))
        assert created["output"] == "hello x"

    def test_a_community_model_needs_a_version(self, local: Local) -> None:
        local.sandbox.model("me/community", official=False)(double)
        path = "/models/me/community"
        by_name = local.client.post(f"{path}/predictions", json={"input": {"number": 1}})
        assert by_name.status_code == 404
        assert create(local.client, "me/community", number=1).status_code == 422
        version = local.client.get(path).json()["latest_version"]["id"]
        assert output(local.client, version, number=1) == 2

    def test_unknown_inputs_are_ignored(self, client: httpx.Client) -> None:
        assert output(client, HELLO, text="you", mood="good") == "hello you"

    def test_stories_depend_only_on_the_prompt(self, client: httpx.Client) -> None:
        stories = ["".join(output(client, STORY, prompt=name, delay=0)) for name in ("a", "a", "b")]
        assert stories[0] == stories[1] != stories[2]
        assert stories[0].startswith("Once upon a time")
        assert len(output(client, STORY, prompt="a", max_tokens=7, delay=0)) == 7

    @pytest.mark.parametrize("kind", ["generator", "asynchronous generator"])
    def test_output_grows_while_a_model_yields(self, local: Local, kind: str) -> None:
        step = threading.Semaphore(0)

        def count() -> Iterator[str]:
            for word in ("one", "two"):
                yield word
                step.acquire(timeout=5)

        async def count_async() -> AsyncIterator[str]:
            for word in count():
                yield word
                await asyncio.to_thread(step.acquire, timeout=5)
                step.release()

        local.sandbox.model("me/count")(count if kind == "generator" else count_async)
        url = f"/predictions/{create(local.client, 'me/count').json()['id']}"

        def seen(words: list[str]) -> JSON:
            body = local.client.get(url).json()
            return body if body["output"] == words else None

        assert until(lambda: seen(["one"]))["status"] == "processing"
        step.release(2)
        until(lambda: seen(["one", "two"]))
        step.release(2)
        assert finish(local.client, url.rpartition("/")[2])["output"] == ["one", "two"]

    def test_a_lone_surrogate_is_replaced(self, local: Local) -> None:
        @local.sandbox.model("me/odd")
        async def odd() -> AsyncIterator[str]:
            print("a\ud800")  # noqa: T201 - models print
            yield "b\udfff"
            raise RuntimeError("c\ud800")

        with serving() as receiver, redirect_stdout(io.StringIO()):
            options = {"webhook": receiver.url, "webhook_events_filter": ["completed"]}
            body = {"version": "me/odd", "input": {}, **options}
            created = local.client.post("/predictions", json=body).json()
            until(lambda: local.sandbox.deliveries or None)
        shown = finish(local.client, created["id"])
        assert (shown["logs"], shown["output"], shown["error"]) == ("a?\n", ["b?"], "c?")
        assert json.loads(receiver.received[0].body) == {**shown, **options}
        [listed] = local.client.get("/predictions").json()["results"]
        assert listed["output"] == ["b?"]
        assert "\ndata: b?\n" in fetch(created["urls"]["stream"]).text

    def test_predictions_are_listed(self, local: Local) -> None:
        ids = [create(local.client, HELLO, text="x").json()["id"] for _ in range(101)]

        def listed(page: JSON) -> list[str]:
            return [item["id"] for item in page["results"]]

        first = local.client.get("/predictions").json()
        assert listed(first) == ids[:0:-1]
        assert first["previous"] is None
        assert "logs" not in first["results"][0]
        last = local.client.get(first["next"]).json()
        assert listed(last) == ids[:1]
        assert last["next"] is None
        assert listed(local.client.get(last["previous"]).json()) == listed(first)

    def test_the_list_can_be_filtered(self, local: Local) -> None:
        first = create(local.client, HELLO, text="x").json()
        moment = datetime.fromisoformat(first["created_at"])
        until(lambda: datetime.now(UTC) - moment > timedelta(milliseconds=1) or None)
        second = create(local.client, HELLO, text="x").json()

        def listed(**query: str) -> list[str]:
            results = local.client.get("/predictions", params=query).json()["results"]
            return [item["id"] for item in results]

        assert listed(created_after=second["created_at"]) == [second["id"]]
        assert listed(created_before=second["created_at"]) == [first["id"]]
        assert listed(source="web") == []
        assert local.client.get("/predictions?created_after=soon").status_code == 422
