"""Scripts: predictions that go through given statuses."""

import time
from pathlib import Path

import pytest
from support.sandboxes import JSON, WAIT, Local, create, fetch, finish

from replicate_ext.sandbox import Sandbox


def get(local: Local, id_: str) -> JSON:
    return local.client.get(f"/predictions/{id_}").json()


class TestScripts:
    def test_a_status_lasts_until_a_response_shows_it(self, local: Local) -> None:
        local.sandbox.script("me/odd", ["queued", "warming", "processing", "succeeded"], output=7)
        created = create(local.client, "me/odd").json()
        bodies = [created, *(get(local, created["id"]) for _ in range(4))]
        assert [body["status"] for body in bodies] == [
            "queued",
            "warming",
            "processing",
            "succeeded",
            "succeeded",
        ]
        assert [body["output"] for body in bodies] == [None, None, None, 7, 7]
        assert ["started_at" in body for body in bodies] == [False, False, True, True, True]

    def test_lists_and_cancellations_do_not_count_as_shown(self, local: Local) -> None:
        local.sandbox.script("me/odd", ["queued", "warming", "succeeded"])
        id_ = create(local.client, "me/odd").json()["id"]
        for _ in range(3):
            [listed] = local.client.get("/predictions").json()["results"]
        assert listed["status"] == "warming"
        assert local.client.post(f"/predictions/{id_}/cancel").json()["status"] == "canceled"
        assert get(local, id_)["status"] == "canceled"

    def test_a_status_lasts_for_its_seconds(self, local: Local) -> None:
        local.sandbox.script("me/odd", [("starting", 0.1), ("processing", 0.2), "succeeded"])
        begin = time.monotonic()
        id_ = create(local.client, "me/odd").json()["id"]
        assert {get(local, id_)["status"] for _ in range(3)} == {"starting"}
        metrics = finish(local.client, id_)["metrics"]
        assert 0.3 <= time.monotonic() - begin < 2
        assert metrics["predict_time"] >= 0.2
        assert metrics["total_time"] >= 0.3

    def test_a_script_with_seconds_is_held(self, local: Local) -> None:
        local.sandbox.script("me/odd", [("queued", 0.1), "succeeded"], output="done")
        held = create(local.client, "me/odd", WAIT)
        assert held.status_code == 201
        assert (held.json()["status"], held.json()["output"]) == ("processing", "done")

    @pytest.mark.parametrize("first", ["queued", ("queued", 0.05)])
    def test_a_script_without_seconds_is_not_held(
        self, local: Local, first: str | tuple[str, float]
    ) -> None:
        local.sandbox.script("me/odd", [first, "processing", "succeeded"], output="done")
        response = create(local.client, "me/odd", WAIT)
        assert (response.status_code, response.headers["reason"]) == (202, "wait time exceeded")
        assert (response.json()["status"], response.json()["output"]) == ("queued", None)
        seen = [get(local, response.json()["id"])["status"] for _ in range(2)]
        assert seen == ["processing", "succeeded"]

    @pytest.mark.parametrize("end", ["failed", "canceled", "aborted"])
    @pytest.mark.parametrize("headers", [{}, WAIT])
    def test_a_script_can_end_in_every_terminal_status(
        self, local: Local, end: str, headers: dict[str, str]
    ) -> None:
        local.sandbox.script("me/odd", [end], output="unseen", error="because")
        created = create(local.client, "me/odd", headers).json()
        assert created["status"] == (end if headers else "starting")
        body = get(local, created["id"])
        assert (body["status"], body["output"], body["error"]) == (end, None, "because")
        assert "predict_time" in body["metrics"] or end != "failed"
        assert "started_at" not in body or end == "failed"

    def test_a_script_without_an_end_runs_until_it_is_canceled(self, local: Local) -> None:
        local.sandbox.script("me/odd", ["starting", "processing"])
        id_ = create(local.client, "me/odd").json()["id"]
        assert {get(local, id_)["status"] for _ in range(5)} == {"processing"}
        local.client.post(f"/predictions/{id_}/cancel")
        assert get(local, id_)["status"] == "canceled"

    def test_a_script_accepts_any_input_and_may_return_files(
        self, local: Local, tmp_path: Path
    ) -> None:
        (tmp_path / "a.txt").write_text("text")
        local.sandbox.script("me/odd", ["succeeded"], output=[tmp_path / "a.txt"])
        created = create(local.client, "me/odd", WAIT, anything=[1], more="x").json()
        assert created["input"] == {"anything": [1], "more": "x"}
        assert fetch(created["output"][0]).text == "text"

    @pytest.mark.parametrize(
        "steps", [[], ["failed", "succeeded"], ["starting", ("succeeded", 1.0)]]
    )
    def test_an_invalid_script_is_rejected(self, steps: list[str | tuple[str, float]]) -> None:
        with pytest.raises(ValueError, match="invalid script"):
            Sandbox().script("me/odd", steps)

    def test_the_sandbox_stops_while_a_script_waits(self) -> None:
        begin = time.monotonic()
        with Local.running() as local:
            local.sandbox.script("me/odd", ["starting", ("processing", 60.0), "succeeded"])
            id_ = create(local.client, "me/odd").json()["id"]
            assert get(local, id_)["status"] == "processing"
            assert len(local.sandbox.requests) == 2
        assert time.monotonic() - begin < 2
