"""Recorded traffic in the sandbox, and steps of scripts with logs and partial outputs."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import pytest
import yaml
from support.sandboxes import HELLO, Local, create, output, until

from replicate_ext.sandbox import ScriptStep
from replicate_ext.sandbox._models.script import Step

API = "https://api.replicate.com/v1"
ID = "a" * 26


def interaction(
    method: str, path: str, content: str | bytes, body: str = "", status: int = 200
) -> dict[str, Any]:
    return {
        "request": {"method": method, "uri": f"{API}{path}", "body": body, "headers": {}},
        "response": {
            "status": {"code": status, "message": ""},
            "headers": {"Content-Type": ["application/json"], "Content-Encoding": ["gzip"]},
            "body": {"string": content},
        },
    }


@pytest.fixture
def cassette(tmp_path: Path) -> Path:
    states = [f'{{"id": "{ID}", "status": "{status}"}}' for status in ("starting", "succeeded")]
    create_ = '{"input": {"text": "x"}, "version": "acme/real"}'
    interactions = [
        interaction("POST", "/predictions", states[0], create_, 201),
        *(interaction("GET", f"/predictions/{ID}", state) for state in states),
        interaction("GET", "/models?cursor=x", gzip.compress(f'{{"next": "{API}/m"}}'.encode())),
    ]
    path = tmp_path / "cassette.yaml"
    path.write_text(yaml.safe_dump({"interactions": interactions, "version": 1}))
    return path


class TestReplay:
    def test_recorded_requests_get_recorded_responses(self, local: Local, cassette: Path) -> None:
        local.sandbox.replay(cassette)
        created = create(local.client, "acme/real", text="x")
        assert (created.status_code, created.json()["id"]) == (201, ID)
        shown = [local.client.get(f"/predictions/{ID}").json()["status"] for _ in range(3)]
        assert shown == ["starting", "succeeded", "succeeded"]
        page = local.client.get("/models?cursor=x").json()
        assert page == {"next": f"{local.sandbox.base_url}/m"}

    def test_other_requests_are_handled_as_usual(self, local: Local, cassette: Path) -> None:
        local.sandbox.replay(cassette)
        assert output(local.client, HELLO, text="x") == "hello x"
        assert create(local.client, "acme/real", text="y").status_code == 422
        assert len(local.client.get("/models").json()["results"]) >= 3
        assert local.client.get(f"/predictions/{ID}", headers={"Authorization": ""}).is_error

    def test_reset_removes_it(self, local: Local, cassette: Path) -> None:
        local.sandbox.replay(cassette)
        local.sandbox.reset()
        assert local.client.get(f"/predictions/{ID}").status_code == 404

    @pytest.mark.parametrize("text", ["[]", "a: 1", "{", "interactions: [1]"])
    def test_another_file_is_an_error(self, local: Local, tmp_path: Path, text: str) -> None:
        (tmp_path / "other.yaml").write_text(text)
        with pytest.raises(ValueError, match="is not a cassette of vcrpy"):
            local.sandbox.replay(tmp_path / "other.yaml")
        with pytest.raises(FileNotFoundError):
            local.sandbox.replay(tmp_path / "absent.yaml")


class TestSteps:
    def test_a_step_has_logs_and_a_partial_output(self, local: Local) -> None:
        steps: list[Step] = [
            "starting",
            ScriptStep("processing", logs="one\n", output=["a"]),
            ScriptStep("processing", 0.01, logs="two\n", output=["a", "b"]),
            "succeeded",
        ]
        local.sandbox.script("me/steps", steps, output=["a", "b", "c"], metrics={"token_count": 3})
        url = create(local.client, "me/steps").json()["urls"]["get"]
        seen = local.client.get(url).json()
        assert (seen["status"], seen["logs"], seen["output"]) == ("processing", "one\n", ["a"])
        body = until(
            lambda: (
                found if (found := local.client.get(url).json())["status"] == "succeeded" else None
            )
        )
        assert (body["logs"], body["output"]) == ("one\ntwo\n", ["a", "b", "c"])
        assert body["metrics"]["token_count"] == 3

    def test_a_terminal_step_before_the_end_is_an_error(self, local: Local) -> None:
        with pytest.raises(ValueError, match="invalid script"):
            local.sandbox.script("me/steps", [ScriptStep("failed"), "processing"])
