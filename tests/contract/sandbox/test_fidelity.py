"""Details of the real API on which clients depend."""

from __future__ import annotations

import json
import ssl
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import trustme
from support.sandboxes import (
    HELLO,
    WAIT,
    Local,
    client_of,
    create,
    double,
    fetch,
    finish,
    output,
    until,
)

from replicate_ext import Replicate
from replicate_ext.sandbox import ModelDetails, Sandbox
from replicate_ext.sandbox._http import rate_limits

OLD, NEW = "0" * 64, "27b93a" + "1" * 58
PNG = b"\x89PNG"


def two_files() -> list[bytes]:
    return [PNG, b"second"]


def file_each() -> Iterator[bytes]:
    yield PNG
    yield b"second"


class TestFiles:
    def test_outputs_can_be_data_uris(self) -> None:
        with Sandbox({"me/files": two_files}, outputs="data") as sandbox:
            with client_of(sandbox) as client:
                found = output(client, "me/files")
                assert found[1] == "data:application/octet-stream;base64,c2Vjb25k"
            with Replicate(sandbox.api_token, sandbox.base_url) as ours:
                assert [file.read() for file in ours.run("me/files")] == [PNG, b"second"]

    def test_another_kind_of_outputs_is_an_error(self) -> None:
        with pytest.raises(ValueError, match="outputs must be 'url' or 'data', got 'file'"):
            Sandbox(outputs="file")  # type: ignore[arg-type] # that is the test

    @pytest.mark.parametrize("kind", ["url", "data"])
    @pytest.mark.parametrize("model", [two_files, file_each])
    def test_models_with_file_outputs_stream_one_event_per_file(
        self, model: object, kind: str
    ) -> None:
        options = {"outputs": kind}
        with Sandbox({"me/files": model}, **options) as sandbox, client_of(sandbox) as client:  # type: ignore[arg-type, dict-item] # parametrized
            body = finish(client, create(client, "me/files").json()["id"])
            url = body["urls"]["stream"]
            assert httpx.URL(url).path.startswith("/v1/files/")
            text = fetch(url).text
        files = [line.removeprefix("data: ") for line in text.splitlines() if "data: " in line]
        assert files == [*body["output"], "{}"]

    @pytest.mark.parametrize(
        ("text", "charset", "size"), [("abc", "utf-8", 3), ("\\ud800", "unicode_escape", 1)]
    )
    def test_a_file_without_a_name_is_accepted(
        self, local: Local, text: str, charset: str, size: int
    ) -> None:
        part = 'Content-Disposition: form-data; name="content"'
        form = f"--b\r\n{part}\r\n\r\n{text}\r\n--b--\r\n"
        headers = {"Content-Type": f"multipart/form-data; boundary=b; charset={charset}"}
        body = local.client.post("/files", content=form, headers=headers).json()
        assert body["size"] == size
        assert body["name"]


class TestTLS:
    def test_the_callers_certificate_serves_https(self, tmp_path: Path) -> None:
        authority = trustme.CA()
        leaf = authority.issue_cert("127.0.0.1")
        chain, key = tmp_path / "chain.pem", tmp_path / "key.pem"
        leaf.cert_chain_pems[0].write_to_path(chain)
        leaf.private_key_pem.write_to_path(key)
        context = ssl.create_default_context()
        authority.configure_trust(context)
        with Sandbox({"me/files": two_files}, ssl_certfile=chain, ssl_keyfile=key) as sandbox:
            assert sandbox.base_url.startswith("https://127.0.0.1:")
            with Replicate(sandbox.api_token, sandbox.base_url, verify=context) as client:
                files = client.run("me/files")
                assert str(files[0]).startswith(sandbox.origin)
                assert files[1].read() == b"second"

    def test_a_missing_certificate_is_an_error(self, tmp_path: Path) -> None:
        with pytest.raises(OSError, match="No such file"), Sandbox(ssl_certfile=tmp_path / "no"):
            pass


