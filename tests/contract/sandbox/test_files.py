"""Files in the sandbox: uploads, inputs and outputs."""

import hashlib
import io
import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import httpx
import pytest
from PIL import Image
from support.places import cases
from support.sandboxes import (
    WAIT,
    Local,
    Report,
    client_of,
    create,
    data_uri,
    fetch,
    interactions,
    output,
    png,
)

from replicate_ext.sandbox import Fault, File, Sandbox


class TestFiles:
    def test_files_can_be_uploaded_shown_listed_and_deleted(self, local: Local) -> None:
        content = b"a\r\n--+++--\r\nb" * 1000
        part = {"content": ("notes.txt", content, "text/plain")}
        response = local.client.post("/files", files=part)
        body = response.json()
        assert response.status_code == 201
        assert body["name"] == "notes.txt"
        assert body["content_type"] == "text/plain"
        assert body["size"] == len(content)
        assert body["checksums"] == {
            "sha256": hashlib.sha256(content).hexdigest(),
            "md5": hashlib.md5(content, usedforsecurity=False).hexdigest(),
        }
        assert body["etag"] == body["checksums"]["md5"]
        created, expires = (
            datetime.fromisoformat(body[f"{key}_at"]) for key in ("created", "expires")
        )
        assert expires - created == timedelta(hours=24)
        url = body["urls"]["get"]
        assert local.client.get(url).json() == body
        assert local.client.get("/files").json()["results"] == [body]
        deleted = local.client.delete(url)
        assert (deleted.status_code, deleted.content) == (204, b"")
        assert local.client.get(url).status_code == 404
        assert local.client.get("/files").json()["results"] == []

    @pytest.mark.parametrize("cassette", cases("recordings/file-operations.yaml"))
    def test_a_file_has_the_fields_of_the_recorded_one(
        self, client: httpx.Client, cassette: Path
    ) -> None:
        real = json.loads(interactions(cassette)[0]["response"]["body"]["string"])
        part = {"content": (real["name"], b"", real["content_type"])}
        mine = client.post("/files", files=part).json()
        changing = {"id", "urls", "created_at", "expires_at"}
        assert {key: mine[key] for key in mine.keys() - changing} == {
            key: real[key] for key in real.keys() - changing
        }
        assert len(mine["id"]) == len(real["id"])

    @pytest.mark.parametrize("filename", [None, "blob"])
    def test_metadata_is_stored(self, client: httpx.Client, filename: str | None) -> None:
        def upload(metadata: bytes) -> httpx.Response:
            part = (filename, metadata, "application/json")
            return client.post("/files", files={"content": b"x", "metadata": part})

        assert upload(b'{"a": [1]}').json()["metadata"] == {"a": [1]}
        assert upload(b"[1]").status_code == 422
        assert upload(b"{").status_code == 422

    @pytest.mark.parametrize(
        "metadata",
        [
            b"NaN",
            b'{"a": NaN}',
            b'{"a": 1e400}',
            b'{"a": ' + b"9" * 5_000 + b"}",
            b'{"a":' * 5_000 + b"1" + b"}" * 5_000,
            b'{"a": "\\ud800"}',
            b"\xff",
        ],
        ids=lambda metadata: repr(metadata[:20]),
    )
    def test_invalid_metadata_is_rejected(self, client: httpx.Client, metadata: bytes) -> None:
        for name in ("m", None):
            parts = [("content", ("x", b"x")), ("metadata", (name, metadata))]
            response = client.post("/files", files=parts)
            assert response.status_code == 422
            assert response.json()["invalid_fields"][0]["field"] == "metadata"

    @pytest.mark.parametrize("name", ["..", ".", "a/..", "/", "\0", "a\0b", "\u2028", "a\r\nb"])
    def test_names_that_are_not_valid_on_disk_are_replaced(
        self, client: httpx.Client, name: str
    ) -> None:
        files = {"content": ("x", b"content"), "filename": (None, name.encode())}
        response = client.post("/files", files=files)
        assert response.status_code == 201
        assert not set(response.json()["name"]) & {"/", "\0"}
        assert response.json()["name"] not in ("", ".", "..")
        assert client.get(response.json()["urls"]["get"]).json() == response.json()

    @pytest.mark.parametrize("charset", ["undefined", "idna", "hex", "utf-7", "unicode_escape"])
    def test_a_form_may_have_any_character_set(self, client: httpx.Client, charset: str) -> None:
        # The second is a lone surrogate in UTF-7, the third one in Python's escapes.
        for name in ("x", "+2AA-", "\\ud800"):
            part = f'Content-Disposition: form-data; name="content"; filename="{name}"'
            body = f"--b\r\n{part}\r\n\r\nx\r\n--b--\r\n"
            headers = {"Content-Type": f"multipart/form-data; boundary=b; charset={charset}"}
            response = client.post("/files", content=body, headers=headers)
            assert response.status_code in (201, 400, 422)
            assert response.headers["content-type"].partition(";")[0].endswith("json")

    @pytest.mark.parametrize("kind", ["\N{SNOWMAN}/x", "a\r\nb: c", "text/\x7f"])
    def test_a_type_that_is_not_valid_in_a_header_is_replaced(
        self, local: Local, kind: str
    ) -> None:
        @local.sandbox.model("me/same")
        def same(file: File) -> File:
            return file

        files = {"content": ("x", b"x"), "type": (None, kind.encode())}
        uploaded = local.client.post("/files", files=files).json()
        assert uploaded["content_type"] == "application/octet-stream"
        response = fetch(output(local.client, "me/same", file=uploaded["urls"]["get"]))
        assert response.status_code == 200

    def test_invalid_uploads_are_rejected(self, client: httpx.Client) -> None:
        assert client.post("/files", files={"other": b"x"}).status_code == 422
        assert client.post("/files", json={"content": "x"}).status_code == 422
        long = {"content": ("x" * 256, b"x")}
        assert client.post("/files", files=long).status_code == 422
        multipart = {"Content-Type": "multipart/form-data"}
        assert client.post("/files", content=b"x", headers=multipart).status_code == 400

    def test_a_too_large_upload_is_rejected(self) -> None:
        with Sandbox(max_upload=10) as sandbox, client_of(sandbox) as client:
            sizes = [client.post("/files", files={"content": b"x" * size}) for size in (10, 11)]
            sandbox.faults.add(Fault.error(413, html=True), on="POST /files")
            page = client.post("/files", files={"content": b"x"})
        assert [response.status_code for response in sizes] == [201, 413]
        assert sizes[1].headers["content-type"] == "application/problem+json"
        assert sizes[1].json() == {"detail": "Files must be less than 100MB in size"}
        assert page.status_code == 413
        assert "<title>413 Request Entity Too Large</title>" in page.text

    def test_names_are_not_used_as_paths(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
        with Sandbox() as sandbox, client_of(sandbox) as client:
            part = {"content": ("../../evil.txt", b"x", "text/plain")}
            body = client.post("/files", files=part).json()
            [stored] = tmp_path.rglob("evil.txt")
        assert body["name"] == "evil.txt"
        assert stored.parent.name == body["id"]

    @pytest.mark.parametrize("kind", ["data URI", "upload", "output", "output elsewhere"])
    def test_a_model_takes_and_returns_pictures(self, local: Local, kind: str) -> None:
        content = png((200, 100, 50))
        with Sandbox() as other, client_of(other) as elsewhere:
            match kind:
                case "data URI":
                    url = data_uri(content, "image/png")
                case "upload":
                    part = {"content": ("a.png", content, "image/png")}
                    url = local.client.post("/files", files=part).json()["urls"]["get"]
                case _:
                    maker = local.client if kind == "output" else elsewhere
                    image = data_uri(content, "image/png")
                    url = output(maker, "sandbox/posterize", image=image, bits=8)
            result = output(local.client, "sandbox/posterize", image=url)
        response = fetch(result)
        assert response.headers["content-type"] == "image/png"
        with Image.open(io.BytesIO(response.content)) as picture:
            assert picture.size == (4, 3)
            assert picture.getpixel((0, 0)) == (192, 64, 0)

    def test_outputs_are_served_without_a_token(self, local: Local) -> None:
        @local.sandbox.model("me/echo")
        def echo(file: bytes) -> bytes:
            return file

        url = output(local.client, "me/echo", file=data_uri(b"0123456789"))
        assert not url.startswith(local.sandbox.base_url)
        response = fetch(url)
        assert response.content == b"0123456789"
        assert response.headers["accept-ranges"] == "bytes"
        digest = hashlib.md5(b"0123456789", usedforsecurity=False).hexdigest()
        assert response.headers["etag"] == f'"{digest}"'
        part = fetch(url, Range="bytes=2-4")
        assert (part.status_code, part.content) == (206, b"234")
        assert fetch(url, "HEAD").headers["content-length"] == "10"
        assert fetch(f"{url}x").status_code == 404

    def test_a_download_of_an_output_can_be_resumed(self, local: Local) -> None:
        @local.sandbox.model("me/digits")
        def digits() -> bytes:
            return b"0123456789" * 20_000

        url = output(local.client, "me/digits")
        local.sandbox.faults.add(Fault.cut(70_001), on="GET /outputs/**")
        seen = b""
        with local.client.stream("GET", url) as response:
            etag = response.headers["etag"]
            with pytest.raises(httpx.RemoteProtocolError, match="received 70001 bytes"):  # noqa: PT012 - the data arrives in chunks
                for chunk in response.iter_bytes():
                    seen += chunk
        where = {"Range": f"bytes={len(seen)}-"}
        rest = fetch(url, **where, **{"If-Range": etag})
        assert rest.status_code == 206
        assert rest.headers["content-range"] == "bytes 70001-199999/200000"
        assert seen + rest.content == digits()
        changed = fetch(url, **where, **{"If-Range": '"other"'})
        assert (changed.status_code, changed.content) == (200, digits())
        beyond = fetch(url, Range="bytes=200000-")
        assert beyond.status_code == 416
        assert beyond.headers["content-range"] == "bytes */200000"

    def test_inputs_and_outputs_may_contain_nested_files(
        self, local: Local, tmp_path: Path
    ) -> None:
        @local.sandbox.model("me/join")
        async def join(parts: list[Path], last: File) -> Report:
            text = "".join(part.read_text() for part in [*parts, last.path])
            joined = tmp_path / "joined.txt"
            joined.write_text(text)
            return {"text": last.content_type, "picture": joined}

        parts = [data_uri(b"one "), "data:,two%20"]
        report = output(local.client, "me/join", parts=parts, last="data:text/csv,three")
        assert report["text"] == "text/csv"
        assert report["picture"].endswith("/joined.txt")
        response = fetch(report["picture"])
        assert response.text == "one two three"
        assert response.headers["content-type"].startswith("text/plain")

    def test_a_model_may_yield_files(self, local: Local, tmp_path: Path) -> None:
        @local.sandbox.model("me/pages")
        def pages() -> Iterator[File]:
            for name in ("a.bin", "b.bin"):
                (tmp_path / name).write_text(name)
                yield File(tmp_path / name, content_type="audio/wav")

        responses = [fetch(url) for url in output(local.client, "me/pages")]
        assert [response.text for response in responses] == ["a.bin", "b.bin"]
        assert responses[0].headers["content-type"] == "audio/wav"

    @pytest.mark.parametrize(
        ("url", "error"),
        [
            ("https://example.com/a.png", "cannot open a file on 'example.com'"),
            ("data:broken", "data"),
            ("http://127.0.0.1:1/", "connect"),
            ("file:///etc/passwd", "only files on this machine"),
        ],
    )
    def test_a_file_that_cannot_be_opened_fails_the_prediction(
        self, client: httpx.Client, url: str, error: str
    ) -> None:
        body = create(client, "sandbox/posterize", WAIT, image=url).json()
        assert body["status"] == "failed"
        assert error in body["error"]

    @pytest.mark.parametrize("value", [object(), float("nan"), {"a": [1j]}])
    def test_an_output_that_is_not_json_fails_the_prediction(
        self, local: Local, value: object
    ) -> None:
        @local.sandbox.model("me/odd")
        def odd() -> object:
            return value

        body = create(local.client, "me/odd", WAIT).json()
        assert body["status"] == "failed"
        assert body["error"].startswith("The model returned")


def uploaded(client: httpx.Client) -> str:
    return str(client.post("/files", files={"content": png((1, 2, 3))}).json()["urls"]["get"])


class TestExpiry:
    @pytest.mark.parametrize("kind", ["file", "output"])
    def test_expired_files_are_not_found(self, kind: str) -> None:
        seconds = {f"{kind}_seconds": 0}
        with Sandbox(**seconds) as sandbox, client_of(sandbox) as client:  # type: ignore[arg-type]
            url = uploaded(client)
            put_out = output(client, "sandbox/posterize", image=data_uri(png((1, 2, 3))))
            upload, fetched = client.get(url), fetch(put_out)
            listed = client.get("/files").json()["results"]
            deleted = client.delete(url)
        if kind == "file":
            assert (upload.status_code, upload.json()) == (404, {"detail": "File not found"})
            assert (deleted.status_code, listed) == (404, [])
            assert fetched.status_code == 200
        else:
            assert (fetched.status_code, fetched.text) == (404, "Not Found")
            assert (upload.status_code, deleted.status_code, len(listed)) == (200, 204, 1)

    def test_uploads_show_their_time_of_expiry(self) -> None:
        with Sandbox(file_seconds=90) as sandbox, client_of(sandbox) as client:
            body = client.get(uploaded(client)).json()
        created, expires = (
            datetime.fromisoformat(body[f"{key}_at"]) for key in ("created", "expires")
        )
        assert expires - created == timedelta(seconds=90)

    def test_expire_files_affects_existing_files_only(self, local: Local) -> None:
        def make() -> tuple[str, str]:
            url = uploaded(local.client)
            return url, output(local.client, "sandbox/posterize", image=url)

        before = make()
        local.sandbox.expire_files()
        after = make()
        seen = [
            (local.client.get(url).status_code, fetch(made).status_code)
            for url, made in (before, after)
        ]
        assert seen == [(404, 404), (200, 200)]

    def test_an_expired_file_cannot_be_an_input(self, local: Local) -> None:
        url = uploaded(local.client)
        local.sandbox.expire_files()
        assert create(local.client, "sandbox/posterize", WAIT, image=url).json()["status"] == (
            "failed"
        )

    def test_expire_files_of_a_stopped_sandbox_does_nothing(self) -> None:
        Sandbox().expire_files()
