"""Error responses of the sandbox, with the bodies of the real API."""

import httpx
import pytest
from support.sandboxes import HELLO, JSON, WAIT, create, fetch

from replicate_ext.sandbox import Sandbox


class TestErrors:
    @pytest.mark.parametrize("path", ["/account", "/predictions", "/nowhere"])
    def test_a_token_is_required(self, sandbox: Sandbox, path: str) -> None:
        url = sandbox.base_url + path
        absent = fetch(url)
        wrong = fetch(url, Authorization="Bearer r8_other")
        for response, article in ((absent, "an"), (wrong, "a valid")):
            assert response.status_code == 401
            assert response.headers["content-type"] == "application/problem+json"
            assert "ratelimit-remaining" not in response.headers
            assert response.json() == {
                "title": "Unauthenticated",
                "detail": f"You did not pass {article} authentication token",
                "status": 401,
            }

    @pytest.mark.parametrize(
        "path", ["/predictions/none", "/models/no/body", "/nowhere", "/predictions/"]
    )
    def test_not_found(self, client: httpx.Client, path: str) -> None:
        response = client.get(path)
        assert response.status_code == 404
        assert response.headers["content-type"] == "application/problem+json"
        assert response.json() == {
            "detail": "The requested resource could not be found.",
            "status": 404,
        }

    def test_some_404s_have_plain_json(self, client: httpx.Client) -> None:
        version = client.get(f"/models/{HELLO}/versions/undefined")
        assert (version.status_code, version.json()) == (404, {"detail": "Not found."})
        file = client.get("/files/none")
        assert (file.status_code, file.json()) == (404, {"detail": "File not found"})
        cursor = client.get("/predictions?cursor=bm9uc2Vuc2U")
        assert (cursor.status_code, cursor.json()) == (404, {"detail": "Invalid cursor"})

    def test_a_path_outside_v1_is_not_found(self, sandbox: Sandbox) -> None:
        response = fetch(f"{sandbox.origin}/nowhere")
        assert response.status_code == 404
        assert response.headers["content-type"].startswith("text/plain")

    def test_a_wrong_method_is_not_allowed(self, client: httpx.Client) -> None:
        response = client.put("/account")
        assert (response.status_code, response.json()) == (
            405,
            {"detail": 'Method "PUT" not allowed.'},
        )

    @pytest.mark.parametrize("body", [b"", b"{", b"\xff", b'{"version": NaN}'])
    def test_malformed_json_is_rejected(self, client: httpx.Client, body: bytes) -> None:
        assert client.post("/predictions", content=body).status_code == 400

    @pytest.mark.parametrize("version", ["0" * 64, "no/body", f"{HELLO}:{'0' * 64}", "a/b/c", ""])
    def test_an_unknown_version_is_rejected(self, client: httpx.Client, version: str) -> None:
        response = create(client, version, text="x")
        assert response.status_code == 422
        assert response.headers["content-type"] == "application/problem+json"
        assert response.json() == {
            "title": "Invalid version or not permitted",
            "detail": "The specified version does not exist "
            "(or perhaps you don't have permission to use it?)",
            "status": 422,
        }

    def test_the_body_is_validated(self, client: httpx.Client) -> None:
        response = client.post("/predictions", json={"model": HELLO, "input": {"text": "x"}})
        assert response.status_code == 422
        assert response.json() == {
            "detail": "- version is required\n- Additional property model is not allowed\n",
            "status": 422,
            "title": "Input validation failed",
            "invalid_fields": [
                {"type": "required", "field": "", "description": "version is required"},
                {
                    "type": "additional_property_not_allowed",
                    "field": "",
                    "description": "Additional property model is not allowed",
                },
            ],
        }

    def test_the_input_is_validated(self, client: httpx.Client) -> None:
        response = create(client, "sandbox/posterize", WAIT, bits=9)
        assert response.status_code == 422
        assert response.headers["preference-applied"] == "wait=60"
        assert response.json() == {
            "detail": "- input: image is required\n- input.bits: Must be less than or equal to 8\n",
            "status": 422,
            "title": "Input validation failed",
            "invalid_fields": [
                {"type": "required", "field": "input", "description": "image is required"},
                {
                    "type": "number_lte",
                    "field": "input.bits",
                    "description": "Must be less than or equal to 8",
                },
            ],
        }

    @pytest.mark.parametrize(
        ("values", "kind", "field", "description"),
        [
            (
                {"size": 1},
                "enum",
                "input.size",
                'size must be one of the following: "small", "large"',
            ),
            (
                {"number": "x"},
                "invalid_type",
                "input.number",
                "Invalid type. Expected: integer, given: string",
            ),
            (
                {"number": 0},
                "number_gte",
                "input.number",
                "Must be greater than or equal to 1",
            ),
            ({"file": "nonsense"}, "format", "input.file", "Does not match format 'uri'"),
            (
                {"words": ["a", None]},
                "invalid_type",
                "input.words.1",
                "Invalid type. Expected: string, given: null",
            ),
        ],
    )
    def test_each_violation_has_its_message(
        self, everything: httpx.Client, values: JSON, kind: str, field: str, description: str
    ) -> None:
        response = create(everything, "me/everything", **({"number": 1} | values))
        invalid = [item for item in response.json()["invalid_fields"] if item["type"] == kind]
        assert invalid == [{"type": kind, "field": field, "description": description}]