class TestVersions:
    def test_a_model_has_the_versions_that_it_was_given(self, local: Local) -> None:
        for version, factor in ((OLD, 1), (NEW, 2)):

            @local.sandbox.model("me/times", version=version)
            def times(number: int, factor: int = factor) -> int:
                return number * factor

        found = local.client.get("/models/me/times/versions").json()["results"]
        assert {version["id"] for version in found} == {OLD, NEW}
        latest = local.client.get("/models/me/times").json()["latest_version"]
        assert latest["id"] == NEW
        assert latest["cog_version"][0].isdigit()
        for reference, expected in ((f"me/times:{OLD}", 3), (NEW, 6), ("me/times", 6)):
            assert output(local.client, reference, number=3) == expected

    @pytest.mark.parametrize("version", ["1", "G" * 64, NEW.upper()])
    def test_another_version_is_an_error(self, version: str) -> None:
        with pytest.raises(ValueError, match="expected 64 hexadecimal digits"):
            Sandbox().model("me/x", version=version)(double)

    def test_a_community_model_does_not_run_by_name(self, local: Local) -> None:
        local.sandbox.model("me/double", official=False, version=NEW)(double)
        response = local.client.post("/models/me/double/predictions", json={"input": {}})
        assert (response.status_code, response.json()["detail"]) == (
            404,
            "The requested resource could not be found.",
        )
        assert output(local.client, NEW, number=4) == 8

    def test_a_version_that_cannot_be_trained_gets_a_400(self, local: Local) -> None:
        local.sandbox.model("me/double", version=NEW, trainable=False)(double)
        url = f"/models/me/double/versions/{NEW}/trainings"
        response = local.client.post(url, json={"destination": HELLO, "input": {}})
        assert response.status_code == 400
        assert "does not support training" in response.json()["detail"]

    def test_the_schema_has_the_parts_that_cog_adds(self, local: Local) -> None:
        model = local.client.get(f"/models/{HELLO}").json()
        schemas = model["latest_version"]["openapi_schema"]["components"]["schemas"]
        assert {"Status", "WebhookEvent", "ValidationError", "PredictionRequest"} <= schemas.keys()
        assert schemas["PredictionResponse"]["properties"]["status"] == {
            "$ref": "#/components/schemas/Status"
        }


class TestDetails:
    def test_a_model_shows_its_details(self, local: Local) -> None:
        details = ModelDetails(
            description="Doubles.",
            readme="# Double",
            github_url="https://github.test/double",
            collections=["number-models", "official"],
            metrics={"token_count": 3},
        )
        local.sandbox.model("me/double", details=details)(double)
        model = local.client.get("/models/me/double").json()
        assert model["description"] == "Doubles."
        assert model["github_url"] == "https://github.test/double"
        assert local.client.get("/models/me/double/readme").text == "# Double"
        slugs = [one["slug"] for one in local.client.get("/collections").json()["results"]]
        assert sorted(slugs) == ["number-models", "official", "streaming-language-models"]
        collection = local.client.get("/collections/number-models").json()
        assert [one["name"] for one in collection["models"]] == ["double"]
        body = finish(local.client, create(local.client, "me/double", number=1).json()["id"])
        assert body["metrics"]["token_count"] == 3

    def test_the_first_success_is_the_default_example(self, local: Local) -> None:
        local.sandbox.model("me/double")(double)

        def example() -> dict[str, object] | None:
            shown: dict[str, object] | None = local.client.get("/models/me/double").json()[
                "default_example"
            ]
            return shown

        assert example() is None
        for number in (1, 2):
            output(local.client, "me/double", number=number)
        local.sandbox.advance(hours=1)
        shown = example()
        assert shown is not None
        assert (shown["input"], shown["output"]) == ({"number": 1}, 2)

    def test_a_large_prediction_is_no_example(self, local: Local) -> None:
        output(local.client, HELLO, text="x" * 200_000)
        assert local.client.get(f"/models/{HELLO}").json()["default_example"] is None

    def test_quoted_words_of_a_search_count_as_one(self, local: Local) -> None:
        local.sandbox.model("me/one", details=ModelDetails(description="a red boat"))(double)
        local.sandbox.model("me/two", details=ModelDetails(description="a boat, red"))(double)
        found = local.client.get("/search", params={"query": '"red boat"'}).json()["models"]
        assert [one["model"]["name"] for one in found] == ["one"]


