"""The sandbox as a client meets it: errors, worded as the real API's."""

import httpx
import pytest
from support.sandboxes import HELLO, JSON, WAIT, create, fetch

from replicate_ext.sandbox import Sandbox


class TestErrors:
    @pytest.mark.parametrize("path", ["/account", "/predictions", "/nowhere"])
    def test_a_token_is_needed(self, sandbox: Sandbox, path: str) -> None:
        url = sandbox.base_url + path
        absent = fetch(url)
        wrong = fetch(url, Authorization="Bearer r8_other")
        for answer, article in ((absent, "an"), (wrong, "a valid")):
            assert answer.status_code == 401
            assert answer.headers["content-type"] == "application/problem+json"
            assert "ratelimit-remaining" not in answer.headers
            assert answer.json() == {
                "title": "Unauthenticated",
                "detail": f"You did not pass {article} authentication token",
                "status": 401,
            }

    @pytest.mark.parametrize(
        "path", ["/predictions/none", "/models/no/body", "/nowhere", "/predictions/"]
    )
    def test_not_found(self, client: httpx.Client, path: str) -> None:
        answer = client.get(path)
        assert answer.status_code == 404
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json() == {
            "detail": "The requested resource could not be found.",
            "status": 404,
        }

    def test_not_found_in_plain_json(self, client: httpx.Client) -> None:
        version = client.get(f"/models/{HELLO}/versions/undefined")
        assert (version.status_code, version.json()) == (404, {"detail": "Not found."})
        file = client.get("/files/none")
        assert (file.status_code, file.json()) == (404, {"detail": "File not found"})
        cursor = client.get("/predictions?cursor=bm9uc2Vuc2U")
        assert (cursor.status_code, cursor.json()) == (404, {"detail": "Invalid cursor"})

    def test_without_v1(self, sandbox: Sandbox) -> None:
        answer = fetch(sandbox.base_url.removesuffix("/v1") + "/account")
        assert answer.status_code == 404
        assert answer.headers["content-type"].startswith("text/plain")

    def test_wrong_method(self, client: httpx.Client) -> None:
        answer = client.put("/account")
        assert (answer.status_code, answer.json()) == (405, {"detail": 'Method "PUT" not allowed.'})

    @pytest.mark.parametrize("body", [b"", b"{", b"\xff", b'{"version": NaN}'])
    def test_malformed_json(self, client: httpx.Client, body: bytes) -> None:
        assert client.post("/predictions", content=body).status_code == 400

    @pytest.mark.parametrize("version", ["0" * 64, "no/body", f"{HELLO}:{'0' * 64}", "a/b/c", ""])
    def test_invalid_version(self, client: httpx.Client, version: str) -> None:
        answer = create(client, version, text="x")
        assert answer.status_code == 422
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json() == {
            "title": "Invalid version or not permitted",
            "detail": "The specified version does not exist "
            "(or perhaps you don't have permission to use it?)",
            "status": 422,
        }

    def test_the_body_is_checked(self, client: httpx.Client) -> None:
        answer = client.post("/predictions", json={"model": HELLO, "input": {"text": "x"}})
        assert answer.status_code == 422
        assert answer.json() == {
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

    def test_the_input_is_checked(self, client: httpx.Client) -> None:
        answer = create(client, "sandbox/posterize", WAIT, bits=9)
        assert answer.status_code == 422
        assert answer.headers["preference-applied"] == "wait=60"
        assert answer.json() == {
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
    def test_words_of_a_violation(
        self, everything: httpx.Client, values: JSON, kind: str, field: str, description: str
    ) -> None:
        answer = create(everything, "me/everything", **({"number": 1} | values))
        invalid = [item for item in answer.json()["invalid_fields"] if item["type"] == kind]
        assert invalid == [{"type": kind, "field": field, "description": description}]
