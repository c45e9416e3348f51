"""Cancellation of predictions in the sandbox."""

import asyncio
import json
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import httpx
import pytest
from support.places import cases
from support.sandboxes import (
    HELLO,
    STAMP,
    STORY,
    Local,
    create,
    double,
    finish,
    interactions,
    until,
)

from replicate_ext.sandbox._http.preferences import lifetime
from replicate_ext.sandbox._resources import predictions


class TestCancel:
    def test_a_coroutine_is_stopped(self, local: Local) -> None:
        running, stopped = threading.Event(), threading.Event()

        @local.sandbox.model("me/sleep")
        async def sleep() -> str:
            running.set()
            try:
                await asyncio.sleep(60)
            finally:
                stopped.set()
            return "rested"

        id_ = create(local.client, "me/sleep").json()["id"]
        assert running.wait(5)
        response = local.client.post(f"/predictions/{id_}/cancel")
        body = response.json()
        assert response.status_code == 200
        assert (body["status"], body["output"], body["logs"]) == ("canceled", None, None)
        assert STAMP.fullmatch(body["completed_at"])
        assert stopped.wait(5)
        later = local.client.get(f"/predictions/{id_}").json()
        assert (later["status"], later["output"]) == ("canceled", None)
        assert later["completed_at"] == body["completed_at"]

    def test_a_generator_is_stopped_where_it_yields(self, local: Local) -> None:
        running, resume, stopped = threading.Event(), threading.Event(), threading.Event()

        @local.sandbox.model("me/count")
        def count() -> Iterator[str]:
            try:
                yield "one"
                running.set()
                resume.wait(5)
                yield "two"
                raise AssertionError("not stopped")
            except GeneratorExit:
                stopped.set()
                raise

        id_ = create(local.client, "me/count").json()["id"]
        assert running.wait(5)
        local.client.post(f"/predictions/{id_}/cancel")
        resume.set()
        assert stopped.wait(5)
        assert local.client.get(f"/predictions/{id_}").json()["output"] is None

    def test_the_result_of_a_canceled_function_is_dropped(self, local: Local) -> None:
        running, resume, ended = threading.Event(), threading.Event(), threading.Event()

        @local.sandbox.model("me/slow")
        def slow() -> str:
            running.set()
            resume.wait(5)
            ended.set()
            return "late"

        id_ = create(local.client, "me/slow").json()["id"]
        assert running.wait(5)
        local.client.post(f"/predictions/{id_}/cancel")
        resume.set()
        assert ended.wait(5)
        body = local.client.get(f"/predictions/{id_}").json()
        assert (body["status"], body["output"]) == ("canceled", None)

    @pytest.mark.parametrize("cassette", cases("recordings/predictions-cancel.yaml"))
    def test_the_response_has_the_fields_of_the_recorded_one(
        self, client: httpx.Client, cassette: Path
    ) -> None:
        [real] = [
            json.loads(item["response"]["content"])
            for item in interactions(cassette)
            if item["request"]["uri"].endswith("/cancel")
        ]
        id_ = create(client, STORY, prompt="x", delay=60).json()["id"]
        until(lambda: client.get(f"/predictions/{id_}").json().get("started_at"))
        mine = client.post(f"/predictions/{id_}/cancel").json()
        # A field of Django that newer responses no longer have.
        assert real.keys() - mine.keys() == {"webhook_completed"}
        assert mine["metrics"].keys() == real["metrics"].keys()
        assert (mine["status"], mine["logs"]) == (real["status"], real["logs"])

    def test_a_finished_prediction_does_not_change(self, client: httpx.Client) -> None:
        before = finish(client, create(client, HELLO, text="x").json()["id"])
        assert client.post(f"/predictions/{before['id']}/cancel").json() == before
        assert client.post("/predictions/none/cancel").status_code == 404

    @pytest.mark.parametrize(
        ("header", "seconds"),
        [("30", 30), ("30s", 30), ("5m", 300), ("1h30m45s", 5445), ("24h", 86_400)],
    )
    def test_cancel_after_sets_the_deadline(
        self, client: httpx.Client, header: str, seconds: int
    ) -> None:
        body = create(client, HELLO, {"Cancel-After": header}, text="x").json()
        created, deadline = (
            datetime.fromisoformat(body[key]) for key in ("created_at", "deadline")
        )
        assert deadline - created == timedelta(seconds=seconds)
        assert finish(client, body["id"])["deadline"] == body["deadline"]

    @pytest.mark.parametrize(
        "header",
        ["4", "4s", "25h", "", "soon", "-5", "1h30", "5.5s", "9" * 5_000, f"1h{'9' * 5_000}s"],
        ids=lambda header: header[:10],
    )
    def test_an_invalid_cancel_after_is_rejected(self, client: httpx.Client, header: str) -> None:
        response = create(client, HELLO, {"Cancel-After": header}, text="x")
        assert response.status_code == 422

    def test_the_prediction_is_canceled_at_the_deadline(
        self, local: Local, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def sooner(header: str | None) -> float | None:
            seconds = lifetime(header)
            return None if seconds is None else seconds / 50

        monkeypatch.setattr(predictions, "lifetime", sooner)
        resume = threading.Event()

        def slow() -> str:
            resume.wait(10)
            return "late"

        local.sandbox.model("me/cold", boot_time=60)(double)
        local.sandbox.model("me/slow")(slow)
        headers = {"Cancel-After": "5s"}
        cold = create(local.client, "me/cold", headers, number=1).json()
        warm = create(local.client, STORY, headers, prompt="x", delay=60).json()
        deaf = create(local.client, "me/slow", headers).json()
        assert finish(local.client, cold["id"])["status"] == "aborted"
        assert finish(local.client, warm["id"])["status"] == "canceled"
        assert finish(local.client, deaf["id"])["status"] == "canceled"
        resume.set()