class TestHTTP:
    def test_large_json_is_compressed(self, local: Local) -> None:
        with local.client.stream("GET", "/models") as response:
            raw = b"".join(response.iter_raw())
        assert response.headers["content-encoding"] == "gzip"
        assert response.headers["vary"] == "Cookie, origin, Accept-Encoding"
        assert raw.startswith(b"\x1f\x8b")
        plain = local.client.get("/models", headers={"Accept-Encoding": "identity"})
        assert "content-encoding" not in plain.headers
        assert json.loads(plain.content)["results"]

    def test_content_types_are_written_as_each_service_does(self, local: Local) -> None:
        kinds = [
            create(local.client, HELLO, WAIT, text="x"),
            local.client.get("/models"),
            local.client.get("/files"),
        ]
        assert [response.headers["content-type"] for response in kinds] == [
            "application/json; charset=utf-8",
            "application/json",
            "application/json; charset=UTF-8",
        ]

    def test_the_base_url_may_lack_v1(self, local: Local) -> None:
        url, token = local.sandbox.origin, {"Authorization": f"Bearer {local.sandbox.api_token}"}
        assert fetch(f"{url}/account", **token).json() == local.client.get("/account").json()
        assert fetch(f"{url}/account").status_code == 401
        assert local.sandbox.requests[-1].path == "/v1/account"
        cross_site = {**token, "Sec-Fetch-Site": "cross-site"}
        assert fetch(f"{url}/account", **cross_site).status_code == 403

    def test_v1_twice_is_a_404_with_advice(self, local: Local) -> None:
        response = local.client.get(f"{local.sandbox.base_url}/v1/models")
        assert response.status_code == 404
        assert "/v1/v1/models has /v1 twice" in response.json()["detail"]


class TestRateLimits:
    def test_the_limits_count_down_and_fill_up_again(self) -> None:
        now = [0.0]
        limits = rate_limits.RateLimits(lambda: now[0])
        create_one = ("POST", "/models/a/b/predictions")
        assert [limits.take(*create_one) for _ in range(3)] == [599, 598, 597]
        assert limits.take("GET", "/predictions/x") == 59_999
        assert limits.take("POST", "/predictions/x/cancel") == 2_999
        assert limits.take("GET", "/models") == 2_998
        now[0] = 0.2
        assert limits.take(*create_one) == 598
        for _ in range(598):
            limits.take(*create_one)
        assert [limits.take(*create_one) for _ in range(2)] == [-1, -1]
        now[0] = 0.31
        assert limits.take(*create_one) == 0

    def test_headers(self, local: Local) -> None:
        responses = [create(local.client, HELLO, text="x"), create(local.client, HELLO)]
        left = [int(one.headers["ratelimit-remaining"]) for one in responses]
        assert 590 < left[1] <= left[0] <= 599
        assert responses[0].headers["ratelimit-reset"] == "1"
        assert "ratelimit-remaining" not in local.client.get("/files").headers

    def test_requests_over_the_limit_get_a_429_if_enforced(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(rate_limits, "_CREATES", 2)
        with Sandbox(rate_limits=True) as sandbox, client_of(sandbox) as client:
            responses = [create(client, HELLO, text="x") for _ in range(3)]
            assert [one.status_code for one in responses] == [201, 201, 429]
            assert responses[2].json()["retry_after"] == 1
            assert len(sandbox.predictions) == 2
            assert client.get("/account").status_code == 200


class TestWebhookHosts:
    def test_a_webhook_for_another_host_is_accepted_but_not_sent(
        self, local: Local, caplog: pytest.LogCaptureFixture
    ) -> None:
        url = "https://hooks.example/replicate"
        body = {"version": HELLO, "input": {"text": "x"}, "webhook": url}
        assert local.client.post("/predictions", json=body, headers=WAIT).status_code == 201
        local.sandbox.wait_idle()
        assert local.sandbox.deliveries == []
        assert "webhook_hosts=['hooks.example']" in caplog.text

    def test_a_webhook_for_an_allowed_host_is_sent(self) -> None:
        url = "https://hooks.invalid/replicate"
        sandbox = Sandbox(webhook_hosts=["hooks.invalid"], webhook_retry_delays=())
        with sandbox, client_of(sandbox) as client:
            body = {"version": HELLO, "input": {"text": "x"}, "webhook": url}
            client.post("/predictions", json=body)
            until(lambda: sandbox.deliveries or None)
            assert {one.url for one in sandbox.deliveries} == {url}


def test_the_response_to_the_cancellation_of_a_training_has_no_logs(local: Local) -> None:
    version = local.client.get(f"/models/{HELLO}").json()["latest_version"]["id"]
    url = f"/models/{HELLO}/versions/{version}/trainings"
    id_ = local.client.post(url, json={"destination": HELLO, "input": {}}).json()["id"]
    until(lambda: local.client.get(f"/trainings/{id_}").json()["logs"])
    assert local.client.post(f"/trainings/{id_}/cancel").json()["logs"] is None
    assert local.client.get(f"/trainings/{id_}").json()["logs"]
