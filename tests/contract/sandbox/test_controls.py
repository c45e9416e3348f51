"""Controls for tests: the clock, reset, waiting until idle, latency, files of models."""

from __future__ import annotations

import threading
import time
from datetime import datetime, timedelta
from pathlib import Path

import httpx
import pytest
from support.sandboxes import HELLO, STORY, Local, client_of, create, double, fetch, finish, output
from support.server import serving

from replicate_ext.sandbox import Fault, Sandbox


def picture() -> bytes:
    return b"a picture"


class TestClock:
    def test_after_an_hour_the_data_of_predictions_is_removed_and_outputs_expire(
        self, local: Local
    ) -> None:
        local.sandbox.model("me/picture")(picture)
        body = finish(local.client, create(local.client, "me/picture").json()["id"])

        local.sandbox.advance(minutes=59)
        assert local.client.get(f"/predictions/{body['id']}").json()["output"] == body["output"]
        assert fetch(body["output"]).status_code == 200

        local.sandbox.advance(minutes=1)
        removed = local.client.get(f"/predictions/{body['id']}").json()
        assert {
            name: removed[name] for name in ("input", "output", "logs", "data_removed", "status")
        } == {"input": {}, "output": None, "logs": "", "data_removed": True, "status": "succeeded"}
        assert fetch(body["output"]).status_code == 404
        assert local.client.get("/models/me/picture/examples").json()["results"] == []

    def test_uploads_expire_after_a_day(self, local: Local) -> None:
        url = local.client.post("/files", files={"content": b"x"}).json()["urls"]["get"]
        local.sandbox.advance(hours=23)
        assert local.client.get(url).status_code == 200
        local.sandbox.advance(hours=1)
        assert local.client.get(url).status_code == 404

    def test_later_predictions_are_created_later(self, local: Local) -> None:
        before = create(local.client, HELLO, text="x").json()["created_at"]
        local.sandbox.advance(hours=2)
        after = create(local.client, HELLO, text="x").json()
        passed = datetime.fromisoformat(after["created_at"]) - datetime.fromisoformat(before)
        assert passed >= timedelta(hours=2)
        assert finish(local.client, after["id"])["output"] == "hello x"


class TestReset:
    def test_everything_since_the_start_is_undone(self) -> None:
        with Sandbox({"me/double": double}) as sandbox, client_of(sandbox) as client:
            url = sandbox.base_url
            sandbox.model("me/picture")(picture)
            sandbox.faults.add(Fault.error(503), on="GET /nothing")
            sandbox.advance(hours=1)
            create(client, STORY, prompt="x", delay=60)
            file = client.post("/files", files={"content": b"x"}).json()["urls"]["get"]

            sandbox.reset()

            assert sandbox.base_url == url
            assert "me/picture" not in sandbox.models
            assert output(client, "me/double", number=21) == 42
            assert [run.model for run in sandbox.predictions] == ["me/double"]
            assert {request.path for request in sandbox.requests} >= {"/v1/predictions"}
            assert sandbox.faults.pending == []
            assert client.get(file).status_code == 404
            created = sandbox.predictions[0].created_at
            assert abs(created.timestamp() - time.time()) < 60

    def test_models_registered_before_the_start_stay(self) -> None:
        sandbox = Sandbox()
        sandbox.model("me/double")(double)
        with sandbox:
            sandbox.reset()
            assert "me/double" in sandbox.models

    def test_a_stopped_sandbox_cannot_be_reset(self) -> None:
        with pytest.raises(RuntimeError, match="not running"):
            Sandbox().reset()


class TestRecords:
    def test_predictions_are_listed_as_models(self, local: Local) -> None:
        output(local.client, HELLO, text="Ada")
        [prediction] = local.sandbox.predictions
        assert (prediction.model, prediction.status, prediction.output) == (
            HELLO,
            "succeeded",
            "hello Ada",
        )

    def test_assert_ran_returns_the_latest_match(self, local: Local) -> None:
        for text in ("Ada", "Grace"):
            output(local.client, HELLO, text=text)
        version = local.client.get(f"/models/{HELLO}").json()["latest_version"]["id"]
        assert local.sandbox.assert_ran(HELLO).output == "hello Grace"
        assert local.sandbox.assert_ran(HELLO, text="Ada").output == "hello Ada"
        assert local.sandbox.assert_ran(f"{HELLO}:{version}", text="Ada").output == "hello Ada"

    @pytest.mark.parametrize(
        ("reference", "values"), [(HELLO, {"text": "Eve"}), ("a/b", {}), (HELLO, {"seed": 1})]
    )
    def test_assert_ran_lists_the_predictions_when_none_matches(
        self, local: Local, reference: str, values: dict[str, object]
    ) -> None:
        with pytest.raises(AssertionError, match=r"did not run .* Predictions so far: none"):
            local.sandbox.assert_ran(reference, **values)
        output(local.client, HELLO, text="Ada")
        with pytest.raises(AssertionError, match=r"\n  replicate/hello-world \{'text': 'Ada'\}"):
            local.sandbox.assert_ran(reference, **values)

    def test_the_json_of_a_request_is_parsed(self, local: Local) -> None:
        create(local.client, HELLO, text="Ada")
        assert local.sandbox.requests[0].json["input"] == {"text": "Ada"}


class TestIdle:
    def test_waits_for_predictions_and_webhooks(self, local: Local) -> None:
        with serving() as receiver:
            for _ in range(3):
                body = {"version": STORY, "input": {"prompt": "x"}, "webhook": receiver.url}
                body["webhook_events_filter"] = ["completed"]
                local.client.post("/predictions", json=body)
            local.sandbox.wait_idle()
            assert [one.status for one in local.sandbox.predictions] == ["succeeded"] * 3
            assert [one.event for one in local.sandbox.deliveries] == ["completed"] * 3

    def test_a_timeout_is_an_error(self, local: Local) -> None:
        create(local.client, STORY, prompt="x", delay=60)
        with pytest.raises(TimeoutError, match="still running predictions"):
            local.sandbox.wait_idle(0.01)


class TestLatency:
    def test_every_request_waits(self, local: Local) -> None:
        local.sandbox.faults.latency = 0.1
        begin = time.monotonic()
        local.client.get("/account")
        assert time.monotonic() - begin >= 0.1

    def test_faults_are_injected_too_and_clear_ends_both(self, local: Local) -> None:
        local.sandbox.faults.latency = 0.01
        local.sandbox.faults.add(Fault.error(503))
        assert local.client.get("/account").status_code == 503
        local.sandbox.faults.clear()
        assert local.sandbox.faults.latency == 0

    def test_stopping_does_not_wait(self) -> None:
        sandbox = Sandbox()
        with client_of(sandbox.__enter__()) as client:
            sandbox.faults.latency = 60
            waiting = threading.Thread(target=lambda: client.get("/account"))
            waiting.start()
            while not sandbox.requests:
                time.sleep(0.001)
            sandbox.__exit__(None, None, None)
            waiting.join(5)
            assert not waiting.is_alive()


class TestFiles:
    def test_a_file_registers_its_models(self, local: Local, tmp_path: Path) -> None:
        file = tmp_path / "models.py"
        file.write_text(
            "from __future__ import annotations\n"
            "def register(sandbox):\n"
            "    @sandbox.model('me/upper')\n"
            "    def upper(text: str) -> str:\n"
            "        return text.upper()\n"
        )
        local.sandbox.load(file)
        assert output(local.client, "me/upper", text="a") == "A"

    def test_a_file_without_register_is_an_error(self, local: Local, tmp_path: Path) -> None:
        (tmp_path / "models.py").touch()
        (tmp_path / "models.txt").touch()
        with pytest.raises(TypeError, match=r"must define a function register\(sandbox\)"):
            local.sandbox.load(tmp_path / "models.py")
        with pytest.raises(TypeError, match="expected a Python file"):
            local.sandbox.load(tmp_path / "models.txt")
        with pytest.raises(FileNotFoundError):
            local.sandbox.load(tmp_path / "absent.py")


def test_the_origin_is_the_base_url_without_the_version() -> None:
    with Sandbox() as sandbox:
        assert sandbox.base_url == f"{sandbox.origin}/v1"
        assert httpx.URL(sandbox.origin).path == "/"
    with pytest.raises(RuntimeError, match="not running"):
        _ = sandbox.origin
